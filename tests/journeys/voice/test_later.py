"""Who does not want to wait: called back at his place in line, or a message that becomes somebody's work."""

from typing import Any

import numpy as np
import pytest
from playwright.async_api import expect

from parlons.testing.fake_sound import loudness
from tests.journeys.floor import Floor
from tests.journeys.people import Room
from tests.journeys.voice.callers import Street
from tests.journeys.voice.conftest import BEN, MENU, MICROPHONE, at_work, has_hung_up, hears
from tests.journeys.voice.flow_stories import call_of
from tests.journeys.voice.recordings import recording_of

pytestmark = pytest.mark.asyncio(loop_scope="session")
CARRIER_SAYS, CUSTOMER_SAYS = 1700.0, 1000.0


async def test_called_back_instead_of_waiting(room: Room, street: Street, floor: Floor) -> None:
    customer = await street.person("+33612345608")
    assert await customer.rings(MENU) == 200
    await customer.hears_something()
    await customer.presses("2")
    (waiting,) = (await floor.until("/tasks?status=pending", lambda page: page["items"]))["items"]
    await customer.hears_something()
    await customer.presses("9")
    await customer.is_hung_up()

    def instead(page: Any) -> bool:
        """His waiting is over, his call back stands in line."""
        return [one["id"] == waiting["id"] for one in page["items"]] == [False]

    (task,) = (await floor.until("/tasks?status=pending", instead))["items"]
    assert task["virtual_start_at"] <= waiting["virtual_start_at"], "he keeps his place"
    assert (await floor.call("GET", f"/tasks/{task['id']}"))["attributes"]["callback_number"] == "+33612345608"

    ben = await at_work(room, BEN)
    await ben.take("+33 6 12 34 56 08")
    invite = await street.carrier.answers()
    assert "+33612345608" in invite.first
    await hears(ben.page, CARRIER_SAYS)
    await street.carrier.hears(MICROPHONE)
    street.carrier.hangs_up()
    await has_hung_up(ben)
    await ben.context.get_by_role("button", name="Finish", exact=True).click()
    await expect(ben.mine).to_have_count(0)
    await floor.until("/tasks?status=pending", lambda page: not page["items"])


async def test_asking_twice_keeps_the_first_place(street: Street, floor: Floor) -> None:
    places = []
    for _ in range(2):
        customer = await street.person("+33612345609")
        await customer.rings(MENU)
        await customer.hears_something()
        await customer.presses("3")
        await customer.is_hung_up()
        page = await floor.until("/tasks?status=pending", lambda page: page["items"])
        places.append([(task["id"], task["virtual_start_at"]) for task in page["items"]])
    assert len(places[0]) == 1
    assert places[0] == places[1]


async def test_a_message_becomes_work(room: Room, street: Street, floor: Floor) -> None:
    customer = await street.person("+33612345610", voice=None)
    await customer.rings(MENU)
    await customer.hears_something()
    call_id = await call_of(floor, "+33612345610")
    await customer.presses("4")
    customer.sound.frequency = CUSTOMER_SAYS
    await floor.until(f"/recordings?call_id={call_id}", lambda page: page["items"])  # it runs: what he says is kept
    await customer.listens(2500)
    customer.sound.frequency = None
    await customer.is_hung_up()
    (task,) = (await floor.until("/tasks?status=pending", lambda page: page["items"]))["items"]
    assert (await floor.call("GET", f"/tasks/{task['id']}"))["attributes"]["voicemail"] is True
    sound = await recording_of(floor, call_id)
    assert loudness(sound[:, 0], CUSTOMER_SAYS) > 500
    assert not np.abs(sound[:, 1]).max() > 500

    ben = await at_work(room, BEN)
    await ben.take("+33 6 12 34 56 10")
    await expect(ben.log).to_contain_text("Voicemail")
