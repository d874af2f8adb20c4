"""Offers that go wrong: two tabs accept, too late, nobody else is free, the agent's screen is gone, nobody comes at all."""

import asyncio
from typing import Any

import pytest

from parlons.simulator.wire import Refused
from parlons.testing.people import Desk
from tests.system.conftest import Centre
from tests.system.test_sending import chat


async def outcome(accepting: Any) -> str:
    """ "accepted", or the code of the refusal."""
    try:
        await accepting
    except Refused as refused:
        return refused.code
    return "accepted"


async def test_two_tabs_accept_the_same_offer(centre: Centre) -> None:
    async with (
        centre.at_work("ada") as ada,
        Desk(centre.urls, await centre.token("ada")) as second,
        centre.visitor() as visitor,
    ):
        await visitor.write("Bonjour")
        offer = await ada.offered()
        await second.offered()
        got = await asyncio.gather(outcome(ada.accept(offer["id"])), outcome(second.accept(offer["id"])))
        assert sorted(got) in (["accepted", "accepted"], ["accepted", "wrong-status"])
        conversation = await ada.mine(ada.screen["tasks"][offer["task_id"]]["conversation_id"])
        await second.mine(conversation["id"])
        await visitor.told("joined")
        assert sum(event == "reservation.accepted" for event, _ in ada.events) == 1
        await ada.close_chat(conversation["id"])


async def test_an_expired_offer_cannot_be_accepted(centre: Centre) -> None:
    """He is told that the offer is over; the customer keeps waiting and is offered to the next one."""
    async with centre.at_work("ada") as ada, centre.visitor() as visitor:
        await visitor.write("Bonjour")
        offer = await ada.offered()
        centre.clock.jump(61_000)
        await ada.happened("reservation.timeout")
        assert await outcome(ada.accept(offer["id"])) in ("reservation-gone", "wrong-status")
        await ada.become("Available")
        again = await ada.offered(task_id=offer["task_id"])
        assert again["id"] != offer["id"]
        await ada.accept(again["id"])
        conversation = await ada.mine(ada.screen["tasks"][offer["task_id"]]["conversation_id"])
        await ada.close_chat(conversation["id"])


async def test_the_only_free_agent_refuses_and_is_left_in_peace(centre: Centre) -> None:
    """No loop: the same chat does not come back to him for a minute; a colleague gets it."""
    async with centre.at_work("ada") as ada, centre.visitor() as visitor:
        await visitor.write("Bonjour")
        offer = await ada.offered()
        await ada.reject(offer["id"])
        await ada.happened("reservation.rejected")
        async with centre.at_work("ben") as ben:
            taken = await ben.offered(task_id=offer["task_id"])
            assert not ada.offers(task_id=offer["task_id"])
            await ben.accept(taken["id"])
            conversation = await ben.mine(ben.screen["tasks"][offer["task_id"]]["conversation_id"])
            created = [one for name, one in ada.events if name == "reservation.created"]
            assert len([one for one in created if one["reservation"]["worker_id"] == ada.worker_id]) == 1
            await ben.close_chat(conversation["id"])


async def test_after_a_minute_he_may_be_asked_again(centre: Centre) -> None:
    async with centre.at_work("ada") as ada, centre.visitor() as visitor:
        await visitor.write("Bonjour")
        offer = await ada.offered()
        await ada.reject(offer["id"])
        await ada.happened("reservation.rejected")
        centre.clock.jump(60_500)
        again = await ada.offered(task_id=offer["task_id"])
        await ada.accept(again["id"])
        conversation = await ada.mine(ada.screen["tasks"][offer["task_id"]]["conversation_id"])
        await ada.close_chat(conversation["id"])


async def test_an_agent_whose_screen_is_gone(centre: Centre) -> None:
    """No offers after ten seconds; his unanswered chat goes back to its place, a note says why, he is told on return."""
    async with centre.at_work("rex") as rex, centre.visitor("repairs") as visitor, centre.visitor("repairs") as other:
        conversation_id = await chat(rex, visitor, "Ma voiture ne démarre plus")
        task_id = rex.screen["conversations"][conversation_id]["lead_task_id"]
        async with Desk(centre.urls, await centre.token("sue")) as sue:
            await rex.close()
            await sue.sees(lambda: not sue.screen["workers"][rex.worker_id]["reachable"], why="his absence")
            await other.write("Moi aussi")
            await visitor.told("returned")
            await sue.sees(lambda: waiting(sue, task_id), why="the task in its queue")
            assert not [one for one in sue.screen["reservations"].values() if one["status"] == "pending"]
            full = await sue.wire.call("GET", f"/conversations/{conversation_id}")
            assert any("Rex" in note["text"] for note in full["notes"])
        before = len(rex.events)
        await rex.open()
        first = await rex.offered(task_id=task_id)
        offers = [data["task"]["id"] for name, data in rex.events[before:] if name == "reservation.created"]
        assert offers[:1] in ([], [task_id]), "his chat has its place ahead of the one that came later"
        notices = await rex.wire.call("GET", "/notices")
        assert [one["kind"] for one in notices["items"]] == ["conversation-returned"]
        await rex.accept(first["id"])
        await rex.mine(conversation_id)
        await rex.close_chat(conversation_id)
        second = await rex.offered()
        await rex.accept(second["id"])
        left = await rex.mine(rex.screen["tasks"][second["task_id"]]["conversation_id"])
        await rex.close_chat(left["id"])


def waiting(desk: Desk, task_id: str) -> Any:
    task = desk.screen["tasks"].get(task_id)
    return task if task and task["status"] == "pending" else None


@pytest.mark.parametrize(
    ("topic", "jump", "reason"), [("impatient", 2_500, "workflow-end"), ("repairs", 86_400_500, "expired")]
)
async def test_nobody_comes(centre: Centre, topic: str, jump: int, reason: str) -> None:
    """End of the workflow, or of the task's life: the visitor is told, and the conversation stands among the not served."""
    async with centre.visitor(topic) as visitor, Desk(centre.urls, await centre.token("sue")) as sue:
        await visitor.write("Il y a quelqu’un ?")
        await sue.happened("task.created")
        centre.clock.jump(jump)
        await visitor.told("not-served")
        assert await not_served(centre) == reason
        async with Desk(centre.urls, await centre.token("sue")) as later:
            listed = await later.wire.call("GET", "/conversations?view=not_served")
            for one in listed["items"]:
                await later.wire.call("POST", f"/conversations/{one['id']}/close", {})


async def not_served(centre: Centre) -> str:
    """The reason of the newest conversation that was not served."""
    async with centre.operator() as operator:
        listed = await operator.get("/conversations?view=not_served")
        return str(listed["items"][0]["not_served_reason"])


MOVES = """
parlons: 1
workspace: {{default_activity: Offline, timeout_activity: Missed, reservation_timeout_seconds: 30, max_moves: {moves}}}
"""


async def test_a_chat_that_everybody_refuses_ends_among_the_not_served(centre: Centre) -> None:
    """After so many offers (1,000 unless set) the task is given up: the visitor is told, the reason is kept."""
    async with centre.operator() as operator:
        await operator.apply(MOVES.format(moves=3))
        try:
            async with centre.at_work("rex") as rex, centre.visitor("repairs") as visitor:
                await visitor.write("Quelqu’un ?")
                for _ in range(3):
                    offer = await rex.offered()
                    await rex.reject(offer["id"], quiet_seconds=0)
                    await rex.sees(
                        lambda gone=offer["id"]: gone not in rex.screen["reservations"], why="the end of the offer"
                    )
                await visitor.told("not-served")
                assert await not_served(centre) == "too-many-offers"
        finally:
            await operator.apply(MOVES.format(moves=1000))
