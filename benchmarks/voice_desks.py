"""Agents and callers of the bench, in one process apart: desk phones that register, desks that listen, people who wait.

Each agent's phone rings and his desk is told; when both happened, and when he was last freed, is noted by one clock.
"""

import asyncio
import contextlib
import json
import random
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from benchmarks.voice_product import PASSWORD, House, email, phone
from parlons.simulator.sip import Message
from parlons.simulator.telephone import Dialog, Telephone


@dataclass
class Offer:
    """One reservation, as its agent met it."""

    task_id: str
    seq: int
    """Of the event in the journal."""
    told: float
    """When his desk heard of it."""
    rung: float = 0.0
    """When his phone had the INVITE; 0: not yet."""
    freed: float = 0.0
    """When he had hung up before; 0: it is his first."""


@dataclass
class Agent:
    """One agent: a telephone and a desk."""

    number: int
    telephone: Telephone
    talk: float
    """Seconds he talks on the average; 0: he hangs up at once."""
    offers: list[Offer] = field(default_factory=list)
    freed: float = 0.0
    early: float = 0.0
    """The INVITE came before the desk was told."""
    tasks: set[asyncio.Task[None]] = field(default_factory=set)


class Team:
    """The agents of a queue."""

    def __init__(self, house: House, team: str, size: int, *, talk: float, seed: int = 1) -> None:
        self._house, self._team, self._size, self._talk = house, team, size, talk
        self._chance = random.Random(seed)
        self.agents: list[Agent] = []
        self._desks: list[asyncio.Task[None]] = []
        self.broken = 0
        """Connections of desks that broke."""
        self.complete = 0
        """Offers of which both were heard."""
        self.more = asyncio.Event()

    async def open(self) -> None:
        """Phones registered, desks open; nobody is available yet."""
        for number in range(self._size):
            telephone = Telephone(("127.0.0.1", self._house.sip_port), phone(self._team, number), PASSWORD)
            agent = Agent(number, telephone, self._talk)
            telephone.ring = self._rings(agent)
            await telephone.open()
            assert await telephone.register() == 200, f"{phone(self._team, number)} could not register"
            self.agents.append(agent)
        opened = [asyncio.Event() for _ in self.agents]
        for agent, event in zip(self.agents, opened, strict=True):
            self._desks.append(asyncio.create_task(self._desk(agent, event)))
        everybody = asyncio.create_task(_all_set(opened))
        await asyncio.wait({everybody, *self._desks}, timeout=120, return_when=asyncio.FIRST_COMPLETED)
        for desk in self._desks:
            if desk.done():
                desk.result()
        assert everybody.done(), "not every desk opened within two minutes"

    async def work(self, activity: str = "Available") -> None:
        """All of them, at once."""
        body = {"activity_id": self._house.activities[activity]}
        users = [self._house.users[email(self._team, agent.number)] for agent in self.agents]
        limit = asyncio.Semaphore(10)

        async def one(worker_id: str) -> None:
            async with limit:
                await self._house.call("PUT", f"/workers/{worker_id}/activity", json=body)

        await asyncio.gather(*(one(user["worker_id"]) for user in users))

    async def close(self) -> None:
        """Hangs up and goes."""
        for task in [*self._desks, *(task for agent in self.agents for task in agent.tasks)]:
            task.cancel()
        await asyncio.gather(*self._desks, return_exceptions=True)
        for agent in self.agents:
            agent.telephone.close()

    def offers(self) -> list[Offer]:
        """All that were made, in the order of the journal."""
        return sorted((offer for agent in self.agents for offer in agent.offers), key=lambda offer: offer.seq)

    def _rings(self, agent: Agent) -> Any:
        async def ring(dialog: Dialog, _invite: Message) -> None:
            now = time.monotonic()
            if agent.offers and not agent.offers[-1].rung and agent.offers[-1].told:
                agent.offers[-1].rung = now
                self._whole()
            else:
                agent.early = now
            agent.telephone.accept(dialog, 9)
            talking = asyncio.create_task(self._talks(agent, dialog))
            agent.tasks.add(talking)
            talking.add_done_callback(agent.tasks.discard)

        return ring

    async def _talks(self, agent: Agent, dialog: Dialog) -> None:
        """Talks for a while, then hangs up."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._talk * self._chance.uniform(0.5, 1.5) + 0.3):
                await dialog.ended.wait()
        agent.freed = time.monotonic()
        dialog.hang_up()

    def _told(self, agent: Agent, frame: dict[str, Any]) -> None:
        reservation = frame["data"]["reservation"]
        offer = Offer(reservation["task_id"], frame["seq"], time.monotonic(), freed=agent.freed)
        offer.rung, agent.early = agent.early, 0.0
        agent.offers.append(offer)
        if offer.rung:
            self._whole()

    def _whole(self) -> None:
        self.complete += 1
        self.more.set()

    async def _desk(self, agent: Agent, opened: asyncio.Event) -> None:
        user = self._house.users[email(self._team, agent.number)]
        token = (await self._house.call("POST", f"/users/{user['id']}/link"))["link"].rpartition("#")[2]
        url = self._house.server.url
        async with httpx.AsyncClient(headers={"X-Parlons": "1"}, trust_env=False, timeout=60) as client:
            answer = await client.post(f"{url}/api/v1/session/link", json={"token": token})
            assert answer.is_success, answer.text
            cookie = client.cookies.get("parlons_session")
        headers = {"Cookie": f"parlons_session={cookie}"}
        address = url.replace("http", "ws", 1) + "/api/v1/socket"
        while True:
            try:
                async with connect(address, additional_headers=headers, max_size=None, open_timeout=60) as desk:
                    await desk.send('{"type":"register"}')
                    async for text in desk:
                        frame = json.loads(text)
                        if frame["type"] == "ping":
                            await desk.send('{"type":"pong"}')
                        elif frame["type"] == "snapshot":
                            opened.set()
                        elif _offered_to(frame, user["worker_id"]):
                            self._told(agent, frame)
            except (OSError, ConnectionClosed):
                self.broken += 1  # as a desk does: it comes back
                await asyncio.sleep(0.3)


async def _all_set(events: list[asyncio.Event]) -> None:
    for event in events:
        await event.wait()


def _offered_to(frame: dict[str, Any], worker_id: str) -> bool:
    made = frame.get("event") == "reservation.created"
    return made and bool(frame["data"]["reservation"]["worker_id"] == worker_id)


class Crowd:
    """People who ring a number and wait until somebody talks to them and hangs up, or they are sent home."""

    def __init__(self, house: House, seed: int = 2) -> None:
        self._phone = Telephone(("127.0.0.1", house.sip_port), "+33600000000")
        self._chance = random.Random(seed)
        self.dialogs: list[Dialog] = []
        self.rung: dict[str, float] = {}
        """When each rang, by Call-ID."""
        self.failed = 0
        self._count = 0

    async def open(self) -> None:
        """One socket for all of them."""
        await self._phone.open()

    def ring(self, number: str) -> Dialog:
        """One more caller, with a number of his own."""
        self._count += 1
        self._phone.user = f"+336{self._count:08d}"
        dialog = self._phone.call(number, 9)
        self.rung[dialog.call_id] = time.monotonic()
        self.dialogs.append(dialog)
        return dialog

    async def gather(self, number: str, people: int, rate: float) -> int:
        """So many callers, so many a second; how many of them were answered."""
        dialogs = []
        due = time.monotonic()
        for _ in range(people):
            dialogs.append(self.ring(number))
            due += 1 / rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        return await answered(dialogs)

    def close(self) -> None:
        """All hang up."""
        self._phone.close()


async def answered(dialogs: list[Dialog], seconds: float = 60) -> int:
    """Waits for each one's answer; how many got it."""
    waiting = [dialog.answered for dialog in dialogs]
    if waiting:
        await asyncio.wait(waiting, timeout=seconds)
    return sum(1 for one in waiting if one.done() and one.result() == 200)


@contextlib.asynccontextmanager
async def crowd(house: House) -> AsyncIterator[Crowd]:
    """Opened; gone afterwards."""
    made = Crowd(house)
    await made.open()
    try:
        yield made
    finally:
        made.close()


@contextlib.asynccontextmanager
async def team(house: House, name: str, size: int, *, talk: float) -> AsyncIterator[Team]:
    """Opened; gone afterwards."""
    made = Team(house, name, size, talk=talk)
    try:
        await made.open()
        yield made
    finally:
        await made.close()
