"""The demo's traffic, faster: practice agents in a process of their own all the time, practice customers while a round lasts.

Agents, customers and ledger are the simulator's own; chance comes from the seed. No more than `AT_ONCE` customers are there
at a time, so a slow machine gets a slow day, not a queue without end.
"""

import asyncio
import contextlib
import json
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from parlons.simulator import pacing
from parlons.simulator.customer import Customer, Shop
from parlons.simulator.ledger import Ledger, read
from parlons.testing.people import Operator
from tests.chaos.scene import Scene

PACE = 40.0
"""How many times faster than life people read and write."""
ARRIVALS = 2.0
"""Customers a second, while there is room."""
AT_ONCE = 5
SHOPS = {"delmas": "fr", "northgate": "en"}
PATIENCE = 90.0


class Traffic:
    """Agents from the start; customers between `open` and `close`."""

    def __init__(self, stage: Scene, path: Path, chance: random.Random) -> None:
        self.path = path
        """The ledger's file: agents and customers both write to it, whole lines."""
        self._stage, self._chance = stage, chance
        self._ledger = Ledger(path)
        self._agents: subprocess.Popen[bytes] | None = None
        self._visits: set[asyncio.Task[None]] = set()
        self._arriving: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Signs the practice agents in."""
        async with Operator(self._stage.urls, self._stage.servers[0].operator_key()) as operator:
            links = await operator.links("@practice.")
        tokens = [token for _, token in sorted(links.items())]
        told = {"urls": self._stage.urls, "agents": tokens, "shops": [], "seed": self._chance.random()}
        play = self.path.with_name("play.json")
        play.write_text(json.dumps({**told, "pace": PACE, "ledger": str(self.path)}))
        self._agents = subprocess.Popen([sys.executable, "-m", "parlons.simulator", str(play)])  # noqa: ASYNC220 - short

    def open(self) -> None:
        """Customers begin to come."""
        self._arriving = asyncio.create_task(self._arrive())

    async def close(self) -> None:
        """No more customers; those who are there finish, and after a while are sent away."""
        if self._arriving is not None:
            self._arriving.cancel()
            await asyncio.gather(self._arriving, return_exceptions=True)
        if self._visits:
            await asyncio.wait(self._visits, timeout=3)
        visits = list(self._visits)
        for visit in visits:
            visit.cancel()
        await asyncio.gather(*visits, return_exceptions=True)

    @contextlib.contextmanager
    def agents_hold_still(self) -> Iterator[None]:
        """The agents do nothing for the time of the block; their screens stay open."""
        assert self._agents is not None
        self._agents.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._agents.send_signal(signal.SIGCONT)

    def acts(self) -> int:
        """Acts that were acknowledged so far."""
        return sum(line["act"] not in ("refused", "gave-up") for line in read(self.path))

    async def goes_on(self, acts: int) -> None:
        """Returns when this many more acts were acknowledged, some of them by agents. Raises TimeoutError."""
        before = self._counted()
        async with asyncio.timeout(PATIENCE):
            while True:
                new = {act: count - before.get(act, 0) for act, count in self._counted().items()}
                if (
                    sum(new.values()) >= acts
                    and new.get("message.in")
                    and new.get("message.out")
                    and new.get("accepted")
                ):
                    return
                if self._agents is not None and self._agents.poll() is not None:
                    raise AssertionError("the practice agents went home by themselves")
                await asyncio.sleep(0.1)

    async def end(self) -> None:
        """Everybody goes home."""
        await self.close()
        if self._agents is not None:
            self._agents.terminate()
            await asyncio.to_thread(self._agents.wait)
        self._ledger.close()

    def _counted(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for line in read(self.path):
            found[line["act"]] = found.get(line["act"], 0) + 1
        return found

    async def _arrive(self) -> None:
        number = 0
        while True:
            await asyncio.sleep(pacing.gap(self._chance, ARRIVALS))
            if len(self._visits) >= AT_ONCE:
                continue
            key = self._chance.choice(list(SHOPS))
            urls = [*self._stage.urls[number % 2 :], *self._stage.urls[: number % 2]]
            shop, chance = Shop(key, self._stage.urls[0], SHOPS[key]), random.Random(self._chance.random())
            visit = asyncio.create_task(Customer(urls, shop, chance, self._ledger, PACE).visit())
            self._visits.add(visit)
            visit.add_done_callback(self._visits.discard)
            number += 1
