"""The built-in engine in its real process, reached through the socket, passes the whole contract: each case a new process."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parlons.testing.engine_suite import CASES, run
from parlons.voice.media.engine import NotThere
from parlons.voice.media.remote import RemoteEngine
from parlons.voice.process.keeper import Keeper
from tests.voice.browser.peers import peers
from tests.voice.contract.whole import WholeDriver
from tests.voice.media.far import TRUNK, FarSips


@contextlib.asynccontextmanager
async def remote(folder: Path) -> AsyncIterator[WholeDriver]:
    """A voice process kept as `parlons serve` keeps it, and far sides in this process."""
    command = (sys.executable, "-m", "parlons.voice.process")
    keeper = Keeper(folder, command=command, environ={"PARLONS_SIP_PORT": "0"})
    keeping = asyncio.create_task(keeper.keep())
    sips = FarSips()
    await sips.agent.start()
    try:
        async with RemoteEngine(keeper.socket) as engine, peers() as made:
            welcome = await engine.connected(60)
            await engine.configure(TRUNK)
            driver = WholeDriver(folder, engine, sips, welcome.sip_port, made)
            try:
                yield driver
            finally:
                for phone in driver.phones:
                    await phone.stop()
                for leg in (await engine.state()).legs:
                    with contextlib.suppress(NotThere):
                        await engine.hang_up(leg.leg_id)
    finally:
        await sips.stop()
        await keeper.leave()
        keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping


@pytest.mark.parametrize("case", sorted(CASES.keys() - {"a_browser_that_vanished_is_lost"}))  # 20 s, and the same code
async def test_the_builtin_engine_in_its_process(case: str, tmp_path: Path) -> None:
    async with remote(tmp_path) as driver:
        await run(case, driver)  # type: ignore[arg-type]
