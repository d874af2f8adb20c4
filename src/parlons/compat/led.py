"""A call that call XML leads: one value, kept as a row after each step, so that another process can go on with it. Pure."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from msgspec import Struct, field

from parlons.compat.errors import ApiError

Json = dict[str, Any]
Status = Literal["queued", "ringing", "in-progress", "completed", "busy", "failed", "no-answer", "canceled"]
Direction = Literal["inbound", "outbound-api", "outbound-dial"]
VERSION = "2010-04-01"
CALLED = frozenset({"queued", "ringing"})
OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


class Hook(Struct):
    """Where the instructions come from."""

    url: str = ""
    method: str = "POST"
    fallback_url: str = ""
    fallback_method: str = "POST"
    xml: str = ""
    """Instead of an address: the document itself."""


class Told(Struct):
    """Who hears of what becomes of something."""

    url: str = ""
    method: str = "POST"
    events: tuple[str, ...] = ("completed",)


class Asked(Struct):
    """A document that is being fetched."""

    url: str
    method: str
    form: dict[str, str] = field(default_factory=dict)


class Member(Struct):
    """A call in a conference."""

    conference_id: str
    label: str = ""
    muted: bool = False
    hold: bool = False
    coach: str = ""
    """The call that alone hears this one."""
    beep: str = "true"
    starts: bool = True
    ends: bool = False
    joined_at: int = 0

    @property
    def beeps_on_enter(self) -> bool:
        """Whether the others hear that he comes."""
        return self.beep in ("true", "onEnter")

    @property
    def beeps_on_exit(self) -> bool:
        """Whether the others hear that he goes."""
        return self.beep in ("true", "onExit")


class Waits(Struct):
    """A call in a queue."""

    queue_id: str
    since: int
    action: Asked
    workspace_id: str = ""
    task_id: str = ""
    """It waits for whom the router of this workspace chooses."""
    reservation_id: str = ""
    """A worker has it."""
    hears: Asked | None = None
    """The document that is heard meanwhile; None: music."""
    heard_at: int = 0
    back: tuple[str, str, int] = ("", "", 0)
    """Document, its address and the next instruction, for when it is over."""


class Led(Struct):
    """See the module's first lines. Times are milliseconds UTC."""

    id: str
    tenant_id: str
    workspace_id: str
    direction: Direction
    to: str
    from_: str
    status: Status
    started_at: int
    hook: Hook
    told: Told = field(default_factory=Told)
    parent_id: str | None = None
    answered_at: int | None = None
    ended_at: int | None = None
    base_url: str = ""
    """Of the document: what its own addresses are relative to."""
    document: str = ""
    at: int = 0
    """The instruction that comes next."""
    step: int = 0
    """Counts what was asked of the call: answers to what was asked before change nothing."""
    asked: Asked | None = None
    children: list[str] = field(default_factory=list)
    """Calls that ring for it."""
    other: str = ""
    """The call with which it is joined."""
    room_id: str = ""
    member: Member | None = None
    waits: Waits | None = None
    serves: str = ""
    """The waiting call with which it is joined when it is answered."""
    reservation: tuple[str, str, str] | None = None
    """(workspace, reservation, task) of a worker's call."""
    accepts: bool = False
    """Its answer accepts the reservation, its end ends the work."""
    accepted: bool = False
    caller_xml: str = ""
    """The document by which the call that waits meets the worker."""
    after_work: tuple[str, str] | None = None
    """(worker, activity) for when his work with it ends."""
    told_of: int = 0
    """How many of its events were told."""
    canceled: bool = False
    """The program ended it."""

    @property
    def key(self) -> str:
        """Of what is asked of the call now."""
        return f"x{self.step}"

    @property
    def live(self) -> bool:
        """Whether it is not over."""
        return self.status not in OVER

    def seconds(self) -> int:
        """How long it was talked."""
        if self.answered_at is None or self.ended_at is None:
            return 0
        return round((self.ended_at - self.answered_at) / 1000)

    def form(self) -> dict[str, str]:
        """What every request about the call says."""
        form = {
            "CallSid": self.id,
            "AccountSid": self.tenant_id,
            "From": self.from_,
            "To": self.to,
            "Caller": self.from_,
            "Called": self.to,
            "CallStatus": self.status,
            "Direction": self.direction,
            "ApiVersion": VERSION,
        }
        return form if self.parent_id is None else {**form, "ParentCallSid": self.parent_id}


def to_text(led: Led) -> str:
    """For its row."""
    return msgspec.json.encode(led).decode()


def from_text(text: str) -> Led:
    """The inverse."""
    return msgspec.json.decode(text, type=Led)


# --- addresses --------------------------------------------------------------------------------------------------------

Kind = Literal["number", "phone", "uri"]


def far_side(to: str) -> tuple[Kind, str]:
    """What somebody is called by: a number, `client:NAME` (a desk phone by its user name), `sip:...`; raises ApiError."""
    if to.startswith("client:"):
        return "phone", to.removeprefix("client:")
    if to.startswith(("sip:", "sips:")):
        return "uri", to
    if not to.startswith("+") or not to[1:].isdigit() or not 3 <= len(to) <= 16:
        raise ApiError(f"{to[:40]} is not a phone number, client: or sip: address", code=21211)
    return "number", to


def address_of(kind: str, to: str) -> str:
    """What a noun of call XML calls, as an address."""
    if kind == "client":
        return f"client:{to}"
    return to if kind == "number" or to.startswith(("sip:", "sips:")) else f"sip:{to}"


def sip_host(uri: str) -> tuple[str, int]:
    """Host and port of a SIP address."""
    place = uri.partition(":")[2].partition(";")[0].rpartition("@")[2]
    host, _, port = place.partition(":")
    return host.lower(), int(port) if port.isdigit() else 5060


def flat(form: Mapping[str, Any]) -> dict[str, str]:
    """Values as a form has them."""
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in form.items()}
