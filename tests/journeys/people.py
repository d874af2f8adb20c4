"""People in real browsers: a visitor on the shop's pages and somebody at the desk. They see and press what is on the screen."""

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex
from time import monotonic
from typing import Any

from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from tests.journeys.floor import Floor
from tests.journeys.profiles import profiles_of

ROOT = Path(__file__).resolve().parents[2]
LAPTOP = {"width": 1440, "height": 900}
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)


def words(locale: str) -> dict[str, Any]:
    """The desk's texts, to find what is pressed in both languages."""
    files = (ROOT / f"web/apps/desk/src/i18n/{locale}").glob("*.json")
    return {area: texts for file in files for area, texts in json.loads(file.read_text()).items()}


class Room:
    """Opens browser profiles and remembers what their pages complained of."""

    def __init__(self, chromium: Browser, floor: Floor) -> None:
        self.profiles, self.floor = profiles_of(chromium), floor
        self.complaints: list[str] = []
        self._open: dict[BrowserContext, bool] = {}

    async def profile(self, locale: str, **more: Any) -> BrowserContext:
        """A browser profile of somebody's own; one with `more` is not used again."""
        settings = {
            "viewport": LAPTOP,
            "locale": {"fr": "fr-FR", "en": "en-GB"}[locale],
            "timezone_id": "Europe/Paris",
            "base_url": self.floor.server.url,
            "reduced_motion": "reduce",
            **more,
        }
        context = await self.profiles.take(settings, self.complaints.append)
        context.set_default_timeout(PATIENCE_MS)
        self._open[context] = not more
        return context

    async def visitor(
        self, locale: str = "fr", *, name: str | None = None, path: str | None = None, **more: Any
    ) -> "Visitor":
        """Somebody on the shop's pages; with a name the shop vouches for him."""
        page = await (await self.profile(locale, **more)).new_page()
        visitor = Visitor(page, locale)
        await visitor.visit(path or ("/shop/cars" if locale == "fr" else "/shop/en/cars"))
        if name:
            who = self.floor.identity(name, token_hex(4))
            await page.evaluate("who => parlons('identify', who)", who)
        return visitor

    async def desk(self, email: str, locale: str = "fr", **more: Any) -> "Desk":
        """Somebody signed in by a one-time link."""
        page = await (await self.profile(locale, **more)).new_page()
        desk = Desk(page, locale)
        await desk.sign_in(await self.floor.link(email))
        return desk

    async def chat(self, desk: "Desk", words: str, name: str = "Claire Rousseau") -> "Visitor":
        """Somebody writes in the chat, and this person takes it and has it open."""
        visitor = await self.visitor(name=name)
        await visitor.open()
        await visitor.writes(words)
        await desk.take(name)
        await desk.opens(name)
        return visitor

    async def pictures(self, folder: Path) -> None:
        """What everybody sees, for whoever reads of a failure: pictures, and in words where only the output is at hand."""
        pages = [page for context in self._open for page in context.pages]
        for number, page in enumerate(pages):
            await page.screenshot(path=folder / f"{number}.png")
            print(f"-- {page.url}\n{await page.locator('body').aria_snapshot()}")

    async def leave(self) -> None:
        """Everybody closes the browser."""
        for context, again in self._open.items():
            await self.profiles.give_back(context, again=again)


class Visitor:
    """A visitor and the chat on the page."""

    def __init__(self, page: Page, locale: str) -> None:
        self.page, self.french = page, locale == "fr"

    async def visit(self, path: str) -> None:
        """Goes to a page of the shop."""
        await self.page.goto(path)
        await self.page.wait_for_selector("parlons-chat", state="attached")

    async def open(self) -> None:
        """Opens the chat."""
        await self.page.get_by_role("button", name="Ouvrir le chat" if self.french else "Open the chat").click()
        await expect(self.field).to_be_focused()

    @property
    def field(self) -> Locator:
        return self.page.get_by_role("textbox", name="Votre message" if self.french else "Your message")

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log")

    async def writes(self, text: str) -> None:
        """Writes a message and sees that it has arrived."""
        await self.field.fill(text)
        await self.page.keyboard.press("Enter")
        await expect(self.log).to_contain_text(text)
        sent = re.compile("Envoyé$|Lu$" if self.french else "Sent$|Read$")
        await expect(self.page.locator("parlons-chat p.meta.mine")).to_contain_text(sent)

    async def sees(self, text: str) -> None:
        """Waits for words in the log."""
        await expect(self.log).to_contain_text(text)


class Desk:
    """Somebody at the desk."""

    def __init__(self, page: Page, locale: str) -> None:
        self.page, self.t = page, words(locale)

    async def sign_in(self, link: str) -> None:
        """By a one-time link; its own page has its own test (`test_sweep.test_signing_in`)."""
        body = {"token": link.partition("#")[2]}
        answer = await self.page.request.post("/api/v1/session/link", data=body, headers={"X-Parlons": "1"})
        assert answer.ok, await answer.text()
        await self.page.goto("/app/")
        await expect(self.list).to_be_visible()
        await expect(self.state).to_be_visible()
        for memo_id in await self.has_signed_in(
            "/me/memos"
        ):  # what clearing the floor for the test told him is no news
            await self.page.request.post(f"/api/v1/me/memos/{memo_id}/seen", headers={"X-Parlons": "1"})

    async def start(self) -> None:
        """Starts the shift."""
        await self.page.get_by_role("banner").get_by_role("button", name=self.t["state"]["start"]).click()
        await expect(self.state).to_contain_text(self.t["state"]["ready"])

    @property
    def list(self) -> Locator:
        return self.page.get_by_role("navigation", name="Conversations")

    @property
    def state(self) -> Locator:
        return self.page.get_by_role("banner").locator("button[aria-haspopup=menu]").first

    @property
    def composer(self) -> Locator:
        return self.page.locator("[data-composer]")

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log")

    @property
    def context(self) -> Locator:
        return self.page.get_by_role("complementary", name=self.t["context"]["name"])

    def offer(self, text: str) -> Locator:
        """The card of an offer that holds `text`."""
        title = self.t["offer"]["region"].split(",")[0]
        return self.list.get_by_role("region", name=re.compile(f"^{title},")).filter(has_text=text)

    def row(self, text: str) -> Locator:
        """A conversation on the list, by name or last words."""
        return self.list.locator("[data-row]").filter(has_text=text)

    @property
    def mine(self) -> Locator:
        return self.list.get_by_role("region", name=self.t["list"]["mine"]).locator("[data-row]")

    async def take(self, text: str) -> None:
        """Takes an offer by its button."""
        await self.offer(text).get_by_role("button", name=self.t["offer"]["take"]).click()
        await expect(self.offer(text)).to_have_count(0)

    async def opens(self, name: str) -> None:
        """Waits until the conversation with `name` stands open."""
        await expect(self.page.get_by_role("heading", level=1, name=name)).to_be_visible()
        await expect(self.composer).to_be_visible()

    async def replies(self, text: str) -> None:
        """Writes to the customer and sees the tick."""
        reply = self.t["composer"]["replyTo"].partition("{{")[0]
        await expect(self.composer).to_have_accessible_name(re.compile(f"^{reply}"))
        await self.composer.fill(text)
        await self.page.get_by_role("button", name=self.t["composer"]["send"], exact=False).click()
        await expect(self.log.locator("[data-message]").filter(has_text=text)).to_have_count(1)

    async def tab(self, which: str) -> Locator:
        """Opens a tab beside the conversation."""
        await self.page.locator(f"[data-tab={which}]").click()
        return self.context

    @property
    def conversation_id(self) -> str:
        return self.page.url.rpartition("/c/")[2]

    async def has_signed_in(self, what: str) -> Any:
        """An answer of the API as this person gets it."""
        return await (await self.page.request.get(f"/api/v1{what}")).json()

    async def until(self, what: str, seen: Callable[[Any], Any]) -> Any:
        """Asks as this person until `seen(answer)` is true: what is shown at once is kept a moment later."""
        end = monotonic() + PATIENCE_MS / 1000
        while not seen(found := await self.has_signed_in(what)):
            assert monotonic() < end, f"{what} still says {found}"
            await asyncio.sleep(0.1)
        return found
