"""A supervisor listens, whispers, joins and stops: who hears whose voice is the proof."""

import re

import pytest
from playwright.async_api import expect

from tests.journeys.people import Room
from tests.journeys.voice.callers import Street
from tests.journeys.voice.conftest import (
    ADA,
    MICROPHONE,
    NUMBER,
    SUE,
    at_work,
    does_not_hear,
    has_hung_up,
    hears,
    with_ears,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")
CUSTOMER_SAYS, SUE_SAYS = 1000.0, 800.0


async def test_listening_whispering_joining(room: Room, street: Street) -> None:
    ada, sue = await at_work(room, ADA), await with_ears(room, SUE, voice=SUE_SAYS)
    customer = await street.person("+33612345604", voice=CUSTOMER_SAYS)
    await customer.rings(NUMBER)
    await ada.take("+33 6 12 34 56 04")
    await customer.hears(MICROPHONE)

    await sue.page.get_by_role("link", name="Live").click()
    await sue.page.get_by_role("button", name=re.compile(r"^Ada Lemoine\b.*\d:\d\d")).click()
    panel = sue.page.get_by_role("dialog", name="Ada Lemoine")
    await panel.get_by_role("button", name=sue.t["supervise"]["listen"], exact=True).click()
    await hears(sue.page, CUSTOMER_SAYS)
    await hears(sue.page, MICROPHONE)
    await does_not_hear(ada.page, SUE_SAYS)
    await customer.hears_no_more(SUE_SAYS)
    await sue.page.keyboard.press("Escape")

    bar = sue.page.get_by_role("banner")
    await bar.get_by_text(sue.t["supervise"]["whisper"], exact=True).click()
    await hears(ada.page, SUE_SAYS)
    await customer.hears_no_more(SUE_SAYS)
    await hears(sue.page, CUSTOMER_SAYS)

    await bar.get_by_text(sue.t["supervise"]["barge"], exact=True).click()
    await customer.hears(SUE_SAYS)
    await hears(ada.page, SUE_SAYS)

    await bar.get_by_role("button", name=sue.t["supervise"]["stop"], exact=True).click()
    await customer.hears_no_more(SUE_SAYS)
    await does_not_hear(sue.page, CUSTOMER_SAYS)
    await customer.hears(MICROPHONE)
    customer.hangs_up()
    await has_hung_up(ada)


async def test_taking_over(room: Room, street: Street) -> None:
    ada, sue = await at_work(room, ADA), await at_work(room, SUE, voice=SUE_SAYS)
    customer = await street.person("+33612345605", voice=CUSTOMER_SAYS)
    await customer.rings(NUMBER)
    await ada.take("+33 6 12 34 56 05")
    await customer.hears(MICROPHONE)
    await sue.page.get_by_role("link", name="Live").click()
    await sue.page.get_by_role("button", name=re.compile(r"^Ada Lemoine\b.*\d:\d\d")).click()
    panel = sue.page.get_by_role("dialog", name="Ada Lemoine")
    await panel.get_by_role("button", name=sue.t["supervise"]["takeover"], exact=True).click()
    await customer.hears(SUE_SAYS)
    await hears(sue.page, CUSTOMER_SAYS)
    await has_hung_up(ada)
    await does_not_hear(ada.page, CUSTOMER_SAYS)
    await expect(sue.page.get_by_role("button", name=sue.t["call"]["endCall"])).to_be_visible()
