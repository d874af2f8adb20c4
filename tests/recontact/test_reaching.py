"""Whom a rule reaches after he left, when, and what speaks against it; on a moved clock."""

from typing import Any

import pytest

from parlons.conversations.messages import tell_customer
from parlons.customers import consent
from tests.recontact.conftest import Left


async def test_who_left_is_written_to_once_after_the_delay_and_his_answer_is_reported(left: Left) -> None:
    await left.rule()
    conversation_id = await left.leaves(waited=180)
    one = await left.one()
    assert (one["state"], one["reason"], one["waited_seconds"], one["rule"]) == ("waiting", "hung-up", 180, "All")
    assert (one["customer"]["name"], one["conversation_id"], one["due_at"] is None) == (
        "Claire",
        conversation_id,
        False,
    )
    await left.later(9)
    assert left.desk.there.texts == []
    await left.later(1)
    assert left.desk.there.texts == ["Vous avez attendu 3 min. Que pouvons-nous faire ?"]
    one = await left.one()
    assert (one["state"], one["message"]["state"], one["message"]["answered"]) == ("recontacted", "sent", False)
    await left.desk.says("Merci, rappelez-moi", who="claire")
    figures = await left.call("GET", "/figures")
    assert (figures["left"], figures["states"]["recontacted"]) == (1, 1)
    assert figures["messages"] == {"sent": 1, "failed": 0, "answered": 1}


async def test_who_came_back_or_was_answered_meanwhile_is_let_be(left: Left) -> None:
    await left.rule()
    await left.leaves("claire")
    left.desk.clock.advance(1_000)
    served = await left.leaves("bruno")
    left.desk.clock.advance(60_000)
    await left.desk.says("Je suis là", who="claire")
    await left.desk.answers(served)
    await left.later(20)
    assert [one["state"] for one in await left.listed()] == ["answered", "came-back"]
    assert left.desk.there.texts == ["Oui ?"], "nothing of the rule's"


async def test_a_customer_is_reached_once_in_so_many_hours(left: Left) -> None:
    await left.rule(once_hours=6)
    await left.leaves()
    await left.later(10)
    left.desk.clock.advance(60_000)
    await left.leaves()
    await left.later(10)
    assert [(one["state"], one["code"]) for one in await left.listed()] == [
        ("refused", "reached-lately"),
        ("recontacted", ""),
    ]
    assert len(left.desk.there.texts) == 1


async def test_who_asked_for_silence_is_not_reached_and_counted(left: Left) -> None:
    await left.rule()
    await left.leaves()
    home = left.desk.home
    async with left.desk.db.transaction(home.tenant_id) as tx:
        await consent.opt_out(
            tx, firm_id=home.firm_id, kind="external", value="webhook:partner:claire", customer_id="", channel="webhook",
            word="STOP", message_id="",
        )  # fmt: skip
    await left.later(10)
    assert (await left.call("GET", "/figures"))["refused"] == {"opted-out": 1}
    assert left.desk.there.texts == []


async def test_quiet_hours_put_it_off_to_the_morning_or_end_it(left: Left) -> None:
    left.desk.clock.advance(9 * 3_600_000)  # nine in the evening
    await left.rule(within_hours=24)
    await left.leaves("claire")
    left.desk.clock.advance(1_000)
    await left.rule(name="Short", queue_ids=("WQ" + "2" * 32,), within_hours=2)
    await left.leaves("bruno", queue_id="WQ" + "2" * 32)
    await left.later(10)
    late, kept = await left.listed()
    assert (late["state"], late["code"]) == ("refused", "quiet-hours")
    assert (kept["state"], kept["code"], kept["due_at"][11:16]) == ("waiting", "quiet-hours", "08:00")
    await left.later(11 * 60)
    assert len(left.desk.there.texts) == 1


async def test_a_call_back_stands_in_line_at_the_old_place(left: Left) -> None:
    await left.rule(how="callback", texts={})
    conversation_id = await left.leaves("claire", cancel="closed", waited=120)
    await left.numbered("+33612345678")
    place = left.desk.clock() - 120_000
    await left.later(10)
    row = (await left.desk.rows("SELECT * FROM callbacks"))[0]
    assert (row["number"], row["conversation_id"], row["queue_id"], row["why"], row["state"]) == (
        "+33612345678", conversation_id, "WQ" + "1" * 32, "left", "waiting",
    )  # fmt: skip
    assert round(row["virtual_start_at"].timestamp() * 1000) == place
    one = await left.one()
    assert (one["state"], one["called_back"], one["reason"]) == ("recontacted", True, "left-chat")
    commands = await left.desk.rows("SELECT body FROM commands WHERE body->>'task_id' = :id", id=row["task_id"])
    assert commands[0]["body"]["channel"] == "voice"


async def test_who_has_no_number_cannot_be_called(left: Left) -> None:
    await left.rule(how="callback", texts={})
    await left.leaves()
    await left.later(10)
    assert (await left.call("GET", "/figures"))["failed"] == {"no-number": 1}


@pytest.mark.parametrize(
    ("rule", "planned"),
    [
        ({}, True),
        ({"waited_seconds": 181}, False),
        ({"reasons": ("left-chat",)}, False),
        ({"queue_ids": ("WQ" + "9" * 32,)}, False),
        ({"active": False}, False),
    ],
)
async def test_a_rule_says_whom_it_reaches(left: Left, rule: dict[str, Any], planned: bool) -> None:
    await left.rule(**rule)
    await left.leaves(waited=180)
    one = await left.one()
    assert ((one["due_at"] is not None), one["state"]) == (planned, "waiting")
    await left.later(30)
    assert len(left.desk.there.texts) == planned


async def test_a_rule_that_was_changed_meanwhile_reaches_nobody_it_does_not_mean(left: Left) -> None:
    rule = await left.rule()
    await left.leaves()
    async with left.desk.db.system() as tx:
        await tx.execute("DELETE FROM recontact_rules WHERE id = :id", {"id": rule.id})
    await left.later(10)
    one = await left.one()
    assert (one["state"], one["due_at"], left.desk.there.texts) == ("waiting", None, [])


@pytest.mark.parametrize(
    ("cancel", "queue", "reason"),
    [
        ("hangup", "WQ1", "hung-up"),
        ("hangup", None, None),  # a number an agent dialled himself
        ("closed", "WQ1", "left-chat"),
        ("Task TTL exceeded", "WQ1", "not-served"),
        ("Task canceled on Workflow timeout", None, "not-served"),
        ("erased", "WQ1", None),
        ("called-again", "WQ1", None),
    ],
)
async def test_why_somebody_left(left: Left, cancel: str, queue: str | None, reason: str | None) -> None:
    await left.leaves(cancel=cancel, queue_id=queue)
    assert [one["reason"] for one in await left.listed()] == ([reason] if reason else [])


async def test_a_form_that_nobody_answered_is_told_from_the_rest(left: Left) -> None:
    conversation_id = await left.desk.says(who="claire")
    async with left.desk.db.transaction(left.desk.home.tenant_id) as tx:
        await tell_customer(tx, conversation_id, "Merci", {"code": "message-left"}, key="k")
    await left.leaves(cancel="Task TTL exceeded")
    assert (await left.one())["reason"] == "form"


async def test_an_agent_who_closed_it_is_nobody_who_left(left: Left) -> None:
    await left.leaves(cancel="closed", by="agent")
    assert await left.listed() == []
