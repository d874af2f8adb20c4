"""The agent's day by keyboard alone: the page notes every press of a pointer, and there must be none."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.journeys.floor import AGENT, KARIM, Floor
from tests.journeys.people import Desk, Room, Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")
WATCH = "addEventListener('pointerdown', () => { window.pointed = true }, true)"


async def _press(page: Page, *keys: str) -> None:
    for key in keys:
        await page.keyboard.press(key)


async def _tab_to(page: Page, selector: str, *, at_most: int = 60) -> None:
    """Tab until the focus stands on `selector`, as somebody without a mouse does."""
    for _ in range(at_most):
        if await page.evaluate("s => document.activeElement?.matches(s) ?? false", selector):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached by Tab")


async def _sign_in(room: Room, floor: Floor) -> Desk:
    page = await (await room.profile("fr")).new_page()
    await page.add_init_script(WATCH)
    desk = Desk(page, "fr")
    await page.goto(await floor.link(AGENT))
    await expect(page.get_by_role("button", name="Ouvrir mon bureau")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(desk.state).to_be_visible()
    return desk


async def _become_ready(camille: Desk, page: Page) -> None:
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Aller à la page")).to_be_focused()
    await _tab_to(page, "header button[aria-haspopup=menu]")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("menuitemradio", name="Disponible")).to_be_visible()
    for _ in range(6):
        if await page.get_by_role("menuitemradio", name="Disponible").evaluate("e => e === document.activeElement"):
            break
        await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(camille.state).to_contain_text("Disponible")
    await page.keyboard.press("Control+Shift+2")
    await expect(camille.state).to_contain_text("En pause")
    await page.keyboard.press("Control+Shift+1")
    await expect(camille.state).to_contain_text("Disponible")


async def _answer_and_note(camille: Desk, page: Page, asks: Visitor, first: str) -> None:
    await page.keyboard.press("r")
    await expect(camille.composer).to_be_focused()
    await page.keyboard.type("Bonjour, je m’en occupe.")
    await page.keyboard.press("Control+Enter")
    await asks.sees("je m’en occupe")
    await expect(camille.composer).to_have_value("")
    await page.keyboard.press("Escape")
    await page.keyboard.press("n")
    await expect(camille.composer).to_have_accessible_name(f"Note interne sur {first}")
    await page.keyboard.type("Rappeler jeudi")
    await page.keyboard.press("Control+Enter")
    await expect(camille.composer).to_have_accessible_name(f"Répondre à {first}")
    await page.keyboard.press("Escape")
    await _press(page, "]", "]")
    await expect(camille.context).to_contain_text("Rappeler jeudi")


async def test_the_day_by_keyboard_alone(room: Room, floor: Floor) -> None:
    camille = await _sign_in(room, floor)
    page = camille.page
    await _become_ready(camille, page)

    claire, bruno = await room.visitor(name="Claire Rousseau"), await room.visitor(name="Bruno Lenoir")
    for visitor in (claire, bruno):
        await visitor.open()
        await visitor.writes("Bonjour, une question")
        await expect(camille.offer("").first).to_be_visible()
        await page.keyboard.press("Control+Shift+A")
        await visitor.sees("Camille a rejoint")
        await expect(camille.mine.and_(page.locator("[aria-current=true]"))).to_contain_text(
            "Claire Rousseau" if visitor is claire else "Bruno Lenoir"
        )
    await expect(camille.mine).to_have_count(2)

    await page.keyboard.press("k")
    await expect(camille.composer).to_be_visible()
    await page.keyboard.press("k")
    await expect(camille.mine.first).to_be_focused()
    first = await page.locator("h1").inner_text()
    await page.keyboard.press("j")
    await expect(page.locator("h1")).not_to_have_text(first)
    await expect(camille.mine.last).to_be_focused()
    await page.keyboard.press("k")
    await expect(page.locator("h1")).to_have_text(first)
    asks = {"Claire Rousseau": claire, "Bruno Lenoir": bruno}[first]

    await _answer_and_note(camille, page, asks, first)

    await page.keyboard.press("e")
    await expect(camille.context.get_by_role("radio").first).to_be_focused()
    await page.keyboard.press("Space")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_text(f"{first} : conversation close.")).to_be_visible()
    await expect(camille.mine).to_have_count(1)
    await expect(camille.mine.first).to_be_focused()
    await expect(asks.page.get_by_text("La conversation est close.")).to_be_visible()
    assert not await page.evaluate("window.pointed ?? false")


async def test_a_transfer_by_keyboard_alone(room: Room, floor: Floor) -> None:
    camille, karim = await _sign_in(room, floor), await room.desk(KARIM)
    page = camille.page
    await page.keyboard.press("Control+Shift+1")
    await expect(camille.state).to_contain_text("Disponible")
    claire = await room.visitor(name="Claire Rousseau")
    await claire.open()
    await claire.writes("Bonjour")
    await expect(camille.offer("Claire Rousseau")).to_be_visible()
    await page.keyboard.press("Control+Shift+A")
    await camille.opens("Claire Rousseau")
    await karim.start()
    await page.keyboard.press("t")
    await expect(page.get_by_role("combobox", name="Transférer à")).to_be_focused()
    await page.keyboard.type("karim")
    await expect(page.get_by_role("option", name=re.compile("Karim Benali"))).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("textbox", name=re.compile("^Note pour Karim"))).to_be_focused()
    await page.keyboard.type("Elle hésite")
    await page.keyboard.press("Control+Enter")
    await karim.take("Claire Rousseau")
    await claire.sees("Karim a rejoint")
    await expect(camille.mine).to_have_count(0)
    await expect(await karim.tab("notes")).to_contain_text("Elle hésite")
    assert not await page.evaluate("window.pointed ?? false")


async def test_every_key_of_the_help_page_does_what_it_says(room: Room, floor: Floor) -> None:
    martin = await room.desk("supervisor@demo.parlons.local", "en")
    page = martin.page
    await page.keyboard.press("?")
    await expect(page.get_by_role("heading", level=1, name="Keys")).to_be_visible()
    await _press(page, "g", "l")
    await expect(page.get_by_role("heading", level=1, name="Live")).to_be_visible()
    await _press(page, "g", "d")
    await expect(page).to_have_url(re.compile("/app/$"))
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("combobox", name="Search a customer or a conversation")).to_be_focused()
    await page.keyboard.type("live")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1, name="Live")).to_be_visible()
    await page.keyboard.press("Control+k")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("combobox")).to_have_count(0)
