"""Messages of a media stream's WebSocket: those of the communications API whose voice programs are to run unchanged, and `done`.

    to the program:  connected, start, media, dtmf, mark, stop
    from it:         media, mark, clear, done

Sound is mu-law at 8 kHz in base64, 20 ms a message to the program, any length from it. Pure.
"""

import base64
import binascii
from typing import Any

import msgspec
from msgspec import Struct

from parlons.voice.media.engine import Stream

_DONE = 8_000
"""Characters of what a program gives back."""
_MARK = 200
MEDIA_FORMAT = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
Json = dict[str, Any]


class NoMessage(ValueError):
    """What came is no message of a media stream."""


class Said(Struct, frozen=True):
    """Sound to be played, mu-law."""

    sound: bytes


class Mark(Struct, frozen=True):
    """To be sent back when all before it was played."""

    name: str


class Clear(Struct, frozen=True):
    """What was not played yet is not to be played."""


class Done(Struct, frozen=True):
    """The program is done with the call."""

    said: str
    """What it gives back, as JSON."""


Heard = Said | Mark | Clear | Done


class _Payload(Struct):
    payload: str


class _Name(Struct):
    name: str


class _From(Struct):
    """Anything else in a message is left alone."""

    event: str
    media: _Payload | None = None
    mark: _Name | None = None
    done: msgspec.Raw = msgspec.Raw()


_decoder = msgspec.json.Decoder(_From)
_encode = msgspec.json.Encoder().encode


def read(text: str | bytes) -> Heard | None:
    """A message of the program; None for an event that means nothing here. Raises NoMessage."""
    if isinstance(text, bytes):
        raise NoMessage
    try:
        found = _decoder.decode(text)
        match found.event:
            case "media" if found.media is not None:
                return Said(base64.b64decode(found.media.payload, validate=True))
            case "mark" if found.mark is not None and len(found.mark.name) <= _MARK:
                return Mark(found.mark.name)
            case "clear":
                return Clear()
            case "done" if len(bytes(found.done)) <= _DONE:
                return Done(bytes(found.done).decode())
    except (msgspec.DecodeError, binascii.Error, ValueError) as error:
        raise NoMessage from error
    if found.event in ("media", "mark", "done"):
        raise NoMessage
    return None


class Words:
    """What is said to one program, as texts; counts the messages."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._count = 0
        self._media = f'","streamSid":"{stream.sid}","media":{{"track":"'

    def connected(self) -> str:
        """The very first, which is not counted."""
        return '{"event":"connected","protocol":"Call","version":"1.0.0"}'

    def start(self) -> str:
        """What the stream is."""
        stream = self._stream
        about = {
            "streamSid": stream.sid, "accountSid": stream.account_id, "callSid": stream.call_id, "tracks": list(stream.tracks),
            "customParameters": dict(stream.parameters), "mediaFormat": MEDIA_FORMAT,
        }  # fmt: skip
        return self._message("start", about)

    def media(self, track: str, chunk: int, ms: int, sound: bytes) -> str:
        """20 ms of a track: its how-manieth, and when it was, in milliseconds since the stream began. Put together by hand: it is
        fifty a second for each track."""
        self._count += 1
        payload = base64.b64encode(sound).decode()
        return (
            f'{{"event":"media","sequenceNumber":"{self._count}{self._media}{track}","chunk":"{chunk}","timestamp":"{ms}",'
            f'"payload":"{payload}"}}}}'
        )

    def key(self, digit: str) -> str:
        """The caller pressed a key."""
        return self._message("dtmf", {"track": "inbound_track", "digit": digit})

    def mark(self, name: str) -> str:
        """All before the mark was played, or cleared."""
        return self._message("mark", {"name": name})

    def stop(self) -> str:
        """The last."""
        return self._message("stop", {"accountSid": self._stream.account_id, "callSid": self._stream.call_id})

    def _message(self, event: str, about: Json) -> str:
        self._count += 1
        told: Json = {"event": event, "sequenceNumber": str(self._count), "streamSid": self._stream.sid, event: about}
        return _encode(told).decode()
