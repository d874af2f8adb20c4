"""What every stand-in for a customer system keeps: its customers, what was put beside them, and whether it answers now."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from parlons.simulator.providers.wire import Trouble


@dataclass
class Person:
    """A customer of theirs."""

    id: str
    values: dict[str, Any]
    changed: float = 0.0
    """Seconds since 1970."""
    version: int = 1


@dataclass
class Books:
    """Their customers. `down`: it answers 503; `troubles`: what the next requests are answered instead, in order."""

    first: int = 101
    people: dict[str, Person] = field(default_factory=dict)
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """By whom they are about; in the words of the system."""
    down: bool = False
    troubles: list[Trouble] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """Method and path of each request."""
    clock: Callable[[], float] = time.time
    _noted: asyncio.Condition = field(default_factory=asyncio.Condition)

    def add(self, **values: Any) -> Person:
        """A customer that is there."""
        person = Person(str(self.first + len(self.people)), values, self.clock())
        self.people[person.id] = person
        return person

    def change(self, person_id: str, **values: Any) -> None:
        """Somebody there changes him."""
        person = self.people[person_id]
        person.values.update(values)
        person.changed, person.version = self.clock(), person.version + 1

    def having(self, names: list[str], value: str) -> list[Person]:
        """Those with this value in one of the fields."""
        wanted = value.lower()
        return [one for one in self.people.values() if wanted in (str(one.values.get(n)).lower() for n in names)]

    async def note(self, person_id: str, values: dict[str, Any]) -> str:
        """Put beside him; its id."""
        async with self._noted:
            self.notes.append((person_id, values))
            self._noted.notify_all()
        return str(9000 + len(self.notes))

    async def noted(self, many: int = 1) -> list[tuple[str, dict[str, Any]]]:
        """Returns when so many stand there."""
        async with self._noted:
            await self._noted.wait_for(lambda: len(self.notes) >= many)
        return self.notes

    def trouble(self, request: Request) -> Response | None:
        """What is answered instead, if anything; a trouble that is `carried_out` is for after the work."""
        self.asked.append(f"{request.method} {request.url.path}")
        if self.down:
            return JSONResponse({"message": "down"}, 503)
        if self.troubles and not self.troubles[0].carried_out:
            return _said(self.troubles.pop(0))
        return None

    def after(self, answer: Response) -> Response:
        """The answer, or the trouble that came after the work was done."""
        return _said(self.troubles.pop(0)) if self.troubles and self.troubles[0].carried_out else answer


def _said(trouble: Trouble) -> Response:
    return JSONResponse(trouble.body, trouble.status, headers=dict(trouble.headers))
