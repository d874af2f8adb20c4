"""Sends to many through the whole product: how fast a list is laid down, how fast messages leave, how soon a pause holds, and
what twenty kill -9 of the sending process do to it.

All recipients of the kill rounds are counted at the providers afterwards. One that takes idempotency keys has everybody's message
once. At one that does not, nobody's twice, and whoever is not known to have got his stands as unknown, to be decided by a person.
"""

import asyncio
import contextlib
import os
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx

from benchmarks.channels_bulk_stage import CHANNELS, KEYED, UNKEYED, Ends, Lead, Server, database_cpu, people, stage
from benchmarks.voice_stage import line, use

MANY, QUEUE_S, PAUSE_S = 100_000, 60, 1
SENDING, SETTLED = 20.0, 2.0
"""Seconds of each measured stretch of sending; seconds after a pause in which nothing more may leave."""
KILLS, BLOCK, FEW = 20, 600, 200
"""Recipients of a send of the kill rounds; with fewer left, the next send begins."""
LONGEST = 2.0
"""Seconds at most between the first message after a start and the kill."""
SEED = 5


async def measure(quick: bool) -> None:
    """All of them."""
    many, kills, sending = (5_000, 4, 6.0) if quick else (MANY, KILLS, SENDING)
    async with stage() as (server, lead, ends):
        await people(server.dsn, "all", 1, many)
        began = [await _list(lead, many)]
        pauses, sends = [], []
        for channel in CHANNELS:
            send_id = await lead.draft(channel, block="all")
            began.append(await _timed(lead.step(send_id, "start")))
            await _throughput(server, ends, channel, sending)
            pauses.append(await _pause(lead, ends, [send_id]))
            sends.append(send_id)
        for send_id in sends:
            await lead.step(send_id, "resume")
        await asyncio.sleep(sending / 4)
        pauses.append(await _pause(lead, ends, sends))
        for send_id in sends:
            await lead.step(send_id, "cancel")
        shown = ", ".join(f"{one:.1f}" for one in began[1:])
        note = f"{many:,} recipients laid down: an uploaded list {began[0]:.1f}, segments {shown}"
        line("channels.bulk_queue_s", max(began), "s", QUEUE_S, note)
        shown = ", ".join(f"{channel} {one:.2f}" for channel, one in zip((*CHANNELS, "all three"), pauses, strict=True))
        line("channels.bulk_pause_s", max(pauses), "s", PAUSE_S, f"from the press to the last message leaving: {shown}")
        await _kills(server, lead, ends, many, kills)


async def _timed(step: Any) -> float:
    begun = time.perf_counter()
    await step
    return time.perf_counter() - begun


async def _list(lead: Lead, many: int) -> float:
    """A list of as many numbers is uploaded and started; it is then not wanted any more."""
    rows = "\n".join(f"+337{number:08d},Luc {number},fr" for number in range(many))
    send_id = await lead.draft("sms", block=None, per_second=0.001)
    begun = time.perf_counter()
    await lead.call("POST", f"/sends/{send_id}/recipients", {"csv": f"address,name,language\n{rows}"})
    await lead.step(send_id, "start")
    spent = time.perf_counter() - begun
    await lead.step(send_id, "cancel")
    return spent


async def _throughput(server: Server, ends: Ends, channel: str, seconds: float) -> None:
    """Messages a second by one channel, and what each costs."""
    ledger = ends.ledgers[channel]
    start = ledger.many
    while ledger.many < start + 20:  # noqa: ASYNC110 - the ledger is a plain counter
        await asyncio.sleep(0.01)
    before, database, had, begun = use(server.pid), database_cpu(server.data), ledger.many, time.perf_counter()
    await asyncio.sleep(seconds)
    after, spent = use(server.pid), time.perf_counter() - begun
    many = ledger.many - had
    each = 1000 / max(1, many)
    note = (
        f"{many} messages; the server used {(after.cpu - before.cpu) * each:.1f} ms of a core for each, the database "
    )
    note += f"{(database_cpu(server.data) - database) * each:.1f} ms; the server waited "
    note += f"{(after.waited - before.waited) / spent:.0%} of the time for a core others had"
    line(f"channels.bulk_{channel}_per_s", many / spent, "1/s", None, note)


async def _pause(lead: Lead, ends: Ends, send_ids: Sequence[str]) -> float:
    """Seconds from the press to the last message that any provider got."""
    begun = time.perf_counter()
    await asyncio.gather(*(lead.step(send_id, "pause") for send_id in send_ids))
    await asyncio.sleep(SETTLED)
    return max(0.0, *(ledger.last - begun for ledger in ends.ledgers.values()))


@dataclass
class Rounds:
    """The sends of the kill rounds."""

    server: Server
    lead: Lead
    ends: Ends
    next: int
    """Number of the first of the people nobody has written to."""
    sends: dict[str, list[str]] = field(default_factory=dict)
    """By channel."""
    people: dict[str, list[int]] = field(default_factory=dict)

    async def begin(self, channel: str) -> None:
        """A send to the next block of people."""
        block, last = f"kill{self.next}", self.next + BLOCK - 1
        await people(self.server.dsn, block, self.next, last)
        send_id = await self.lead.draft(channel, block=block)
        await self.lead.step(send_id, "start")
        self.sends.setdefault(channel, []).append(send_id)
        self.people.setdefault(channel, []).extend(range(self.next, last + 1))
        self.next = last + 1

    async def left(self, channel: str) -> int:
        """How many of its present send have not left."""
        if channel not in self.sends:
            return 0
        report = (await self.lead.call("GET", f"/sends/{self.sends[channel][-1]}"))["report"]
        return int(report["waiting"] + report["queued"])

    async def through(self) -> None:
        """Returns when nothing is left to go."""
        while sum([await self.left(channel) for channel in CHANNELS]):  # noqa: ASYNC110 - asked of the API
            await asyncio.sleep(0.5)


async def _kills(server: Server, lead: Lead, ends: Ends, many: int, kills: int) -> None:
    seed = int(os.environ.get("PARLONS_BENCH_SEED", SEED))
    rng, rounds, begun = random.Random(seed), Rounds(server, lead, ends, many + 1), time.perf_counter()
    for _ in range(kills):
        for channel in CHANNELS:
            if await rounds.left(channel) < FEW:
                await rounds.begin(channel)
        had = sum(one.many for one in ends.ledgers.values())
        while sum(one.many for one in ends.ledgers.values()) == had:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        await asyncio.sleep(rng.uniform(0, LONGEST))
        await server.kill()
        with contextlib.suppress(httpx.HTTPError):
            await lead.call("GET", "/sends?limit=1")  # connections of the dead leave the pool
        await server.start()
    await rounds.through()
    said = f"{kills} kill -9 at random moments (seed {seed}) in {time.perf_counter() - begun:.0f} s, sends of {BLOCK} people"
    await _compare(rounds, said)


@dataclass
class Account:
    """What became of the people of a channel."""

    people: int = 0
    sent: int = 0
    """Known to have left."""
    unsure: int = 0
    twice: int = 0
    """Messages that came to somebody who had got his."""
    missing: int = 0
    """People who got none and are not shown as unknown either."""
    unknown_got: int = 0
    """Of those shown as unknown, who did get it."""
    repeated: int = 0
    """Messages given to the provider more than once."""
    wrong: int = 0
    """People shown as sent who got nothing."""


async def _compare(rounds: Rounds, said: str) -> None:
    found = {channel: await _account(rounds, channel) for channel in CHANNELS}
    keyed = [found[channel] for channel in KEYED]
    again = sum(one.repeated for one in keyed)
    note = f"{said}; {sum(one.people for one in keyed)} people at a provider that takes keys, {again} given to it again"
    line("channels.bulk_duplicates", sum(one.twice for one in keyed), "messages", 0, note)
    missing = sum(one.missing + one.wrong + one.unsure for one in keyed)
    line("channels.bulk_missing", missing, "messages", 0, "at the same provider; none stands as unknown")
    free = [found[channel] for channel in UNKEYED]
    note = f"SMPP and SMTP, {sum(one.people for one in free)} people, the same kills"
    line("channels.bulk_unkeyed_duplicates", sum(one.twice for one in free), "messages", 0, note)
    unsure, got = sum(one.unsure for one in free), sum(one.unknown_got for one in free)
    people_, sent = sum(one.people for one in free), sum(one.sent for one in free)
    note = f"{unsure} stand as unknown, send again?; the ledgers: {got} of those had left, {unsure - got} had not; "
    note += f"{people_} people less {sent} sent are {people_ - sent}"
    wrong = sum(one.missing + one.wrong for one in free) + abs(people_ - sent - unsure)
    line("channels.bulk_unkeyed_unaccounted", wrong, "messages", 0, note)


_STATES = """
SELECT r.customer_id, d.state, d.tries FROM send_recipients r LEFT JOIN deliveries d ON d.message_id = r.message_id
WHERE r.send_id = ANY ($1)
"""


async def _account(rounds: Rounds, channel: str) -> Account:
    connection = await asyncpg.connect(rounds.server.dsn)
    try:
        rows = await connection.fetch(_STATES, rounds.sends[channel])
    finally:
        await connection.close()
    stands = {int(row["customer_id"][2:]): row for row in rows}
    account = Account(people=len(rounds.people[channel]))
    for number in rounds.people[channel]:
        row, got = stands.get(number), rounds.ends.got(channel, number)
        state = row["state"] if row is not None else None
        account.twice += max(0, got - 1)
        account.sent += state == "sent"
        account.unsure += state == "unsure"
        account.unknown_got += state == "unsure" and got > 0
        account.missing += got == 0 and state not in ("unsure", "sent")
        account.wrong += got == 0 and state == "sent"
        account.repeated += row is not None and (row["tries"] or 0) > 1
    return account
