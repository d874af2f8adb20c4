"""What SIP says to the media side and hears from it. `SipAgent` (agent.py) carries it out; the engine is its listener."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from parlons.voice.media.config import EngineConfig
from parlons.voice.media.engine import Caller, Target
from parlons.voice.media.events import CallerKind


@dataclass(frozen=True, slots=True)
class Incoming:
    """An INVITE that passed every check, before anything but 100 was sent."""

    call: "Call"
    kind: CallerKind
    trunk_id: str | None
    username: str | None
    from_number: str
    from_name: str
    to_number: str
    offer: str | None
    """SDP; None: a late offer, ours goes into the 200 and theirs comes by `on_late_answer`."""
    headers: Mapping[str, str] = field(default_factory=dict)
    replaces: "Call | None" = None
    """An attended transfer reaches us: this call takes that one's place, which ends (RFC 3891)."""


class Call(Protocol):
    """One SIP dialog, in or out. Methods never raise for what the network does; they return once it is under way."""

    leg_id: str

    def ring(self, sdp: str | None = None) -> None:
        """180, or 183 with `sdp`."""
        ...

    def accept(self, sdp: str) -> None:
        """200 with our SDP; retransmitted until the ACK."""
        ...

    def reject(self, status: int, text: str = "") -> None:
        """A final refusal, retransmitted until the ACK."""
        ...

    def end(self, text: str = "") -> None:
        """CANCEL, BYE or 480, whichever is due; `on_ended` follows."""
        ...

    async def reinvite(self, sdp: str) -> str | None:
        """Offers new SDP inside the call; the answer, or None when refused (the call goes on)."""
        ...

    async def refer(self, to: str, replaces: "Call | None" = None) -> None:
        """Asks the far side to call `to`; `on_refer_result` follows."""
        ...

    def refer_result(self, status: int) -> None:
        """Tells the far side what became of the transfer it asked for (`on_referred`); ending the call says 200."""
        ...

    async def info_digit(self, digit: str) -> bool:
        """Sends a key by INFO; whether it was taken."""
        ...


class Listener(Protocol):
    """What the engine hears from SIP. Called on the event loop; an exception is logged and the caller gets 500."""

    def on_incoming(self, incoming: Incoming) -> None:
        """Somebody calls."""
        ...

    def on_progress(self, call: Call, status: int, sdp: str | None) -> None:
        """A dialled call rings (18x), perhaps with early sound."""
        ...

    def on_answered(self, call: Call, sdp: str | None) -> None:
        """A dialled call was answered (SDP given), or the ACK of ours came (None)."""
        ...

    def on_late_answer(self, call: Call, sdp: str) -> None:
        """The answer to our offer came in the ACK."""
        ...

    def on_reinvite(self, call: Call, sdp: str | None) -> str | None:
        """The far side offers new SDP (None: asks for our offer); our answer, None: 488."""
        ...

    def on_ended(self, call: Call, *, by: str, cause: str, status: int, text: str) -> None:
        """It is over, once; words of `events.LegEnded`."""
        ...

    def on_referred(self, call: Call, to: str, replaces: Call | None) -> None:
        """The far side asks to be transferred; 202 is sent."""
        ...

    def on_refer_result(self, call: Call, status: int) -> None:
        """What became of our `refer`."""
        ...

    def on_info_digit(self, call: Call, digit: str) -> None:
        """A key by INFO."""
        ...

    def on_phone(self, username: str, registered: bool) -> None:
        """A desk phone came or went."""
        ...

    def on_trunk(self, trunk_id: str, up: bool, text: str) -> None:
        """A trunk's health changed."""
        ...


class Agent(Protocol):
    """`SipAgent(config, listener, host=..., port=...)`: one UDP and one TCP socket on `port` (0: any free one)."""

    port: int

    async def start(self) -> None:
        """Opens the sockets, registers at trunks."""
        ...

    async def stop(self) -> None:
        """Ends every call, unregisters, closes."""
        ...

    async def configure(self, config: EngineConfig) -> None:
        """Replaces trunks, phones, limits."""
        ...

    async def dial(
        self, leg_id: str, target: Target, caller: Caller, offer: str, timeout_ms: int, headers: Mapping[str, str]
    ) -> Call:
        """Sends an INVITE. Raises NotThere for an unknown trunk or an unregistered phone."""
        ...

    def call_of(self, leg_id: str) -> Call | None:
        """The call of a leg that lives."""
        ...
