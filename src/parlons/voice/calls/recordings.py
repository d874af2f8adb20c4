"""Recordings as rows and files: begun with the call, stored when the engine has closed the file, forgotten when their time is
over. What seals them: vault.py; when they run: recording.py.
"""

import array
import io
import wave
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import RowMapping
from sqlalchemy.dialects.postgresql import insert
from starlette.responses import Response

from parlons.accounts.model import Principal, Role
from parlons.conversations import queries as conversations
from parlons.kit.clock import from_datetime, to_datetime, to_iso
from parlons.runtime.db import Tx
from parlons.runtime.files import Files
from parlons.runtime.jobs import Handler, Job, enqueue
from parlons.voice.calls.store import recordings

FORGET = "voice.forget-recording"
"""Kind of the job that ends a recording's retention."""
PEAKS = 800
"""Stretches of a waveform, at most."""
DAY_MS = 86_400_000
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """A recording's row."""

    id: str
    tenant_id: str
    workspace_id: str
    firm_id: str | None
    call_id: str
    conversation_id: str | None
    file_id: str | None
    state: str
    kind: str
    channels: int
    ms: int
    gaps: list[Any]
    path: str
    keep_days: int | None
    started_at: int
    retention_until: int | None
    stretch_ms: int = 0
    left: list[int] = field(default_factory=list)
    right: list[int] = field(default_factory=list)

    def as_json(self) -> Json:
        """As the API shows it."""
        return {
            "id": self.id,
            "call_id": self.call_id,
            "conversation_id": self.conversation_id,
            "firm_id": self.firm_id,
            "state": self.state,
            "kind": self.kind,
            "channels": self.channels,
            "ms": self.ms,
            "gaps": self.gaps,
            "started_at": to_iso(self.started_at),
            "retention_until": None if self.retention_until is None else to_iso(self.retention_until),
        }


def _kept(row: RowMapping) -> Kept:
    peaks = row["peaks"] or {}
    return Kept(
        row["id"], row["tenant_id"], row["workspace_id"], row["firm_id"], row["call_id"], row["conversation_id"],
        row["file_id"], row["state"], row["class"], row["channels"], row["ms"], row["gaps"], row["path"],
        row["keep_days"], from_datetime(row["started_at"]),
        from_datetime(row["retention_until"]) if row["retention_until"] else None,
        **({"stretch_ms": peaks["ms"], "left": peaks["left"], "right": peaks["right"]} if peaks else {}),
    )  # fmt: skip


async def begin(
    tx: Tx, recording_id: str, *, call: Any, kind: str, path: str, keep_days: int | None, started_at: int
) -> None:
    """A recording runs. Repeating does no harm."""
    values = {
        "id": recording_id, "tenant_id": tx.tenant_id, "workspace_id": call.workspace_id, "firm_id": call.firm_id,
        "call_id": call.id, "conversation_id": call.conversation_id, "state": "running", "class": kind, "channels": 2,
        "ms": 0, "gaps": [], "peaks": {}, "path": path, "keep_days": keep_days, "started_at": to_datetime(started_at),
    }  # fmt: skip
    await tx.execute(insert(recordings).values(values).on_conflict_do_nothing())


async def find(tx: Tx, recording_id: str) -> Kept | None:
    """One recording."""
    mine = (recordings.c.tenant_id == tx.tenant_id, recordings.c.id == recording_id)
    row = await tx.fetch_one(sa.select(recordings).where(*mine))
    return _kept(row) if row else None


async def listing(tx: Tx, *, conversation_id: str | None, call_id: str | None) -> list[Kept]:
    """The recordings of a conversation, of a call or of what is both, oldest first; of neither: none."""
    c = recordings.c
    wanted = [
        one == value for one, value in ((c.conversation_id, conversation_id), (c.call_id, call_id)) if value is not None
    ]
    if not wanted:
        return []
    query = sa.select(recordings).where(c.tenant_id == tx.tenant_id, *wanted)
    return [_kept(row) for row in await tx.fetch_all(query.order_by(recordings.c.id).limit(500))]


async def of_calls(tx: Tx, call_ids: Sequence[str]) -> list[Kept]:
    """The recordings of these calls, the newest first."""
    query = sa.select(recordings).where(recordings.c.tenant_id == tx.tenant_id, recordings.c.call_id.in_(call_ids))
    return [_kept(row) for row in await tx.fetch_all(query.order_by(recordings.c.id.desc()))] if call_ids else []


async def unfinished(tx: Tx, workspace_id: str) -> list[Kept]:
    """Recordings whose file was not stored yet."""
    query = sa.select(recordings).where(
        recordings.c.workspace_id == workspace_id, recordings.c.state.in_(["running", "storing"])
    )
    return [_kept(row) for row in await tx.fetch_all(query)]


async def may_hear(tx: Tx, principal: Principal, kept: Kept) -> bool:
    """Supervisors hear the recordings of their firms, agents those of conversations which are or were theirs."""
    if not principal.sees(kept.firm_id):
        return False
    if principal.may(Role.SUPERVISOR) and principal.queue_ids is None:
        return True
    if kept.conversation_id is None:
        return False
    found = await conversations.conversation(tx, kept.conversation_id)
    if found is not None and principal.may(Role.SUPERVISOR) and principal.oversees(found.firm_id, found.queue_id):
        return True
    me = principal.user_id
    return found is not None and me is not None and me in (found.assigned_user_id, found.previous_user_id)


async def stored(
    tx: Tx, files: Files, kept: Kept, sealed: bytes, *, ms: int, gaps: list[Any], peaks: Json, key_id: str
) -> None:
    """The sound is safe: its file, and when it is to be forgotten."""
    until = tx.now + kept.keep_days * DAY_MS if kept.keep_days else None
    file_id = await files.put(
        tx, kept.tenant_id, kept.firm_id, "recording" if kept.kind == "call" else "voicemail",
        kept.conversation_id or kept.call_id, f"{kept.id}.wav.sealed", "application/octet-stream", sealed,
    )  # fmt: skip
    await tx.execute(
        recordings.update().where(recordings.c.id == kept.id).values(
            file_id=file_id, state="stored", ms=ms, gaps=gaps, peaks=peaks, key_id=key_id,
            retention_until=None if until is None else to_datetime(until),
        )
    )  # fmt: skip
    if until is not None:
        await enqueue(tx, FORGET, {"recording_id": kept.id}, run_at=until, dedupe_key=kept.id)


async def failed(tx: Tx, recording_id: str) -> None:
    """There is nothing to keep."""
    await tx.execute(recordings.update().where(recordings.c.id == recording_id).values(state="failed"))


async def delete(tx: Tx, files: Files, kept: Kept) -> None:
    """The recording is gone, its bytes a moment after the commit."""
    if kept.file_id is not None:
        await files.give_to(tx, [kept.file_id], kept.id)
        await files.delete_of(tx, [kept.id])
    await tx.execute(recordings.delete().where(recordings.c.tenant_id == tx.tenant_id, recordings.c.id == kept.id))


def handlers(files: Files) -> dict[str, Handler]:
    """What the job worker needs to end retention."""

    async def forget(tx: Tx, job: Job) -> None:
        found = await find(tx, job.payload["recording_id"])
        if found is not None:
            await delete(tx, files, found)

    return {FORGET: forget}


def peaks_of(sound: bytes) -> tuple[Json, int]:
    """(waveform, length in ms) of a WAV file's bytes; raises ValueError or wave.Error when it is none."""
    with wave.open(io.BytesIO(sound)) as file:
        channels, rate, count = file.getnchannels(), file.getframerate(), file.getnframes()
        samples = array.array("h", file.readframes(count))
    step = max(1, -(-count // PEAKS))
    found = [
        [_peak(samples[channel + start * channels : channel + (start + step) * channels : channels])
         for start in range(0, count, step)]
        for channel in range(channels)
    ]  # fmt: skip
    left = found[0] if found else []
    return {"ms": step * 1000 // rate, "left": left, "right": found[1] if channels > 1 else left}, count * 1000 // rate


def _peak(samples: "array.array[int]") -> int:
    return min(100, max(max(samples, default=0), -min(samples, default=0)) * 100 // 32767)


def part(sound: bytes, wanted: str | None) -> Response:
    """The sound, or the bytes a `Range` header asks for (RFC 9110, 14.2)."""
    headers = {"Accept-Ranges": "bytes", "Cache-Control": "private, no-store"}
    if wanted is None or not wanted.startswith("bytes=") or "," in wanted:
        return Response(sound, media_type="audio/wav", headers=headers)
    first, _, last = wanted.removeprefix("bytes=").partition("-")
    size = len(sound)
    if first.isdecimal():
        begin, end = int(first), min(int(last), size - 1) if last.isdecimal() else size - 1
    elif last.isdecimal():
        begin, end = max(0, size - int(last)), size - 1
    else:
        begin, end = size, 0
    if begin > end:
        return Response(b"", 416, headers={"Content-Range": f"bytes */{size}"})
    headers["Content-Range"] = f"bytes {begin}-{end}/{size}"
    return Response(sound[begin : end + 1], 206, headers, "audio/wav")
