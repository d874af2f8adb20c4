"""What goes out: in order, once, tried again, given up or doubted in sight of the agent, whatever provider and process do."""

import asyncio
from typing import Any

import pytest
from starlette.responses import Response

from parlons.channels import sending
from parlons.channels.plugin import Failed, TryLater, Unsure
from parlons.conversations import deliveries
from parlons.conversations.deliveries import NotToSendAgain, Taken
from tests.channels.engine.desk import Desk, put


async def _states(desk: Desk) -> list[str]:
    rows = await desk.rows("SELECT state FROM deliveries ORDER BY number")
    return [row["state"] for row in rows]


async def test_an_answer_is_queued_with_its_message_and_sent(desk: Desk) -> None:
    conversation_id = await desk.says("Bonjour")
    message = await desk.answers(conversation_id, "Voilà, c’est réglé")
    assert (await desk.delivery(message.id))["state"] == "queued"
    assert await desk.post.sender.run_due() == 1
    (got,) = desk.there.got
    assert (got["to"], got["text"], got["author"], got["reply_to"]) == ("claire", "Voilà, c’est réglé", "Nadia", ["m1"])
    assert desk.there.headers[0]["idempotency-key"] == got["id"]
    told = await desk.delivery(message.id)
    assert (told["state"], told["id"], told["account_id"]) == ("sent", got["id"], desk.account.id)
    kinds = [row["type"] for row in await desk.rows("SELECT type FROM outbox ORDER BY id")]
    assert kinds.count("message.changed") == 1


async def test_lines_for_who_watches_a_page_are_not_sent(desk: Desk) -> None:
    from parlons.conversations.messages import tell_customer

    conversation_id = await desk.says("Bonjour")
    async with desk.db.transaction(desk.home.tenant_id) as tx:
        await tell_customer(tx, conversation_id, "Nadia is here", {"code": "joined"}, key="1")
        await tell_customer(tx, conversation_id, "Closed until Monday", {"code": "closed"}, key="2")
    await desk.post.sender.run_due()
    assert desk.there.texts == ["Closed until Monday"]


async def test_order_is_kept_in_a_conversation_while_one_waits(desk: Desk) -> None:
    first, other = await desk.says("A", who="claire"), await desk.says("B", who="bob")
    desk.there.answers = [Response(status_code=503)]
    for text in ("un", "deux", "trois"):
        await desk.answers(first, text)
    await desk.post.sender.run_due()
    assert desk.there.texts == ["un"]
    await desk.answers(other, "quatre")
    await desk.post.sender.run_due()
    assert desk.there.texts == ["un", "quatre"]
    assert await _states(desk) == ["queued"] * 3 + ["sent"] or "queued" in await _states(desk)
    desk.clock.advance(10_000)
    await desk.post.sender.run_due()
    assert desk.there.texts == ["un", "quatre", "un", "deux", "trois"]


async def test_a_busy_provider_is_asked_again_when_it_said(desk: Desk) -> None:
    conversation_id = await desk.says("Bonjour")
    message = await desk.answers(conversation_id)
    desk.there.answers = [Response(status_code=429, headers={"Retry-After": "30"})]
    await desk.post.sender.run_due()
    told = await desk.delivery(message.id)
    assert (told["state"], told["code"], told["reason"]) == ("queued", "provider-busy", "429")
    desk.clock.advance(29_000)
    assert await desk.post.sender.run_due() == 0
    desk.clock.advance(2_000)
    assert await desk.post.sender.run_due() == 1
    assert (await desk.delivery(message.id))["state"] == "sent"


async def test_an_hour_of_failures_loses_nothing_and_doubles_nothing(desk: Desk) -> None:
    conversation_id = await desk.says("Bonjour")
    message = await desk.answers(conversation_id)
    for _ in range(60):
        desk.there.answers = [Response(status_code=503)]
        await desk.post.sender.run_due()
        desk.clock.advance(60_000)
    assert (await desk.delivery(message.id))["state"] == "queued"
    desk.there.answers, before = [], len(desk.there.got)
    desk.clock.advance(sending.LONGEST_PAUSE)
    await desk.post.sender.run_due()
    assert (await desk.delivery(message.id))["state"] == "sent"
    assert len(desk.there.got) == before + 1
    assert len({one["id"] for one in desk.there.got}) == 1


async def test_it_is_given_up_after_a_day_in_sight_of_the_agent(desk: Desk) -> None:
    conversation_id = await desk.says("Bonjour")
    message = await desk.answers(conversation_id)
    desk.clock.advance(sending.GIVE_UP + 1)
    desk.there.answers = [Response(status_code=503)]
    await desk.post.sender.run_due()
    assert (await desk.delivery(message.id))["state"] == "failed"


async def test_a_refusal_fails_at_once_and_can_be_sent_again(desk: Desk) -> None:
    conversation_id = await desk.says("Bonjour")
    message = await desk.answers(conversation_id)
    desk.there.answers = [Response(status_code=400)]
    await desk.post.sender.run_due()
    told = await desk.delivery(message.id)
    assert (told["state"], told["code"]) == ("failed", "provider-refused")
    async with desk.db.transaction(desk.home.tenant_id) as tx:
        await deliveries.again(tx, conversation_id, message.id)
    await desk.post.sender.run_due()
    assert (await desk.delivery(message.id))["state"] == "sent"
    assert len({one["id"] for one in desk.there.got}) == 2, "another round has a key of its own"
    async with desk.db.transaction(desk.home.tenant_id) as tx:
        with pytest.raises(NotToSendAgain):
            await deliveries.again(tx, conversation_id, message.id)


class Unrepeatable:
    """A channel like the generic one whose provider knows no idempotency keys; `does` is raised in turn."""

    def __init__(self, inner: Any, does: list[BaseException | None]) -> None:
        self.inner, self.does, self.sent = inner, does, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def capabilities(self, account: Any) -> Any:
        from dataclasses import replace

        return replace(self.inner.capabilities(account), repeatable=False)

    async def send(self, account: Any, message: Any) -> Any:
        self.sent += 1
        does = self.does.pop(0) if self.does else None
        if does is not None:
            raise does
        return await self.inner.send(account, message)


def _make_unrepeatable(desk: Desk, *does: BaseException | None) -> Unrepeatable:
    channel = Unrepeatable(desk.post.channels["webhook"], list(does))
    desk.post.channels["webhook"] = channel
    return channel


@pytest.mark.parametrize("does", [Unsure("provider-silent"), RuntimeError("bug"), TimeoutError()])
async def test_what_may_have_left_is_doubted_not_sent_again(desk: Desk, does: BaseException) -> None:
    channel = _make_unrepeatable(desk, does)
    conversation_id = await desk.says("Bonjour")
    message = await desk.answers(conversation_id)
    await desk.post.sender.run_due()
    desk.clock.advance(3_600_000)
    await desk.post.sender.run_due()
    assert (await desk.delivery(message.id))["state"] == "unsure"
    assert channel.sent == 1


async def test_what_surely_did_not_leave_is_sent_again(desk: Desk) -> None:
    channel = _make_unrepeatable(desk, TryLater("provider-unreachable"), None)
    conversation_id = await desk.says("Bonjour")
    message = await desk.answers(conversation_id)
    await desk.post.sender.run_due()
    desk.clock.advance(60_000)
    await desk.post.sender.run_due()
    assert (channel.sent, (await desk.delivery(message.id))["state"]) == (2, "sent")


@pytest.mark.parametrize("repeatable", [True, False])
async def test_a_process_that_died_while_sending(desk: Desk, repeatable: bool) -> None:
    if not repeatable:
        _make_unrepeatable(desk)
    conversation_id = await desk.says("Bonjour")
    message = await desk.answers(conversation_id)
    async with desk.db.system() as tx:
        (claimed,) = await deliveries.claim(tx, desk.account.id, 10)
    assert claimed.message_id == message.id
    assert await desk.post.sender.run_due() == 0, "somebody has it in hand"
    await desk.post.sender.recover()
    await desk.post.sender.run_due()
    told = await desk.delivery(message.id)
    assert told["state"] == ("sent" if repeatable else "unsure")
    assert len(desk.there.got) == (1 if repeatable else 0)


@pytest.mark.parametrize(
    ("heard", "state"),
    [
        (["delivered", "read"], "read"),
        (["read", "delivered"], "read"),
        (["read", "sent", "delivered", "read"], "read"),
        (["failed", "delivered"], "delivered"),
        (["delivered", "failed"], "delivered"),
        (["failed", "sent"], "failed"),
    ],
)
async def test_receipts_in_any_order_only_go_on(desk: Desk, heard: list[str], state: str) -> None:
    conversation_id = await desk.says("Bonjour")
    message = await desk.answers(conversation_id)
    desk.there.answers = [Response(b'{"id": "p-1"}', media_type="application/json")]
    await desk.post.sender.run_due()
    for one in heard:
        await desk.comes(
            {"type": "receipt", "id": "p-1", "state": one, "code": "mailbox-full" if one == "failed" else ""}
        )
    told = await desk.delivery(message.id)
    assert told["state"] == state
    assert told["code"] == ("mailbox-full" if state == "failed" else "")


async def test_a_receipt_before_the_answer_is_kept_and_counts(desk: Desk) -> None:
    conversation_id = await desk.says("Bonjour")
    message = await desk.answers(conversation_id)

    async def early() -> Response:
        assert (await desk.comes({"type": "receipt", "id": "p-7", "state": "delivered"})).status_code == 204
        return Response(b'{"id": "p-7"}', media_type="application/json")

    desk.there.answers = [early]
    await desk.post.sender.run_due()
    assert (await desk.delivery(message.id))["state"] == "delivered"


async def test_the_slowest_part_counts_and_a_failed_one_fails_all(desk: Desk) -> None:
    conversation_id = await desk.says("Bonjour")
    message = await desk.answers(conversation_id)
    async with desk.db.system() as tx:
        (claimed,) = await deliveries.claim(tx, desk.account.id, 1)
    async with desk.db.transaction(desk.home.tenant_id) as tx:
        await deliveries.sent(tx, [Taken(claimed.id, ["a", "b", "c"], "sent", 3, "0.12 EUR", {})])
    for part, expected in (("a", "sent"), ("c", "sent"), ("b", "delivered")):
        await desk.comes({"type": "receipt", "id": part, "state": "delivered"})
        assert (await desk.delivery(message.id))["state"] == expected
    told = await desk.delivery(message.id)
    assert (told["parts"], told["cost"]) == (3, "0.12 EUR")


async def test_reading_marks_all_before(desk: Desk) -> None:
    conversation_id = await desk.says("Bonjour")
    first, second, third = [await desk.answers(conversation_id, text) for text in "abc"]
    await desk.post.sender.run_due()
    key = (await desk.delivery(second.id))["id"]
    await desk.comes({"type": "read", "from": {"id": "claire"}, "up_to": key})
    states = [(await desk.delivery(one.id))["state"] for one in (first, second, third)]
    assert states == ["read", "read", "sent"]


async def test_no_faster_than_the_account_may(desk: Desk) -> None:
    account_id = await put(desk.db, desk.home, desk.clock, desk.there.url, key="slow", address="slow", per_second=2.0)
    await desk.post.accounts.refresh(now=True)
    ids = [await desk.says("x", who=f"c{number}") for number in range(7)]
    await desk.rows("UPDATE conversations SET account_id = :id RETURNING id", id=account_id)
    await desk.rows("UPDATE legs SET account_id = :id RETURNING id", id=account_id)
    for conversation_id in ids:
        await desk.answers(conversation_id)
    counts = []
    for _ in range(4):
        await desk.post.sender.run_due()
        counts.append(len(desk.there.got))
        desk.clock.advance(1000)
    assert counts == [2, 4, 6, 7]


async def test_what_waits_on_an_account_that_is_removed_fails_visibly(desk: Desk) -> None:
    from parlons.channels.accounts import remove_accounts

    conversation_id = await desk.says("Bonjour")
    message = await desk.answers(conversation_id)
    async with desk.db.transaction(desk.home.tenant_id) as tx:
        await remove_accounts(tx, [desk.account.id])
    assert (await desk.delivery(message.id))["code"] == "account-removed"


async def test_nothing_leaves_while_work_is_held_after_a_restore(desk: Desk) -> None:
    from parlons.runtime.holds import hold

    conversation_id = await desk.says("Bonjour")
    await desk.answers(conversation_id)
    async with desk.db.system() as tx:
        await hold(tx, {})
    assert await desk.post.sender.run_due() == 0
    assert not desk.there.got


async def test_the_loop_is_woken_and_one_owner_sends(desk: Desk) -> None:
    from parlons.channels.owning import Owner

    post = desk.post
    second = Owner(post.db, post.channels, post.accounts, post.receiver, post.sender)
    first = asyncio.create_task(post.owner.run())
    await asyncio.wait_for(post.owner.owning.wait(), 60)
    standby = asyncio.create_task(second.run())
    try:
        conversation_id = await desk.says("Bonjour")
        message = await desk.answers(conversation_id)
        async with asyncio.timeout(60):
            while (await desk.delivery(message.id))["state"] != "sent":  # noqa: ASYNC110 - asks the database
                await asyncio.sleep(0.02)
        assert not second.owning.is_set()
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        await asyncio.wait_for(second.owning.wait(), 60)
    finally:
        first.cancel()
        standby.cancel()
        await asyncio.gather(first, standby, return_exceptions=True)


def test_refusals_of_a_channel_say_one_line() -> None:
    assert Failed("x", "two\nlines " * 100).reason.startswith("two lines two")
    assert len(Failed("x", "two\nlines " * 100).reason) == 300
