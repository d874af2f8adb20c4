"""A house of one's own, to be broken, and two who talk in it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.journeys.people import Desk, Room
from tests.journeys.voice.callers import Person, Street
from tests.journeys.voice.conftest import ADA, CENTRE, MICROPHONE, NUMBER, House, at_work, hears, open_house

CUSTOMER_SAYS, CARRIER_SAYS = 1000.0, 1700.0
SHOWN = "+33 6 12 34 56 20"


@pytest_asyncio.fixture(loop_scope="session")
async def house() -> AsyncIterator[House]:
    """A house of one's own, to be broken; who falls out of a call is called back."""
    careful = CENTRE.replace("voice: {record: always,", "voice: {call_back_when_dropped: true, record: always,")
    async with open_house(careful) as made:
        yield made


async def talking(room: Room, street: Street) -> tuple[Desk, Person]:
    """Ada and a customer talk."""
    ada = await at_work(room, ADA)
    customer = await street.person("+33612345620", voice=CUSTOMER_SAYS)
    assert await customer.rings(NUMBER) == 200
    await ada.take(SHOWN)
    await both_hear(ada, customer)
    return ada, customer


async def both_hear(desk: Desk, customer: Person) -> None:
    """Each hears the other now."""
    await customer.hears(MICROPHONE)
    await hears(desk.page, CUSTOMER_SAYS)


def voice_process(data: Path) -> int:
    """The voice process's number: it stands in its lock."""
    return int((data / "run/voice.lock").read_text().split()[0])
