"""Settings are taken in one after the other: what was read first never stands in the place of what was read later."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from parlons.runtime.db import Database, Tx
from parlons.testing.fake_engine import FakeEngine
from parlons.voice.calls import controller, settings, telephone
from parlons.voice.calls.settings import Configured, ContactAddress
from tests.conftest import StillClock
from tests.dispatch.floor import TENANT, WORKSPACE
from tests.voice.calls.conftest import OUTSIDE, Menu, furnish, open_centre, user_id

CHOSEN = (ContactAddress("number", OUTSIDE),)


async def test_what_changes_while_the_first_settings_are_read_is_known(
    database: Database, clock: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await furnish(database, 3)
    made: list[controller.Controller] = []
    read: list[Configured] = []
    began, changed, real = asyncio.Event(), asyncio.Event(), controller.read_configured

    class Kept(controller.Controller):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            made.append(self)

    async def slowly(tx: Tx, workspace_id: str) -> Configured:
        found = await real(tx, workspace_id)
        read.append(found)
        if len(read) == 1:
            began.set()
            await changed.wait()
        return found

    async def changes() -> None:
        await began.wait()
        async with database.transaction(TENANT) as tx:
            await settings.put_contact_addresses(tx, WORKSPACE, user_id(1), CHOSEN)
        lanes = made[0].floor.lanes
        while not lanes._waiting.get("settings") and (len(read) < 2 or "settings" in lanes._waiting):  # noqa: ASYNC110
            await asyncio.sleep(0.01)  # until it waits behind the first; or, if it were read beside it, is taken in
        changed.set()

    monkeypatch.setattr(telephone, "Controller", Kept)
    monkeypatch.setattr(controller, "read_configured", slowly)
    changing = asyncio.create_task(changes())
    async with open_centre(database, clock, tmp_path, FakeEngine(), Menu(database)) as centre:
        await changing
        await centre.idle()
        assert len(read) == 2
        assert centre.controller.floor.configured.addresses_of(user_id(1)) == CHOSEN
