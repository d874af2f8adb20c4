"""What travels: voice. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from parlons.client.types.shared import Call


class BesideState(TypedDict):
    page: bool
    ice_servers: list[dict[str, Any]]


class Body_voice_upload_prompt(TypedDict):
    file: str
    name: str
    language: NotRequired[str]
    firm_id: NotRequired[str | None]
    words: NotRequired[str]


class CallTo(TypedDict):
    worker_id: NotRequired[str | None]
    queue_id: NotRequired[str | None]
    number: NotRequired[str | None]


class Calls(TypedDict):
    items: list[Call]
    next: NotRequired[str | None]


class Candidate(TypedDict):
    candidate: str
    sdp_mid: NotRequired[str | None]
    sdp_m_line_index: NotRequired[int | None]


class Consulted(TypedDict):
    leg_id: str | None
    call: Call


class ContactAddress(TypedDict):
    kind: Literal["browser", "phone", "number"]
    number: NotRequired[str | None]
    ring_seconds: NotRequired[int]


class ContactAddresses(TypedDict):
    addresses: list[ContactAddress]
    phone_username: NotRequired[str | None]


class HeldInput(TypedDict):
    held: bool


class IceServer(TypedDict):
    urls: list[str]
    username: NotRequired[str | None]
    credential: NotRequired[str | None]


class IceServers(TypedDict):
    ice_servers: list[IceServer]


class NewCall(TypedDict):
    to: CallTo | str
    conversation_id: NotRequired[str | None]
    caller_number: NotRequired[str | None]
    firm_id: NotRequired[str | None]


class Paused(TypedDict):
    paused: bool


class Peaks(TypedDict):
    stretch_ms: int
    left: list[int]
    right: list[int]


class PickUp(TypedDict):
    call_id: NotRequired[str | None]


class QualityReport(TypedDict):
    leg_id: str
    loss: float
    jitter: float
    rtt: float
    mos: float


class Recording(TypedDict):
    id: str
    call_id: str
    conversation_id: str | None
    firm_id: str | None
    state: Literal["running", "storing", "stored", "failed"]
    kind: Literal["call", "voicemail"]
    channels: int
    ms: int
    gaps: list[list[Any]]
    started_at: str
    retention_until: str | None


class RecordingLink(TypedDict):
    url: str
    expires_at: str


class Recordings(TypedDict):
    items: list[Recording]


class RemoveLeg(TypedDict):
    leg_id: str


class Signal(TypedDict):
    kind: Literal["ask", "accept", "decline", "offer", "answer", "candidates", "camera", "stop"]
    session: str
    sdp: NotRequired[str | None]
    candidates: NotRequired[list[Candidate] | None]
    on: NotRequired[bool | None]


class Supervise(TypedDict):
    mode: Literal["listen", "whisper", "barge", "takeover", "stop"]


class ToOne(TypedDict):
    to: CallTo


class TransferTo(TypedDict):
    to: CallTo
    mode: NotRequired[Literal["blind", "attended"]]


class TrunkStatus(TypedDict):
    id: str
    name: str
    up: bool
    emergency: bool


class Typed(TypedDict):
    text: str


class VoiceStatus(TypedDict):
    engine: Literal["up", "down", "off"]
    trunks: list[TrunkStatus]
    phones: list[str]
    browser_registered: bool
    emergency_route: bool
    numbers: list[str]
