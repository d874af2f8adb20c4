"""`MediaEngine`: what the product asks of whatever carries sound. The built-in engine, its remote client and the shipped
fake pass one contract suite (`parlons.testing.engine_suite`); a second engine must pass it too.

Ids are given by the caller and make every verb repeatable: the same verb with the same id again changes nothing. A verb on
a leg, room, play, gather, recording or stream that is gone raises `NotThere`; what an engine cannot do raises `CannotDo`. Nothing
here waits for a person: `dial` returns once the call is on its way, and what becomes of it comes as events.

Sound inside is 16-bit mono PCM, 8,000 Hz unless a room says otherwise; a frame is 20 ms. Times are milliseconds.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Literal, Protocol

from msgspec import Struct

from parlons.kit.errors import Refusal
from parlons.voice.media.config import EngineConfig
from parlons.voice.media.events import EngineEvent, EngineState


class NotThere(Refusal):
    """There is no such leg, room, play, gather, recording, stream or tap (any more)."""

    code = "voice-not-there"
    status = 404


class CannotDo(Refusal):
    """This engine, or this leg, cannot do that; the message says what."""

    code = "voice-cannot"
    status = 409


# --- sounds -----------------------------------------------------------------------------------------------------------


class FileSound(Struct, frozen=True, tag="file"):
    """A mono WAV file (8, 16, 24 or 48 kHz, PCM16) which the voice process can read."""

    path: str


class ToneSound(Struct, frozen=True, tag="tone"):
    """Sine tones mixed, at -13 dBFS in all."""

    frequencies: tuple[float, ...]
    ms: int


class SilenceSound(Struct, frozen=True, tag="silence"):
    """Nothing, for a while."""

    ms: int


Sound = FileSound | ToneSound | SilenceSound


# --- where a call goes and who calls ----------------------------------------------------------------------------------


class NumberTarget(Struct, frozen=True, tag="number"):
    """A telephone number, by a trunk; `trunk_ids` in order of preference (failover on refusal 5xx, 408 and silence)."""

    number: str
    """E.164 with +, or an emergency number as dialled."""
    trunk_ids: tuple[str, ...]


class PhoneTarget(Struct, frozen=True, tag="phone"):
    """A desk phone registered here, by its user name."""

    username: str


class UriTarget(Struct, frozen=True, tag="uri"):
    """A SIP URI reached directly."""

    uri: str


Target = NumberTarget | PhoneTarget | UriTarget


class Caller(Struct, frozen=True):
    """Who the called person sees."""

    number: str
    """E.164 or empty; empty is sent as anonymous."""
    name: str = ""


class Stream(Struct, frozen=True):
    """A program that hears a leg over a WebSocket (messages: `builtin/stream_messages.py`), and may speak to it."""

    url: str
    """ws:// or wss://"""
    address: str
    """The IP address to connect to: whoever asks looked the URL's host up, and checked it. No name is looked up here."""
    sid: str
    account_id: str
    call_id: str
    """What its `start` names, besides `parameters`."""
    tracks: tuple[Literal["inbound", "outbound"], ...] = ("inbound",)
    """What the leg says, what it hears, or both."""
    speaks: bool = False
    """What the program sends is played to the leg; it also hears of keys."""
    parameters: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}
    """Of the request that opens the socket."""
    open_ms: int = 5_000
    """Until the socket must be open."""


class Capabilities(Struct, frozen=True):
    """What an engine can do beyond the least."""

    browser: bool = True
    refer: bool = True
    hold: bool = True
    tap: bool = True
    video: bool = False


Where = Literal["leg", "room"]


class MediaEngine(Protocol):
    """See the module's first lines for what holds of every verb."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        ...

    async def configure(self, config: EngineConfig) -> None:
        """Replaces trunks, phones, limits; calls in progress go on."""
        ...

    async def state(self) -> EngineState:
        """What there is."""
        ...

    def events(self, after_seq: int) -> AsyncIterator[EngineEvent]:
        """Everything that happens after `after_seq`, in order, for ever; the newest 10,000 are kept. One reader at a time: a
        new one ends the iterator of the one before (who lost ownership)."""
        ...

    # legs
    async def ring(self, leg_id: str, *, early_media: bool = False) -> None:
        """Tells an incoming leg that it rings (180), or opens its sound before the answer (183)."""
        ...

    async def answer(self, leg_id: str) -> None:
        """Answers an incoming leg."""
        ...

    async def reject(self, leg_id: str, *, status: int = 486, text: str = "") -> None:
        """Refuses an incoming leg; `status` 400 to 699."""
        ...

    async def dial(
        self, leg_id: str, target: Target, *, caller: Caller, timeout_ms: int = 60_000, headers: Mapping[str, str] = {}
    ) -> None:
        """Calls somebody. Unanswered after `timeout_ms`: LegEnded no-answer. `headers`: X-* only."""
        ...

    async def connect_browser(self, leg_id: str, offer_sdp: str) -> str:
        """A browser's offer for a new leg, or a new offer of a leg there is (ICE restart, reloaded page); the answer's SDP,
        candidates in it. The leg exists until hung up or silent for 20 s (LegEnded lost)."""
        ...

    async def hang_up(self, leg_id: str, *, text: str = "") -> None:
        """Ends a leg in any state: CANCEL, BYE or 480 as due."""
        ...

    async def hold(self, leg_id: str, held: bool) -> None:
        """Holds a talking leg or takes it back: the far phone is told, and room sound no longer goes either way; plays on the leg
        are heard."""
        ...

    async def refer(self, leg_id: str, to: str, *, replaces_leg_id: str | None = None) -> None:
        """Asks the far side to call `to` (number or URI) itself; ReferEnded tells how it went."""
        ...

    async def send_digits(self, leg_id: str, digits: str) -> None:
        """Sends 0-9 * # A-D to a talking leg, 160 ms each (RFC 4733 where negotiated, else tones)."""
        ...

    # rooms
    async def create_room(self, room_id: str) -> None:
        """An empty room; legs in it hear each other."""
        ...

    async def close_room(self, room_id: str) -> None:
        """Legs in it stay, outside any room."""
        ...

    async def join(self, room_id: str, leg_id: str) -> None:
        """Puts a leg into a room, out of the one it was in. A leg that does not talk yet is heard as soon as it does."""
        ...

    async def leave(self, leg_id: str) -> None:
        """Takes a leg out of its room; it stays connected."""
        ...

    async def set_gain(self, room_id: str, from_leg_id: str, to_leg_id: str, gain: float) -> None:
        """How loud `to` hears `from`, 0 to 2. Default 1; kept for legs that join later; gone when one leaves."""
        ...

    # sounds
    async def play(
        self,
        play_id: str,
        where: Where,
        target_id: str,
        sounds: Sequence[Sound],
        *,
        loop: bool = False,
        stop_on_digit: bool = False,
    ) -> None:
        """Plays to a leg (mixed over what it hears of its room) or into a room (everybody hears it). On one target a new play
        follows those before it, except that a looping one ends when another is asked for."""
        ...  # fmt: skip

    async def stop_play(self, play_id: str) -> None:
        """Ends a play now."""
        ...

    async def gather(
        self,
        gather_id: str,
        leg_id: str,
        *,
        max_digits: int,
        terminator: str = "#",
        first_ms: int = 5_000,
        between_ms: int = 3_000,
    ) -> None:
        """Collects keys; plays on the leg end at the first one. `first_ms` counts from the end of the plays that were asked for
        before. Keys pressed up to 2 s earlier and not yet gathered count."""
        ...  # fmt: skip

    async def stop_gather(self, gather_id: str) -> None:
        """Ends a gather with what there is."""
        ...

    # recording and listening
    async def record(
        self,
        recording_id: str,
        room_id: str,
        path: str,
        *,
        left_leg_id: str | None = None,
        max_ms: int = 4 * 3_600_000,
        silence_ms: int = 0,
        silence_on_digit: bool = False,
    ) -> None:
        """Records a room into a WAV file (PCM16, 8 kHz, stereo): left is `left_leg_id`, right everybody else mixed, plays into
        the room on both. Ends with the room, at `max_ms`, or after `silence_ms` of silence (0: never). The file's folder exists;
        what is there is replaced."""
        ...  # fmt: skip

    async def pause_recording(self, recording_id: str, paused: bool) -> None:
        """Silence is written meanwhile, and a gap is told at the end."""
        ...

    async def stop_recording(self, recording_id: str) -> None:
        """Closes the file; RecordingEnded follows."""
        ...

    def tap(self, leg_id: str) -> AsyncIterator[bytes]:
        """What a leg says, 20 ms PCM16 frames at 8 kHz, until it ends; a slow reader loses the oldest."""
        ...

    async def stream(self, stream_id: str, leg_id: str, stream: Stream) -> None:
        """Connects a program: StreamStarted, then StreamEnded, once, whatever becomes of it. Returns before it is connected."""
        ...

    async def stop_stream(self, stream_id: str) -> None:
        """Ends a stream; the program is told."""
        ...
