"""A room: who is in it, who hears whom how loudly, what is played into it, who records it. Pure; `mixer` computes the sound.

`weights` says it all in one matrix: a row for everything that is to be heard (each leg, then left and right of each
recording), a column for each leg that speaks. A held leg's row and column are zero.
"""

import numpy as np
from numpy.typing import NDArray

from parlons.voice.media.builtin.legs import Leg
from parlons.voice.media.builtin.players import PlayQueue
from parlons.voice.media.builtin.recording import Recording


class Room:
    """Changes come through the methods; the mixer reads `weights` and `hears` again while `changed`."""

    def __init__(self, room_id: str, plays: PlayQueue) -> None:
        self.room_id = room_id
        self.legs: list[Leg] = []
        self.gains: dict[tuple[str, str], float] = {}
        self.recordings: list[Recording] = []
        self.plays = plays
        self.changed = True
        self._weights: NDArray[np.float32] = np.zeros((0, 0), np.float32)
        self._hears: NDArray[np.float32] = np.zeros((0, 1), np.float32)

    def join(self, leg: Leg) -> None:
        """A leg comes in."""
        self.legs.append(leg)
        leg.room_id = self.room_id
        self.changed = True

    def leave(self, leg: Leg) -> None:
        """A leg goes; gains that name it go with it."""
        self.legs.remove(leg)
        leg.room_id = None
        self.gains = {pair: gain for pair, gain in self.gains.items() if leg.leg_id not in pair}
        self.changed = True

    def set_gain(self, from_leg_id: str, to_leg_id: str, gain: float) -> None:
        """0 to 2; 1 is the default and takes no room."""
        self.gains[(from_leg_id, to_leg_id)] = gain
        if gain == 1:
            del self.gains[(from_leg_id, to_leg_id)]
        self.changed = True

    @property
    def shape(self) -> tuple[int, int]:
        """(what hears, what speaks)."""
        return len(self.legs) + 2 * len(self.recordings), len(self.legs)

    @property
    def weights(self) -> NDArray[np.float32]:
        """Shape `shape`."""
        self._renew()
        return self._weights

    @property
    def hears(self) -> NDArray[np.float32]:
        """1 where a play into the room is heard, (rows, 1)."""
        self._renew()
        return self._hears

    def _renew(self) -> None:
        if not self.changed:
            return
        count = len(self.legs)
        at = {leg.leg_id: index for index, leg in enumerate(self.legs)}
        weights = np.ones(self.shape, np.float32)
        weights[:count] -= np.eye(count, dtype=np.float32)
        for (speaker, hearer), gain in self.gains.items():
            if speaker in at and hearer in at and speaker != hearer:
                weights[at[hearer], at[speaker]] = gain
        for index, recording in enumerate(self.recordings):
            left = np.zeros(count, np.float32)
            if recording.left_leg_id in at:
                left[at[recording.left_leg_id]] = 1
            weights[count + 2 * index] = left
            weights[count + 2 * index + 1] = 1 - left
        held = [index for index, leg in enumerate(self.legs) if leg.held]
        weights[held], weights[:, held] = 0, 0
        self._hears = np.ones((self.shape[0], 1), np.float32)
        self._hears[held] = 0
        self._weights, self.changed = weights, False
