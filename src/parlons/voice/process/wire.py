"""Frames between a web process and the voice process: four bytes of length (big endian), then MessagePack, by a unix socket.

A client asks with `Call`; it gets `Answer`, `Refused`, or a stream: any number of `Item` and `Born`, then `End`. `Stop` ends a
stream from the client's side. What a verb takes and gives is read from the Protocol's own signatures: nothing stands twice.
"""

import asyncio
import contextlib
import inspect
import os
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Raw, Struct

from parlons.voice.media.engine import Capabilities, MediaEngine
from parlons.voice.media.events import EngineEvent

LONGEST = 16 * 1024 * 1024
"""Bytes of a frame."""
_LENGTH = 4
_PATH = 100
"""Bytes of a socket's path a kernel takes for sure (sun_path)."""


class Call(Struct, array_like=True, tag="call"):
    """Asks for a verb."""

    id: int
    verb: str
    arguments: Raw


class Answer(Struct, array_like=True, tag="answer"):
    """A verb was done."""

    id: int
    result: Raw


class Refused(Struct, array_like=True, tag="refused"):
    """A verb was refused."""

    id: int
    code: str
    message: str


class Item(Struct, array_like=True, tag="item"):
    """The next of a stream."""

    id: int
    value: Raw


class Born(Struct, array_like=True, tag="born"):
    """Of an event stream: legs there are or that were just made, before any event tells of them."""

    id: int
    leg_ids: tuple[str, ...]


class End(Struct, array_like=True, tag="end"):
    """A stream is over."""

    id: int


class Stop(Struct, array_like=True, tag="stop"):
    """The client wants no more of a stream."""

    id: int


Frame = Call | Answer | Refused | Item | Born | End | Stop


class Welcome(Struct):
    """What a client is told first, as the answer to `process.hello`."""

    boot: str
    """Another one after each start of the process."""
    base: int
    """Event numbers of this life are greater, those of earlier lives are not."""
    pid: int
    capabilities: Capabilities
    sip_port: int = 0
    """Where it answers SIP; 0: it does not."""


class Verb(Struct):
    """What a verb takes and gives."""

    arguments: type[Struct]
    result: Any
    streams: bool


def _verb(name: str) -> Verb:
    function = getattr(MediaEngine, name)
    hints = typing.get_type_hints(function)
    fields: list[Any] = []
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        field: tuple[Any, ...] = (parameter.name, hints[parameter.name])
        if parameter.default is not parameter.empty:
            default = parameter.default
            field += (msgspec.field(default_factory=dict) if isinstance(default, Mapping) else default,)
        fields.append(field)
    streams = name in ("events", "tap")
    result = typing.get_args(hints["return"])[0] if streams else hints["return"]
    return Verb(msgspec.defstruct(name, fields, kw_only=True, forbid_unknown_fields=True), result, streams)


VERBS: dict[str, Verb] = {
    name: _verb(name) for name, _ in inspect.getmembers(MediaEngine, inspect.isfunction) if not name.startswith("_")
}
EVENT = EngineEvent

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Frame] = msgspec.msgpack.Decoder(Frame)


def packed(value: Any) -> Raw:
    """A value as the inside of a frame."""
    return Raw(_encoder.encode(value))


def encode(frame: Frame) -> bytes:
    """A frame's bytes."""
    body = _encoder.encode(frame)
    return len(body).to_bytes(_LENGTH, "big") + body


async def read(reader: asyncio.StreamReader) -> Frame | None:
    """The next frame; None at the end. Raises ValueError for what is no frame."""
    try:
        length = int.from_bytes(await reader.readexactly(_LENGTH), "big")
        if length > LONGEST:
            raise ValueError("a frame is too long")
        return _decoder.decode(await reader.readexactly(length))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    except msgspec.DecodeError as error:
        raise ValueError("what came is no frame") from error


@contextlib.contextmanager
def short(path: Path) -> Iterator[str]:
    """A name for a socket's path that fits into an address, however deep its folder lies. Raises OSError without the folder."""
    if len(os.fsencode(path)) <= _PATH:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
