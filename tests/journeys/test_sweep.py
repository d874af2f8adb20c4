"""Every screen in both languages and themes: axe finds nothing, and nothing is wider than a small or enlarged window.

What axe looks at hangs on the language (names, structure) or on the theme (contrast), never on both: French is looked at in
light and small, English in dark; with PARLONS_SWEEP=whole each in each. Sizes are measured in both languages, as texts differ.
200 % zoom of a 1440 x 900 laptop is a window of 720 x 450; 320 px is the narrowest of WCAG 1.4.10.
With PARLONS_PICTURES=FOLDER each screen is also photographed, to be looked at by a person.
"""

import os
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, Route, expect

from tests.journeys.floor import AGENT, SUPERVISOR, Floor
from tests.journeys.people import LAPTOP, Desk, Room, Visitor
from tests.journeys.screens.office import OFFICE
from tests.journeys.screens.scene import Scene, Screen, walk

pytestmark = pytest.mark.asyncio(loop_scope="session")
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
AXE = Axe().axe_script
LOOK = """async rules => (await axe.run(document, rules)).violations
  .map(one => [one.id, one.nodes.map(node => [node.target, node.html])])"""
WINDOWS = {"200%": {"width": 720, "height": 450}, "320px": {"width": 320, "height": 640}}
WHOLE = os.environ.get("PARLONS_SWEEP") == "whole"
THEMES = {"fr": ["light"], "en": ["dark"]}
BOTH = pytest.mark.parametrize("locale", ["fr", "en"])
TOO_WIDE = """() => {
  const wide = document.scrollingElement.scrollWidth - innerWidth;
  if (wide <= 0) return [];
  const out = [...document.querySelectorAll('body *')]
    .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && e.checkVisibility());
  return [`${wide} px too wide`, ...out.slice(0, 4).map(e => `${e.tagName}.${e.className}`)];
}"""
CUT = """() => [...document.querySelectorAll('button, a, h1, h2, label, input, textarea')]
  .filter(e => e.checkVisibility() && !e.closest('.skip, .hidden, svg, [data-scroll], table, [class*=scroll]'))
  .filter(e => { const b = e.getBoundingClientRect(); return b.width > 1 && (b.right > innerWidth + 1 || b.left < -1) })
  .filter(e => { for (let p = e.parentElement; p; p = p.parentElement)
    if (/auto|scroll/.test(getComputedStyle(p).overflowX) && p.scrollWidth > p.clientWidth) return false; return true })
  .slice(0, 4).map(e => `${e.tagName} ${e.getAttribute('aria-label') ?? e.textContent.slice(0, 40)}`)"""


class Sweep:
    """Looks at screens and collects what is wrong with them."""

    def __init__(self, locale: str) -> None:
        self.locale = locale
        self.faults: list[str] = []

    async def look(self, page: Page, screen: str) -> None:
        """axe in this language's theme."""
        for theme in ("light", "dark") if WHOLE else THEMES[self.locale]:
            await page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
            await self._axe(page, f"{screen}, {self.locale}, {theme}")
            await self._picture(page, f"{screen}-{self.locale}-{theme}")
        await page.emulate_media(color_scheme="light", reduced_motion="reduce")

    async def squeeze(self, page: Page, screen: str) -> None:
        """The two narrow windows; the layout of both is the same, so axe looks at the narrower."""
        for name, size in WINDOWS.items():
            await page.set_viewport_size(size)
            await page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
            for fault in [*await page.evaluate(TOO_WIDE), *await page.evaluate(CUT)]:
                self.faults.append(f"{screen}, {self.locale}, {name}: {fault}")
            await self._picture(page, f"{screen}-{self.locale}-{name.strip('%px')}")
        if WHOLE or self.locale == "fr":
            await self._axe(page, f"{screen}, {self.locale}, 320px")
        await page.set_viewport_size(LAPTOP)

    async def _axe(self, page: Page, where: str) -> None:
        if not await page.evaluate("'axe' in window"):
            await page.evaluate(AXE)
        for rule, nodes in await page.evaluate(LOOK, RULES):
            seen = "; ".join(f"{target} {html[:120]}" for target, html in nodes[:2])
            self.faults.append(f"{where}: {rule}: {seen}")

    async def _picture(self, page: Page, name: str) -> None:
        if folder := os.environ.get("PARLONS_PICTURES"):
            await page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.fixture
def set_language(floor: Floor) -> Callable[[Desk, str], Awaitable[None]]:
    """The person's own preference, as his menu sets it; given back by the test's end."""

    async def put(desk: Desk, locale: str) -> None:
        answer = await desk.page.request.patch("/api/v1/me", data={"locale": locale}, headers={"X-Parlons": "1"})
        assert answer.ok, await answer.text()
        await desk.page.reload()
        await expect(desk.state).to_be_visible()

    return put


async def _as(room: Room, email: str, locale: str, put: Callable[[Desk, str], Awaitable[None]]) -> Desk:
    desk = await room.desk(email, {AGENT: "fr", SUPERVISOR: "en"}[email])
    await put(desk, locale)
    return Desk(desk.page, locale)


async def _given_back(desk: Desk, locale: str) -> None:
    await desk.page.request.patch("/api/v1/me", data={"locale": locale}, headers={"X-Parlons": "1"})


@BOTH
async def test_signing_in(room: Room, floor: Floor, locale: str) -> None:
    sweep = Sweep(locale)
    page = await (await room.profile(locale)).new_page()
    await page.goto("/app/")
    await expect(page.get_by_role("textbox").first).to_be_visible()
    await sweep.look(page, "sign-in")
    await sweep.squeeze(page, "sign-in")
    await page.goto(await floor.link(AGENT))
    await expect(page.get_by_role("main").get_by_role("button").last).to_be_visible()
    await sweep.look(page, "link")
    await sweep.squeeze(page, "link")
    await page.goto("/app/link#nothing")
    await page.reload()
    await page.get_by_role("main").get_by_role("button").last.click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await sweep.look(page, "link-used")
    assert not sweep.faults, "\n".join(sweep.faults)


@BOTH
async def test_the_agents_screens(
    room: Room, locale: str, set_language: Callable[[Desk, str], Awaitable[None]]
) -> None:
    sweep = Sweep(locale)
    camille = await _as(room, AGENT, locale, set_language)
    page = camille.page
    try:
        await sweep.look(page, "desk-empty")
        await sweep.squeeze(page, "desk-empty")
        await camille.start()
        claire = await room.visitor(name="Claire Rousseau", path="/shop/cars/solene-5-hybride")
        await claire.open()
        await claire.writes("Bonjour, la Solène 5 est-elle encore disponible ?")
        await expect(camille.offer("Claire Rousseau")).to_be_visible()
        await sweep.look(page, "offer")
        await sweep.squeeze(page, "offer")
        await camille.take("Claire Rousseau")
        await camille.opens("Claire Rousseau")
        await camille.replies("Bonjour Claire, oui, elle est à Lyon.")
        await expect(camille.log.get_by_text(camille.t["log"]["read"], exact=True)).to_be_visible()
        for tab in ("customer", "history", "notes", "why", "wrapup"):
            await camille.tab(tab)
            await expect(page.get_by_role("tab", selected=True)).to_have_attribute("data-tab", tab)
            if tab == "why":
                await expect(camille.context.get_by_role("heading").first).to_be_visible()
            await sweep.look(page, f"desk-{tab}")
        await camille.composer.fill("x" * 8001)
        await sweep.look(page, "desk-too-long")
        await camille.composer.fill("")
        await sweep.squeeze(page, "desk")
        await camille.context.get_by_role("button", name=camille.t["wrapup"]["endChat"]).click()
        await expect(camille.context).to_contain_text(camille.t["wrapup"]["since"])
        await sweep.look(page, "desk-wrapping")
        await page.keyboard.press("Control+k")
        await expect(page.get_by_role("combobox")).to_be_focused()
        await sweep.look(page, "palette")
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name=re.compile("^Camille Moreau")).click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        await sweep.look(page, "preferences")
        await page.keyboard.press("Escape")
        await page.get_by_role("link", name=camille.t["place"]["keys"]).click()
        await expect(page.get_by_role("heading", level=1, name=camille.t["keys"]["title"])).to_be_visible()
        await sweep.look(page, "keys")
        await sweep.squeeze(page, "keys")
    finally:
        await _given_back(camille, "fr")
    assert not sweep.faults, "\n".join(sweep.faults)


@BOTH
async def test_the_supervisors_screens(
    room: Room, locale: str, set_language: Callable[[Desk, str], Awaitable[None]]
) -> None:
    sweep = Sweep(locale)
    martin = await _as(room, SUPERVISOR, locale, set_language)
    page, t = martin.page, martin.t
    try:
        camille = await room.desk(AGENT)
        await camille.start()
        for name in ("Alice Roy", "Bruno Lenoir", "Chloé Marchand"):
            visitor = await room.visitor(name=name)
            await visitor.open()
            await visitor.writes(f"Je suis {name}")
            await camille.take(name)
        claire = await room.visitor(name="Claire Rousseau")
        await claire.open()
        await claire.writes("Bonjour, y a-t-il quelqu’un ?")
        await page.get_by_role("link", name=t["place"]["live"]).click()
        waiting = page.get_by_role("region", name=t["live"]["waiting"])
        await expect(waiting).to_contain_text("Claire Rousseau")
        await sweep.look(page, "live")
        await sweep.squeeze(page, "live")
        await page.get_by_role("button", name=re.compile(r"^Camille Moreau\b.*\d:\d\d")).click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        await sweep.look(page, "live-person")
        await page.keyboard.press("Escape")
        await waiting.get_by_role("button", name=t["context"]["why"], exact=True).click()
        await expect(page.get_by_role("complementary").get_by_text("Camille Moreau").first).to_be_visible()
        await sweep.look(page, "why")
        await sweep.squeeze(page, "why")
        await page.keyboard.press("Escape")
        await waiting.get_by_role("button", name=re.compile("Claire Rousseau")).click()
        await expect(page.get_by_role("combobox", name=t["transfer"]["assignTo"])).to_be_visible()
        await sweep.look(page, "assign")
    finally:
        await _given_back(martin, "en")
    assert not sweep.faults, "\n".join(sweep.faults)


@BOTH
async def test_the_visitors_pages(room: Room, locale: str) -> None:
    sweep = Sweep(locale)
    base = "/shop" if locale == "fr" else "/shop/en"
    visitor: Visitor = await room.visitor(locale, path=f"{base}/")
    for name, path in {"home": "/", "cars": "/cars", "car": "/cars/solene-5-hybride", "loan": "/financing"}.items():
        await visitor.visit(base + path)
        await sweep.look(visitor.page, f"shop-{name}")
        await sweep.squeeze(visitor.page, f"shop-{name}")
    await visitor.open()
    await sweep.look(visitor.page, "widget-open")
    await visitor.writes("Bonjour")
    await sweep.look(visitor.page, "widget-waiting")
    await sweep.squeeze(visitor.page, "widget-waiting")
    assert not sweep.faults, "\n".join(sweep.faults)


@BOTH
async def test_the_message_left_at_closed_doors(room: Room, locale: str) -> None:
    sweep = Sweep(locale)
    visitor: Visitor = await room.visitor(locale)
    page, french = visitor.page, locale == "fr"

    async def closed(route: Route) -> None:
        answer = await route.fetch()
        body = {**await answer.json(), "open": False, "next_opening_at": None}
        await route.fulfill(response=answer, json=body)

    await page.route("**/webchat/*/config*", closed)
    await visitor.visit("/shop/" if french else "/shop/en/")
    await page.get_by_role("button", name="Ouvrir le chat" if french else "Open the chat").click()
    await expect(page.get_by_role("textbox", name="Nom" if french else "Name")).to_be_focused()
    await sweep.look(page, "widget-closed")
    await sweep.squeeze(page, "widget-closed")
    await page.get_by_role("textbox", name="E-mail").fill("claire@")
    await page.get_by_role("button", name="Laisser le message" if french else "Leave the message").click()
    await expect(page.get_by_role("textbox", name="Nom" if french else "Name")).to_be_focused()
    await expect(page.get_by_role("textbox", name="E-mail")).to_have_attribute("aria-invalid", "true")
    await sweep.look(page, "widget-closed-wrong")
    assert not sweep.faults, "\n".join(sweep.faults)


@BOTH
async def test_the_screens_of_the_office(room: Room, locale: str) -> None:
    sweep = Sweep(locale)

    async def look(screen: Screen, page: Page) -> None:
        await sweep.look(page, screen.name)
        if screen.narrow:
            await sweep.squeeze(page, screen.name)

    missed = await walk(OFFICE, Scene(room, locale), look)
    assert not [*missed, *sweep.faults], "\n".join([*missed, *sweep.faults])
