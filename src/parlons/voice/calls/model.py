"""What a call is while it lives: one mutable value, kept by the controller and written as a row after each change. Pure.

Times are milliseconds UTC. `call_json` is what the API and screens have of a call; what in it is personal is told apart by
`split`, because the journal keeps ids and states only.
"""

from typing import Any, Literal

import msgspec
from msgspec import Struct, field

from parlons.kit.clock import to_iso

Direction = Literal["in", "out", "internal"]
State = Literal["ringing", "menu", "waiting", "talking", "held", "consulting", "wrapping", "ended", "parked"]
PartyKind = Literal["customer", "agent", "supervisor", "outside"]
Mode = Literal["listen", "whisper", "barge"]
RecordingWord = Literal["on", "paused", "off", "failed"]

LIVE = frozenset({"ringing", "menu", "waiting", "talking", "held", "consulting", "parked"})
"""States in which somebody is on the line."""


class Party(Struct):
    """Somebody on the line, or being rung."""

    leg_id: str
    kind: PartyKind
    label: str = ""
    worker_id: str | None = None
    user_id: str | None = None
    via: Literal["trunk", "phone", "number", "browser", "uri"] = "browser"
    state: Literal["ringing", "talking"] = "talking"
    held: bool = False
    muted: bool = False
    mode: Mode | None = None
    consulted: bool = False
    """Asked by the agent while the customer waits; he joins or leaves when that is decided."""
    task_id: str | None = None
    """Of a colleague who was asked: the task by which he was offered it."""
    shared: bool = False
    """A leg that outlives the call: an agent's browser."""
    since: int = 0
    answered_at: int | None = None


class Ring(Struct):
    """An agent is being rung for a reservation."""

    reservation_id: str
    worker_id: str
    task_id: str
    place: int = -1
    """Index of the contact address that rings now."""
    leg_id: str | None = None
    """The leg that rings; None: his browser shows the offer."""


class Transfer(Struct):
    """The agent hands the call on."""

    mode: Literal["blind", "attended"]
    kind: Literal["worker", "queue", "number"]
    to: str
    leg_id: str | None = None


class Recording(Struct):
    """The recording of a call that runs now."""

    id: str
    state: RecordingWord = "on"
    by_script: bool = False
    gathering: bool = False
    """Paused because digits are gathered."""


class Call(Struct):
    """One call, from the first ring to the end of its wrap-up."""

    id: str
    tenant_id: str
    workspace_id: str
    direction: Direction
    state: State
    started_at: int
    leg_id: str
    """The customer's leg (of an internal call: the one who is called)."""
    firm_id: str | None = None
    conversation_id: str | None = None
    customer_id: str | None = None
    customer_name: str = ""
    number: str = ""
    """Ours: the number or line called, or the one shown."""
    from_number: str = ""
    """The other side's; empty when withheld."""
    language: str = "en"
    task_id: str | None = None
    queue_id: str | None = None
    worker_id: str | None = None
    reservation_id: str | None = None
    answered_at: int | None = None
    """When the call was answered: by us, or by whom we called."""
    agent_at: int | None = None
    """When an agent first talked."""
    queued_at: int | None = None
    held_since: int | None = None
    wrap_until: int | None = None
    ended_at: int | None = None
    end_cause: str | None = None
    script: bool = False
    """A script leads it."""
    web_line: str | None = None
    """Name of the browser line it came in by."""
    web_token: str | None = None
    """SHA-256 (hex) of the token of the caller's page."""
    captions: list[str] = field(default_factory=list)
    """What was said to the caller, for his page; the newest last."""
    parties: list[Party] = field(default_factory=list)
    rings: list[Ring] = field(default_factory=list)
    transfer: Transfer | None = None
    recording: Recording | None = None
    notified: bool = False
    """The customer was told that he is recorded."""
    record: bool = False
    """The script asked to record from here on."""
    waited_ms: int | None = None
    position: int | None = None
    """In its queue when it entered."""
    forecast: tuple[int, int] | None = None
    """Range of the wait (ms) that was worked out on entering, said or not."""
    forecast_hit: bool | None = None
    outstanding: dict[str, str] = field(default_factory=dict)
    """Keys of the script's verbs that have not ended, and their kind."""
    placed_by: str | None = None
    """The worker who dialled."""
    cost: float = 0.0
    """Per minute, of what was dialled."""
    callback_id: str | None = None
    callback_offered: bool = False
    """Who waits was told that a key has him called back."""
    companion_of: str | None = None
    """Task of the same matter's other channel (a chat), in the hands of the same agent."""
    emergency: bool = False
    quality: dict[str, float] | None = None
    version: int = 1

    @property
    def room_id(self) -> str:
        """The room in which it is talked."""
        return "CF" + self.id[2:]

    @property
    def live(self) -> bool:
        """Whether somebody is on the line."""
        return self.state in LIVE

    def party(self, leg_id: str) -> Party | None:
        """Who this leg is."""
        return next((one for one in self.parties if one.leg_id == leg_id), None)

    def of(self, *kinds: PartyKind) -> list[Party]:
        """Parties of these kinds."""
        return [one for one in self.parties if one.kind in kinds]

    def agent(self) -> Party | None:
        """The agent who has the call."""
        return next((one for one in self.parties if one.kind == "agent" and one.worker_id == self.worker_id), None)

    def customer(self) -> Party | None:
        """The customer's party, while he is on the line."""
        return next((one for one in self.parties if one.kind == "customer"), None)

    def ring_of(self, reservation_id: str) -> Ring | None:
        """Who is rung for this reservation."""
        return next((one for one in self.rings if one.reservation_id == reservation_id), None)

    def hears(self, text: str) -> None:
        """Puts words on the caller's page."""
        self.captions = [*self.captions[-19:], text]


def to_row(call: Call) -> dict[str, Any]:
    """The whole call as its row's body."""
    found: dict[str, Any] = msgspec.to_builtins(call)
    return found


def from_row(body: dict[str, Any]) -> Call:
    """The inverse of `to_row`."""
    return msgspec.convert(body, Call)


def _iso(at: int | None) -> str | None:
    return None if at is None else to_iso(at)


def party_json(party: Party) -> dict[str, Any]:
    """A party as screens have it."""
    return {
        "leg_id": party.leg_id,
        "kind": party.kind,
        "label": party.label,
        "worker_id": party.worker_id,
        "state": party.state,
        "held": party.held,
        "muted": party.muted,
        "mode": party.mode,
    }


def call_json(call: Call) -> dict[str, Any]:
    """A call as the API and screens have it."""
    return {
        "id": call.id,
        "conversation_id": call.conversation_id,
        "task_id": call.task_id,
        "firm_id": call.firm_id,
        "queue_id": call.queue_id,
        "direction": call.direction,
        "state": call.state,
        "worker_id": call.worker_id,
        "from_number": call.from_number,
        "number": call.number,
        "customer_name": call.customer_name,
        "started_at": to_iso(call.started_at),
        "answered_at": _iso(call.answered_at),
        "agent_at": _iso(call.agent_at),
        "queued_at": _iso(call.queued_at),
        "held_since": _iso(call.held_since),
        "wrap_until": _iso(call.wrap_until),
        "ended_at": _iso(call.ended_at),
        "end_cause": call.end_cause,
        "recording": {"state": call.recording.state if call.recording is not None else "off"},
        "parties": [party_json(one) for one in call.parties],
        "quality": call.quality,
        "version": call.version,
    }


PERSONAL = ("from_number", "number", "customer_name", "parties")


def split(shown: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(what the journal keeps, what is personal) of `call_json`."""
    return (
        {key: value for key, value in shown.items() if key not in PERSONAL},
        {key: shown[key] for key in PERSONAL},
    )
