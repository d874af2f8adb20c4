"""Practice people on the telephone: a customer who rings, chooses, waits and talks; an agent's desk phone that answers."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from parlons.simulator import cast, pacing
from parlons.simulator.ledger import Ledger
from parlons.simulator.sip import Address, Message
from parlons.simulator.sound import Line, speech
from parlons.simulator.telephone import Dialog, Telephone

TURNS = 6
"""Sentences at most in one practice call."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """Where practice people ring."""

    host: str
    sip_port: int
    number: str
    """The firm's number, E.164."""
    language: str
    choice: tuple[str, ...] = ()
    """Keys of the firm's menu a caller may press; none: it has no menu."""
    ways: tuple[Sequence[str], ...] = ()
    """Instead: keys that lead through the firm's questions, one answer after the other; then the caller hangs up."""
    caller_host: str = "127.0.0.1"
    """Address of this machine that customers ring from: the carrier's, to the centre."""


class Caller:
    """One practice customer who rings once."""

    def __init__(self, exchange: Exchange, chance: random.Random, ledger: Ledger, pace: float) -> None:
        self._exchange, self._chance, self._ledger, self._pace = exchange, chance, ledger, pace

    async def ring(self) -> None:
        """The whole call: ends when the other side hangs up, the matter is said, or patience is over."""
        chance, language = self._chance, self._exchange.language
        number = (
            f"+3355500{chance.randrange(10_000):04d}"
            if language == "fr"
            else f"+4420790{chance.randrange(100_000):05d}"
        )
        phone = Telephone((self._exchange.host, self._exchange.sip_port), number, host=self._exchange.caller_host)
        line = Line(self._exchange.caller_host)
        try:
            await phone.open()
            await line.open()
            dialog = phone.call(self._exchange.number, line.port)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(30):
                    await asyncio.shield(dialog.answered)
                await self._talk(dialog, line)
            dialog.hang_up()
            self._ledger.note("call.ended", call_id=dialog.call_id)
        except OSError:
            self._ledger.note("refused", code="no-line")
        finally:
            line.close()
            phone.close()

    async def _talk(self, dialog: Dialog, line: Line) -> None:
        chance, where = self._chance, dialog.media
        if where is None or dialog.answered.result() != 200:
            return
        self._ledger.note("call.answered", call_id=dialog.call_id)
        topic = cast.pick_topic(chance)
        sentences = [*cast.QUESTIONS[topic.key, self._exchange.language], cast.THANKS[self._exchange.language]]
        async with asyncio.timeout(max(20.0, (pacing.patience(chance) + 60) / self._pace)), _until(dialog):
            if self._exchange.ways:
                return await self._key_through(line, where)
            await line.listen(chance.uniform(3, 6), where)
            if self._exchange.choice:
                await line.press(chance.choice(self._exchange.choice), where)
            await line.listen(chance.uniform(6, 12), where)
            for sentence in sentences[:TURNS]:
                await line.say(await speech(sentence, self._exchange.language), where)
                await line.listen(chance.uniform(3, 8), where)

    async def _key_through(self, line: Line, where: Address) -> None:
        for keys in self._chance.choice(self._exchange.ways):
            await line.listen(self._chance.uniform(5, 9), where)
            await line.press(keys, where)
        await line.listen(self._chance.uniform(20, 40), where)


class DeskPhone:
    """A practice agent's desk phone: registered, answers after a moment, talks until the other side hangs up."""

    def __init__(
        self, server: Address, username: str, password: str, language: str, chance: random.Random, ledger: Ledger,
        pace: float,
    ) -> None:  # fmt: skip
        self._phone = Telephone(server, username, password)
        self._language, self._chance, self._ledger, self._pace = language, chance, ledger, pace

    async def stay(self) -> None:
        """Open and registered until cancelled."""
        self._phone.ring = self._answer
        await self._phone.open()
        try:
            await self._phone.stay_registered()
        finally:
            self._phone.close()

    async def _answer(self, dialog: Dialog, _invite: Message) -> None:
        await asyncio.sleep(pacing.reaction(self._chance) / self._pace)
        if dialog.ended.is_set() or dialog.media is None:
            return
        line = Line()
        await line.open()
        try:
            self._phone.accept(dialog, line.port)
            self._ledger.note("call.taken", call_id=dialog.call_id)
            lines = [
                line for (_, language), said in cast.ANSWERS.items() if language == self._language for line in said
            ]
            async with _until(dialog):
                while True:
                    await line.say(await speech(self._chance.choice(lines), self._language), dialog.media)
                    await line.listen(self._chance.uniform(4, 9), dialog.media)
        finally:
            line.close()
            dialog.hang_up()


@contextlib.asynccontextmanager
async def _until(dialog: Dialog) -> AsyncIterator[None]:
    """Leaves the block when the call ends."""
    inside = asyncio.current_task()
    assert inside is not None
    over = False

    async def watch() -> None:
        nonlocal over
        await dialog.ended.wait()
        over = True
        inside.cancel()

    watching = asyncio.create_task(watch())
    try:
        yield
    except asyncio.CancelledError:
        if not over or inside.uncancel() > 0:
            raise
    finally:
        watching.cancel()
