"""A practice customer who writes by mail, SMS or a messaging service, and waits for each answer before he writes again."""

import asyncio
import itertools
import random
import time
from collections.abc import AsyncIterator, Sequence

from parlons.simulator import cast, pacing
from parlons.simulator.ledger import Ledger
from parlons.simulator.lines import Known, Line, Person

PATIENCE = 600.0
"""Seconds to an answer: nobody sits before a mail or a text message."""


class Correspondent:
    """One matter, from the first question to the thanks."""

    def __init__(
        self, person: Person, known: Known, line: Line, chance: random.Random, ledger: Ledger, pace: float
    ) -> None:  # fmt: skip
        self._person, self._known, self._line = person, known, line
        self._chance, self._ledger, self._pace = chance, ledger, pace

    async def correspond(self) -> None:
        """Play the matter."""
        lines = cast.QUESTIONS[self._known.topic, self._known.language]
        said = [*lines[: self._chance.randint(1, len(lines))], cast.THANKS[self._known.language]]
        try:
            for count, text in enumerate(said, 1):
                await asyncio.sleep(pacing.typing(self._chance, text) / self._pace)
                await self._line.write(self._person, text)
                self._ledger.note("wrote", channel=self._known.channel)
                async with asyncio.timeout(PATIENCE / self._pace):
                    await self._line.answered(self._person, count)
                self._ledger.note("was-answered", channel=self._known.channel)
        except TimeoutError:
            self._ledger.note("gave-up", channel=self._known.channel)
        finally:
            self._line.forget(self._person)


async def correspond(
    people: asyncio.TaskGroup, lines: Sequence[tuple[Known, Line]], arrivals: AsyncIterator[None],
    chance: random.Random, ledger: Ledger, pace: float,
) -> None:  # fmt: skip
    """One customer on every line at once, so that each is seen alive; then one on some line at each arrival."""
    numbers = itertools.count(int(time.time()) % 90_000_000)

    def begin(known: Known, line: Line) -> None:
        person = Person(cast.pick_name(chance, known.language), next(numbers))
        matter = Correspondent(person, known, line, random.Random(chance.random()), ledger, pace)
        people.create_task(matter.correspond())

    for known, line in lines:
        begin(known, line)
    async for _ in arrivals:
        begin(*chance.choice(lines))
