"""What is played to a leg or into a room: plays one after the other, a frame a tick. No clock, no loading.

A looping play ends when another is asked for. Sounds are shared arrays; a play has only its place in them.
"""

from collections import deque
from collections.abc import Callable
from typing import Literal

from parlons.voice.media.builtin.legs import FRAME, Frame

Why = Literal["done", "stopped", "digit", "leg-ended", "unreadable"]


class Play:
    """One play; `sounds` is None while they are being read."""

    __slots__ = ("_at", "_sound", "loop", "over", "play_id", "sounds", "stop_on_digit")

    def __init__(self, play_id: str, *, loop: bool, stop_on_digit: bool) -> None:
        self.play_id, self.loop, self.stop_on_digit = play_id, loop, stop_on_digit
        self.sounds: list[Frame] | None = None
        self.over = False
        self._sound = self._at = 0

    def next(self) -> Frame | None:
        """The next frame; None at the end."""
        assert self.sounds is not None
        while self._sound < len(self.sounds):
            sound = self.sounds[self._sound]
            if self._at < len(sound):
                start = self._at
                self._at = start + FRAME
                return sound[start : start + FRAME]
            self._sound, self._at = self._sound + 1, 0
            if self.loop and self._sound == len(self.sounds) and any(map(len, self.sounds)):
                self._sound = 0
        return None


class PlayQueue:
    """The plays of one leg or room."""

    def __init__(self, ended: Callable[[Play, Why], None]) -> None:
        self._plays: deque[Play] = deque()
        self._ended = ended

    def __bool__(self) -> bool:
        return bool(self._plays)

    @property
    def finite(self) -> list[Play]:
        """Those that end by themselves."""
        return [play for play in self._plays if not play.loop]

    def add(self, play: Play) -> None:
        """Follows those before it; a looping one before it ends now."""
        for before in [before for before in self._plays if before.loop]:
            self.end(before, "stopped")
        self._plays.append(play)

    def step(self) -> Frame | None:
        """The next frame of the first play, if it is ready."""
        while self._plays:
            play = self._plays[0]
            if play.sounds is None:
                return None
            frame = play.next()
            if frame is not None:
                return frame
            self.end(play, "done")
        return None

    def digit(self, *, all_of_them: bool) -> None:
        """A key was pressed: those that stop at keys end, with `all_of_them` every one."""
        for play in [play for play in self._plays if all_of_them or play.stop_on_digit]:
            self.end(play, "digit")

    def end(self, play: Play, why: Why) -> None:
        """Ends one, wherever in the row it stands."""
        if not play.over:
            play.over = True
            self._plays.remove(play)
            self._ended(play, why)

    def end_all(self, why: Why) -> None:
        """Ends them all."""
        for play in list(self._plays):
            self.end(play, why)
