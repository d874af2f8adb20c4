"""A customer calls from a page: no telephone, no trunk. Keys of the page in the menu, then an agent's browser."""

import pytest
from playwright.async_api import Page, expect

from tests.journeys.people import Room
from tests.journeys.voice.conftest import (
    BEN,
    EAR,
    LINE,
    MICROPHONE,
    at_work,
    has_hung_up,
    hears,
    phone_is_ready,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")
CUSTOMER_SAYS = 1000.0


async def calls_from_a_page(room: Room, line: str, name: str) -> Page:
    """Somebody opens the page of a line and calls."""
    context = await room.profile("en", permissions=["microphone"])
    await context.add_init_script(f"window.parlonsVoice = {CUSTOMER_SAYS};")
    await context.add_init_script(path=EAR)
    page = await context.new_page()
    await page.goto(f"/call/{line}")
    await page.get_by_role("textbox", name="Your name (optional)").fill(name)
    await page.get_by_role("button", name="Call", exact=True).click()
    await phone_is_ready(page)
    return page


async def test_from_a_page_through_the_menu_to_an_agent(room: Room) -> None:
    ben = await at_work(room, BEN)
    page = await calls_from_a_page(room, LINE, "Nora Blanc")
    await expect(page.get_by_role("log", name="What is said")).to_contain_text("press 2")
    await page.get_by_role("button", name="Keypad").click()
    await page.get_by_role("button", name="Key 2", exact=True).click()
    await ben.take("Nora Blanc")
    await hears(ben.page, CUSTOMER_SAYS)
    await hears(page, MICROPHONE)
    await expect(page.get_by_text("On the line with Ben", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Hang up").click()
    await has_hung_up(ben)
    await ben.context.get_by_role("button", name="Finish", exact=True).click()
    await expect(ben.mine).to_have_count(0)
