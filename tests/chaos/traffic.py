"""The demo's traffic, faster: practice agents at work all the time, practice customers while a round lasts.

Agents, customers and ledger are the simulator's own; chance comes from the seed.
"""

import asyncio
import random
from pathlib import Path
from typing import Any

from parlons.simulator import pacing
from parlons.simulator.agent import Agent
from parlons.simulator.customer import Customer, Shop
from parlons.simulator.ledger import Ledger
from parlons.testing.people import Operator
from tests.chaos.scene import Scene

PACE = 60.0
"""How many times faster than life people read and write."""
ARRIVALS = 2.5
"""Customers a second."""
SHOPS = {"delmas": "fr", "northgate": "en"}
PATIENCE = 60.0


class HeardLedger(Ledger):
    """The simulator's ledger; somebody may wait for it to grow."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._grown = asyncio.Condition()
        self._telling: set[asyncio.Task[None]] = set()

    @property
    def total(self) -> int:
        """Acts that were acknowledged."""
        return sum(count for act, count in self.counts.items() if act not in ("refused", "gave-up"))

    def note(self, act: str, **facts: Any) -> None:
        super().note(act, **facts)
        task = asyncio.get_running_loop().create_task(self._tell())
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def grows(self, acts: int) -> None:
        """Returns when this many more acts were acknowledged."""
        wanted = self.total + acts
        async with asyncio.timeout(PATIENCE), self._grown:
            await self._grown.wait_for(lambda: self.total >= wanted)

    async def _tell(self) -> None:
        async with self._grown:
            self._grown.notify_all()


class Traffic:
    """Agents from the start; customers between `open` and `close`."""

    def __init__(self, stage: Scene, ledger: HeardLedger, chance: random.Random) -> None:
        self.ledger = ledger
        self._stage, self._chance = stage, chance
        self._agents: list[asyncio.Task[None]] = []
        self._visits: set[asyncio.Task[None]] = set()
        self._arriving: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Signs the practice agents in, half of them at each server."""
        async with Operator(self._stage.urls, self._stage.servers[0].operator_key()) as operator:
            links = await operator.links()
        for number, (email, token) in enumerate(sorted(links.items())):
            if "@practice." in email:
                agent = Agent(self._urls(number), token, self._dice(), self.ledger, PACE)
                self._agents.append(asyncio.create_task(agent.work()))

    def open(self) -> None:
        """Customers begin to come."""
        self._arriving = asyncio.create_task(self._arrive())

    async def close(self) -> None:
        """No more customers; those who are there finish, and after a while are sent away."""
        if self._arriving is not None:
            self._arriving.cancel()
            await asyncio.gather(self._arriving, return_exceptions=True)
        if self._visits:
            await asyncio.wait(self._visits, timeout=4)
        visits = list(self._visits)
        for visit in visits:
            visit.cancel()
        await asyncio.gather(*visits, return_exceptions=True)

    async def end(self) -> None:
        """Everybody goes home."""
        await self.close()
        for agent in self._agents:
            agent.cancel()
        await asyncio.gather(*self._agents, return_exceptions=True)

    def check(self) -> None:
        """Raises what ended an agent's day before its time."""
        for agent in self._agents:
            if agent.done():
                agent.result()
                raise AssertionError("a practice agent went home by himself")

    async def _arrive(self) -> None:
        number = 0
        while True:
            await asyncio.sleep(pacing.gap(self._chance, ARRIVALS))
            key = self._chance.choice(list(SHOPS))
            shop = Shop(key, self._stage.urls[0], SHOPS[key])
            customer = Customer(self._urls(number), shop, self._dice(), self.ledger, PACE)
            visit = asyncio.create_task(customer.visit())
            self._visits.add(visit)
            visit.add_done_callback(self._visits.discard)
            number += 1

    def _urls(self, number: int) -> list[str]:
        urls = self._stage.urls
        return [*urls[number % 2 :], *urls[: number % 2]]

    def _dice(self) -> random.Random:
        return random.Random(self._chance.random())
