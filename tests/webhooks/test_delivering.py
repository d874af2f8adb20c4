"""What an address gets, and what becomes of it when it does not take it."""

import asyncio
import json

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from parlons.kit.ids import WEBHOOK_MESSAGE
from parlons.reception.notices import unseen
from parlons.runtime.jobs import Worker
from parlons.runtime.safe_http import SafeHttp, allowed
from parlons.webhooks import queries
from parlons.webhooks.commands import body_of, plan
from parlons.webhooks.delivering import Deliverer, forget_old_webhook_messages
from parlons.webhooks.pausing import GIVE_UP, PAUSES
from tests.runtime.addresses import ok
from tests.webhooks.conftest import Scene, until

HOUR = 3_600_000


async def test_a_message_is_signed_as_the_published_verifier_expects(scene: Scene) -> None:
    one = await scene.webhook()
    told = await scene.tried(one)
    asked = await scene.asked.get()
    assert (asked.line, asked.headers["content-type"]) == ("POST /Orders HTTP/1.1", "application/json")
    body = Webhook(one["secret"]).verify(asked.body, asked.headers)
    assert (body["type"], body["data"]) == ("webhook.test", {"webhook_id": one["id"], "name": "Orders"})
    assert asked.headers["webhook-id"] == told["id"]
    assert (told["state"], told["attempts"], told["status"], told["next_at"]) == ("delivered", 1, 200, None)
    path = f"/webhooks/{one['id']}/deliveries/{told['id']}"
    assert (await scene.call("GET", path))["body"].encode() == asked.body
    with pytest.raises(WebhookVerificationError):
        Webhook(one["secret"]).verify(asked.body + b" ", asked.headers)


async def test_both_secrets_are_good_for_a_day(scene: Scene) -> None:
    one = await scene.webhook()
    other = await scene.call("POST", f"/webhooks/{one['id']}/secret")
    assert other["secret"] != one["secret"]
    await scene.tried(one)
    asked = await scene.asked.get()
    for secret in (one["secret"], other["secret"]):
        Webhook(secret).verify(asked.body, asked.headers)
    scene.clock.advance(24 * HOUR)
    await scene.tried(one)
    assert len((await scene.asked.get()).headers["webhook-signature"].split(" ")) == 1
    assert (await scene.call("GET", "/webhooks"))["items"][0]["old_secret_until"] is None
    rows = await scene.client.get("/api/v1/webhooks")
    assert "whsec_" not in rows.text


async def test_what_is_not_taken_comes_again_over_three_days_and_then_the_address_is_switched_off(scene: Scene) -> None:
    scene.outside.answer = lambda _: ok(b"", status="500 Broken")
    one = await scene.webhook()
    for number, pause in enumerate(PAUSES, 1):
        told = await scene.tried(one) if number == 1 else (await scene.log(one))[0]
        assert (told["state"], told["attempts"], told["status"]) == ("waiting", number, 500)
        assert await scene.state(one) == "not-answering"
        scene.clock.advance(round(pause * 1.05))
        await scene.worker.run_due()
    (told,) = await scene.log(one, "?state=failed")
    assert (told["attempts"], await scene.state(one)) == (len(PAUSES) + 1, "failing")
    async with scene.db.transaction(scene.principal.tenant_id) as tx:
        (notice,) = await unseen(tx, scene.principal.user_id or "")
        assert await tx.scalar("SELECT count(*) FROM jobs") == 0
    assert (notice["kind"], notice["data"]["webhook_id"]) == ("webhook-switched-off", one["id"])
    assert len({each.headers["webhook-id"] for each in scene.outside.requests}) == 1
    await scene.call("POST", f"/webhooks/{one['id']}/test", status=409)
    assert sum(PAUSES) * 1.05 >= GIVE_UP


async def test_what_was_planned_while_it_was_switched_off_does_not_wait_for_ever(scene: Scene) -> None:
    one = await scene.webhook()
    async with scene.db.transaction(scene.principal.tenant_id) as tx:
        known = await queries.by_id(tx, one["id"])
    assert known is not None
    await scene.call("PATCH", f"/webhooks/{one['id']}", {"active": False})
    async with scene.db.transaction(scene.principal.tenant_id) as tx:
        await plan(tx, tx.new_id(WEBHOOK_MESSAGE), known.workspace_id, "task.created", "{}", [known])
    await scene.worker.run_due()
    (told,) = await scene.log(one)
    assert (told["state"], told["error"]) == ("failed", "switched-off")
    assert scene.outside.requests == []


async def test_one_that_has_failed_does_not_keep_the_next_ones_waiting(scene: Scene) -> None:
    one = await scene.webhook()
    scene.outside.answer = lambda asked: ok(b"", status="500 Broken" if len(scene.outside.requests) == 1 else "200 OK")
    first = await scene.tried(one)
    assert (await scene.tried(one))["state"] == "waiting", "the address rests for two seconds"
    scene.clock.advance(2000)
    await scene.worker.run_due()
    second, before = await scene.log(one)
    assert (second["state"], before["state"], before["id"]) == ("delivered", "waiting", first["id"])
    scene.clock.advance(PAUSES[0])
    await scene.worker.run_due()
    assert [each["state"] for each in await scene.log(one)] == ["delivered", "delivered"]
    assert await scene.state(one) == "working"


async def test_an_address_that_is_gone_is_switched_off_at_once_and_forgiven_when_switched_on(scene: Scene) -> None:
    one = await scene.webhook()
    scene.outside.answer = lambda _: ok(b"", status="410 Gone")
    assert (await scene.tried(one))["error"] == "switched-off"
    assert await scene.state(one) == "gone"
    scene.outside.answer = lambda _: ok(b"")
    assert (await scene.call("PATCH", f"/webhooks/{one['id']}", {"active": True}))["state"] == "working"
    again = {"failed_since": "2020-01-01T00:00:00Z"}
    assert await scene.call("POST", f"/webhooks/{one['id']}/deliveries/again", again, status=202) == {"count": 1}
    await scene.worker.run_due()
    assert [each["state"] for each in await scene.log(one)] == ["delivered"]


async def test_one_or_many_are_sent_again_with_the_same_id_and_body(scene: Scene) -> None:
    one = await scene.webhook()
    told = await scene.tried(one)
    path = f"/webhooks/{one['id']}/deliveries/again"
    assert await scene.call("POST", path, {"ids": [told["id"]]}, status=202) == {"count": 1}
    await scene.worker.run_due()
    first, second = scene.outside.requests
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)
    assert (await scene.log(one))[0]["attempts"] == 1
    await scene.call("POST", path, {"ids": [told["id"], "WM9"]}, status=404)
    await scene.call("POST", path, {"ids": []}, status=422)


async def test_an_address_asks_for_time(scene: Scene) -> None:
    one = await scene.webhook()
    scene.outside.answer = lambda _: ok(b"", status="429 Slowly", headers="retry-after: 120\r\n")
    await scene.tried(one)
    scene.clock.advance(119_000)
    assert await scene.worker.run_due() == 0


async def test_where_a_name_leads_is_checked_at_each_call(scene: Scene) -> None:
    """An address that was good when it was kept, and now leads inside (DNS rebinding)."""
    one = await scene.webhook()
    async with SafeHttp(allowed(())) as careful:
        scene.worker = Worker(scene.db, Deliverer(scene.db, careful, _nobody).handlers())
        told = await scene.tried(one)
    assert (told["state"], told["error"], scene.outside.requests) == ("waiting", "address-refused", [])


async def test_what_hangs_is_waited_for_without_a_transaction(scene: Scene) -> None:
    """At most one message of an address is under way, and nothing in the database waits for it."""
    one, other = await scene.webhook("Hangs"), await scene.webhook("Answers")
    scene.outside.answer = lambda asked: b"" if "/Hangs" in asked.line else ok(b"")
    for each in (one, one, other):
        await scene.call("POST", f"/webhooks/{each['id']}/test", status=202)
    working = asyncio.create_task(scene.worker.run())
    await until(lambda: scene.log(other, "?state=delivered"))
    await until(lambda: _nothing_is_open(scene))
    assert len([each for each in scene.outside.requests if "/Hangs" in each.line]) <= 1
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


async def _nothing_is_open(scene: Scene) -> bool:
    """No transaction waits: one at work is between two statements at times, one that is held for an address stays so."""
    async with scene.db.system() as tx:
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
        return bool(await tx.scalar(query) == 0)


async def test_old_messages_go_with_their_log(scene: Scene) -> None:
    one = await scene.webhook()
    await scene.tried(one)
    scene.clock.advance(31 * 24 * HOUR)
    await forget_old_webhook_messages(scene.db)
    assert await scene.log(one) == []


async def _nobody(*_: object) -> None:
    return None


def test_a_body_is_what_json_readers_read() -> None:
    assert json.loads(body_of("task.created", 0, {"task_id": "WT1"}, seq=7)) == {
        "type": "task.created",
        "timestamp": "1970-01-01T00:00:00.000Z",
        "seq": 7,
        "data": {"task_id": "WT1"},
    }
