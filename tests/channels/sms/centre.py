"""An SMPP centre for tests: smpp34's server, what it was handed, and what a test makes it do."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import smpp34

from parlons.testing.processes import free_port


@dataclass
class Centre:
    """One centre. It takes what it is handed under rising ids, unless the test answers itself (`by_hand`)."""

    port: int
    by_hand: bool = False
    statuses: list[int] = field(default_factory=list)
    """Answers for the next messages, when they are refusals."""
    submitted: asyncio.Queue[Any] = field(default_factory=asyncio.Queue)
    binds: asyncio.Queue[Any] = field(default_factory=asyncio.Queue)
    count: int = 0
    server: Any = None

    async def serve(self) -> None:
        """Takes what comes, for ever."""
        while True:
            event = await self.server.next()
            if isinstance(event, smpp34.Esme):
                self.binds.put_nowait(event)
            elif isinstance(event, smpp34.SubmitSmEvent):
                self.take(event)

    def take(self, event: Any) -> None:
        """Answer one message."""
        status = self.statuses.pop(0) if self.statuses else 0
        if status:
            event.reject(status)
            return
        self.submitted.put_nowait(event)
        if not self.by_hand:
            self.count += 1
            event.accept(f"{self.count:x}")

    async def bound(self) -> Any:
        """The next bind."""
        async with asyncio.timeout(60):
            return await self.binds.get()

    async def next(self) -> Any:
        """The next message it was handed."""
        async with asyncio.timeout(60):
            return await self.submitted.get()


async def report(bind: Any, event: Any, message_id: str, state: str = "DELIVRD") -> Any:
    """The receipt of a message, as carriers write it; returns our answer to it."""
    text = f"id:{message_id} sub:001 dlvrd:001 submit date:2611220900 done date:2611220901 stat:{state} err:000 text:"
    return await bind.deliver_sm(
        event.source_addr, text.encode(), source_addr=event.destination_addr, esm_class=4, source_addr_ton=1
    )


async def write(bind: Any, text: str, *, source: str = "33612345678", to: str = "33755000000", **more: Any) -> Any:
    """A customer writes; returns our answer."""
    more = {"data_coding": 8, **more}
    octets = text.encode("utf-16-be") if more["data_coding"] == 8 else text.encode("latin-1")
    return await bind.deliver_sm(to, octets, source_addr=source, source_addr_ton=1, source_addr_npi=1, **more)


@contextlib.asynccontextmanager
async def centre(port: int | None = None) -> AsyncIterator[Centre]:
    """A centre that listens."""
    made = Centre(port or free_port())  # smpp34 cannot be asked to choose one
    made.server = smpp34.Server("127.0.0.1", made.port, system_id="CENTRE")
    await made.server.start()
    serving = asyncio.create_task(made.serve())
    try:
        yield made
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        await made.server.stop()
