"""The built-in engine as a driver with every far side: SIP callers and phones with RTP, desk phones, browsers."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from parlons.voice.media.builtin.browser_link import all_closed
from parlons.voice.media.config import EngineConfig, Trunk
from parlons.voice.sip.agent import SipAgent
from tests.voice.browser.peers import Peer, peers
from tests.voice.media.far import BuiltinDriver, FarSide, FarSips, builtin


class WholeDriver(BuiltinDriver):
    """Adds phones that register, and browsers."""

    def __init__(self, folder: Path, engine: Any, sips: FarSips, port: int, made: list[Peer]) -> None:
        super().__init__(folder, engine, sips)
        self.port, self._made = port, made
        self.phones: list[SipAgent] = []

    async def calls(self, **told: Any) -> Any:
        return await self.sips.calls(self.port, **told)

    async def registers(self, username: str, password: str) -> None:
        """A phone registers as a trunk's customer does, and somebody sits at it."""
        far = self.sips.waiting[username] = FarSide(self.sips, username, "PCMU", 101)
        await far.rtp.start()
        line = Trunk("TKphone", "127.0.0.1", self.port, username=username, password=password, register=True)
        phone = SipAgent(EngineConfig(trunks=(line,)), self.sips)
        self.phones.append(phone)
        await phone.start()

    async def browser(self) -> Peer:  # type: ignore[override]
        peer = Peer()
        self._made.append(peer)
        return peer


@contextlib.asynccontextmanager
async def whole(folder: Path) -> AsyncIterator[WholeDriver]:
    """Everything in this process."""
    async with builtin(folder) as plain, peers() as made:
        driver = WholeDriver(folder, plain.engine, plain.sips, plain.engine.sip_port, made)
        try:
            yield driver
        finally:
            for phone in driver.phones:
                await phone.stop()
    await all_closed()
