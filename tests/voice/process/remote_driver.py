"""A driver of the contract suite whose engine is reached through the socket: the fake, served in this very process."""

import contextlib
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from parlons.testing.fake_engine import FakeEngine
from parlons.voice.media.remote import RemoteEngine
from parlons.voice.process.serving import EngineServer
from tests.voice.contract.faking import FakeDriver


class RemoteDriver(FakeDriver):
    """Far sides are the fake's; verbs and events go through the socket."""

    def __init__(self, folder: Path, fake: FakeEngine, remote: RemoteEngine) -> None:
        super().__init__(folder, fake)
        self.engine = remote  # type: ignore[assignment]
        self.remote = remote

    async def passes(self, ms: int) -> None:
        await super().passes(ms)
        await self._round_trip()

    async def changes(self) -> None:
        await super().changes()
        await self._round_trip()

    async def _round_trip(self) -> None:
        """What was told before has come when the second answer is there."""
        await self.remote.state()
        await self.remote.state()


@contextlib.asynccontextmanager
async def served(fake: FakeEngine, *, base: int = 5_000, **options: float) -> AsyncIterator[EngineServer]:
    """The fake behind a socket in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="parlons-voice-") as folder:
        server = EngineServer(fake, Path(folder) / "voice.sock", base=base, **options)
        await server.start()
        try:
            yield server
        finally:
            await server.stop()
