"""What the API takes and gives for calls, phones and recordings: pydantic at the edge only. Times are RFC 3339."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Number = Annotated[str, Field(min_length=1, max_length=64)]
Sdp = Annotated[str, Field(min_length=1, max_length=65_536)]


class Body(BaseModel):
    """A request's body: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class Thing(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(extra="forbid")


class Party(Thing):
    """Somebody on the line, or being rung."""

    leg_id: str
    kind: Literal["customer", "agent", "supervisor", "outside"]
    label: str
    worker_id: str | None
    state: Literal["ringing", "talking"]
    held: bool
    muted: bool
    mode: Literal["listen", "whisper", "barge"] | None


class RecordingState(Thing):
    """Whether the call is recorded now."""

    state: Literal["on", "paused", "off", "failed"]


class Quality(Thing):
    """The worst of the last seconds."""

    lost_percent: float
    jitter_ms: float
    rtt_ms: float
    mos: float


class Call(Thing):
    """One call."""

    id: str
    conversation_id: str | None
    task_id: str | None
    firm_id: str | None
    queue_id: str | None
    direction: Literal["in", "out", "internal"]
    state: Literal["ringing", "menu", "waiting", "talking", "held", "consulting", "wrapping", "ended", "parked"]
    worker_id: str | None
    from_number: str
    number: str
    customer_name: str
    started_at: str
    answered_at: str | None
    agent_at: str | None
    queued_at: str | None
    held_since: str | None
    wrap_until: str | None
    ended_at: str | None
    end_cause: str | None
    recording: RecordingState
    parties: list[Party]
    quality: Quality | None
    version: int


class Calls(Thing):
    """A page of calls, newest first."""

    items: list[Call]
    next: str | None = None


class CallTo(Body):
    """Whom a call goes to: exactly one of the three."""

    worker_id: str | None = None
    queue_id: str | None = None
    number: Number | None = None

    @model_validator(mode="after")
    def _one(self) -> "CallTo":
        if sum(value is not None for value in (self.worker_id, self.queue_id, self.number)) != 1:
            raise ValueError("name exactly one of worker_id, queue_id, number")
        return self


class NewCall(Body):
    """A call to place: to a number, or to a colleague."""

    to: CallTo | Number
    conversation_id: str | None = None
    """The matter it belongs to; None: a new one of the customer with this number."""
    caller_number: Number | None = None
    """Which of the firm's numbers is shown; None: the first."""
    firm_id: str | None = None


class Held(Body):
    """On hold, or back."""

    held: bool


class Digits(Body):
    """Keys to send."""

    digits: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[0-9*#A-Da-d]+$")]


class TransferTo(Body):
    """Hands the call on: at once, or after talking to who is to have it."""

    to: CallTo
    mode: Literal["blind", "attended"] = "blind"


class ToOne(Body):
    """A colleague or a number."""

    to: CallTo


class RemoveLeg(Body):
    """Who is to leave the call."""

    leg_id: str


class PickUp(Body):
    """The parked call to take; None: the one in the address."""

    call_id: str | None = None


class Paused(Body):
    """The recording is paused, or goes on."""

    paused: bool


class Supervise(Body):
    """How a supervisor takes part; `stop`: not any more."""

    mode: Literal["listen", "whisper", "barge", "takeover", "stop"]


class Consulted(Thing):
    """The leg that is being rung."""

    leg_id: str | None
    """None: a colleague was offered it; his leg comes when he takes it."""
    call: Call


class PhoneOffer(Body):
    """The offer of the caller's browser."""

    offer_sdp: Sdp


class PhoneAnswer(Thing):
    """The answer for the browser, and its leg."""

    answer_sdp: str
    leg_id: str


class IceServer(Thing):
    """As RTCPeerConnection takes it."""

    urls: list[str]
    username: str | None = None
    credential: str | None = None


class IceServers(Thing):
    """Servers for the browser; none on one network."""

    ice_servers: list[IceServer]


class ContactAddress(Body):
    """One place where an agent is rung."""

    kind: Literal["browser", "phone", "number"]
    number: Number | None = None
    """Of an outside number, in E.164."""
    ring_seconds: Annotated[int, Field(ge=5, le=300)] = 20


class ContactAddresses(Body):
    """Where an agent is rung, one after the other."""

    addresses: Annotated[list[ContactAddress], Field(max_length=10)]
    phone_username: str | None = None
    """Of the desk phone, when there is one; not to be changed here."""


class TrunkStatus(Thing):
    """A carrier's trunk."""

    id: str
    name: str
    up: bool
    emergency: bool


class VoiceStatus(Thing):
    """What the telephone can do now."""

    engine: Literal["up", "down", "off"]
    trunks: list[TrunkStatus]
    phones: list[str]
    """Names of the desk phones registered now."""
    browser_registered: bool
    """Whether the caller's own browser leg is connected."""
    emergency_route: bool
    numbers: list[str]
    """Numbers the caller may show."""


class QualityReport(Body):
    """What a browser hears."""

    leg_id: str
    loss: Annotated[float, Field(ge=0, le=100)]
    """Per cent."""
    jitter: Annotated[float, Field(ge=0, le=100_000)]
    """Milliseconds."""
    rtt: Annotated[float, Field(ge=0, le=1_000_000)]
    """Milliseconds."""
    mos: Annotated[float, Field(ge=0, le=5)]


class Recording(Thing):
    """A recording; `state` says whether it can be heard yet."""

    id: str
    call_id: str
    conversation_id: str | None
    firm_id: str | None
    state: Literal["running", "storing", "stored", "failed"]
    kind: Literal["call", "voicemail"]
    channels: int
    ms: int
    gaps: list[tuple[int, int, str]]
    """What is missing: from and to in milliseconds, and why: paused or disk-full."""
    started_at: str
    retention_until: str | None


class Recordings(Thing):
    """The recordings of a conversation."""

    items: list[Recording]


class RecordingLink(Thing):
    """An address that plays a recording for a while without signing in."""

    url: str
    expires_at: str


class Peaks(Thing):
    """The loudest sample of each stretch, 0 to 100, by channel: customer, then agent."""

    stretch_ms: int
    left: list[int]
    right: list[int]


class WebCallStart(BaseModel):
    """A customer's browser calls. Pages may be newer than the server: what is not known is passed over."""

    model_config = ConfigDict(extra="ignore")
    offer_sdp: Sdp
    name: Annotated[str, Field(max_length=200)] = ""
    language: Literal["en", "fr"] | None = None
    conversation_token: Annotated[str, Field(max_length=512)] | None = None


class WebCallStarted(Thing):
    """The call; `token` proves the page in all that follows."""

    call_id: str
    token: str
    answer_sdp: str


class WebCall(Thing):
    """The call as its caller's page shows it."""

    id: str
    state: Literal["ringing", "menu", "waiting", "talking", "held", "consulting", "wrapping", "ended", "parked"]
    agent_name: str
    captions: list[str]
    position: int | None
    started_at: str
    ended_at: str | None
