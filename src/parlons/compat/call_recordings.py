"""Recordings of calls that programs lead: listed, heard, deleted."""

from typing import Any

from parlons.accounts import audit
from parlons.compat import led_store
from parlons.compat import shapes_calls as shapes
from parlons.compat.call import Call
from parlons.compat.errors import absent
from parlons.compat.pages import OldPage, page_of
from parlons.kit.clock import Millis
from parlons.kit.ids import CALL
from parlons.runtime.db import Tx
from parlons.voice.calls import recordings as kept
from parlons.voice.calls.recordings import Kept

Json = dict[str, Any]
_CALLS = 5_000
"""Calls whose recordings a list looks through, the newest first."""


async def _mine(tx: Tx, call: Call) -> Kept:
    """The recording in the path, when it is of a call that a program leads."""
    found = await kept.find(tx, call.ids["Sid"])
    there = found is not None and await led_store.find(tx, found.call_id) is not None
    if found is None or not there or call.ids.get("CallSid", found.call_id) != found.call_id:
        raise call.missing()
    return found


async def recordings(call: Call) -> Json:
    """The recordings of a call, or of all, the newest first."""
    page, call_id = OldPage(call), call.ids.get("CallSid") or call.sid("CallSid", CALL)
    since, until = call.span("DateCreated")
    call.done()
    async with call.db.transaction(call.account) as tx:
        if call_id is None:
            calls = [one.led.id for one in await led_store.listing(tx, limit=_CALLS)]
        else:
            calls = [call_id] if await led_store.find(tx, call_id) is not None else []
        found = [one for one in await kept.of_calls(tx, calls) if since <= one.started_at < until]
    return page_of(call, page, "recordings", found, lambda one: [one.id], lambda one: _shown(call, one))


def _shown(call: Call, found: Kept) -> Json:
    if "CallSid" in call.ids:
        return shapes.call_recording(call.account, found)
    return shapes.recording(call.account, call.base, found)


async def recording(call: Call) -> Json:
    """One recording."""
    call.done()
    async with call.db.transaction(call.account) as tx:
        return _shown(call, await _mine(tx, call))


async def sound(call: Call) -> bytes:
    """What is heard in it (WAV, two channels: the caller and all else)."""
    call.done()
    if call.voice is None:
        raise absent("A recording")
    async with call.db.transaction(call.account) as tx:
        found = await _mine(tx, call)
        if found.file_id is None:
            raise call.missing()
        await audit.record(tx, call.principal, "recording.linked", found.id, now=Millis(tx.now), firm_id=found.firm_id)
        sealed = (await call.voice.files.open(tx, found.file_id))[1]
    return await call.voice.vault.unsealed(sealed, found.id)


async def remove_recording(call: Call) -> None:
    """It is gone for good."""
    call.done()
    if call.voice is None:
        raise absent("A recording")
    async with call.db.transaction(call.account) as tx:
        found = await _mine(tx, call)
        await audit.record(tx, call.principal, "recording.deleted", found.id, now=Millis(tx.now), firm_id=found.firm_id)
        await kept.delete(tx, call.voice.files, found)
