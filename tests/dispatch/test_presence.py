"""Agents whose screen is gone: no offers after the grace, back at once, their unanswered chats return to the queue."""

import asyncio

import pytest

from parlons.dispatch.dispatch import Dispatch
from parlons.dispatch.presence import Presence
from parlons.dispatch.returns import REASON, Returns
from parlons.routing import commands as c
from parlons.routing import transitions as t
from parlons.runtime.journal import Entry
from tests.conftest import StillClock
from tests.dispatch import floor
from tests.dispatch.floor import WORKSPACE


async def told(dispatch: Dispatch, kind: type[t.Transition]) -> None:
    """Returns when a transition of this kind was committed."""
    happened = asyncio.Event()

    def look(workspace_id: str, entries: object, batch: object, base: int) -> None:
        steps = batch.steps  # type: ignore[attr-defined]
        if any(type(one) is kind for step in steps for one in step.transitions):
            happened.set()

    stop = dispatch.watch(look)  # type: ignore[arg-type]
    await asyncio.wait_for(happened.wait(), 60)
    stop()


async def test_a_lost_screen_takes_no_offers_and_comes_back(dispatch: Dispatch) -> None:
    await floor.prepare(dispatch, floor.worker(1, "sales"))
    presence = Presence(dispatch, grace=0.05)
    presence.agent_connected(WORKSPACE, floor.worker_id(1))
    waiting = asyncio.create_task(told(dispatch, t.WorkerReachableUpdated))
    presence.agent_lost(WORKSPACE, floor.worker_id(1))
    await waiting
    assert not (await dispatch.send(WORKSPACE, floor.task(1))).only(t.ReservationCreated)
    waiting = asyncio.create_task(told(dispatch, t.ReservationCreated))
    presence.agent_connected(WORKSPACE, floor.worker_id(1))
    await waiting
    await presence.close()


async def test_a_screen_back_within_the_grace_was_never_gone(dispatch: Dispatch) -> None:
    await floor.prepare(dispatch, floor.worker(1, "sales"))
    presence = Presence(dispatch, grace=30)
    presence.agent_connected(WORKSPACE, floor.worker_id(1))
    presence.agent_lost(WORKSPACE, floor.worker_id(1))
    presence.agent_connected(WORKSPACE, floor.worker_id(1))
    assert (await dispatch.send(WORKSPACE, floor.task(1))).only(t.ReservationCreated)
    await presence.close()


async def test_a_new_owner_looks_for_those_whose_screens_died_with_the_old_one(dispatch: Dispatch) -> None:
    await floor.prepare(dispatch, floor.worker(1, "sales"), floor.worker(2, "support"))
    dispatch.users[floor.worker_id(1)] = "US1"
    presence = Presence(dispatch, grace=0.05)
    waiting = asyncio.create_task(told(dispatch, t.WorkerReachableUpdated))
    presence.took_over(WORKSPACE)
    await waiting
    workers = dispatch.state(WORKSPACE).workers
    assert (workers[floor.worker_id(1)].reachable, workers[floor.worker_id(2)].reachable) == (False, True)
    await presence.close()


async def test_a_new_owner_is_told_of_those_who_came_while_there_was_none(
    dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    await floor.prepare(dispatch, floor.worker(1, "sales"))
    await dispatch.send(WORKSPACE, c.SetReachable(floor.worker_id(1), False))
    presence = Presence(dispatch)
    with monkeypatch.context() as without_owner:
        without_owner.setattr("parlons.dispatch.presence.ATTEMPTS", 0)
        presence.agent_connected(WORKSPACE, floor.worker_id(1))
        assert not (await dispatch.send(WORKSPACE, floor.task(1))).only(t.ReservationCreated)
    waiting = asyncio.create_task(told(dispatch, t.ReservationCreated))
    presence.took_over(WORKSPACE)
    await waiting
    await presence.close()


async def test_unanswered_chats_of_one_who_is_gone_for_good_return_to_their_place(
    dispatch: Dispatch, clock: StillClock
) -> None:
    await floor.prepare(dispatch, floor.worker(1, "sales", capacity=2))
    for number in (1, 2):
        created = await dispatch.send(WORKSPACE, floor.task(number, conversation_id=f"CH{number}"))
        await dispatch.send(WORKSPACE, c.AcceptReservation(floor.offer_of(created).reservation_id))
    entered = dispatch.state(WORKSPACE).tasks[floor.task_id(1)].virtual_start

    async def unanswered(workspace_id: str, conversation_id: str) -> bool:
        return conversation_id == "CH1"

    returns = Returns(dispatch, unanswered)
    await dispatch.send(WORKSPACE, c.SetReachable(floor.worker_id(1), False))
    await returns.look(WORKSPACE)
    clock.advance(59_000)
    await returns.look(WORKSPACE)
    assert dispatch.state(WORKSPACE).tasks[floor.task_id(1)].status == "assigned"
    clock.advance(2_000)
    await returns.look(WORKSPACE)
    tasks = dispatch.state(WORKSPACE).tasks
    assert (tasks[floor.task_id(1)].status, tasks[floor.task_id(2)].status) == ("pending", "assigned")
    assert tasks[floor.task_id(1)].virtual_start == entered
    canceled: list[Entry] = [
        entry for entry in dispatch.tail(WORKSPACE).since(0) or [] if entry.type == "reservation.canceled"
    ]
    assert [entry.data["reason"] for entry in canceled] == [REASON]
