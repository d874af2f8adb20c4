"""What the stories of ready-made flows share: a flow laid down with its firms for one test, people at desks without a browser."""

import asyncio
import contextlib
import datetime
import json
from collections.abc import AsyncIterator, Callable
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from parlons.app.flow_examples import examples
from parlons.kit.marked import read, write
from parlons.simulator.telephone import Telephone
from parlons.testing.people import Desk
from parlons.testing.processes import OwnPostgres
from tests.journeys.floor import Floor
from tests.journeys.voice.callers import Person
from tests.journeys.voice.conftest import House

Json = dict[str, Any]


def configuration(text: str, *names: str, **systems: str) -> str:
    """A configuration with these ready-made flows; `systems`: where bank and shop are."""
    parts = read(text).data
    flows = write([examples()[name].flow for name in names])
    for name, url in systems.items():
        flows = flows.replace(f"https://{name}.example", url)
    return write({**parts, "flows": read(flows).data})


async def lay_down(floor: Floor, text: str) -> None:
    """Adds to the configuration, or changes it; it stays: a firm that somebody wrote to is not taken away."""
    await floor.call("POST", "/configuration", content=text.encode())
    await floor.learn()


@contextlib.asynccontextmanager
async def at_home(floor: Floor, email: str) -> AsyncIterator[Desk]:
    """Somebody signed in and available, from wherever he is."""
    token = (await floor.link(email)).rpartition("#")[2]
    async with Desk([floor.server.url], token) as desk:
        await desk.become("Available")
        yield desk
        await desk.become("Offline")


@contextlib.asynccontextmanager
async def telephone_of(house: House, floor: Floor, username: str, password: str, voice: float) -> AsyncIterator[Person]:
    """His desk phone, registered; it says a tone."""
    person = Person(("127.0.0.1", house.sip_port), username, voice)
    person.phone = Telephone(("127.0.0.1", house.sip_port), username, password)
    await person.open()
    try:
        while await person.phone.register() != 200:  # the voice process is told of it after the commit
            pass
        await floor.until("/voice/status", lambda status: username in status["phones"])
        yield person
    finally:
        await person.close()


async def call_of(floor: Floor, number: str) -> str:
    """The live call of a caller."""

    def his(page: Json) -> list[Json]:
        return [one for one in page["items"] if one["from_number"] == number]

    return str(his(await floor.until("/calls?state=live", his))[0]["id"])


async def captions(floor: Floor, call_id: str, until: Callable[[list[str]], bool] = bool) -> list[str]:
    """What was said on a telephone call, as soon as it is enough: no screen shows it, its row has it."""
    said: list[str] = []
    database = await asyncpg.connect(OwnPostgres(floor.server.data).dsn)
    try:
        async with asyncio.timeout(60):
            while not until(said):
                row = await database.fetchval("SELECT body->'captions' FROM calls WHERE id = $1", call_id)
                said = json.loads(row or "[]")
                await asyncio.sleep(0.1)
        return said
    except TimeoutError:
        raise AssertionError(f"it was not said: {said}") from None
    finally:
        await database.close()


async def hears_words(floor: Floor, call_id: str, words: str, *, times: int = 1) -> None:
    """Waits until the flow has begun to say this, so many times in all."""
    await captions(floor, call_id, lambda said: sum(words in one for one in said) >= times)


def hours(zone: str, *, open_now: bool) -> str:
    """Opening hours of this zone around the present moment there, or soon after it."""
    begin = datetime.datetime.now(ZoneInfo(zone)) + datetime.timedelta(hours=-2 if open_now else 3)
    end = begin + datetime.timedelta(hours=4)
    return f'{{zone: {zone}, week: {{mon-sun: ["{begin:%H:%M}-{end:%H:%M}"]}}}}'
