"""Flows with the real controller of calls and the shipped engine: a caller rings, hears, keys, waits, is answered."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from parlons.reception.flow_chats import MEDIA
from parlons.reception.flow_instances import instance_of_call
from parlons.reception.flow_outside import Outside
from parlons.reception.flow_rows import FlowRow, FlowShelf, put_flows
from parlons.reception.flow_walk import Walker
from parlons.reception.points import put_entry_points
from parlons.runtime.db import Database
from parlons.runtime.safe_http import SafeHttp
from parlons.testing.fake_engine import FakeEngine
from parlons.voice.calls.settings import QueueVoice
from tests.conftest import StillClock
from tests.dispatch.floor import TENANT, WORKSPACE
from tests.voice.calls.conftest import MUSIC, POINT, Centre, furnish, open_centre

MENU: dict[str, Any] = {
    "name": "Menu",
    "start": "hello",
    "language": "fr",
    "steps": {
        "hello": {"do": "say", "text": "Bonjour", "next": "menu"},
        "menu": {"do": "ask", "text": "Tapez 1", "choices": {"1": {"next": "agent"}}, "failed": "agent"},
        "agent": {"do": "queue", "queue": "Sales", "keys": {"5": "back"}},
        "back": {"do": "callback", "next": "bye"},
        "bye": {"do": "end", "text": "Au revoir"},
    },
}


@asynccontextmanager
async def running(
    database: Database, clock: StillClock, folder: Path, engine: FakeEngine, **more: Any
) -> AsyncIterator[Centre]:
    """A process whose calls are led by flows."""
    async with SafeHttp() as http:
        flows = Outside(database, Walker(FlowShelf(), media=MEDIA), http, secrets={})
        script: Any = flows.script(TENANT, WORKSPACE)
        async with open_centre(database, clock, folder, engine, script, **more) as centre:
            yield centre
        await flows.close()


@pytest.fixture
async def engine() -> FakeEngine:
    """Outlives every process of a test."""
    return FakeEngine()


async def menu(database: Database) -> None:
    async with database.transaction(TENANT) as tx:
        await put_flows(tx, [FlowRow("FW1", WORKSPACE, "Menu", MENU)])
        await put_entry_points(tx, [replace(POINT, flow_id="FW1")])


async def ended(centre: Centre, call_id: str) -> str | None:
    async with centre.db.transaction(TENANT) as tx:
        found = await instance_of_call(tx, call_id)
    return found.state.ended if found is not None and found.status == "ended" else None


async def finish(centre: Centre, leg_id: str) -> None:
    """What plays on this leg is heard to its end."""
    play = await centre.until(lambda: [one for one in centre.engine.plays(leg_id) if MUSIC not in one.sounds])
    await centre.engine.stop_play(play[0].play_id)


async def test_a_number_without_a_flow_leads_to_an_agent(
    database: Database, clock: StillClock, tmp_path: Path, engine: FakeEngine
) -> None:
    await furnish(database, 1)
    async with running(database, clock, tmp_path, engine) as centre:
        await centre.phone()
        leg_id = await centre.rings_in()
        call = await centre.call("waiting")
        assert call.answered_at is not None
        await centre.until(lambda: [one for one in engine.plays(leg_id) if MUSIC in one.sounds])
        await centre.takes()
        await centre.call("talking")
        await centre.idle()
        assert len(engine.who_hears(leg_id)) == 1


async def test_a_menu_is_keyed_through_and_survives_the_death_of_its_process(
    database: Database, clock: StillClock, tmp_path: Path, engine: FakeEngine
) -> None:
    await furnish(database, 1)
    await menu(database)
    async with running(database, clock, tmp_path, engine) as centre:
        leg_id = await centre.rings_in()
        await finish(centre, leg_id)
        await centre.until(lambda: [one for one in centre.controller.floor.calls.values() if "Tapez 1" in one.captions])
        await centre.idle()
    async with running(database, clock, tmp_path, engine, name="second", prepare=False) as centre:
        engine.presses(leg_id, "1")
        call = await centre.call("waiting", leg_id)
        assert call.captions.count("Bonjour") == 1, "what was finished is not said again"
        assert set(call.captions) == {"Bonjour", "Tapez 1"}, "a question may be asked again"
        engine.presses(leg_id, "5")
        await centre.until(
            lambda: [one for one in centre.controller.floor.calls.values() if "rappelons" in "".join(one.captions)]
        )
        await finish(centre, leg_id)
        await centre.until(
            lambda: [one for one in centre.controller.floor.calls.values() if "Au revoir" in one.captions]
        )
        await finish(centre, leg_id)
        await centre.until(lambda: leg_id not in engine.legs)
        await centre.idle()
        assert await ended(centre, call.id) == "end"
        async with database.system() as tx:
            rows = await tx.fetch_all("SELECT task_id, state FROM callbacks")
        assert [row["state"] for row in rows] == ["waiting"]


async def test_keys_before_the_prompt_count_and_those_after_the_answer_lead_nowhere(
    database: Database, clock: StillClock, tmp_path: Path, engine: FakeEngine
) -> None:
    await furnish(database, 1)
    await menu(database)
    async with running(database, clock, tmp_path, engine) as centre:
        leg_id = await centre.rings_in()
        await centre.until(lambda: [one for one in centre.controller.floor.calls.values() if "Bonjour" in one.captions])
        engine.presses(leg_id, "1")
        await finish(centre, leg_id)
        call = await centre.call("waiting", leg_id)
        engine.presses(leg_id, "19#")
        await centre.idle()
        assert call.state == "waiting", "the queue has one key, and it was not pressed"
        engine.presses(leg_id, "5")
        await centre.until(lambda: "rappelons" in call.captions[-1])


async def test_a_queue_offers_a_callback_which_keeps_the_place_and_is_not_taken_twice(
    database: Database, clock: StillClock, tmp_path: Path, engine: FakeEngine
) -> None:
    await furnish(database, 1)
    async with running(database, clock, tmp_path, engine) as centre:
        await centre.configured(queue=QueueVoice(callback_after_seconds=60))
        leg_id = await centre.rings_in()
        call = await centre.call("waiting", leg_id)
        engine.presses(leg_id, "1")
        await centre.idle()
        assert call.state == "waiting", "nothing was offered yet"
        since = call.queued_at
        clock.advance(60_000)
        centre.controller.waiting.offer_later(
            call
        )  # the loop's clock is no test's: his time is reckoned anew, and it is over
        await centre.until(lambda: "Pour être rappelé sans perdre votre place, appuyez sur 1." in call.captions)
        clock.advance(60_000)
        engine.presses(leg_id, "1")
        await centre.until(lambda: "nous vous rappelons" in call.captions[-1])
        await finish(centre, leg_id)
        await centre.until(lambda: leg_id not in engine.legs)
        await centre.idle()
        assert await ended(centre, call.id) == "callback"
        waiting = await centre.until(lambda: alone(centre))
        assert waiting.virtual_start == since, "the place is kept"
        again = await centre.rings_in()
        redial = await centre.call("waiting", again)
        await centre.until(lambda: (found := alone(centre)) is not None and found.id == redial.task_id)
        assert centre.dispatch.state(WORKSPACE).tasks[redial.task_id or ""].virtual_start == since
        async with database.system() as tx:
            rows = await tx.fetch_all("SELECT state FROM callbacks")
        assert [row["state"] for row in rows] == ["dropped"]


def alone(centre: Centre) -> Any:
    """The one task there is; None while there are others."""
    found = list(centre.dispatch.state(WORKSPACE).tasks.values())
    return found[0] if len(found) == 1 else None
