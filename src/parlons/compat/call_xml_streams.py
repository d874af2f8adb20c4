"""Call XML's words for media streams, and what they ask of a call. Pure."""

from typing import Literal

from msgspec import Struct

from parlons.voice.calls.script import Program


class Stream(Struct, frozen=True, tag=True):
    """A program that hears the call over a media stream."""

    url: str = ""
    name: str = ""
    track: Literal["inbound_track", "outbound_track", "both_tracks"] = "inbound_track"
    parameters: dict[str, str] = {}


class Connect(Struct, frozen=True, tag=True):
    """The caller talks with a program until it leaves."""

    stream: Stream
    action: str = ""
    method: str = "POST"


class Start(Struct, frozen=True, tag=True):
    """A program listens from here on."""

    stream: Stream


class Stop(Struct, frozen=True, tag=True):
    """It listens no more."""

    name: str


def program_of(stream: Stream) -> Program:
    """Whom a Stream names."""
    tracks: tuple[Literal["inbound", "outbound"], ...] = ("inbound", "outbound")
    if stream.track != "both_tracks":
        tracks = ("inbound",) if stream.track == "inbound_track" else ("outbound",)
    return Program(stream.url, parameters=stream.parameters, tracks=tracks)
