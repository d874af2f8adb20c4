"""Real processes: one per folder, started when it is missing, outliving who started it, ending when it should."""

import asyncio
import contextlib
import os
import select
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parlons.voice.media.config import EngineConfig, Phone
from parlons.voice.media.events import LegEnded
from parlons.voice.media.remote import EngineAway, RemoteEngine
from parlons.voice.process.keeper import Keeper
from parlons.voice.process.life import lock_path, socket_path

COMMAND = (sys.executable, "-m", "tests.voice.process.fake_process")
PATIENCE = 60.0


@contextlib.asynccontextmanager
async def kept(data: Path, **environ: str) -> AsyncIterator[Keeper]:
    """A keeper at work, as `parlons serve` has one; its process is gone at the end."""
    said: list[str] = []
    keeper = Keeper(data, command=COMMAND, environ={"PYTHONPATH": ".", **environ}, say=said.append, pauses=(0.05,))
    keeping = asyncio.create_task(keeper.keep())
    try:
        async with asyncio.timeout(PATIENCE):
            await keeper.up.wait()
        yield keeper
    finally:
        await keeper.leave()
        keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping


async def gone(pid: int) -> bool:
    """Waits until a process is gone."""

    def wait() -> bool:
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            return True
        try:
            return bool(select.select([handle], [], [], PATIENCE)[0])
        finally:
            os.close(handle)

    return await asyncio.to_thread(wait)


def runs(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.close(os.pidfd_open(pid))
        return True
    return False


async def two_who_talk(remote: RemoteEngine) -> None:
    """A talk, as far as the process can see."""
    await remote.create_room("CF1")
    for leg_id in ("LG1", "LG2"):
        await remote.connect_browser(leg_id, "v=0")
        await remote.join("CF1", leg_id)


async def test_a_process_is_started_serves_and_ends_with_the_last_who_leaves(tmp_path: Path) -> None:
    async with kept(tmp_path) as keeper, RemoteEngine(keeper.socket) as remote:
        assert (await remote.connected()).pid == keeper.pid == int(lock_path(tmp_path).read_text())
        assert os.getsid(keeper.pid) == keeper.pid, "in a session of its own"
        assert (await remote.state()).legs == ()
        pid = keeper.pid
    assert await gone(pid)
    assert not socket_path(tmp_path).exists()


async def test_two_keepers_share_one_process_which_stays_for_the_second(tmp_path: Path) -> None:
    async with kept(tmp_path) as first:
        pid = first.pid
        assert pid is not None
        async with kept(tmp_path) as second:
            assert second.pid == pid
        assert runs(pid)
        async with RemoteEngine(first.socket) as remote:
            await remote.connected()
            assert (await remote.state()).legs == ()
    assert await gone(pid)


async def test_a_second_process_for_the_folder_ends_at_once(tmp_path: Path) -> None:
    async with kept(tmp_path) as keeper:
        another = await asyncio.create_subprocess_exec(*COMMAND, "--data", str(tmp_path))
        assert await another.wait() == 0
        async with RemoteEngine(keeper.socket) as remote:
            assert (await remote.connected()).pid == keeper.pid


async def test_a_process_that_dies_is_started_again_and_what_it_carried_is_lost(tmp_path: Path) -> None:
    config = EngineConfig(phones=(Phone("alice", "hidden words"),))
    async with kept(tmp_path) as keeper, RemoteEngine(keeper.socket) as remote:
        await remote.connected()
        await remote.configure(config)
        await two_who_talk(remote)
        told = remote.events((await remote.state()).seq)
        reading = asyncio.create_task(anext(told))
        await remote.state()
        before = keeper.pid
        assert before is not None
        os.kill(before, signal.SIGKILL)
        assert await gone(before)
        async with asyncio.timeout(PATIENCE):
            events = [await reading, await anext(told)]
        assert [(e.leg_id, e.cause) for e in events if isinstance(e, LegEnded)] == [("LG1", "lost"), ("LG2", "lost")]
        assert (await remote.connected()).pid != before
        await keeper.up.wait()
        assert keeper.pid != before
        assert (await remote.state()).legs == ()


async def test_talk_outlives_the_web_process_that_was_killed(tmp_path: Path) -> None:
    """A whole other process keeps it and is killed; the voice process goes on and the next one finds legs and rooms."""
    code = (
        "import asyncio, sys\nfrom pathlib import Path\nfrom parlons.voice.process.keeper import Keeper\n"
        "async def main():\n"
        f"    keeper = Keeper(Path({str(tmp_path)!r}), command={COMMAND!r}, environ={{'PYTHONPATH': '.'}})\n"
        "    keeping = asyncio.create_task(keeper.keep())\n"
        "    await keeper.up.wait()\n    print(keeper.pid, flush=True)\n    await keeping\n"
        "asyncio.run(main())\n"
    )
    web = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=subprocess.PIPE)
    assert web.stdout is not None
    pid = int(await asyncio.wait_for(web.stdout.readline(), PATIENCE))
    async with RemoteEngine(socket_path(tmp_path)) as remote:
        await remote.connected()
        await two_who_talk(remote)
    web.kill()
    await web.wait()
    assert runs(pid)
    async with kept(tmp_path) as keeper, RemoteEngine(keeper.socket) as remote:
        assert (await remote.connected()).pid == keeper.pid == pid
        state = await remote.state()
        assert {leg.leg_id for leg in state.legs} == {"LG1", "LG2"}
        assert state.rooms[0].leg_ids == ("LG1", "LG2")
        for leg_id in ("LG1", "LG2"):
            await remote.hang_up(leg_id)
    assert await gone(pid)


async def test_a_process_left_alone_ends_by_itself(tmp_path: Path) -> None:
    alone = await asyncio.create_subprocess_exec(
        *COMMAND, "--data", str(tmp_path), env={**os.environ, "PARLONS_VOICE_TEST_ALONE": "0.5"}
    )
    assert await asyncio.wait_for(alone.wait(), PATIENCE) == 0


async def test_a_process_whose_folder_was_deleted_ends(tmp_path: Path) -> None:
    async with kept(tmp_path) as keeper:
        pid = keeper.pid
        assert pid is not None
        lock_path(tmp_path).unlink()
        assert await gone(pid)
        await keeper.leave()


async def test_who_waits_is_let_go_and_who_talks_talks_on_after_the_last_web_process_left(tmp_path: Path) -> None:
    async with RemoteEngine(socket_path(tmp_path)) as remote:
        async with kept(tmp_path, PARLONS_VOICE_TEST_DRAIN="0.5") as keeper:
            pid = keeper.pid
            assert pid is not None
            await remote.connected()
            await two_who_talk(remote)
            await remote.create_room("CF2")
            await remote.connect_browser("LGwaits", "v=0")
            await remote.join("CF2", "LGwaits")
            told = remote.events((await remote.state()).seq)
        async with asyncio.timeout(PATIENCE):
            while not isinstance(event := await anext(told), LegEnded):
                pass
        assert event.leg_id == "LGwaits"
        assert {leg.leg_id for leg in (await remote.state()).legs} == {"LG1", "LG2"}
        for leg_id in ("LG1", "LG2"):
            await remote.hang_up(leg_id)
        assert await gone(pid)
        with pytest.raises(EngineAway):
            await remote.state()


async def test_a_signal_ends_it_in_good_order(tmp_path: Path) -> None:
    alone = await asyncio.create_subprocess_exec(*COMMAND, "--data", str(tmp_path))
    async with RemoteEngine(socket_path(tmp_path)) as remote:
        await remote.connected()
        await remote.connect_browser("LG1", "v=0")
        reading = remote.events((await remote.state()).seq)
        alone.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            event = await anext(reading)
        assert isinstance(event, LegEnded)
        assert event.by == "us"
    assert await asyncio.wait_for(alone.wait(), PATIENCE) == 0


async def test_a_process_that_cannot_start_is_said(tmp_path: Path) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    environ = {"PYTHONPATH": ".", "PARLONS_VOICE_TEST_BREAKS": "1"}
    keeper = Keeper(tmp_path, command=COMMAND, environ=environ, say=heard.put_nowait, pauses=(0.05,))
    keeping = asyncio.create_task(keeper.keep())
    try:
        said = await asyncio.wait_for(heard.get(), PATIENCE)
        assert "voice.log" in said
        assert "the port is taken" in (tmp_path / "run" / "voice.log").read_text()
    finally:
        await keeper.leave()
        keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping


async def test_the_voice_process_gets_no_secret_of_the_web_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://hidden")
    monkeypatch.setenv("PARLONS_SECRET", "hidden")
    async with kept(tmp_path) as keeper:
        environ = await asyncio.to_thread(Path(f"/proc/{keeper.pid}/environ").read_bytes)
        assert b"hidden" not in environ
        assert b"PATH=" in environ
