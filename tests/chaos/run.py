"""`python -m tests.chaos.run --rounds 100 [--seed N] [--only NAME]`: failures under the demo's traffic, each checked.

A seed gives each round its failure and its figures. Rounds share one pair of servers; a failed round prints its seed and
how to run it again, and ends the run.
"""

import argparse
import asyncio
import random
import secrets
import signal
import sys
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from parlons.simulator.ledger import read
from parlons.testing.people import NotSeen
from tests.chaos import failures
from tests.chaos.comparing import Stored, faults, stored
from tests.chaos.desks import Witness
from tests.chaos.reading import settled
from tests.chaos.scene import Scene, scene
from tests.chaos.traffic import Traffic

BEFORE, AFTER = 8, 10
"""Acknowledged acts ahead of a failure, and after it: the centre lived, and lives again."""


@dataclass(slots=True)
class Report:
    """What the rounds found."""

    seed: int
    rounds: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    again: str = ""
    skipped: str = ""
    last: Stored | None = None
    """What was stored after the last round, and what had been promised."""
    promised: list[dict[str, Any]] = field(default_factory=list)


async def run(rounds: int, seed: int, only: str | None = None) -> Report:
    """Plays the rounds; stops at the first one that failed."""
    report = Report(seed)
    async with scene() as stage:
        if stage.disk is None:
            report.skipped = "a full disk: needs root, to mount a small one"
        chance = random.Random(seed)
        names = _names(stage, rounds, chance, only)
        traffic, witness = Traffic(stage, stage.data.parent / "ledger.jsonl", chance), Witness(stage)
        await traffic.begin()
        await witness.begin()
        try:
            for number, name in enumerate(names, 1):
                begun = time.monotonic()
                told, found = await _round(stage, traffic, witness, name, random.Random(f"{seed}.{number}"))
                line = f"round {number}: {name} {told} ({time.monotonic() - begun:.1f} s, {traffic.acts()} acts)"
                report.rounds.append(line)
                print(line, flush=True)
                if found:
                    report.faults = [*found[:40], stage.said()]
                    report.again = f"python -m tests.chaos.run --rounds {number} --seed {seed}" + (
                        f" --only {only}" if only else ""
                    )
                    break
            report.promised, report.last = read(traffic.path), await stored(stage.postgres.dsn)
        finally:
            await traffic.end()
            await witness.end()
    return report


async def _round(
    stage: Scene, traffic: Traffic, witness: Witness, name: str, chance: random.Random
) -> tuple[str, list[str]]:
    told = ""
    try:
        traffic.open()
        await traffic.goes_on(BEFORE)
        told = await failures.ALL[name](stage, chance)
        await stage.healthy()
        await traffic.goes_on(AFTER)
    except TimeoutError:
        return told, ["the centre did not come back to life in time", *await _compare(stage, traffic)]
    finally:
        await traffic.close()
    with traffic.agents_hold_still():
        found = await _compare(stage, traffic)
        try:
            found += await witness.faults()
        except NotSeen as unseen:
            found.append(str(unseen))
    return told, found


async def _compare(stage: Scene, traffic: Traffic) -> list[str]:
    """What was promised, with what is stored. What is still on the road gets time to arrive."""
    promised = read(traffic.path)
    try:
        await settled(stage.postgres.dsn)
    except TimeoutError:
        return ["commands, outbox or the journal's readers did not come to rest", *await _read(stage, promised)]
    return await _read(stage, promised)


async def _read(stage: Scene, promised: list[dict[str, Any]]) -> list[str]:
    """A fault that passes was a reader on its way; one that stays is one."""
    found: list[str] = []
    for _ in range(8):
        found = faults(promised, await stored(stage.postgres.dsn))
        if not found:
            break
        await asyncio.sleep(1)
    return found


def _names(stage: Scene, rounds: int, chance: random.Random, only: str | None) -> list[str]:
    """Every failure once before any comes again, in an order of chance."""
    possible = [only] if only else failures.possible(stage)
    names: list[str] = []
    while len(names) < rounds:
        names += chance.sample(possible, len(possible))
    return names[:rounds]


async def _until_stopped(rounds: Coroutine[Any, Any, Report]) -> Report:
    """SIGTERM ends the rounds as Ctrl-C does: servers, database and disk go with them."""
    playing = asyncio.ensure_future(rounds)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, playing.cancel)
    return await playing


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--only", choices=list(failures.ALL))
    told = parser.parse_args()
    print(f"seed {told.seed}", flush=True)
    report = asyncio.run(_until_stopped(run(told.rounds, told.seed, told.only)))
    if report.skipped:
        print(f"skipped: {report.skipped}")
    if report.faults:
        print(f"\nFAILED with seed {report.seed}. Again: {report.again}\n" + "\n".join(report.faults))
        return 1
    print(f"{len(report.rounds)} rounds: nothing that was acknowledged was lost or doubled")
    return 0


if __name__ == "__main__":
    sys.exit(main())
