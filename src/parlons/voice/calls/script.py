"""Who says what a call hears: `CallScript` is implemented by reception (flows) and by compat's call XML, wired in app.

`Verbs` is what a script may ask of a call. Each verb carries a key of the script's own step; its outcome comes back by that
key, also after the process that asked is dead, so a script may ask again with the same key: nothing happens twice.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from msgspec import Struct

from parlons.kit.clock import Millis
from parlons.runtime.db import Tx
from parlons.voice.calls.errors import UnknownCall
from parlons.voice.media.engine import Sound


@dataclass(frozen=True, slots=True)
class CallContact:
    """A call whose script begins: its conversation is open, its row stored, nobody answered yet."""

    tenant_id: str
    workspace_id: str
    call_id: str
    conversation_id: str
    customer_id: str
    firm_id: str
    number: str
    """Dialled: the entry point's address on channel `voice` (E.164, or a browser line's name)."""
    from_number: str
    """E.164, or empty when withheld."""
    language: str | None
    at: Millis
    attributes: Mapping[str, object] = field(default_factory=dict)
    came: Millis | None = None
    """Its place among the calls of the workspace: when it came, no two of them alike. None: as it is stored."""


class Words(Struct, frozen=True):
    """What is to be heard: an uploaded or shipped prompt by name, else spoken text, else tones; always also shown on the
    caller's page when he has one."""

    text: str
    language: str
    prompt: str | None = None
    """Name of a prompt (`voice/calls/prompts`): an upload of the firm first, else what is shipped or found on the machine."""


class Dialled(Struct, frozen=True):
    """Whom a script calls by itself, and what he sees."""

    kind: Literal["number", "phone", "uri"]
    to: str
    """A telephone number, the user name of a desk phone, or a SIP address."""
    caller_number: str
    """E.164, or empty."""
    timeout_ms: int = 60_000


Progress = Literal["ringing", "answered", "busy", "no-answer", "canceled", "failed"]
"""Of a call that a script placed."""


class Program(Struct, frozen=True):
    """A program that is to hear a call, and where it is to be found."""

    url: str
    """ws:// or wss://"""
    headers: Mapping[str, str] = {}
    """Of the request that opens the socket; may be secret."""
    parameters: Mapping[str, str] = {}
    """Told to it in its first message."""
    tracks: tuple[Literal["inbound", "outbound"], ...] = ("inbound",)
    """What the caller says, what he hears, or both."""


CALL_ME_BACK = "callback"
"""Why of a key pressed while waiting that the queue's own settings offered for a callback."""


class Outcome(Struct, frozen=True):
    """How a verb ended."""

    key: str
    kind: Literal["said", "digits", "recorded", "dialled", "streamed", "gone"]
    digits: str = ""
    why: str = ""
    """Of `digits`: terminator full timeout stopped, callback (he waits, and this key was offered for one); of `recorded`: silence
    digit length hangup; of `dialled`: answered busy no-answer refused; of `streamed`: a `StreamEnd`, or a refusal's code."""
    ms: int = 0
    """Of `recorded`: how long, where that is known."""
    recording_id: str | None = None
    given: str = ""
    """Of `streamed`: what the program gave back with `done`, as JSON."""


class CallScript(Protocol):
    """Told of a call's life in the process that owns the workspace, in order for each call; an exception sends the caller to
    the number's fallback queue."""

    async def keeps(self, tx: Tx, contact: CallContact) -> None:
        """A new call is being stored by `tx`: what the script keeps of its beginning goes with it. Asks nothing of the call
        yet; `begins` follows the commit. A script may leave this out."""
        return None

    async def begins(self, contact: CallContact) -> None:
        """A new call: answer it, ring it or refuse it by verbs."""
        ...

    async def goes_on(self, call_id: str, outcome: Outcome) -> None:
        """A verb ended."""
        ...

    async def returns(self, call_id: str) -> None:
        """This process took over while the call was in its script: ask again for what is outstanding."""
        ...

    async def ends(self, call_id: str) -> None:
        """The caller is gone, or an agent took over for good: the script is over."""
        ...

    async def over(self, call_id: str, at: Millis) -> None:
        """The call is over since `at`, whoever led it last."""
        return None

    async def unserved(self, call_id: str, task_id: str) -> None:
        """Nobody came for the task by which the call waited; it goes on with its script. Flows hear of it by reception."""
        return None

    async def progress(self, call_id: str, what: Progress) -> None:
        """What becomes of a call that the script placed, until it is answered; `ends` follows one that is not."""
        return None

    async def wished(self, values: dict[str, Any]) -> dict[str, Any]:
        """What a program wishes of calls that the script leads; raises UnknownCall when none of it is known here."""
        raise UnknownCall


class Lines(Protocol):
    """Beyond menus: calls that a script places, and rooms into which it puts calls."""

    async def place(self, call_id: str, wanted: Dialled) -> None:
        """Calls somebody, once; `progress` tells, and when he answers the script leads this call as any other. Raises what
        forbids it: InvalidNumber, NoRoute, CountryNotAllowed, CostLimit, CallLimit."""
        ...

    async def join(self, call_id: str, room_id: str) -> None:
        """Puts the call into a room, where all hear each other; whatever is played to it ends."""
        ...

    async def leave(self, call_id: str) -> None:
        """Takes the call out of its room."""
        ...

    async def gain(self, room_id: str, from_call_id: str, to_call_id: str, gain: float) -> None:
        """How loud one call hears another in a room."""
        ...

    async def music(self, call_id: str, tone: Literal["music", "ringback", "none"]) -> None:
        """What the call hears from now on, in a loop."""
        ...

    async def announce(self, room_id: str, words: Sequence["Words | Sound"], *, call_id: str) -> None:
        """Plays into a room, in the language and firm of the call."""
        ...

    def later(self, call_id: str, step: Callable[[], Awaitable[None]]) -> None:
        """Does a step of the call's script, after those that were told before; what goes wrong ends the call."""
        ...


class Programs(Protocol):
    """Beyond menus: programs that hear a call, and speak in it, over media streams."""

    async def connect(self, call_id: str, key: str, program: Program) -> None:
        """The caller, who is answered, talks with a program until it is done; `streamed` follows. What it says plays over all
        else he hears."""
        ...

    async def listen(self, call_id: str, key: str, name: str, program: Program) -> None:
        """A program hears the call from here on, until it leaves, `stop` or the end. It does not hold the script up, which is
        told nothing of it: a listener that cannot be reached is logged. The same key again changes nothing."""
        ...

    async def disconnect(self, call_id: str) -> None:
        """The caller talks with a program no more: `streamed` follows, with `stopped`; without one it is no error."""
        ...

    async def stop(self, call_id: str, name: str) -> None:
        """Listeners of this name hear no more; that there is none is no error."""
        ...


class Verbs(Protocol):
    """What a script asks of a call. A verb on a call that is over is answered by `gone`."""

    @property
    def programs(self) -> Programs:
        """Programs that hear the calls."""
        ...

    @property
    def lines(self) -> Lines:
        """Calls to place, and rooms."""
        ...

    async def ring(self, call_id: str) -> None:
        """The caller hears it ring."""
        ...

    async def answer(self, call_id: str) -> None:
        """Answers, unless answered; sound before the answer (a notice) is by `say` before `answer`: early media."""
        ...

    async def say(self, call_id: str, key: str, words: Sequence[Words | Sound], *, stop_on_digit: bool = False) -> None:
        """Plays words, and sounds as they are; `said` follows."""
        ...

    async def ask_digits(
        self,
        call_id: str,
        key: str,
        words: Sequence[Words | Sound],
        *,
        max_digits: int,
        terminator: str = "#",
        first_ms: int = 5_000,
        between_ms: int = 3_000,
    ) -> None:
        """Plays words and gathers; `digits` follows."""
        ...

    async def take_message(
        self, call_id: str, key: str, *, max_ms: int = 120_000, silence_ms: int = 4_000, beep: bool = True
    ) -> None:
        """A beep, then records the caller; `recorded` follows. Kept as a file of the conversation with class `voicemail`."""
        ...

    async def record(self, call_id: str, on: bool) -> None:
        """Records everything from here on (or stops), beyond what the queue's settings say."""
        ...

    async def wait_in_queue(self, tx: Tx, call_id: str, task_id: str, queue_id: str | None) -> None:
        """The task was submitted in `tx`: from its commit the caller is answered, unless he is, and hears music, comfort and
        place, until an agent's leg joins him. Whoever runs the router decides; reception hears of refusals and ends by the
        journal. A key pressed meanwhile is told as `goes_on(call_id, Outcome(kind="digits", digits=key))`: a flow may leave
        the queue by it, the task is then cancelled by reception with reason `left-queue`."""
        ...

    async def call_back(self, tx: Tx, call_id: str, task_id: str, number: str) -> None:
        """A callback was submitted in `tx` as this task (its attributes say `callback: true` and `callback_number`): when an
        agent takes it, the customer's `number` is dialled for him. The caller waits no longer; hanging up does not cancel it."""
        ...

    async def dial_out(
        self, call_id: str, key: str, number: str, *, caller_number: str | None, timeout_ms: int
    ) -> None:
        """Joins the caller with an outside number; `dialled` follows."""
        ...

    async def hang_up(self, call_id: str, *, status: int = 486, text: str = "") -> None:
        """Ends the call; before an answer it is refused with `status`."""
        ...
