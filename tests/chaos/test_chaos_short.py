"""Ten rounds of `make chaos` in the suite, and proof that its comparison finds what it is there to find."""

import asyncio
import random
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from typing import Any

import pytest

from tests.chaos import run
from tests.chaos.comparing import Stored, faults
from tests.chaos.run import Report

ROUNDS = 10


@pytest.fixture(scope="module")
def report() -> Report:
    """Ten rounds, another seed each time: a failure says which."""
    return asyncio.run(run.run(ROUNDS, random.SystemRandom().randrange(1_000_000)))


def test_nothing_acknowledged_is_lost_or_doubled(report: Report) -> None:
    assert not report.faults, f"seed {report.seed}; again: {report.again}\n" + "\n".join(report.faults)
    assert len(report.rounds) == ROUNDS
    if report.skipped:
        pytest.skip(f"all but {report.skipped}")


def lost_message(now: Stored) -> Stored:
    return replace(now, messages=now.messages[:-1])


def doubled_message(now: Stored) -> Stored:
    return replace(now, messages=[*now.messages, now.messages[0]])


def untold_message(now: Stored) -> Stored:
    told = next(entry for entry in now.entries if entry.type == "message.added")
    return replace(now, entries=[entry for entry in now.entries if entry is not told])


def gap(now: Stored) -> Stored:
    return replace(now, rows=[*now.rows[:3], *now.rows[4:]])


def lost_reservation(now: Stored) -> Stored:
    lost = next(row for row in now.reservations if row["accepted_at"] is not None)
    return replace(now, reservations=[row for row in now.reservations if row is not lost])


def second_owner(now: Stored) -> Stored:
    held = next(row for row in now.reservations if row["status"] == "completed")
    return replace(now, reservations=[*now.reservations, {**held, "id": "WR2", "status": "accepted"}])


def stale_projection(now: Stored) -> Stored:
    rows = [dict(row) for row in now.tasks]
    rows[0]["status"] = "assigned" if rows[0]["status"] != "assigned" else "pending"
    return replace(now, tasks=rows)


def other_replay(now: Stored) -> Stored:
    differing = copy(now.replayed)
    differing.mismatches = 1
    return replace(now, replayed=differing)


def forgotten_customer(now: Stored) -> Stored:
    rows = [dict(row) for row in now.conversations]
    rows[0].update(status="open", first_unanswered_at=rows[0]["opened_at"], not_served_reason=None, lead_task_id=None)
    return replace(now, conversations=rows, commands=0, untold=type(now.untold)())


PLANTED = (
    lost_message, doubled_message, untold_message, gap, lost_reservation, second_owner, stale_projection, other_replay,
    forgotten_customer,
)  # fmt: skip


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_the_comparison_finds_a_planted_fault(report: Report, plant: Callable[[Stored], Stored]) -> None:
    assert report.last is not None
    assert not faults(report.promised, report.last)
    assert faults(report.promised, plant(report.last))


def test_an_unkept_promise_is_found(report: Report) -> None:
    assert report.last is not None
    promise: dict[str, Any] = {"act": "message.in", "client_id": "never-stored", "message_id": "IM0"}
    assert faults([*report.promised, promise], report.last)
