"""Who looks at the screens: one page for each person, signed in, in one language, and when a page has come to rest."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Request, expect

from tests.journeys.floor import AGENT, SUPERVISOR
from tests.journeys.people import Desk, Room, Visitor, words
from tests.journeys.voice_stage import VoiceStage, voice_desk

Who = Literal["guest", "visitor", "agent", "supervisor", "administrator"]
ADMINISTRATOR = "admin@parlons.local"
EMAILS: dict[Who, str] = {"agent": AGENT, "supervisor": SUPERVISOR, "administrator": ADMINISTRATOR}
USUAL = {AGENT: "fr", SUPERVISOR: "en", ADMINISTRATOR: "en"}
TWO_FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
GO = "path => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')); }"


class Rest:
    """Knows whether a page still asks for something."""

    def __init__(self, page: Page) -> None:
        self._page, self._open, self._changed = page, set[Request](), asyncio.Event()
        page.on("request", self._begins)
        for event in ("requestfinished", "requestfailed"):
            page.on(event, self._ends)

    def _begins(self, request: Request) -> None:
        self._open.add(request)

    def _ends(self, request: Request) -> None:
        self._open.discard(request)
        self._changed.set()

    async def wait(self, *, seconds: float = 60) -> None:
        """Returns once nothing is asked for and what came is drawn."""
        async with asyncio.timeout(seconds):
            await self._page.evaluate(TWO_FRAMES)
            while self._open:
                self._changed.clear()
                await self._changed.wait()
                await self._page.evaluate(TWO_FRAMES)


@dataclass
class Scene:
    """The people of one walk in one language."""

    room: Room
    locale: str
    kept: dict[str, Any] = field(default_factory=dict)
    """What one screen leaves for a later one: the agent's telephone, the visitor."""
    _pages: dict[Who, Page] = field(default_factory=dict)
    _rest: dict[Page, Rest] = field(default_factory=dict)

    @property
    def t(self) -> dict[str, Any]:
        """The desk's texts."""
        return words(self.locale)

    @property
    def french(self) -> bool:
        """Whether this is the walk in French."""
        return self.locale == "fr"

    def desk(self, who: Who) -> Desk:
        """Somebody's desk, as the journeys handle one."""
        return Desk(self._pages[who], self.locale)

    async def page(self, who: Who) -> Page:
        """Somebody's page: made at the first call."""
        if who not in self._pages:
            self._pages[who] = page = await self._made(who)
            self._rest[page] = Rest(page)
        return self._pages[who]

    async def _made(self, who: Who) -> Page:
        if who == "guest":
            return await (await self.room.profile(self.locale, permissions=["microphone"])).new_page()
        if who == "visitor":
            self.kept["visitor"] = visitor = await self.room.visitor(self.locale)
            return visitor.page
        if who == "agent":
            self.kept["stage"] = stage = await voice_desk(self.room, EMAILS[who], USUAL[EMAILS[who]])
            await self._speak(stage.page, self.locale)
            stage.desk, stage.t = Desk(stage.page, self.locale), self.t
            return stage.page
        page = await (await self.room.profile(self.locale)).new_page()
        await page.goto(await self.room.floor.link(EMAILS[who]))
        await page.get_by_role("main").get_by_role("button").last.click()
        await expect(page.locator("[data-list]")).to_be_visible()
        await self._speak(page, self.locale)
        return page

    @property
    def stage(self) -> VoiceStage:
        """The agent's telephone, played to him."""
        found: VoiceStage = self.kept["stage"]
        return found

    @property
    def visitor(self) -> Visitor:
        """Claire on the shop's page."""
        found: Visitor = self.kept["visitor"]
        return found

    async def _speak(self, page: Page, locale: str) -> None:
        answer = await page.request.patch("/api/v1/me", data={"locale": locale}, headers={"X-Parlons": "1"})
        assert answer.ok, await answer.text()
        await page.reload()
        await expect(page.locator("[data-list]")).to_be_visible()

    async def go(self, page: Page, path: str) -> None:
        """To a place of the desk, without loading it anew."""
        await page.evaluate(GO, path)
        await self.rest(page)

    async def rest(self, page: Page) -> None:
        """Waits until the page has come to rest."""
        await self._rest[page].wait()

    async def leave(self) -> None:
        """Everybody's language and sights as before."""
        for who, page in self._pages.items():
            if email := EMAILS.get(who):
                given_back = {"locale": USUAL[email]}
                await page.request.patch("/api/v1/me", data=given_back, headers={"X-Parlons": "1"})
                if who == "supervisor":
                    await page.request.put("/api/v1/me/layout", data={}, headers={"X-Parlons": "1"})


Bring = Callable[[Scene, Page], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Screen:
    """One entry of the list."""

    name: str
    who: Who
    bring: Bring
    """Brings the person's page to the screen; the screens of a person are brought in the list's order."""
    shows: tuple[str, ...] = ()
    """Places of the desk this is the picture of: `route:live`, `section:people`."""
    narrow: bool = False
    """Also looked at on a small window by the sweep."""
    contrast: bool = False
    """Also photographed in high contrast."""


async def walk(screens: list[Screen], scene: Scene, look: Callable[[Screen, Page], Awaitable[None]]) -> list[str]:
    """Brings up each screen in turn and looks at it. Returns which could not be reached, and why."""
    missed: list[str] = []
    try:
        for screen in screens:
            page = await scene.page(screen.who)
            try:
                await screen.bring(scene, page)
                await scene.rest(page)
            except (AssertionError, KeyError, PlaywrightError, TimeoutError) as error:
                missed.append(f"{screen.name}, {scene.locale}, was not reached: {error}")
            else:
                await look(screen, page)
    finally:
        await scene.leave()
    return missed
