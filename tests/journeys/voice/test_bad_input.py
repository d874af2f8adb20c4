"""What nobody wants: two who take the same call in the same moment, and a stranger who rings without end."""

import asyncio

import pytest
from playwright.async_api import expect

from tests.journeys.floor import Floor
from tests.journeys.people import Room
from tests.journeys.voice.callers import Street
from tests.journeys.voice.conftest import (
    ADA,
    BEN,
    EVE,
    MICROPHONE,
    NUMBER,
    TWINS,
    at_work,
    does_not_hear,
    hears,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")
CUSTOMER_SAYS, BEN_SAYS, EVE_SAYS = 1000.0, 800.0, 500.0


async def test_two_take_the_same_call(room: Room, street: Street, floor: Floor) -> None:
    ben, eve = await at_work(room, BEN, voice=BEN_SAYS), await at_work(room, EVE, voice=EVE_SAYS)
    customer = await street.person("+33612345630", voice=CUSTOMER_SAYS)
    await customer.rings(TWINS)
    offers = [desk.offer("+33 6 12 34 56 30") for desk in (ben, eve)]
    for offer in offers:
        await expect(offer).to_be_visible()
    # Not `click`, which waits for a button at rest: the loser's may go meanwhile.
    await asyncio.gather(*(offer.get_by_role("button", name="Take").dispatch_event("click") for offer in offers))
    for offer in offers:
        await expect(offer).to_have_count(0)
    live = await floor.until("/calls?state=live", lambda page: [one["state"] for one in page["items"]] == ["talking"])
    assert [party["kind"] for party in live["items"][0]["parties"]] == ["customer", "agent"]
    first = live["items"][0]["worker_id"] == floor.users[BEN]["worker_id"]
    (winner, says), (other, never) = ((ben, BEN_SAYS), (eve, EVE_SAYS)) if first else ((eve, EVE_SAYS), (ben, BEN_SAYS))
    await customer.hears(says)
    await hears(winner.page, CUSTOMER_SAYS)
    await customer.hears_no_more(never)
    await does_not_hear(other.page, CUSTOMER_SAYS)
    await expect(other.page.get_by_role("button", name=other.t["call"]["endCall"])).to_have_count(0)


async def test_a_stranger_who_rings_without_end_disturbs_nobody(room: Room, street: Street, floor: Floor) -> None:
    ada = await at_work(room, ADA)
    customer = await street.person("+33612345631", voice=CUSTOMER_SAYS)
    await customer.rings(NUMBER)
    await ada.take("+33 6 12 34 56 31")
    await customer.hears(MICROPHONE)
    before = len((await floor.call("GET", "/calls"))["items"])
    stranger = await street.person("+33900000000", host="127.0.0.2")
    assert await stranger.rings(NUMBER) in (401, 403)
    for _ in range(300):
        stranger.phone.call(NUMBER, stranger.sound.port)
    await customer.hears(MICROPHONE)
    await hears(ada.page, CUSTOMER_SAYS)
    customer.hangs_up()
    second = await street.person("+33612345632", voice=CUSTOMER_SAYS)
    assert await second.rings(NUMBER) == 200
    calls = (await floor.call("GET", "/calls"))["items"]
    assert len(calls) == before + 1, "a stranger's call leaves nothing"
