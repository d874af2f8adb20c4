"""Writes recordings in a thread of its own: the tick hands over half a second of all of them at once and waits for no disk.

Each recording's sound has its place in its file by time. What a full disk does not take stays a hole there (it reads as silence),
the gap is told at the end, and writing goes on as soon as there is room again: the talk never notices.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Thread

import numpy as np

from parlons.runtime.log import log
from parlons.voice.media.builtin.recording import HEADER_BYTES, TICK_BYTES, TICK_MS, Block, Gap, Recording, header

WRITE_TICKS = 25
"""Ticks handed over at once."""

Write = Callable[[int, bytes, int], int]
"""As `os.pwrite`."""
Ended = Callable[[Recording, tuple[Gap, ...]], None]


@dataclass(slots=True)
class _File:
    descriptor: int = -1
    ticks: int = 0
    gaps: list[Gap] = field(default_factory=list)


@dataclass(slots=True)
class _Work:
    """What happened to one set of recordings, tick by tick."""

    recordings: tuple[Recording, ...]
    blocks: list[Block]


@dataclass(slots=True)
class _End:
    recording: Recording
    gaps: list[Gap]


class Recorder:
    """`tick`, `digit`, `end` on the event loop; `ended` is called in the thread."""

    def __init__(self, ended: Ended, write: Write = os.pwrite) -> None:
        self._ended, self._write = ended, write
        self._queue: SimpleQueue[list[_Work | _End] | None] = SimpleQueue()
        self._pending: list[_Work | _End] = []
        self._ticks = 0
        self._files: dict[str, _File] = {}
        self._thread: Thread | None = None

    def tick(self, recordings: tuple[Recording, ...], block: Block) -> None:
        """20 ms of several recordings; `block` is kept."""
        last = self._pending[-1] if self._pending else None
        if isinstance(last, _Work) and last.recordings == recordings:
            last.blocks.append(block)
        else:
            self._pending.append(_Work(recordings, [block]))

    def tick_over(self) -> None:
        """Once after each tick's calls of `tick`."""
        self._ticks += 1
        if self._ticks >= WRITE_TICKS:
            self.flush()

    def blank(self, recording: Recording, ticks: int) -> None:
        """Silence over the last `ticks` of a recording, as far as they wait here."""
        for work in reversed(self._pending):
            if isinstance(work, _Work) and recording in work.recordings:
                row = work.recordings.index(recording)
                for block in reversed(work.blocks):
                    if ticks <= 0:
                        return
                    block[row] = 0
                    ticks -= 1

    def end(self, recording: Recording) -> None:
        """Closes its file; `ended` follows."""
        self._pending.append(_End(recording, recording.finish()))
        self.flush()

    def flush(self) -> None:
        """Hands over what waits."""
        self._ticks = 0
        if self._pending:
            if self._thread is None:
                self._thread = Thread(target=self._run, name="recorder", daemon=True)
                self._thread.start()
            self._queue.put(self._pending)
            self._pending = []

    def close(self) -> None:
        """Writes all there is, then ends the thread; recordings that were not ended keep a whole file too."""
        self.flush()
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None

    # in the thread ------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while (batch := self._queue.get()) is not None:
            for work in batch:
                try:
                    if isinstance(work, _End):
                        self._finish(work)
                    else:
                        self._add(work)
                except Exception:
                    log.exception("recorder failed")
        for file in self._files.values():
            self._seal(file)

    def _add(self, work: _Work) -> None:
        every = np.stack(work.blocks)
        for row, recording in enumerate(work.recordings):
            self._append(recording, every[:, row].tobytes())

    def _append(self, recording: Recording, data: bytes) -> None:
        file = self._files.setdefault(recording.recording_id, _File())
        start, file.ticks = file.ticks, file.ticks + len(data) // TICK_BYTES
        try:
            if file.descriptor < 0:
                file.descriptor = os.open(recording.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            at = HEADER_BYTES + start * TICK_BYTES
            while data:
                written = self._write(file.descriptor, data, at)
                data, at = data[written:], at + written
            # Renewed each time: should this process be killed, the file can be heard as it is.
            self._write(file.descriptor, header(file.ticks * TICK_BYTES), 0)
        except OSError:
            _lengthen(file.gaps, start * TICK_MS, file.ticks * TICK_MS)

    def _finish(self, end: _End) -> None:
        file = self._files.pop(end.recording.recording_id, None) or _File()
        self._seal(file)
        self._ended(end.recording, tuple(sorted([*end.gaps, *file.gaps])))

    def _seal(self, file: _File) -> None:
        """The header tells the length; the hole at the end, if there is one, becomes part of the file."""
        if file.descriptor < 0:
            return
        length = file.ticks * TICK_BYTES
        try:
            os.ftruncate(file.descriptor, HEADER_BYTES + length)
            self._write(file.descriptor, header(length), 0)
        except OSError:
            log.warning("recording not sealed")
        finally:
            os.close(file.descriptor)
            file.descriptor = -1


def _lengthen(gaps: list[Gap], start: int, end: int) -> None:
    if gaps and gaps[-1][1] == start:
        start = gaps.pop()[0]
    gaps.append((start, end, "disk-full"))
