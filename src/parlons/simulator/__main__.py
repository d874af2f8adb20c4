"""`python -m parlons.simulator PLAY.json`: plays practice customers and agents against running servers until stopped.

PLAY.json: {"urls": [...], "agents": [one-time link tokens], "shops": [{"widget_key", "origin", "language"}], "seed": 1,
"busiest_per_minute": 6, "pace": 1, "ledger": path or null, "phones": [{"host", "sip_port", "username", "password",
"language"}], "exchanges": [{"host", "sip_port", "number", "language", "choice", "ways"}],
"calls_per_minute": 2, "messages": see lines.open_lines, "messages_per_minute": 2}.
"""

import asyncio
import contextlib
import datetime
import random
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson

from parlons.simulator import pacing
from parlons.simulator.agent import Agent
from parlons.simulator.calling import Caller, DeskPhone, Exchange
from parlons.simulator.correspondent import correspond
from parlons.simulator.customer import Customer, Shop
from parlons.simulator.ledger import Ledger
from parlons.simulator.lines import open_lines


async def play(script: dict[str, Any]) -> None:
    """Run the play until cancelled."""
    ledger = Ledger(Path(script["ledger"]) if script.get("ledger") else None)
    chance, pace = random.Random(script.get("seed")), float(script.get("pace", 1))
    shops = [Shop(**shop) for shop in script["shops"]]
    async with contextlib.AsyncExitStack() as stack:
        lines = await stack.enter_async_context(open_lines(script["messages"])) if script.get("messages") else ()
        people = await stack.enter_async_context(asyncio.TaskGroup())
        for token in script["agents"]:
            people.create_task(Agent(script["urls"], token, random.Random(chance.random()), ledger, pace).work())
        for phone in script.get("phones", ()):
            server = (phone["host"], phone["sip_port"])
            known = (phone["username"], phone["password"], phone["language"])
            people.create_task(DeskPhone(server, *known, random.Random(chance.random()), ledger, pace).stay())
        if lines and (rate := float(script.get("messages_per_minute", 2))) > 0:
            arrivals = _arrivals(chance, rate * pace)
            people.create_task(correspond(people, lines, arrivals, chance, ledger, pace))
        exchanges = [Exchange(**exchange) for exchange in script.get("exchanges", ())]
        if exchanges:
            people.create_task(_ring(people, exchanges, script, chance, ledger))
        async for _ in _arrivals(chance, float(script.get("busiest_per_minute", 6)) * pace if shops else 0):
            customer = Customer(script["urls"], chance.choice(shops), random.Random(chance.random()), ledger, pace)
            people.create_task(customer.visit())


async def _ring(
    people: asyncio.TaskGroup, exchanges: list[Exchange], script: dict[str, Any], chance: random.Random, ledger: Ledger
) -> None:
    pace = float(script.get("pace", 1))
    async for _ in _arrivals(chance, float(script.get("calls_per_minute", 2)) * pace):
        caller = Caller(chance.choice(exchanges), random.Random(chance.random()), ledger, pace)
        people.create_task(caller.ring())


async def _arrivals(chance: random.Random, busiest_per_minute: float) -> AsyncIterator[None]:
    """One at once, the others one after the other for ever, by the hour's rate; none when the rate is 0."""
    if busiest_per_minute > 0:
        yield
    while busiest_per_minute > 0:
        hour = datetime.datetime.now(datetime.UTC).astimezone()
        rate = pacing.arrivals_per_second(hour.hour + hour.minute / 60, busiest_per_minute)
        await asyncio.sleep(pacing.gap(chance, rate))
        yield


async def _until_stopped(script: dict[str, Any]) -> None:
    playing = asyncio.create_task(play(script))
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, playing.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await playing


if __name__ == "__main__":
    path = Path(sys.argv[1])
    told = orjson.loads(path.read_bytes())
    if "--forget" in sys.argv[2:]:  # it holds sign-in links
        path.unlink()
    asyncio.run(_until_stopped(told))
