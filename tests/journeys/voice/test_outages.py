"""What breaks in the middle of a call: the web process is killed, the voice process is killed, the database stands still.

Nobody on the line is forgotten: talk goes on where it can, else the call ends with its reason and the customer is called back.
"""

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from parlons.testing.processes import OwnPostgres
from tests.journeys.floor import Floor
from tests.journeys.people import Desk, Room
from tests.journeys.voice.callers import Person, Street
from tests.journeys.voice.conftest import (
    ADA,
    CENTRE,
    MICROPHONE,
    NUMBER,
    House,
    at_work,
    has_hung_up,
    hears,
    open_house,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")
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


async def test_the_web_process_is_killed_and_the_talk_goes_on(
    house: House, room: Room, street: Street, floor: Floor
) -> None:
    ada, customer = await talking(room, street)
    before = voice_process(house.server.data)
    house.server.kill()
    await both_hear(ada, customer)
    house.server.start()
    assert voice_process(house.server.data) == before
    live = await floor.until("/calls?state=live", lambda page: page["items"])
    assert live["items"][0]["state"] == "talking"
    await both_hear(ada, customer)
    await ada.page.get_by_role("button", name=ada.t["call"]["hold"], exact=True).click()
    await customer.hears_no_more(MICROPHONE)
    await ada.page.get_by_role("button", name=ada.t["call"]["resume"], exact=True).click()
    await both_hear(ada, customer)
    customer.hangs_up()
    await has_hung_up(ada)
    await ada.context.get_by_role("button", name="Finish", exact=True).click()
    await expect(ada.mine).to_have_count(0)
    await floor.until("/calls", lambda page: [one["end_cause"] for one in page["items"]] == ["hangup"])


async def test_the_voice_process_is_killed_and_the_customer_called_back(
    house: House, room: Room, street: Street, floor: Floor
) -> None:
    ada, _ = await talking(room, street)
    before = voice_process(house.server.data)
    os.kill(before, signal.SIGKILL)
    invite = await street.carrier.answers()
    assert "+33612345620" in invite.first
    assert voice_process(house.server.data) != before
    await street.carrier.hears(MICROPHONE)
    await hears(ada.page, CARRIER_SAYS)
    causes = await floor.call("GET", "/calls")
    assert {one["end_cause"] for one in causes["items"]} == {"lost", None}
    street.carrier.hangs_up()
    await has_hung_up(ada)
    await ada.context.get_by_role("button", name="Finish", exact=True).click()
    await expect(ada.mine).to_have_count(0)
    another = await street.person("+33612345621", voice=CUSTOMER_SAYS)
    assert await another.rings(NUMBER) == 200
    await ada.take("+33 6 12 34 56 21")
    await both_hear(ada, another)


async def test_the_database_stands_still_and_the_talk_goes_on(
    house: House, room: Room, street: Street, floor: Floor
) -> None:
    ada, customer = await talking(room, street)
    with OwnPostgres(house.server.data).held_down():
        await both_hear(ada, customer)
        late = await street.person("+33612345622", voice=None)
        assert await late.rings(NUMBER) == 200
        await late.hears_something()
        await late.is_hung_up(40)
        await both_hear(ada, customer)
    await house.answers()
    await floor.until("/calls?state=live", lambda page: len(page["items"]) == 1)
    await both_hear(ada, customer)
    customer.hangs_up()
    await has_hung_up(ada)
    await ada.context.get_by_role("button", name="Finish", exact=True).click()
    await expect(ada.mine).to_have_count(0)
