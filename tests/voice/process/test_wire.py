"""Through the socket: the whole contract, what happens when a connection or the process goes, and what is no frame."""

import asyncio
import stat
from pathlib import Path

import pytest

from parlons.kit.errors import Refusal
from parlons.testing.engine_suite import CASES, run
from parlons.testing.fake_engine import FakeEngine
from parlons.voice.media.config import EngineConfig, Phone
from parlons.voice.media.engine import Caller, NotThere, UriTarget
from parlons.voice.media.events import DigitReceived, EngineEvent, LegAnswered, LegEnded, LegIncoming
from parlons.voice.media.remote import EngineAway, RemoteEngine
from parlons.voice.process.serving import EngineServer
from parlons.voice.process.wire import VERBS, Call, Refused, encode, packed, read, short
from tests.voice.process.remote_driver import RemoteDriver, served


@pytest.mark.parametrize("case", CASES)
async def test_the_contract_holds_through_the_socket(case: str, tmp_path: Path) -> None:
    fake = FakeEngine()
    async with served(fake) as server, RemoteEngine(server.path) as remote:
        await remote.connected()
        await run(case, RemoteDriver(tmp_path, fake, remote))


def test_every_verb_of_the_protocol_crosses_the_socket() -> None:
    assert len(VERBS) == 27


async def test_the_socket_is_its_owner_s_alone() -> None:
    async with served(FakeEngine()) as server:
        assert stat.S_IMODE(server.path.stat().st_mode) == 0o600


async def test_a_folder_deeper_than_a_socket_s_address_is_fine(tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 60) / ("b" * 60)
    deep.mkdir(parents=True)
    server = EngineServer(FakeEngine(), deep / "voice.sock", base=0)
    await server.start()
    try:
        async with RemoteEngine(server.path) as remote:
            await remote.connected()
            assert (await remote.state()).legs == ()
    finally:
        await server.stop()


async def test_without_a_process_every_verb_says_so(tmp_path: Path) -> None:
    async with RemoteEngine(tmp_path / "voice.sock") as remote:
        with pytest.raises(EngineAway):
            await remote.state()
        with pytest.raises(EngineAway):
            await remote.hang_up("LG1")
        with pytest.raises(EngineAway):
            await anext(remote.tap("LG1"))  # type: ignore[arg-type]
        with pytest.raises(EngineAway):
            await remote.connected(0.05)


async def test_a_verb_whose_answer_is_lost_is_refused_as_away() -> None:
    fake = FakeEngine()
    asked, never = asyncio.Event(), asyncio.Event()

    async def hangs(leg_id: str, *, text: str = "") -> None:
        asked.set()
        await never.wait()

    fake.hang_up = hangs  # type: ignore[method-assign]
    async with served(fake) as server, RemoteEngine(server.path) as remote:
        await remote.connected()
        waiting = asyncio.create_task(remote.hang_up("LG1"))
        await asked.wait()
        for connection in list(server._connections):
            await connection.close()
        with pytest.raises(EngineAway):
            await waiting
        await remote.connected()
        assert (await remote.state()).legs == ()


async def test_events_go_on_over_a_broken_connection_without_gap_or_repeat() -> None:
    fake = FakeEngine()
    async with served(fake) as server, RemoteEngine(server.path) as remote:
        await remote.connected()
        leg_id = await fake.incoming()
        reader = remote.events(0)
        assert isinstance(await anext(reader), LegIncoming)
        for digit in "123456":
            fake.presses(leg_id, digit)
            event = await anext(reader)
            assert isinstance(event, DigitReceived)
            assert event.digit == digit
            for connection in list(server._connections):
                await connection.close()
        assert event.seq == server.base + 7


async def test_when_the_process_dies_its_legs_are_lost_and_the_next_one_is_configured(tmp_path: Path) -> None:
    path = tmp_path / "v.sock"
    config = EngineConfig(phones=(Phone("alice", "hidden words"),))
    first, second = FakeEngine(), FakeEngine()
    async with RemoteEngine(path) as remote:
        server = EngineServer(first, path, base=1_000)
        await server.start()
        await remote.connected()
        await remote.configure(config)
        told: list[EngineEvent] = []
        reader = remote.events(0)
        answered = await first.incoming()
        told.append(await anext(reader))
        await remote.answer(answered)
        told.append(await anext(reader))
        await remote.dial("LGdialled", UriTarget("sip:a@b"), caller=Caller(""))
        gone = await first.incoming()
        first.far_hangs_up(gone)
        told += [await anext(reader), await anext(reader)]
        await server.stop()

        server = EngineServer(second, path, base=2_000)
        await server.start()
        lost = [await anext(reader), await anext(reader)]
        assert {(e.leg_id, e.by, e.cause) for e in lost if isinstance(e, LegEnded)} == {
            (answered, "engine", "lost"),
            ("LGdialled", "engine", "lost"),
        }
        assert second.config == config
        await second.incoming()
        after = await anext(reader)
        numbers = [event.seq for event in [*told, *lost, after]]
        assert numbers == sorted(set(numbers))
        assert after.seq == 2_001
        await server.stop()


async def test_a_new_owner_ends_the_old_one_s_events() -> None:
    fake = FakeEngine()
    async with served(fake) as server, RemoteEngine(server.path) as old, RemoteEngine(server.path) as new:
        await old.connected()
        await new.connected()
        leg_id = await fake.incoming()
        before = old.events(0)
        assert isinstance(await anext(before), LegIncoming)
        after = new.events(0)
        assert isinstance(await anext(after), LegIncoming)
        with pytest.raises(StopAsyncIteration):
            await anext(before)
        await old.answer(leg_id)
        assert isinstance(await anext(after), LegAnswered)


async def test_a_call_nobody_is_there_for_is_refused_in_the_end() -> None:
    fake = FakeEngine()
    async with served(fake, orphan_seconds=0.05):
        leg_id = await fake.incoming()
        async with asyncio.timeout(10):
            async for event in fake.log.read(1):
                assert isinstance(event, LegEnded)
                assert (event.leg_id, event.status) == (leg_id, 503)
                break


async def test_refusals_cross_the_socket_by_their_code() -> None:
    async with served(FakeEngine()) as server, RemoteEngine(server.path) as remote:
        await remote.connected()
        with pytest.raises(NotThere) as refused:
            await remote.answer("LG404")
        assert "leg" in refused.value.message


async def test_what_is_no_call_is_refused_and_what_is_no_frame_ends_the_connection() -> None:
    async with served(FakeEngine()) as server:
        with short(server.path) as name:
            reader, writer = await asyncio.open_unix_connection(name)
        for number, (verb, arguments) in enumerate(
            [("explode", {}), ("answer", {"leg": 1}), ("answer", {}), ("answer", {"leg_id": "LG1", "more": 1})]
        ):
            writer.write(encode(Call(number, verb, packed(arguments))))
            answer = await read(reader)
            assert isinstance(answer, Refused)
            assert (answer.id, answer.code) == (number, "voice-verb" if verb == "explode" else "invalid")
        writer.write(b"\xff\xff\xff\xff garbage")
        assert await read(reader) is None
        writer.close()


async def test_a_failing_engine_refuses_and_the_connection_holds() -> None:
    fake = FakeEngine()

    async def breaks(room_id: str) -> None:
        raise ZeroDivisionError

    fake.create_room = breaks  # type: ignore[method-assign]
    async with served(fake) as server, RemoteEngine(server.path) as remote:
        await remote.connected()
        with pytest.raises(Refusal):
            await remote.create_room("CF1")
        assert (await remote.state()).rooms == ()
