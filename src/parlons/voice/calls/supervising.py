"""Supervisors in a call: listen (nobody hears him), whisper (the agent alone), barge (all), take over. One matrix of gains."""

from parlons.voice.calls.errors import NoPhone, WrongCallState
from parlons.voice.calls.floor import Floor, browser_leg
from parlons.voice.calls.handing import hand_to
from parlons.voice.calls.hearing import enter, heard_as_he_is
from parlons.voice.calls.model import Call, Party
from parlons.voice.calls.talking import BUSY, Talking


class Supervising:
    """Supervisors' parts in calls."""

    def __init__(self, floor: Floor, talking: Talking) -> None:
        self.floor = floor
        self.talking = talking

    async def takes_part(self, call: Call, user_id: str, worker_id: str | None, name: str, mode: str) -> None:
        """Sets how a supervisor takes part; his browser must be connected."""
        leg_id = browser_leg(user_id)
        party = call.party(leg_id)
        if mode == "stop":
            if party is not None and party.kind == "supervisor":
                await self.talking.leave(call, party)
            return
        if call.state not in BUSY:
            raise WrongCallState
        if leg_id not in self.floor.talking:
            raise NoPhone
        if mode == "takeover":
            return await self._take_over(call, worker_id)
        if party is not None and party.kind == "agent":
            raise WrongCallState
        if party is None:
            party = Party(
                leg_id, "supervisor", name, worker_id, user_id, "browser", "talking", shared=True,
                since=self.floor.now(), answered_at=self.floor.now(),
            )  # fmt: skip
            call.parties = [*call.parties, party]
            self.floor.on_leg(leg_id, call)
        party.mode = mode  # type: ignore[assignment]
        await heard_as_he_is(self.floor, call, party)
        await enter(self.floor, call, leg_id)
        self.floor.changed(call)
        return None

    async def _take_over(self, call: Call, worker_id: str | None) -> None:
        """The supervisor's worker gets the task, without an offer; the agent leaves when that is committed."""
        if worker_id is None or call.task_id is None or call.worker_id == worker_id:
            raise WrongCallState
        await hand_to(self.floor, call, worker_id)
