"""The whole product with people: calls to durable tasks, from the queue to a desk, and from a freed agent to his next offer.

queued: callers ring a number that leads to a queue nobody serves; a task counts once it stands in the database. queue to ring:
from the INVITE of a caller (strictest: before the call is even answered) to the desk socket that is told, 50 desks free, 500
others waiting elsewhere. free to offer: from the BYE of an agent's phone, wrap-up 0, to the later of the next INVITE at his
phone and the next offer at his desk, while 500 wait. out_of_order counts offers made while somebody who came earlier waited.
"""

import asyncio
import contextlib
import time
from typing import Any

import asyncpg

from benchmarks.voice_desks import Crowd, Offer, Team, crowd, team
from benchmarks.voice_product import AGENTS, DIRECT, House, product
from benchmarks.voice_stage import line, percentile, use

WAITING, OFFERED_RATE = 500, 60.0
RINGS, RING_EVERY = 200, 0.2
OFFERS, TALK = 500, 8.0


async def measure(quick: bool) -> None:
    """All three on one house."""
    async with product() as house, crowd(house) as people:
        connection = await asyncpg.connect(house.dsn)
        try:
            waiting = WAITING // 5 if quick else WAITING
            await queued(house, people, connection, waiting)
            async with team(house, "Quick", AGENTS, talk=0.2) as agents:
                await queue_to_ring(people, agents, connection, RINGS // 5 if quick else RINGS, waiting)
            async with team(house, "Sales", AGENTS, talk=TALK) as agents:
                await free_to_offer(people, agents, connection, OFFERS // 5 if quick else OFFERS, waiting)
        finally:
            await connection.close()


async def queued(house: House, people: Crowd, connection: Any, count: int) -> None:
    """Fills the queue and tells how fast."""
    pids = {"server": house.server.pid, "voice": house.voice_pid()}
    before = {name: use(pid).cpu for name, pid in pids.items()}
    began = time.monotonic()
    good = await people.gather(DIRECT["Sales"], count, OFFERED_RATE)
    while True:
        stored = await connection.fetchval("SELECT count(*) FROM tasks")
        if stored >= good or time.monotonic() > began + 120:
            break
        await asyncio.sleep(0.05)
    # Its own clock: from the fifth part to the last, so that the first calls' warming up is not in it.
    row = await connection.fetchrow(
        "SELECT count(*) AS n, extract(epoch FROM max(created_at) - min(created_at)) AS s FROM "
        "(SELECT created_at FROM tasks ORDER BY created_at OFFSET $1) AS late",
        stored // 5,
    )
    spent = {name: (use(pid).cpu - before[name]) / max(1, stored) * 1000 for name, pid in pids.items()}
    note = f"{count} rang at {OFFERED_RATE:.0f}/s, {stored} tasks stored, {count - good} not answered; CPU a call: "
    note += ", ".join(f"{name} {ms:.1f} ms" for name, ms in spent.items())
    line("voice.queued_per_s", row["n"] / float(row["s"] or 1), "1/s", note=note)


async def queue_to_ring(people: Crowd, agents: Team, connection: Any, count: int, waiting: int) -> None:
    """One caller after the other, agents free."""
    await agents.work()
    rung: list[float] = []
    due = time.monotonic()
    for _ in range(count):
        rung.append(people.rung[people.ring(DIRECT["Quick"]).call_id])
        due += RING_EVERY
        await asyncio.sleep(max(0.0, due - time.monotonic()))
    await _until(agents, count, 30)
    await agents.work("Offline")
    offers = {offer.task_id: offer for offer in agents.offers()}
    # The one who rang as n-th is the one whose task came n-th: they come one at a time.
    tasks = await connection.fetch(
        "SELECT t.id, extract(epoch FROM t.created_at)::float8 AS at FROM tasks t JOIN queues q ON q.id = t.queue_id "
        "WHERE q.name = 'Quick' ORDER BY t.created_at"
    )
    wall = time.time() - time.monotonic()
    told = [offers[row["id"]].told - rung[place] for place, row in enumerate(tasks) if row["id"] in offers]
    inside = [offers[row["id"]].told + wall - row["at"] for row in tasks if row["id"] in offers]
    note = (
        f"from the caller's INVITE; {len(told)} of {count} told, median {percentile(told, 50) * 1000:.0f} ms; from the "
    )
    note += f"task's own time 99th {percentile(inside, 99) * 1000:.0f} ms; 50 desks, {waiting} wait elsewhere"
    line("voice.queue_to_ring_p99_ms", percentile(told, 99) * 1000, "ms", note=note)


async def free_to_offer(people: Crowd, agents: Team, connection: Any, count: int, waiting: int) -> None:
    """Everybody works until so many were offered; who hangs up is followed by a new caller."""
    refilling = asyncio.create_task(_refill(people, waiting))
    try:
        await agents.work()
        await _until(agents, count + AGENTS, 240)
        await agents.work("Offline")
    finally:
        refilling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await refilling
    offers = agents.offers()
    both = [offer for offer in offers if offer.freed and offer.rung]
    later = [max(offer.told, offer.rung) - offer.freed for offer in both]
    desk = [offer.told - offer.freed for offer in both]
    left = await connection.fetchval("SELECT count(*) FROM tasks WHERE status = 'pending'")
    note = f"{len(both)} offers, {AGENTS} agents; {waiting} waited at the beginning, {left} at the end; median "
    note += f"{percentile(later, 50) * 1000:.0f} ms, desk alone 99th {percentile(desk, 99) * 1000:.0f} ms"
    note += f", {agents.broken} desks' connections broke" if agents.broken else ""
    line("voice.free_to_offer_p99_ms", percentile(later, 99) * 1000, "ms", note=note)
    wrong = await _out_of_order(connection, offers)
    line("voice.out_of_order", wrong, "offers", note=f"of {len(offers)}, by their places in line")


async def _out_of_order(connection: Any, offers: list[Offer]) -> int:
    """Offers made to somebody while an earlier one waited, each task's first offer only. The place in line is the virtual
    start: when the call came, whoever was stored first."""
    rows = await connection.fetch("SELECT id FROM tasks ORDER BY virtual_start_at, id")
    place = {row["id"]: number for number, row in enumerate(rows)}
    first: dict[str, Offer] = {}
    for offer in offers:
        first.setdefault(offer.task_id, offer)
    order = [place[task_id] for task_id in first]
    wrong, lowest = 0, len(place)
    for one in reversed(order):
        wrong += one > lowest
        lowest = min(lowest, one)
    return wrong


async def _refill(people: Crowd, waiting: int) -> None:
    """Whoever is done is followed by another, so that as many wait all the time."""
    while True:
        there = [dialog for dialog in people.dialogs if not dialog.ended.is_set()]
        people.dialogs[:] = there
        for _ in range(max(0, min(5, waiting + AGENTS - 5 - len(there)))):
            people.ring(DIRECT["Sales"])
        await asyncio.sleep(0.1)


async def _until(agents: Team, count: int, seconds: float) -> None:
    """Until so many offers were heard, or the time is over."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while agents.complete < count:
                agents.more.clear()
                await agents.more.wait()
