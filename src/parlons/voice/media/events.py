"""What happens in an engine, and what there is: events and state, in the words everybody above uses.

Times are milliseconds UTC.
"""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

CallerKind = Literal["trunk", "phone"]
Kind = Literal["trunk", "phone", "number", "uri", "browser"]
By = Literal["far", "us", "engine"]
"""Who ended a leg."""
Cause = Literal[
    "hangup", "canceled", "busy", "declined", "no-answer", "unreachable", "not-found", "refused", "lost", "limit", "error"
]  # fmt: skip
How = Literal["rtp", "info", "tone", "channel"]
"""How a key came."""


class Event(Struct, frozen=True, tag_field="event"):
    """Something that happened; `seq` counts from 1 in the life of an engine."""

    seq: int
    at: int
    """Milliseconds UTC."""


class LegIncoming(Event, frozen=True, tag="leg.incoming"):
    """Somebody calls; ring, answer or reject it. The engine chose `leg_id`."""

    leg_id: str
    kind: CallerKind
    trunk_id: str | None
    username: str | None
    """The registered phone that dials, when `kind` is phone."""
    from_number: str
    """E.164, or empty when withheld."""
    from_name: str
    to_number: str
    """E.164, an emergency number or what a phone dialled."""
    headers: Mapping[str, str]
    """X-* headers and Diversion, as they came."""


class LegRinging(Event, frozen=True, tag="leg.ringing"):
    """A dialled leg rings; with `early_media` it already sends sound."""

    leg_id: str
    early_media: bool


class LegAnswered(Event, frozen=True, tag="leg.answered"):
    """A leg talks: a dialled one was answered, an incoming one's answer was acknowledged, a browser's sound flows."""

    leg_id: str


class LegEnded(Event, frozen=True, tag="leg.ended"):
    """A leg is over; each leg gets this once."""

    leg_id: str
    by: By
    cause: Cause
    status: int
    """Final SIP status where there was one, else 0."""
    text: str


class LegHeld(Event, frozen=True, tag="leg.held"):
    """The far side put us on hold, or took us back."""

    leg_id: str
    held: bool


class LegReferred(Event, frozen=True, tag="leg.referred"):
    """The far side asks to be transferred (REFER): `to` as dialled; `replaces_leg_id` when attended. The engine accepted it
    (202) and sends what becomes of it when this side hangs the leg up or refuses by `refer_result`."""

    leg_id: str
    to: str
    replaces_leg_id: str | None


class ReferEnded(Event, frozen=True, tag="refer.ended"):
    """What became of our own `refer`: the final status which the far side told (202 without NOTIFY: 202)."""

    leg_id: str
    status: int


class DigitReceived(Event, frozen=True, tag="digit"):
    """A key was pressed."""

    leg_id: str
    digit: str
    how: How


class PlayEnded(Event, frozen=True, tag="play.ended"):
    """A play is over."""

    play_id: str
    why: Literal["done", "stopped", "digit", "leg-ended", "unreadable"]


class Gathered(Event, frozen=True, tag="gathered"):
    """A gather is over."""

    gather_id: str
    digits: str
    """Without the terminator."""
    why: Literal["terminator", "full", "timeout", "stopped", "leg-ended"]


class RecordingEnded(Event, frozen=True, tag="recording.ended"):
    """A recording's file is closed and whole."""

    recording_id: str
    path: str
    ms: int
    """Length of the sound in it."""
    gaps: tuple[tuple[int, int, str], ...]
    """What is missing: (from ms, to ms, why: paused | disk-full)."""


class StreamStarted(Event, frozen=True, tag="stream.started"):
    """A program's socket is open, and it was told what it hears."""

    stream_id: str


StreamEnd = Literal["done", "closed", "no-answer", "refused", "protocol", "slow", "stopped", "leg-ended"]
"""done: the program said so, or closed in good order (1000); closed: it closed otherwise, broke off or answered no ping;
no-answer, refused: it was not reached in time, or would not have us; protocol: what it sent is no message; slow: it did not read
for ten seconds."""


class StreamEnded(Event, frozen=True, tag="stream.ended"):
    """A stream is over."""

    stream_id: str
    why: StreamEnd
    code: int
    """With which the program closed its socket (RFC 6455 7.4), or refused it (HTTP); 0: neither."""
    said: str
    """What the program gave with `done`, as JSON; empty: nothing."""
    frames: int
    """Of 20 ms it was sent."""
    left_out: int
    """It was too slow for, or (of what it sent) there was no room for."""


class LegQuality(Event, frozen=True, tag="leg.quality"):
    """Every 5 s for each talking leg, as the engine sees what it receives."""

    leg_id: str
    lost_percent: float
    jitter_ms: float
    rtt_ms: float
    mos: float
    """1 to 4.5, ITU-T G.107 simplified."""


class PhoneChanged(Event, frozen=True, tag="phone"):
    """A desk phone registered or went."""

    username: str
    registered: bool


class TrunkChanged(Event, frozen=True, tag="trunk"):
    """A trunk's health changed."""

    trunk_id: str
    up: bool
    text: str


EngineEvent = (
    LegIncoming
    | LegRinging
    | LegAnswered
    | LegEnded
    | LegHeld
    | LegReferred
    | ReferEnded
    | DigitReceived
    | PlayEnded
    | Gathered
    | RecordingEnded
    | StreamStarted
    | StreamEnded
    | LegQuality
    | PhoneChanged
    | TrunkChanged
)


class LegState(Struct, frozen=True):
    """A leg as it is now."""

    leg_id: str
    kind: Kind
    state: Literal["incoming", "ringing", "dialling", "early", "talking"]
    room_id: str | None
    held: bool
    """We hold it."""
    far_held: bool
    since: int
    """When it began to talk, else when it began."""


class RoomState(Struct, frozen=True):
    """A room as it is now."""

    room_id: str
    leg_ids: tuple[str, ...]
    gains: tuple[tuple[str, str, float], ...]
    """(from leg, to leg, gain), the default 1 left out."""


class EngineState(Struct, frozen=True):
    """Everything an owner who comes new must know. Events up to `seq` are in it."""

    seq: int
    legs: tuple[LegState, ...]
    rooms: tuple[RoomState, ...]
    play_ids: tuple[str, ...]
    gather_ids: tuple[str, ...]
    recording_ids: tuple[str, ...]
    phones: tuple[str, ...]
    """User names registered now."""
    trunks_up: tuple[str, ...]
    stream_ids: tuple[str, ...] = ()
