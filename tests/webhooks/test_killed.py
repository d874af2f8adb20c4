"""kill -9 of the process that delivers, while an address has its message and has not answered: it comes again, by the same id."""

import asyncio
import sys

from standardwebhooks import Webhook

from parlons.kit.clock import wall_clock
from parlons.runtime.jobs import LEASE
from tests.runtime.addresses import ok
from tests.webhooks.conftest import Scene


async def test_what_was_under_way_when_the_process_died_comes_again(scene: Scene) -> None:
    one = await scene.webhook()
    command = [sys.executable, "-m", "tests.webhooks.sending_process", scene.db.dsn]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    scene.outside.answer = lambda _: b""
    scene.outside.came.clear()
    for _ in range(3):
        await scene.call("POST", f"/webhooks/{one['id']}/test", status=202)
    await scene.outside.came.wait()
    process.kill()
    await process.wait()
    (first,) = scene.outside.requests
    scene.outside.answer = lambda _: ok(b"")
    scene.clock.now = wall_clock() + 2 * round(LEASE.total_seconds() * 1000)  # the process went by the machine's clock
    await scene.worker.run_due()
    assert [each["state"] for each in await scene.log(one)] == ["delivered"] * 3
    _, again, *others = scene.outside.requests
    assert (again.headers["webhook-id"], again.body) == (first.headers["webhook-id"], first.body)
    ids = [each.headers["webhook-id"] for each in (again, *others)]
    assert ids == [each["id"] for each in reversed(await scene.log(one))], "in the order in which they were planned"
    Webhook(one["secret"]).verify(first.body, first.headers)
