"""A supervisor's desk that stays open through all rounds, compared with what a fresh one shows."""

import asyncio
from typing import Any

from parlons.testing.people import Desk, Operator
from tests.chaos.scene import Scene

COMPARED = ("activities", "workers", "tasks", "reservations", "conversations")
"""Queues carry figures of the moment, which are not events."""
PATIENCE = 60.0


class Witness:
    """The desk that saw everything, and a token-holder for fresh ones at each server."""

    def __init__(self, stage: Scene) -> None:
        self._stage = stage
        self._desk: Desk | None = None
        self._fresh: list[Desk] = []

    async def begin(self) -> None:
        """Signs in three times: once to stay, once for a fresh look at each server."""
        urls = self._stage.urls
        async with Operator(urls, self._stage.servers[0].operator_key()) as operator:
            self._desk = await self._signed_in(operator, urls)
            for url in urls:
                self._fresh.append(await self._signed_in(operator, [url]))
        for desk in self._fresh:
            await desk.close()

    async def _signed_in(self, operator: Operator, urls: list[str]) -> Desk:
        token = await operator.link("supervisor@demo.parlons.local")
        return await Desk(urls, token).sign_in()

    async def faults(self) -> list[str]:
        """Differences that stay: between the desk that saw everything and a fresh one, at both servers."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while True:
            found = await self._differences()
            if not found or asyncio.get_running_loop().time() > deadline:
                return found
            await asyncio.sleep(0.5)

    async def _differences(self) -> list[str]:
        assert self._desk is not None
        found = []
        for desk in self._fresh:
            await desk.open()
            await desk.close()
            found += [f"desk at {desk.wire.url}: {line}" for line in _unlike(self._desk.screen, desk.screen)]
        if any(later <= earlier for earlier, later in zip(self._desk.seqs, self._desk.seqs[1:], strict=False)):
            found.append("the desk's events did not come in rising order, each once")
        return found

    async def end(self) -> None:
        """Signs off."""
        for desk in [*self._fresh, *([self._desk] if self._desk else [])]:
            await desk.leave()


def _unlike(seen: dict[str, Any], fresh: dict[str, Any]) -> list[str]:
    found = []
    for part in COMPARED:
        one, other = seen.get(part, {}), fresh.get(part, {})
        for key in sorted({*one, *other}):
            if one.get(key) != other.get(key):
                found.append(f"{part} {key}: {_between(one.get(key), other.get(key))}")
    return found


def _between(one: Any, other: Any) -> str:
    if not isinstance(one, dict) or not isinstance(other, dict):
        return f"followed {one!r:.300}, fresh {other!r:.300}"
    names = [name for name in sorted({*one, *other}) if one.get(name) != other.get(name)]
    return ", ".join(f"{name} {one.get(name)!r:.80} / {other.get(name)!r:.80}" for name in names)
