"""Versions of a flow, and trials of one on a part of the contacts: who gets which, how each is counted, what ends it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest

from parlons.conversations import commands
from parlons.reception import flow_trials_outcomes as outcomes
from parlons.reception.flow_instances import end_of_chat, erase_instances
from parlons.reception.flow_rows import FlowRow, flow_by_id, put_flows, remove_flows
from parlons.reception.flow_trials import (
    NothingToTry,
    Trial,
    TrialOver,
    TrialRuns,
    end_trial,
    side_of,
    start_trial,
    still_runs,
    trials_of,
)
from parlons.reception.flow_trials_figures import figures
from parlons.reception.flow_versions import UnknownVersion, keep_version, side_by_side, versions_of
from parlons.runtime.db import Database
from tests.conftest import StillClock
from tests.dispatch.floor import TENANT, WORKSPACE
from tests.reception.conftest import furnish
from tests.reception.test_flow_chats import DAY, Chat, open_chat

FLOW = "FW1"
ASK: dict[str, Any] = {
    "do": "ask",
    "text": "Ventes 1, atelier 2",
    "choices": {"1": {"next": "wait"}, "2": {"next": "bye"}, "3": {"next": "lost"}},
}
STEPS: dict[str, Any] = {
    "ask": ASK,
    "wait": {"do": "queue"},
    "bye": {"do": "end", "text": "Au revoir"},
    "lost": {"do": "queue", "queue": "Nowhere"},
}
OLD: dict[str, Any] = {"name": "Menu", "start": "ask", "language": "fr", "steps": STEPS}
NEW: dict[str, Any] = {**OLD, "steps": {**STEPS, "ask": {**ASK, "text": "Nouveau : ventes 1, atelier 2"}}}


@pytest.fixture
async def chat(database: Database, clock: StillClock) -> AsyncIterator[Chat]:
    """A widget answered by the old flow; no router: what was asked for stays on the road."""
    await furnish(database)
    chat = await open_chat(database, clock)
    await chat.flow(OLD)
    yield chat
    await chat.phone.close()


async def begin(chat: Chat, percent: int, source: dict[str, Any] = NEW) -> Trial:
    """The new text is tried."""
    async with chat.db.transaction(TENANT) as tx:
        version = await keep_version(tx, FLOW, source, author="Inès", note="shorter")
        return await start_trial(tx, FLOW, version, percent, by="Inès")


async def shown(chat: Chat, trial: Trial) -> Any:
    """Its figures."""
    async with chat.db.transaction(TENANT) as tx:
        return await figures(tx, trial)


async def rows(chat: Chat) -> list[tuple[str, str | None]]:
    """Side and outcome of every contact that was counted, as they began."""
    async with chat.db.system() as tx:
        found = await tx.fetch_all("SELECT side, outcome FROM flow_trial_contacts ORDER BY began_at, instance_id")
    return [(row["side"], row["outcome"]) for row in found]


def test_sides_are_even_and_a_customer_stays_on_his() -> None:
    customers = [f"CU{number:032x}" for number in range(20_000)]
    for percent in (1, 10, 50, 99):
        many = sum(side_of("FT1", one, percent) == "trial" for one in customers)
        # Five standard deviations of a binomial draw.
        assert abs(many - 200 * percent) < 5 * (20_000 * percent / 100 * (1 - percent / 100)) ** 0.5
        assert [side_of("FT1", one, percent) for one in customers[:50]] == [
            side_of("FT1", one, percent) for one in customers[:50]
        ]
    for fewer, more in pairwise((1, 10, 50, 99)):
        inside = {one for one in customers if side_of("FT1", one, fewer) == "trial"}
        assert inside <= {one for one in customers if side_of("FT1", one, more) == "trial"}
    other = Counter((side_of("FT1", one, 50), side_of("FT2", one, 50)) for one in customers)
    assert all(abs(count - 5_000) < 400 for count in other.values()), "another trial divides them anew"


def test_lines_side_by_side() -> None:
    told = [(line.change, line.before, line.after) for line in side_by_side("a\nb\nc\nd", "a\nB\nc\nd\ne")]
    assert told == [
        ("same", "a", "a"),
        ("changed", "b", "B"),
        ("same", "c", "c"),
        ("same", "d", "d"),
        ("added", None, "e"),
    ]
    assert [line.change for line in side_by_side("a\nb", "b")] == ["removed", "same"]
    assert side_by_side("", "") == []


def test_long_texts_are_compared_between_the_lines_that_stand_once_in_both() -> None:
    """Every line of 2,000 steps against every other would take minutes: they are all alike."""
    old = [line for n in range(2_000) for line in (f"  step{n}:", "    do: say", f"    text: Hello {n}", "")]
    new = [line.replace("Hello", "Bonjour") if "7" in line else line for line in old if line != "  step3:"]
    found = side_by_side("\n".join(old), "\n".join(new))
    assert [line.before for line in found if line.before is not None] == "\n".join(old).splitlines()
    assert [line.after for line in found if line.after is not None] == "\n".join(new).splitlines()
    assert [line.before for line in found if line.change == "removed"] == ["  step3:"]
    others = [line for line in found if line.change == "changed"]
    assert len(others) == sum("7" in line for line in old if "Hello" in line)
    assert all(line.after == str(line.before).replace("Hello", "Bonjour") for line in others)
    assert not [line for line in found if line.change == "added"]


async def test_each_text_is_a_version_once(chat: Chat) -> None:
    async with chat.db.transaction(TENANT) as tx:
        await put_flows(tx, [FlowRow(FLOW, WORKSPACE, "Menu", NEW)], author="Inès")
        await put_flows(tx, [FlowRow(FLOW, WORKSPACE, "Menu", NEW)], author="Omar")
        now = await flow_by_id(tx, FLOW)
        assert now is not None
        assert now.version == 2
        await put_flows(tx, [FlowRow(FLOW, WORKSPACE, "Menu", OLD)], author="Omar")
        back = await flow_by_id(tx, FLOW)
        assert back is not None
        assert back.version == 1, "an earlier text is live again under its number"
        kept = await keep_version(tx, FLOW, {**OLD, "start": "bye"}, author="Omar", note="shorter")
        assert (kept, back.version) == (3, 1), "kept beside the live one"
        found = await versions_of(tx, FLOW)
    assert [(one.version, one.author, one.note) for one in found] == [
        (3, "Omar", "shorter"),
        (2, "Inès", ""),
        (1, "", ""),
    ]
    assert all(one.at == chat.clock.now for one in found)


async def test_a_contact_ends_on_the_version_it_began_with_three_days_later(chat: Chat) -> None:
    await chat.says("Bonjour")
    trial = await begin(chat, 99)
    chat.clock.advance(3 * DAY)
    async with chat.db.transaction(TENANT) as tx:
        changed = {**NEW, "steps": {**NEW["steps"], "bye": {"do": "end", "text": "Adieu"}}}
        await put_flows(tx, [FlowRow(FLOW, WORKSPACE, "Menu", changed)], author="Omar")
        (ended,) = await trials_of(tx, FLOW)
    await chat.says("2")
    assert (await chat.lines())[-1] == "Au revoir"
    assert (ended.id, ended.ending, ended.ended_by) == (trial.id, "replaced", "Omar")
    assert await rows(chat) == [], "he began before the trial"


async def visits(chat: Chat, visitor: str, *words: str) -> None:
    """A visitor writes one message after the other."""
    for text in words:
        await chat.writes(text, visitor=visitor)


async def test_how_a_contact_ends_is_counted_once(chat: Chat) -> None:
    trial = await begin(chat, 50)
    for visitor, *words in (
        ("V1", "Bonjour", "1"),
        ("V2", "Bonjour", "2"),
        ("V3", "Bonjour", "3"),
        ("V4", "Bonjour"),
        ("V5", "Hm"),
    ):
        await visits(chat, visitor, *words)
        chat.clock.advance(1_000)
    async with chat.db.transaction(TENANT) as tx:
        await commands.close(tx, chat.ids["V4"], by="customer")
        await end_of_chat(tx, chat.ids["V4"])
        await end_of_chat(tx, chat.ids["V4"])
    told = await rows(chat)
    assert [outcome for _, outcome in told] == ["transferred", "contained", "failed", "left", None]
    found = await shown(chat, trial)
    assert sum(side["begun"] for side in found["sides"]) == 5
    assert sum(side["under_way"] for side in found["sides"]) == 1
    assert sum(side["ended"] for side in found["sides"]) == 4


async def test_two_people_end_a_trial_at_the_same_moment(chat: Chat) -> None:
    """In both orders: who comes second is refused, and told how it ended; nothing is half done."""

    async def roll_back(trial: Trial) -> None:
        async with chat.db.transaction(TENANT) as tx:
            await end_trial(tx, await still_runs(tx, FLOW, trial.id), "rolled-back", by="Omar")
            done.set()
            await gate.wait()

    async def to_all(trial: Trial) -> None:
        async with chat.db.transaction(TENANT) as tx:
            await still_runs(tx, FLOW, trial.id)
            await put_flows(tx, [FlowRow(FLOW, WORKSPACE, "Menu", NEW)], author="Inès")
            done.set()
            await gate.wait()

    async def somebody_waits() -> None:
        while True:
            async with chat.db.system() as tx:
                if await tx.scalar("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                    return
            await asyncio.sleep(0.01)

    for first, second, ending, live in ((roll_back, to_all, "rolled-back", 1), (to_all, roll_back, "to-all", 2)):
        trial, gate, done = await begin(chat, 10), asyncio.Event(), asyncio.Event()
        one = asyncio.create_task(first(trial))
        await done.wait()
        other = asyncio.create_task(second(trial))
        await somebody_waits()
        gate.set()
        await one
        with pytest.raises(TrialOver) as refused:
            await other
        assert refused.value.details["ending"] == ending
        async with chat.db.transaction(TENANT) as tx:
            now = await flow_by_id(tx, FLOW)
        assert now is not None
        assert (now.version, now.trial) == (live, None)


async def test_what_cannot_be_tried_is_refused(chat: Chat) -> None:
    async with chat.db.transaction(TENANT) as tx:
        with pytest.raises(NothingToTry):
            await start_trial(tx, FLOW, 1, 10, by="Inès")
        with pytest.raises(UnknownVersion):
            await start_trial(tx, FLOW, 9, 10, by="Inès")
        with pytest.raises(UnknownVersion):
            await start_trial(tx, "FW9", 1, 10, by="Inès")
    await begin(chat, 10)
    with pytest.raises(TrialRuns):
        await begin(chat, 20)
    async with chat.db.transaction(TENANT) as tx:
        await remove_flows(tx, [FLOW], author="Omar")
        (trial,) = await trials_of(tx, FLOW)
    assert (trial.ending, trial.ended_by) == ("replaced", "Omar")


async def test_erasing_and_age_leave_nothing_behind(chat: Chat) -> None:
    trial = await begin(chat, 50)
    await visits(chat, "V1", "Bonjour", "2")
    await visits(chat, "V2", "Bonjour")
    async with chat.db.transaction(TENANT) as tx:
        await erase_instances(tx, [chat.ids["V2"]])
    assert [outcome for _, outcome in await rows(chat)] == ["contained"], "of whom nothing more is heard, nothing stays"
    async with chat.db.system() as tx:
        (row,) = await tx.fetch_all("SELECT * FROM flow_trial_contacts")
    assert set(row) == {"instance_id", "tenant_id", "trial_id", "side", "began_at", "ended_at", "outcome"}
    async with chat.db.transaction(TENANT) as tx:
        await end_trial(tx, await still_runs(tx, FLOW, trial.id), "rolled-back", by="Omar")
    chat.clock.advance((outcomes.KEPT_DAYS - 1) * DAY)
    await outcomes.forget_old_trials(chat.db)
    assert len(await rows(chat)) == 1
    chat.clock.advance(2 * DAY)
    await outcomes.forget_old_trials(chat.db)
    async with chat.db.transaction(TENANT) as tx:
        assert await trials_of(tx, FLOW) == []
    assert await rows(chat) == []


async def test_a_call_is_counted_as_a_chat_is(chat: Chat) -> None:
    phone = chat.phone
    taking = {**OLD, "name": "Line", "steps": {**STEPS, "bye": {"do": "voicemail"}}}
    await phone.flow(taking, flow_id="FW2")
    async with chat.db.transaction(TENANT) as tx:
        version = await keep_version(tx, "FW2", {**taking, "language": "en"}, author="")
        await start_trial(tx, "FW2", version, 50, by="Inès")
    await phone.rings("CA1")
    await phone.script.ends("CA1")
    assert [outcome for _, outcome in await rows(chat)] == ["left"]
    chat.clock.advance(1_000)
    await phone.rings("CA2")
    await phone.answers("digits", call_id="CA2", digits="2")
    await phone.answers("said", call_id="CA2")
    key = phone.verbs.last().key
    await phone.answers("gone", call_id="CA2", key="")
    await phone.answers("recorded", call_id="CA2", key=key, recording_id="RE1")
    assert [outcome for _, outcome in await rows(chat)] == ["left", "transferred"], "his message was left"
