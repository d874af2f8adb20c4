"""One stream as the tick sees it: what waits to be sent to its program, and what the program said and is not yet played. Every
buffer is bounded, nothing waits; `stream_socket` carries it over the wire.
"""

import asyncio
from collections import deque
from collections.abc import Callable

import numpy as np

from parlons.voice.media.builtin.g711 import DECODED, ENCODED, MU_LAW, SILENCE
from parlons.voice.media.builtin.legs import FRAME, RATE, Frame
from parlons.voice.media.engine import Stream

KEPT = 100
"""Frames that wait for a program which reads slowly; the oldest are left out."""
SLOW = 500
"""Frames left out one after the other: it reads no more."""
LONGEST = 120 * RATE
"""Bytes of sound that a program may be ahead; what is beyond is left out."""
MARKS = 1_000
"""That may wait at once."""
FRAME_MS = 20
_PAD = bytes([SILENCE[MU_LAW]])

Waiting = tuple[str, int, int, bytes]
"""Track, chunk, milliseconds, mu-law."""


class TooMuch(ValueError):
    """More marks than anybody waits for."""


class Speech:
    """What a program said and nobody heard yet, with its marks."""

    def __init__(self) -> None:
        self._sound = bytearray()
        self._played = 0
        """Bytes, since the stream began."""
        self._marks: deque[tuple[int, str]] = deque()
        """Up to where all must be played, and the name."""
        self.left_out = 0
        """Frames for which there was no room."""

    @property
    def waiting(self) -> int:
        """Bytes not yet played."""
        return len(self._sound)

    def add(self, sound: bytes) -> None:
        """Follows what is there."""
        room = LONGEST - len(self._sound)
        self._sound += sound[:room]
        self.left_out += -(-max(0, len(sound) - room) // FRAME)

    def mark(self, name: str) -> None:
        """After what is there. Raises TooMuch."""
        if len(self._marks) >= MARKS:
            raise TooMuch
        self._marks.append((self._played + len(self._sound), name))

    def clear(self) -> None:
        """Nothing of it is to be played; its marks are reached."""
        self._played += len(self._sound)
        self._sound.clear()

    def reached(self) -> list[str]:
        """Marks before which all was played, each once."""
        names = []
        while self._marks and self._marks[0][0] <= self._played:
            names.append(self._marks.popleft()[1])
        return names

    def next(self) -> Frame | None:
        """The next 20 ms; the last ones are filled up with silence."""
        if not self._sound:
            return None
        sound = bytes(self._sound[:FRAME])
        del self._sound[:FRAME]
        self._played += len(sound)
        return DECODED.take(np.frombuffer(sound.ljust(FRAME, _PAD), np.uint8))


class StreamLine:
    """One stream. `wake`: there is something to send; `slow`: its program reads no more (told once, from within a tick)."""

    def __init__(self, stream: Stream, *, wake: Callable[[], None], slow: Callable[[], None]) -> None:
        self.stream = stream
        self.speech = Speech()
        self.control: deque[tuple[str, str]] = deque(maxlen=2 * MARKS)
        """Keys and marks to be told, before any frame that waits: ("key" | "mark", which)."""
        self.frames: deque[Waiting] = deque(maxlen=KEPT * len(stream.tracks))
        self.open = False
        """Whether the program is there: before, nothing is kept for it."""
        self.silent = asyncio.Event()
        """Set when all the program said was played, or taken back."""
        self.sent = self.left_out = 0
        """Frames; and those the program did not read in time."""
        self._since_read = 0
        self._chunk = 0
        self._wake, self._slow = wake, slow

    def speak(self) -> Frame | None:
        """What the leg is to hear of the program now; a tick's."""
        frame = self.speech.next()
        if frame is not None:
            self._played()
        return frame

    def hear(self, said: Frame, heard: Frame) -> None:
        """What the leg said and heard in this tick."""
        if not self.open:
            return
        self._chunk += 1
        ms = (self._chunk - 1) * FRAME_MS
        for track in self.stream.tracks:
            if len(self.frames) == self.frames.maxlen:
                self.left_out += 1
                self._since_read += 1
            frame = said if track == "inbound" else heard
            sound = ENCODED[MU_LAW].take(frame.view(np.uint16)).tobytes()
            self.frames.append((track, self._chunk, ms, sound))
        if self._since_read >= SLOW * len(self.stream.tracks):
            self._since_read = 0
            self._slow()
        self._wake()

    def read(self) -> Waiting:
        """The next frame to be sent: the program reads."""
        self._since_read = 0
        self.sent += 1
        return self.frames.popleft()

    def key(self, digit: str) -> None:
        """The leg pressed a key."""
        if self.open and self.stream.speaks:
            self.control.append(("key", digit))
            self._wake()

    def mark(self, name: str) -> None:
        """The program asks to be told when all before was played; at once, if it was. Raises TooMuch."""
        self.speech.mark(name)
        self._played()

    def clear(self) -> None:
        """The program takes back what was not played."""
        self.speech.clear()
        self._played()

    async def played(self) -> None:
        """Returns when all the program said was played."""
        while self.speech.waiting:
            self.silent.clear()
            await self.silent.wait()

    def _played(self) -> None:
        if not self.speech.waiting:
            self.silent.set()
        names = self.speech.reached()
        if names:
            self.control.extend(("mark", name) for name in names)
            self._wake()
