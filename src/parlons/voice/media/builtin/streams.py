"""All streams of an engine, by leg: they begin, hear of keys, and end. An end is told once, at the moment it is decided, while
the socket is still being closed behind it.
"""

import asyncio
from typing import Protocol

from parlons.runtime.log import log
from parlons.voice.media.builtin.stream_line import StreamLine
from parlons.voice.media.builtin.stream_socket import End, StreamSocket
from parlons.voice.media.engine import CannotDo, NotThere, Stream
from parlons.voice.media.events import Event, StreamEnded, StreamStarted


class _Tell(Protocol):
    def __call__(self, kind: type[Event], /, **fields: object) -> None: ...


class Streams:
    """Owns the sockets; the lines stand in `lines`, which the mixer works through."""

    def __init__(self, lines: dict[str, list[StreamLine]], tell: _Tell) -> None:
        self.going: dict[str, StreamSocket] = {}
        self._lines, self._tell = lines, tell
        self._legs: dict[str, str] = {}
        """Leg of each stream."""
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, stream_id: str, leg_id: str, stream: Stream) -> None:
        """Connects, behind this call. Raises CannotDo: a leg is spoken to by one program at a time."""
        if not stream.url.startswith(("ws://", "wss://")):
            raise CannotDo("A stream goes to a ws:// or wss:// address.")
        if stream.speaks and any(line.stream.speaks for line in self._lines.get(leg_id, ())):
            raise CannotDo("Another program speaks to this leg.")
        loop = asyncio.get_running_loop()

        def slow() -> None:  # told from within a tick, which works through the lines
            loop.call_soon(made.end, End("slow"))

        line = StreamLine(stream, wake=lambda: made.ready.set(), slow=slow)
        made = StreamSocket(
            line,
            opened=lambda: self._tell(StreamStarted, stream_id=stream_id),
            ended=lambda end: self._ended(stream_id, line, end),
        )
        self.going[stream_id], self._legs[stream_id] = made, leg_id
        self._lines.setdefault(leg_id, []).append(line)
        task = loop.create_task(self._carried(made), name=f"stream {stream_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def stop(self, stream_id: str) -> None:
        """Ends one. Raises NotThere."""
        if stream_id not in self.going:
            raise NotThere(stream_id=stream_id)
        self.going[stream_id].end(End("stopped"))

    def digit(self, leg_id: str, digit: str) -> None:
        """A key was pressed."""
        for line in self._lines.get(leg_id, ()):
            line.key(digit)

    def leg_over(self, leg_id: str) -> None:
        """The leg is gone."""
        for stream_id in [each for each, leg in self._legs.items() if leg == leg_id]:
            self.going[stream_id].end(End("leg-ended"))

    async def close(self) -> None:
        """Every program is told the end, as far as it listens."""
        for socket in list(self.going.values()):
            socket.end(End("stopped"))
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _carried(self, socket: StreamSocket) -> None:
        try:
            await socket.run()
        except Exception:
            log.exception("stream.failed")
            socket.end(End("closed"))

    def _ended(self, stream_id: str, line: StreamLine, end: End) -> None:
        del self.going[stream_id]
        leg_id = self._legs.pop(stream_id)
        lines = self._lines[leg_id]
        lines.remove(line)
        if not lines:
            del self._lines[leg_id]
        log.info("stream.ended", why=end.why, code=end.code, frames=line.sent, left_out=line.left_out)
        self._tell(
            StreamEnded,
            stream_id=stream_id,
            why=end.why,
            code=end.code,
            said=end.said,
            frames=line.sent,
            left_out=line.left_out + line.speech.left_out,
        )
