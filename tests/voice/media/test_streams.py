"""Streams of the built-in engine against programs on real sockets: strict, slow, rude, gone. Whatever one does, the call and the
other streams go on."""

import asyncio
import contextlib
import json
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import numpy as np
import pytest
from websockets.asyncio.server import Request, Response, ServerConnection, serve

from parlons.testing.engine_scene import Scene, scene
from parlons.testing.fake_sound import FRAME, hears_tone
from parlons.testing.stream_program import Program, port_of, program
from parlons.voice.media.builtin import stream_line, stream_socket
from parlons.voice.media.builtin.g711 import ENCODED, MU_LAW
from parlons.voice.media.builtin.stream_line import KEPT, LONGEST, MARKS, SLOW, Speech, StreamLine, TooMuch
from parlons.voice.media.builtin.stream_messages import NoMessage, read
from parlons.voice.media.engine import Stream
from parlons.voice.media.events import StreamEnded, StreamStarted
from tests.voice.media.far import BuiltinDriver, FarSide, builtin

FAR_AWAY = Stream("ws://127.0.0.1:1/", "127.0.0.1", "MZ1", "AC1", "CA1", speaks=True)
QUIET = np.zeros(FRAME, np.int16)


@dataclass
class Stage:
    """A caller who says 500 Hz, and a program."""

    scene: Scene
    driver: BuiltinDriver
    leg_id: str
    far: FarSide
    program: Program

    async def connects(self, **more: object) -> None:
        """The program is there."""
        await self.scene.engine.stream("ST1", self.leg_id, self.program.stream(**more))
        await self.scene.event(StreamStarted, stream_id="ST1")

    async def over(self, within_ms: int = 20_000) -> StreamEnded:
        """How its stream ended."""
        return await self.scene.event(StreamEnded, stream_id="ST1", within_ms=within_ms)

    async def goes_on(self) -> None:
        """The call stands: another program hears it."""
        async with program() as other:
            await self.scene.engine.stream("ST9", self.leg_id, other.stream())
            await self.scene.event(StreamStarted, stream_id="ST9")
            await other.hears_tone(500)
            assert other.wrong == []
        assert self.driver.engine.ticker.failed == 0


@contextlib.asynccontextmanager
async def stage(folder: Path) -> AsyncIterator[Stage]:
    """Everything set up, nothing connected."""
    async with builtin(folder) as driver, scene(driver) as made, program() as listening:  # type: ignore[arg-type]
        leg_id, far = await made.caller(500)
        yield Stage(made, driver, leg_id, far, listening)  # type: ignore[arg-type]


async def test_messages_are_those_of_the_published_shapes(tmp_path: Path) -> None:
    async with stage(tmp_path) as at:
        await at.connects(
            tracks=("inbound", "outbound"), parameters={"plan": "gold"}, headers={"Authorization": "Bearer x"}
        )
        start = (await at.program.message("start"))["start"]
        assert (start["tracks"], start["customParameters"]) == (["inbound", "outbound"], {"plan": "gold"})
        assert at.program.headers["Authorization"] == "Bearer x"
        await at.program.hears_tone(500)
        await at.program.says(800, 3_000, at_once=70)
        await at.program.hears_tone(800, "outbound")
        assert not hears_tone(await at.program.hears(200, "inbound"), 800)
        await at.program.sends("mark", {"name": "said"})
        await at.far.presses("7")
        await at.program.message("dtmf")
        await at.program.message("mark")
        await at.far.hangs_up()
        assert (await at.over()).why == "leg-ended"
        await at.program.message("stop")
        await at.program.over.wait()
        assert at.program.wrong == []
        assert at.program.messages[0]["event"] == "connected"


async def test_what_a_listener_sends_is_not_heard(tmp_path: Path) -> None:
    async with stage(tmp_path) as at:
        await at.connects(speaks=False)
        await at.program.says(800, 1_000)
        await at.far.presses("7")
        await at.scene.passes(300)
        assert not hears_tone(await at.far.hears(200), 800)
        assert at.program.keys == ""


@pytest.mark.parametrize(
    "rubbish", ["no JSON", b"\x00\x01", '{"event": "x"}' + " " * 300_000], ids=["text", "bytes", "long"]
)
async def test_rubbish_ends_the_stream_and_nothing_else(tmp_path: Path, rubbish: str | bytes) -> None:
    async with stage(tmp_path) as at:
        await at.connects()
        await at.program.sends_text(rubbish)
        assert (await at.over()).why == "protocol"
        await at.program.over.wait()
        await at.goes_on()


async def test_what_is_no_socket_of_the_web_ends_the_stream(tmp_path: Path) -> None:
    async with stage(tmp_path) as at:
        await at.connects()
        assert at.program.socket is not None
        at.program.socket.transport.write(b"\xff" * 100)
        assert (await at.over()).why == "protocol"
        await at.goes_on()


async def test_an_event_nobody_knows_is_left_alone(tmp_path: Path) -> None:
    async with stage(tmp_path) as at:
        await at.connects()
        for _ in range(3_000):
            await at.program.sends("weather", {"sun": True})
        await at.program.sends("mark", {"name": "still there"})
        await at.program.message("mark")
        await at.program.leaves(1000)
        assert (await at.over()).why == "done"


@pytest.mark.parametrize(("code", "why"), [(1000, "done"), (1001, "closed"), (1011, "closed"), (4000, "closed")])
async def test_a_program_that_leaves(tmp_path: Path, code: int, why: str) -> None:
    async with stage(tmp_path) as at:
        await at.connects()
        await at.program.leaves(code)
        over = await at.over()
        assert (over.why, over.code) == (why, code)


async def test_a_program_that_vanishes(tmp_path: Path) -> None:
    async with stage(tmp_path) as at:
        await at.connects()
        await at.program.vanishes()
        over = await at.over()
        assert (over.why, over.code) == ("closed", 0)
        await at.goes_on()


async def test_a_program_that_hangs_answers_no_ping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_socket, "PING_SECONDS", 0.3)
    async with stage(tmp_path) as at:
        at.program.deaf.clear()
        await at.connects(tracks=("inbound", "outbound"))
        assert (await at.over(30_000)).why in ("closed", "slow")
        await at.goes_on()


async def test_what_was_said_before_the_end_is_heard(tmp_path: Path) -> None:
    async with stage(tmp_path) as at:
        await at.connects()
        await at.program.says(800, 1_500)
        await at.program.sends("done", {"to": "a person"})
        await at.scene.hears(at.far, 800, ms=200)
        over = await at.over()
        assert (over.why, json.loads(over.said)) == ("done", {"to": "a person"})


async def test_who_left_in_good_order_is_not_slow_however_much_it_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_line, "SLOW", 5)
    async with stage(tmp_path) as at:
        await at.connects()
        await at.program.says(800, 4_000, at_once=1_000)
        await at.program.leaves()
        assert (await at.over()).why == "done"


async def test_a_program_that_will_not_have_us(tmp_path: Path) -> None:
    def refuses(_socket: ServerConnection, request: Request) -> Response:
        response = _socket.respond(HTTPStatus.FOUND if request.path == "/away" else HTTPStatus.FORBIDDEN, "no")
        response.headers["Location"] = "/calls"
        return response

    async def never(_socket: ServerConnection) -> None:
        raise AssertionError

    async with stage(tmp_path) as at, serve(never, "127.0.0.1", 0, process_request=refuses) as server:
        for path, status in (("/calls", 403), ("/away", 302)):
            at.program.port = port_of(server)
            stream_id = f"ST{path}"
            url = f"ws://127.0.0.1:{port_of(server)}{path}"
            await at.scene.engine.stream(stream_id, at.leg_id, at.program.stream(url=url))
            over = await at.scene.event(StreamEnded, stream_id=stream_id)
            assert (over.why, over.code) == ("refused", status)


def identity(folder: Path) -> ssl.SSLContext:
    """Of a server called bot.test; its own authority, cert.pem."""
    line = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=bot.test", "-addext", "subjectAltName=DNS:bot.test"]
    files = ["-keyout", folder / "key.pem", "-out", folder / "cert.pem"]
    subprocess.run([*line, *files, *names], check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


async def test_a_secure_socket_is_held_to_the_name_it_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = identity(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    stream_socket.tls.cache_clear()
    try:
        async with stage(tmp_path) as at, program(context) as secure:
            for host, stream_id in (("other.test", "ST1"), ("bot.test", "ST2")):
                told = secure.stream(url=f"wss://{host}:{secure.port}/calls")
                await at.scene.engine.stream(stream_id, at.leg_id, told)
                if host == "other.test":
                    assert (await at.over()).why == "no-answer"
            await at.scene.event(StreamStarted, stream_id="ST2")
            await secure.hears_tone(500)
            assert (secure.connections, secure.wrong) == (1, [])
    finally:
        stream_socket.tls.cache_clear()


async def test_a_program_that_is_not_there_or_never_answers(tmp_path: Path) -> None:
    accepted = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted.set()
        await reader.read(-1)
        writer.close()

    async with stage(tmp_path) as at, await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        await at.scene.engine.stream("ST1", at.leg_id, at.program.stream(url=url, open_ms=300))
        assert (await at.over()).why == "no-answer"
        await at.scene.engine.stream("ST2", at.leg_id, FAR_AWAY)
        assert (await at.scene.event(StreamEnded, stream_id="ST2")).why == "no-answer"
        accepted.clear()
        await at.scene.engine.stream("ST3", at.leg_id, at.program.stream(url=url))
        await accepted.wait()
        await at.far.hangs_up()
        assert (await at.scene.event(StreamEnded, stream_id="ST3")).why == "leg-ended"


# what a tick sees -----------------------------------------------------------------------------------------------------------


def a_line(**more: object) -> tuple[StreamLine, list[str]]:
    told: list[str] = []
    line = StreamLine(
        Stream(**{"url": "ws://x", "address": "", "sid": "", "account_id": "", "call_id": "", "speaks": True, **more}),  # type: ignore[arg-type]
        wake=lambda: None,
        slow=lambda: told.append("slow"),
    )
    line.open = True
    return line, told


def test_nobody_who_does_not_read_costs_more_than_a_bound() -> None:
    line, told = a_line(tracks=("inbound", "outbound"))
    for _ in range(KEPT + SLOW - 1):
        line.hear(QUIET, QUIET)
    assert (len(line.frames), told) == (2 * KEPT, [])
    line.hear(QUIET, QUIET)
    assert (len(line.frames), told) == (2 * KEPT, ["slow"])
    assert line.left_out == 2 * SLOW
    track, chunk, ms, sound = line.read()
    assert (track, chunk, ms, len(sound)) == ("inbound", SLOW + 1, SLOW * 20, FRAME), "what is left out is the oldest"
    blocks = sys.getallocatedblocks()
    for _ in range(1_000):
        line.hear(QUIET, QUIET)
    assert sys.getallocatedblocks() - blocks < 100


def test_sound_is_played_in_frames_whatever_its_pieces() -> None:
    speech = Speech()
    samples = np.arange(0, 8_000, 10, dtype=np.int16)
    sound = ENCODED[MU_LAW].take(samples.view(np.uint16)).tobytes()
    for start in range(0, len(sound), 37):
        speech.add(sound[start : start + 37])
    speech.mark("end")
    frames = []
    while (frame := speech.next()) is not None:
        frames.append(frame)
        assert speech.reached() == (["end"] if not speech.waiting else [])
    assert [len(frame) for frame in frames] == [FRAME] * 5
    assert np.abs(np.concatenate(frames).astype(int) - samples).max() <= 256
    speech.mark("at once")
    assert speech.reached() == ["at once"]


def test_what_a_program_may_be_ahead_has_a_bound() -> None:
    speech = Speech()
    for _ in range(130):
        speech.add(b"\xff" * 8_000)
    assert (speech.waiting, speech.left_out) == (LONGEST, 10 * 50)
    for number in range(MARKS):
        speech.mark(str(number))
    with pytest.raises(TooMuch):
        speech.mark("one more")
    speech.clear()
    assert (speech.next(), len(speech.reached())) == (None, MARKS)


def test_what_means_nothing_here_is_left_alone() -> None:
    for text in ('{"event": "start"}', '{"event": "connected", "more": [1]}', '{"event": "", "media": null}'):
        assert read(text) is None


@pytest.mark.parametrize(
    "rubbish",
    [
        "", "[]", "{}", '{"event": 1}', '{"event": "media"}', '{"event": "media", "media": {"payload": "*"}}', b"{}",
        '{"event": "mark", "mark": {}}', json.dumps({"event": "mark", "mark": {"name": "x" * 201}}),
        json.dumps({"event": "done", "done": "x" * 9_000}),
    ],
)  # fmt: skip
def test_what_is_no_message(rubbish: str | bytes) -> None:
    with pytest.raises(NoMessage):
        read(rubbish)
