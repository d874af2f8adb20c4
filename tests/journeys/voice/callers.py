"""People with a telephone outside the house: a plain SIP telephone (the simulator's) whose sound is a tone and is kept.

What they hear is looked at by its tones; every wait is for a packet or for an answer.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from parlons.simulator.sip import Address, Message
from parlons.simulator.telephone import Dialog, Telephone
from parlons.testing.fake_sound import LEVEL, Samples, loudness
from tests.voice.media.rtp_phone import RtpPhone

PATIENCE = 60.0
"""Seconds until somebody must have heard, answered or hung up."""
STRETCH_MS = 200


class Person:
    """Somebody with a telephone, who says a tone in Hz all the time."""

    def __init__(self, server: Address, number: str, voice: float | None, *, host: str = "127.0.0.1") -> None:
        self.phone = Telephone(server, number, host=host)
        self.sound = RtpPhone(frequency=voice)
        self.dialog: Dialog | None = None
        self.rung: asyncio.Queue[tuple[Dialog, Message]] = asyncio.Queue()
        """Calls that came in, as they ring."""

    async def open(self) -> "Person":
        """Plugs the telephone in."""
        await self.phone.open()
        await self.sound.start()
        self.phone.ring = self._rings
        return self

    async def close(self) -> None:
        """Hangs up and unplugs."""
        self.phone.close()
        await self.sound.stop()

    async def rings(self, number: str) -> int:
        """Calls a number; the final status. Sound flows as soon as the other side says where to."""
        self.dialog = self.phone.call(number, self.sound.port)
        async with asyncio.timeout(PATIENCE):
            status = await asyncio.shield(self.dialog.answered)
        self.sound.target = self.dialog.media
        return status

    async def answers(self) -> Message:
        """Waits for a call and takes it; its INVITE."""
        async with asyncio.timeout(PATIENCE):
            self.dialog, invite = await self.rung.get()
        self.phone.accept(self.dialog, self.sound.port)
        self.sound.target = self.dialog.media
        return invite

    async def presses(self, digits: str) -> None:
        """Keys, as RFC 4733 events."""
        self.sound.presses(digits)
        await self.sound.frames(10 * len(digits) + 2)

    async def hears(self, frequency: float, *, seconds: float = PATIENCE) -> None:
        """Waits until a tone is heard."""
        for _ in range(round(seconds * 1000 / STRETCH_MS)):
            if loudness(await self.listens(), frequency) > LEVEL / 20:
                return
        raise AssertionError(f"{frequency} Hz was not heard in {seconds} s; {len(self.sound.packets)} packets came")

    async def hears_no_more(self, frequency: float, *, seconds: float = PATIENCE) -> None:
        """Waits until a tone was away for a whole second."""
        away = 0
        for _ in range(round(seconds * 1000 / STRETCH_MS)):
            away = away + 1 if loudness(await self.listens(), frequency) < LEVEL / 60 else 0
            if away * STRETCH_MS >= 1000:
                return
        raise AssertionError(f"{frequency} Hz was still heard after {seconds} s")

    async def hears_something(self, *, seconds: float = PATIENCE) -> None:
        """Waits for any sound: music, words."""
        for _ in range(round(seconds * 1000 / STRETCH_MS)):
            heard = await self.listens()
            if len(heard) and abs(heard).max() > 200:
                return
        raise AssertionError(f"silence for {seconds} s; {len(self.sound.packets)} packets came")

    async def listens(self, ms: int = STRETCH_MS) -> Samples:
        """What comes in the next `ms`."""
        return await self.sound.hears(ms)

    def hangs_up(self) -> None:
        """Ends the call."""
        assert self.dialog is not None
        self.dialog.hang_up()

    async def is_hung_up(self, seconds: float = PATIENCE) -> None:
        """Waits until the other side ended the call."""
        assert self.dialog is not None
        async with asyncio.timeout(seconds):
            await self.dialog.ended.wait()

    async def _rings(self, dialog: Dialog, invite: Message) -> None:
        self.rung.put_nowait((dialog, invite))


class Street:
    """Everybody outside: who calls, and the carrier whose telephone stands for every outside number."""

    def __init__(self, server: Address, carrier: Person) -> None:
        self.server, self.carrier = server, carrier
        self._open: list[Person] = []

    async def person(
        self, number: str = "+33612345678", *, voice: float | None = 1000.0, host: str = "127.0.0.1"
    ) -> Person:
        """Somebody with a telephone; the trunk is 127.0.0.1, another `host` is a stranger's."""
        made = await Person(self.server, number, voice, host=host).open()
        self._open.append(made)
        return made

    async def leave(self) -> None:
        """Everybody hangs up."""
        for one in self._open:
            await one.close()


@contextlib.asynccontextmanager
async def carrier(server: Address) -> AsyncIterator[Person]:
    """An open telephone that the trunk leads to; it says 1,700 Hz."""
    made = await Person(server, "carrier", 1700.0).open()
    try:
        yield made
    finally:
        await made.close()
