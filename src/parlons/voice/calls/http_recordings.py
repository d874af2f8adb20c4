"""Recordings: /api/v1/recordings. Who hears one leaves an audit row; a link plays it for a while without signing in."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from parlons.accounts import audit
from parlons.accounts.http import Agent, Supervisor, base_url
from parlons.accounts.model import Principal
from parlons.kit.clock import Millis, to_iso
from parlons.kit.ids import CALL
from parlons.runtime.asked import ConversationId, id_of
from parlons.runtime.http import answers_file
from parlons.voice.calls import recordings, schemas
from parlons.voice.calls.errors import UnknownRecording
from parlons.voice.calls.http import database_of, voice_of

router = APIRouter(prefix="/recordings", tags=["voice"])
Json = dict[str, Any]
LINK_MS = 15 * 60_000
"""How long a link plays."""


async def _found(tx: Any, principal: Principal, recording_id: str) -> recordings.Kept:
    found = await recordings.find(tx, recording_id)
    if found is None or not await recordings.may_hear(tx, principal, found):
        raise UnknownRecording
    return found


@router.get("", response_model=schemas.Recordings)
async def list_recordings(
    request: Request,
    principal: Agent,
    conversation_id: ConversationId = None,
    call_id: Annotated[str | None, id_of(CALL)] = None,
) -> Json:
    """The recordings of a conversation or of a call, oldest first."""
    async with database_of(request).transaction(principal.tenant_id) as tx:
        found = await recordings.listing(tx, conversation_id=conversation_id, call_id=call_id)
        items = [one.as_json() for one in found if await recordings.may_hear(tx, principal, one)]
    return {"items": items}


@router.post("/{recording_id}/link", response_model=schemas.RecordingLink)
async def link(recording_id: str, request: Request, principal: Agent) -> Json:
    """An address that plays the recording for a quarter of an hour; asking for it leaves an audit row."""
    voice = voice_of(request)
    async with database_of(request).transaction(principal.tenant_id) as tx:
        found = await _found(tx, principal, recording_id)
        until = Millis(tx.now + LINK_MS)
        await audit.record(
            tx, principal, "recording.linked", found.id, now=Millis(tx.now), after={"until": to_iso(until)}, firm_id=found.firm_id
        )  # fmt: skip
    token = voice.vault.token(principal.tenant_id, found.id, until)
    base = base_url(request).rstrip("/")
    return {"url": f"{base}/api/v1/recordings/{found.id}/audio?token={token}", "expires_at": to_iso(until)}


@router.get("/{recording_id}/audio", response_class=Response, responses=answers_file())
async def audio(recording_id: str, request: Request, token: str) -> Response:
    """The sound (WAV, two channels), for who has a link; part of it when a range is asked for."""
    voice = voice_of(request)
    tenant_id = voice.vault.opened(token, recording_id, request.app.state.clock())
    async with database_of(request).transaction(tenant_id) as tx:
        found = await recordings.find(tx, recording_id)
        if found is None or found.file_id is None:
            raise UnknownRecording
        sealed = (await voice.files.open(tx, found.file_id))[1]
    sound = await voice.vault.unsealed(sealed, recording_id)
    return recordings.part(sound, request.headers.get("range"))


@router.get("/{recording_id}/peaks", response_model=schemas.Peaks)
async def peaks(recording_id: str, request: Request, principal: Agent) -> Json:
    """The waveform."""
    async with database_of(request).transaction(principal.tenant_id) as tx:
        found = await _found(tx, principal, recording_id)
    return {"stretch_ms": found.stretch_ms, "left": found.left, "right": found.right}


@router.delete("/{recording_id}", status_code=204)
async def delete(recording_id: str, request: Request, principal: Supervisor) -> None:
    """Delete a recording for good; leaves an audit row."""
    voice = voice_of(request)
    async with database_of(request).transaction(principal.tenant_id) as tx:
        found = await _found(tx, principal, recording_id)
        now, after = Millis(tx.now), {"call_id": found.call_id}
        await audit.record(tx, principal, "recording.deleted", found.id, now=now, after=after, firm_id=found.firm_id)
        await recordings.delete(tx, voice.files, found)
