"""Recordings while they run: begun as the queue says, paused by people and while card digits are keyed, and stored, sealed,
when the engine has closed the file. The raw file in DATA/run/recordings is gone as soon as its sealed copy is safe."""

import asyncio
import contextlib
import wave
from collections.abc import Awaitable, Callable
from pathlib import Path

from parlons.kit.errors import Refusal, Unavailable
from parlons.kit.ids import RECORDING
from parlons.runtime.log import log
from parlons.voice.calls import prompts_shipped as prompts
from parlons.voice.calls import queries, recordings
from parlons.voice.calls.floor import Floor
from parlons.voice.calls.model import Call
from parlons.voice.calls.model import Recording as Running
from parlons.voice.calls.settings import QueueVoice
from parlons.voice.media.events import RecordingEnded

AGAIN = 1.0
"""Seconds between two tries to store a recording while the database or the file store is away."""
MESSAGE_DAYS = 90
NOTICE_MS = 8_000
"""A notice whose end nobody tells is over after this."""
KEYED_MS = 5_000
"""After the last key the recording goes on."""
TALKING = frozenset({"talking", "held", "consulting"})
Taken = Callable[[Call, str, RecordingEnded, str], Awaitable[None]]


class Recording:
    """Recordings of one workspace."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.messages: Taken | None = None
        """Told when a voicemail is stored."""
        self._voicemails: dict[str, tuple[Call, int]] = {}
        """Recordings that are messages: call and longest (ms)."""
        self._storing: set[asyncio.Task[None]] = set()
        self._begun: set[str] = set()
        """Recordings that began here; others were taken over."""
        self._noting: set[str] = set()
        """Recordings whose row is not written yet."""
        self._sealing: set[str] = set()
        """Recordings that are being stored: their end may be heard of twice."""

    def _settings(self, call: Call) -> QueueVoice:
        return self.floor.configured.queue(call.queue_id)

    def wanted(self, call: Call) -> bool:
        """Whether the call is to be recorded from the start of the talk."""
        return call.record or (self._settings(call).record == "always" and call.direction != "internal")

    async def notice(self, call: Call) -> None:
        """The customer is told that he is recorded before he is, once: where the queue says so, or the law of his country
        (`settings.ALL_MUST_KNOW`). The agent is with him meanwhile; the recording begins when the words are over."""
        floor = self.floor
        if call.notified or call.recording is not None or call.direction == "internal":
            return
        if not self._settings(call).notice and not floor.configured.all_must_know(call.from_number, call.number):
            return
        call.notified = True
        if await floor.say(call, [prompts.say("recorded-notice", call.language)], "notice") is not None:
            floor.after(call, "notice", NOTICE_MS, lambda: self.noticed(call))

    async def noticed(self, call: Call) -> None:
        """He knows."""
        self.floor.stop_timer(call, "notice")
        if call.live and call.agent_at is not None:
            await self.start(call)

    async def begin(self, call: Call) -> None:
        """The talk began: recorded where that is wanted."""
        if self.wanted(call):
            await self.start(call)

    async def start(self, call: Call) -> None:
        """Records from now on; a recording that runs goes on."""
        floor = self.floor
        if call.recording is not None and call.recording.state in ("on", "paused"):
            return
        await self.notice(call)
        if (call.id, "notice") in floor.timers:
            return
        recording_id = floor.fresh(RECORDING)
        call.recording = Running(recording_id)
        days = self._settings(call).retention_days or None
        try:
            await self._record(call, recording_id, "call", days, left_leg_id=call.leg_id)
        except Refusal as refusal:
            log.warning("recording.not_begun", call_id=call.id, code=refusal.code)
            call.recording.state = "failed"
        floor.changed(call)

    async def _record(
        self, call: Call, recording_id: str, kind: str, keep_days: int | None, *, left_leg_id: str | None,
        max_ms: int = 4 * 3_600_000, silence_ms: int = 0, silence_on_digit: bool = False,
    ) -> None:  # fmt: skip
        floor = self.floor
        path = self.path(recording_id)
        await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
        await floor.engine.record(
            recording_id, call.room_id, str(path), left_leg_id=left_leg_id, max_ms=max_ms, silence_ms=silence_ms,
            silence_on_digit=silence_on_digit,
        )  # fmt: skip
        self._begun.add(recording_id)
        self._noting.add(recording_id)
        self._spawn(self._note(call, recording_id, kind, keep_days))

    def path(self, recording_id: str) -> Path:
        """Where the voice process writes it."""
        return self.floor.folder / f"{recording_id}.wav"

    async def _note(self, call: Call, recording_id: str, kind: str, keep_days: int | None) -> None:
        """The row, as soon as the database takes it: talk and recording do not wait."""
        floor, at = self.floor, self.floor.now()
        while True:
            try:
                async with floor.db.transaction(call.tenant_id) as tx:
                    await recordings.begin(
                        tx, recording_id, call=call, kind=kind, path=str(self.path(recording_id)), keep_days=keep_days,
                        started_at=at,
                    )  # fmt: skip
                self._noting.discard(recording_id)
                return
            except Unavailable:
                await asyncio.sleep(AGAIN)

    async def pause(self, call: Call, paused: bool) -> None:
        """Pauses the recording, or lets it go on; where none runs and the queue lets agents record, `False` begins one."""
        running = call.recording
        if running is None or running.state not in ("on", "paused"):
            if not paused and self._settings(call).record != "never":
                await self.start(call)
            return
        running.state = "paused" if paused else "on"
        if not running.gathering:
            async with self.floor.quietly():
                await self.floor.engine.pause_recording(running.id, paused)
        self.floor.changed(call)

    async def gathering(self, call: Call, on: bool) -> None:
        """Digits are gathered (a card number, say): nothing of it is kept."""
        running = call.recording
        if running is None or running.gathering is on:
            return
        running.gathering = on
        if running.state == "on":
            async with self.floor.quietly():
                await self.floor.engine.pause_recording(running.id, on)

    async def keyed(self, call: Call) -> None:
        """The customer presses keys while he talks (a card number, say): nothing of it is kept, until he is done."""
        if call.recording is not None and call.recording.state == "on" and call.state in TALKING:
            await self.gathering(call, True)
            self.floor.after(call, "keyed", KEYED_MS, lambda: self.gathering(call, False))

    async def stop(self, call: Call) -> None:
        """The recording ends; the engine tells when its file is closed."""
        if call.recording is not None and call.recording.state in ("on", "paused"):
            async with self.floor.quietly():
                await self.floor.engine.stop_recording(call.recording.id)
            call.recording.state = "off"

    # --- messages ---

    async def take_message(self, call: Call, recording_id: str, max_ms: int, silence_ms: int) -> None:
        """Records the caller alone."""
        floor = self.floor
        self._voicemails[recording_id] = (call, max_ms)
        try:
            await floor.engine.create_room(call.room_id)
            await floor.engine.join(call.room_id, call.leg_id)
            await self._record(
                call, recording_id, "voicemail", MESSAGE_DAYS, left_leg_id=call.leg_id, max_ms=max_ms,
                silence_ms=silence_ms, silence_on_digit=True,
            )  # fmt: skip
        except Refusal as refusal:
            log.warning("recording.not_begun", call_id=call.id, code=refusal.code)
            event = RecordingEnded(0, floor.now(), recording_id, "", 0, ())
            if self.messages is not None:
                await self.messages(call, recording_id, event, "hangup")

    # --- storing ---

    def ended(self, event: RecordingEnded) -> None:
        """The file is whole."""
        taken = self._voicemails.pop(event.recording_id, None)
        if event.recording_id not in self._begun:
            self._spawn(self._message_over(event.recording_id))
        self._begun.discard(event.recording_id)
        if taken is not None and self.messages is not None:
            call, most = taken
            gone = call.id not in self.floor.calls or not call.live
            why = "hangup" if gone else "length" if event.ms >= most - 100 else "silence"
            self.floor.post(call, lambda: self._told(call, event, why))
        self._spawn(self.store(event.recording_id, event.ms, [list(one) for one in event.gaps]))

    async def _told(self, call: Call, event: RecordingEnded, why: str) -> None:
        async with self.floor.quietly():
            await self.floor.engine.leave(call.leg_id)
        if self.messages is not None:
            await self.messages(call, event.recording_id, event, why)

    async def store(self, recording_id: str, ms: int | None, gaps: list[list[object]]) -> None:
        """Seals the raw file into the store, and removes it; until that is done it is tried again."""
        if recording_id in self._sealing:
            return
        self._sealing.add(recording_id)
        try:
            await self._until_stored(recording_id, ms, gaps)
        finally:
            self._sealing.discard(recording_id)

    async def _until_stored(self, recording_id: str, ms: int | None, gaps: list[list[object]]) -> None:
        floor = self.floor
        path = self.path(recording_id)
        while True:
            # Asked before the look: a row written meanwhile must not pass for one that was deleted.
            noting = recording_id in self._noting
            try:
                async with floor.db.transaction(floor.tenant_id) as tx:
                    kept = await recordings.find(tx, recording_id)
                if kept is None and noting:
                    await asyncio.sleep(AGAIN)
                    continue
                if kept is None:  # deleted, or its customer erased, while it ran: nothing of it stays
                    break
                if kept.state in ("stored", "failed"):
                    break
                await self._store(kept, path, ms, gaps)
                break
            except Unavailable as refusal:
                log.warning("recording.waits", recording_id=recording_id, code=refusal.code)
                await asyncio.sleep(AGAIN)
            except (OSError, ValueError, EOFError, wave.Error) as error:
                log.warning("recording.unreadable", recording_id=recording_id, error=type(error).__name__)
                async with floor.db.transaction(floor.tenant_id) as tx:
                    await recordings.failed(tx, recording_id)
                return
        with contextlib.suppress(OSError):
            await asyncio.to_thread(path.unlink)

    async def _store(self, kept: recordings.Kept, path: Path, ms: int | None, gaps: list[list[object]]) -> None:
        floor = self.floor
        sound = await asyncio.to_thread(path.read_bytes)
        peaks, length = await asyncio.to_thread(recordings.peaks_of, sound)
        sealed = await floor.vault.sealed(sound, kept.id)
        async with floor.db.transaction(kept.tenant_id) as tx:
            await recordings.stored(
                tx, floor.files, kept, sealed, ms=ms if ms is not None else length, gaps=gaps, peaks=peaks,
                key_id=floor.vault.key_id,
            )  # fmt: skip
        log.info("recording.stored", recording_id=kept.id, ms=length)

    async def take_over(self, running: frozenset[str]) -> None:
        """Recordings whose end nobody heard: what lies there is stored."""
        async with self.floor.db.transaction(self.floor.tenant_id) as tx:
            left = await recordings.unfinished(tx, self.floor.workspace_id)
        for kept in left:
            if kept.id not in running:
                self._voicemails.pop(kept.id, None)
                self._begun.discard(kept.id)
                await self._message_over(kept.id)
                self._spawn(self.store(kept.id, None, list(kept.gaps)))

    async def _message_over(self, recording_id: str) -> None:
        """A message that another process began, or that ended while nobody listened, is told to its script: also of a caller
        who hung up meanwhile."""
        floor = self.floor
        while True:
            try:
                async with floor.db.transaction(floor.tenant_id) as tx:
                    kept = await recordings.find(tx, recording_id)
                    message = kept is not None and kept.kind == "voicemail"
                    call = await queries.call(tx, kept.call_id) if kept is not None and message else None
                break
            except Unavailable:
                await asyncio.sleep(AGAIN)
        if call is not None and self.messages is not None:
            event = RecordingEnded(0, floor.now(), recording_id, "", 0, ())
            await self.messages(floor.calls.get(call.id, call), recording_id, event, "hangup")

    def _spawn(self, work: "asyncio.Future[None] | Awaitable[None]") -> None:
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._storing.add(task)
        task.add_done_callback(self._storing.discard)

    async def settled(self) -> None:
        """Returns when nothing waits to be stored: for tests and for the end."""
        while self._storing:
            await asyncio.wait(list(self._storing))
