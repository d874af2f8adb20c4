"""What a flow asks of the outside world is asked once, also when a backup of that moment is restored beside."""

import asyncio
import shutil
from collections import Counter
from pathlib import Path

from parlons.testing.clocks import SharedClock
from parlons.testing.people import Operator, Visitor
from parlons.testing.processes import Running, data_folder
from tests.runtime.addresses import Outsider, Request, ok, outsider
from tests.system.conftest import CENTRE
from tests.system.test_backup import parlons

LATER = 120_000

FLOW = """
flows:
  - name: Told outside
    start: tell
    steps:
      tell: {{do: http, method: POST, url: "{url}", body: {{a: contact}}, timeout_seconds: 20, next: agent, failed: agent}}
      agent: {{do: queue, queue: Sales}}
"""


def centre(url: str) -> str:
    told = CENTRE.replace("workflow: Chats, task_channel", "workflow: Chats, flow: Told outside, task_channel")
    return told + FLOW.format(url=url)


def keys(other: Outsider) -> Counter[str]:
    return Counter(request.headers["idempotency-key"] for request in other.requests)


async def test_nothing_is_sent_twice(tmp_path: Path) -> None:
    backup, key = tmp_path / "b", tmp_path / "key"
    async with outsider() as other:
        environ = {"PARLONS_HTTP_ALLOW": f"127.0.0.1:{other.port}"}
        with data_folder() as data, data_folder() as place:
            with Running(data, environ=environ) as server:
                await _back_up_while_a_call_is_under_way(server, other, backup)
            shutil.copy(data / "secret.key", key)
            code, said = await parlons("restore", backup, "--key", key, "--data", place)
            assert code == 0, said
            assert "jobs are held" in said
            clock = SharedClock(tmp_path / "clock")
            clock.jump(LATER)  # what is done again if nobody finished it is due by then
            with Running(place, environ=environ, clock=tmp_path / "clock") as server:
                await _release(server, other)
            clock.close()
    assert len(other.requests) == 2
    assert set(keys(other).values()) == {1}


async def _back_up_while_a_call_is_under_way(server: Running, other: Outsider, backup: Path) -> None:
    answer = asyncio.Event()

    def slowly(_: Request) -> bytes:
        return ok(b"{}") if answer.is_set() else b""

    async with Operator([server.url], server.operator_key()) as operator:
        await operator.apply(centre(other.url("/told")))
    other.answer = slowly
    async with Visitor([server.url], "garage") as visitor:
        await visitor.write("Bonjour")
        await other.came.wait()
        server.suspend()  # else the call is given up after its seconds, which a backup may take on a machine under load
        code, said = await parlons("backup", backup, "--data", server.data)
        assert code == 0, said
        answer.set()
        server.resume()
    assert len(other.requests) == 1


async def _release(server: Running, other: Outsider) -> None:
    """Held, the call is not made again although it is due; thrown away, never. A new one is made."""
    environ = {"PARLONS_URL": server.url, "PARLONS_DATA": str(server.data), "PATH": "/usr/bin:/bin"}
    for _ in range(2):
        code, said = await parlons("held", environ=environ)
        assert (code, "flows.outside: 1, 1 of them due" in said) == (0, True), said
    assert len(other.requests) == 1
    code, said = await parlons("release", "--discard", "flows.outside", environ=environ)
    assert (code, "flows.outside: 1 thrown away" in said) == (0, True), said
    assert (await parlons("held", environ=environ))[1] == "Nothing is held.\n"
    other.came.clear()
    async with Visitor([server.url], "garage") as visitor:
        await visitor.write("Bonjour encore")
        await other.came.wait()
