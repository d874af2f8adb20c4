"""From an empty data folder to a chat and a call that a person answers, once with the mouse only, once with the keys only.

The page notes every press of a pointer and every key; whoever goes without one must not have used it. With the mouse only,
texts come in as from an on-screen keyboard: no key is pressed.
"""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, FrameLocator, Locator, Page, expect

from parlons.testing.processes import Running, data_folder
from tests.journeys.conftest import FAILED
from tests.journeys.people import ROOT, Desk, Room, words
from tests.journeys.test_sweep import BOTH, Sweep
from tests.journeys.voice.conftest import (
    EAR,
    MICROPHONE,
    chromium,  # noqa: F401  (a browser with a microphone)
    free_udp_port,
    hears,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")
ADMINISTRATOR = "Administrator, one-time link"
CUSTOMER_SAYS = 1000.0
WATCH = "for (const kind of ['pointerdown', 'keydown']) addEventListener(kind, () => noted(kind), true)"
HAS_FOCUS = "e => e.getRootNode().activeElement === e && e.ownerDocument.hasFocus()"


class Hands(Protocol):
    """How somebody works a page."""

    unused: str
    """The event that must never happen."""

    async def press(self, page: Page, target: Locator) -> None: ...
    async def writes(self, page: Page, field: Locator, text: str) -> None: ...
    async def chooses(self, page: Page, choice: Locator) -> None: ...


class Mouse:
    """Only a mouse."""

    unused = "keydown"

    async def press(self, page: Page, target: Locator) -> None:
        await target.click()

    async def writes(self, page: Page, field: Locator, text: str) -> None:
        await field.click(click_count=3)
        await page.keyboard.insert_text(text)
        await expect(field).to_have_value(text)

    async def chooses(self, page: Page, choice: Locator) -> None:
        await choice.click()
        await expect(choice).to_be_checked()


class Keys:
    """Only a keyboard."""

    unused = "pointerdown"

    async def press(self, page: Page, target: Locator) -> None:
        await expect(target).to_be_enabled()
        await self._reach(page, target)
        await page.keyboard.press("Enter")

    async def writes(self, page: Page, field: Locator, text: str) -> None:
        await self._reach(page, field)
        await page.keyboard.press("Control+a")
        await page.keyboard.type(text)
        await expect(field).to_have_value(text)

    async def chooses(self, page: Page, choice: Locator) -> None:
        group = choice.locator("xpath=ancestor::*[@role='radiogroup'][1]").get_by_role("radio")
        await self._reach(page, group.and_(page.locator(":checked")))
        for _ in range(await group.count()):
            if await choice.is_checked():
                return
            await page.keyboard.press("ArrowDown")
        raise AssertionError("the arrows do not lead there")

    async def _reach(self, page: Page, target: Locator, *, at_most: int = 120) -> None:
        """Tab until the focus stands on it."""
        await expect(target).to_be_visible()
        for _ in range(at_most):
            if await target.evaluate(HAS_FOCUS):
                return
            await page.keyboard.press("Tab")
        raise AssertionError(f"{target} cannot be reached by Tab")


@dataclass(frozen=True, slots=True)
class Fresh:
    """A server on a data folder that was empty; nobody has configured anything."""

    server: Running

    @property
    def door(self) -> str:
        """The one-time link that its first start printed."""
        return f"/app/link#{self.server.links[ADMINISTRATOR]}"

    def exported(self) -> str:
        """What `parlons export` prints."""
        command = [sys.executable, "-m", "parlons.app.cli", "export"]
        environ = {**os.environ, "PARLONS_URL": self.server.url, "PARLONS_KEY": self.server.operator_key()}
        return subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def fresh() -> Iterator[Fresh]:
    """`parlons serve` in an empty folder."""
    environ = {"PARLONS_SIP_PORT": str(free_udp_port()), "PARLONS_TTS": "none"}
    with data_folder() as data:
        assert not data.exists()
        with Running(data, environ=environ) as server:
            yield Fresh(server)


@pytest_asyncio.fixture(loop_scope="session")
async def room(chromium: Browser, fresh: Fresh, request: pytest.FixtureRequest) -> AsyncIterator[Room]:  # noqa: F811
    """Browser profiles; what a page complains of fails the test. A failure leaves pictures of all screens."""
    made = Room(chromium, fresh)  # type: ignore[arg-type]
    yield made
    if request.node.stash.get(FAILED, False):
        await made.pictures(ROOT / ".pytest_cache/journeys" / request.node.name)
    await made.leave()
    assert made.complaints == []


async def watched(room: Room, noted: set[str], *, voice: float | None = None, locale: str = "en") -> BrowserContext:
    """A profile with a microphone and ears, that notes what is pressed."""
    context = await room.profile(locale, permissions=["microphone"])
    await context.expose_binding("noted", lambda _, kind: noted.add(kind))
    await context.add_init_script(WATCH)
    if voice is not None:
        await context.add_init_script(f"window.parlonsVoice = {voice};")
    await context.add_init_script(path=EAR)
    return context


class Founder:
    """Whoever opens the first link and walks the first steps."""

    def __init__(self, page: Page, hands: Hands, locale: str = "en") -> None:
        self.page, self.hands, self.desk = page, hands, Desk(page, locale)
        self.t: dict[str, Any] = words(locale)["welcome"]

    def button(self, name: str) -> Locator:
        """A button of the step."""
        return self.page.get_by_role("main").get_by_role("button", name=name, exact=True)

    def field(self, label: str) -> Locator:
        """A field of the step."""
        return self.page.get_by_role("textbox", name=label, exact=True)

    async def begin(self, door: str) -> None:
        """Signs in and begins."""
        await self.page.goto(door)
        await self.hands.press(self.page, self.page.get_by_role("button", name=self.desk.t["session"]["open"]))
        await self.hands.press(self.page, self.button(self.t["cards"]["begin"]))
        await self.stands_at("firm")

    async def stands_at(self, step: str) -> None:
        """Waits for a step."""
        await expect(self.page.get_by_role("heading", level=1, name=self.t[step]["title"])).to_be_visible()

    async def keep(self, step: str) -> None:
        """Keeps what the step says; the proof appears."""
        await self.hands.press(self.page, self.button(self.t["keep"]))
        await expect(self.page.get_by_role("region", name=self.t["try"])).to_be_visible()
        await expect(self.button(self.onward(step))).to_be_focused()

    def onward(self, step: str) -> str:
        """The button that leads on from a step."""
        order = list(self.t["steps"])
        at = order.index(step) + 1
        if at == len(order):
            return str(self.t["finish"])
        return str(self.t["next"]).replace("{{step}}", self.t["steps"][order[at]])

    async def go_on(self, step: str) -> None:
        """To the step after this one."""
        await self.hands.press(self.page, self.button(self.onward(step)))

    async def firm_hours_queue(self) -> None:
        """The first three steps."""
        t = self.t
        await self.hands.writes(self.page, self.field(t["firm"]["name"]), "Garage Nord")
        await self.keep("firm")
        await expect(self.page.get_by_role("region", name=t["try"])).to_contain_text("Garage Nord")
        await self.go_on("firm")
        await self.stands_at("hours")
        await self.hands.chooses(self.page, self.page.get_by_role("radio", name=t["hours"]["always"]))
        await self.keep("hours")
        await expect(self.page.get_by_text(t["hours"]["open"])).to_be_visible()
        await self.go_on("hours")
        await self.stands_at("queue")
        await self.keep("queue")
        await self.go_on("queue")

    async def invites(self, *people: tuple[str, str]) -> list[str]:
        """The fourth step: the links, as they stand on the screen."""
        await self.stands_at("people")
        for at, (name, email) in enumerate(people):
            group = self.page.get_by_role("group", name=self.t["people"]["person"].replace("{{number}}", str(at + 1)))
            await self.hands.writes(self.page, group.get_by_role("textbox", name=self.t["people"]["name"]), name)
            await self.hands.writes(self.page, group.get_by_role("textbox", name=self.t["people"]["email"]), email)
        await self.keep("people")
        label = str(self.t["people"]["link"])
        return [await self.field(label.replace("{{name}}", name)).input_value() for name, _ in people]

    def frame(self, step: str) -> FrameLocator:
        """What a customer sees, inside the step."""
        return self.page.frame_locator(f"iframe[title='{self.t[step]['frame']}']")


async def comes_to_work(context: BrowserContext, link: str, hands: Hands) -> Desk:
    """Somebody opens his link and is ready."""
    desk = Desk(await context.new_page(), "en")
    await desk.page.goto(link)
    await hands.press(desk.page, desk.page.get_by_role("button", name=desk.t["session"]["open"]))
    await expect(desk.state).to_be_visible()
    start = desk.page.get_by_role("banner").get_by_role("button", name=desk.t["state"]["start"])
    await hands.press(desk.page, start)
    await expect(desk.state).to_contain_text(desk.t["state"]["ready"])
    return desk


async def takes(desk: Desk, hands: Hands, text: str) -> None:
    """Takes an offer by its button."""
    await hands.press(desk.page, desk.offer(text).get_by_role("button", name=desk.t["offer"]["take"]))
    await expect(desk.offer(text)).to_have_count(0)


async def the_chat(founder: Founder, ada: Desk, hands: Hands) -> None:
    """The founder is a customer; Ada answers."""
    await founder.keep("chat")
    frame, page = founder.frame("chat"), founder.page
    await hands.press(page, frame.get_by_role("button", name="Open the chat"))
    await hands.writes(page, frame.get_by_role("textbox", name="Your message"), "Is the blue one still there?")
    await hands.press(page, frame.get_by_role("button", name="Send", exact=True))
    await expect(frame.get_by_role("log")).to_contain_text("Is the blue one still there?")
    await takes(ada, hands, "Is the blue one still there?")
    await expect(page.get_by_text(founder.t["taken"].replace("{{name}}", "Ada Lemoine"))).to_be_visible()
    await expect(ada.composer).to_be_visible()
    await hands.writes(ada.page, ada.composer, "It is, come and see it.")
    await hands.press(ada.page, ada.page.get_by_role("button", name=ada.t["composer"]["send"], exact=False))
    await expect(frame.get_by_role("log")).to_contain_text("It is, come and see it.")
    await founder.go_on("chat")


async def the_call(founder: Founder, ada: Desk, hands: Hands) -> None:
    """The founder rings his own line; Ada answers, and they hear each other."""
    await founder.stands_at("call")
    await founder.keep("call")
    frame, page = founder.frame("call"), founder.page
    await hands.writes(page, frame.get_by_role("textbox", name="Your name (optional)"), "Nora Blanc")
    await hands.press(page, frame.get_by_role("button", name="Call", exact=True))
    await takes(ada, hands, "Nora Blanc")
    await hears(ada.page, CUSTOMER_SAYS)
    inside = next(each for each in page.frames if "/call/" in each.url)
    await hears(inside, MICROPHONE)  # type: ignore[arg-type]
    await expect(page.get_by_text(founder.t["taken"].replace("{{name}}", "Ada Lemoine"))).to_be_visible()
    await hands.press(page, frame.get_by_role("button", name="Hang up"))
    await expect(ada.page.get_by_role("button", name=ada.t["call"]["endCall"])).to_have_count(0)
    await founder.go_on("call")


@pytest.mark.parametrize("hands", [Mouse(), Keys()], ids=["mouse", "keys"])
async def test_from_nothing_to_a_chat_and_a_call(room: Room, fresh: Fresh, hands: Hands) -> None:
    noted: set[str] = set()
    founder = Founder(await (await watched(room, noted, voice=CUSTOMER_SAYS)).new_page(), hands)
    await founder.begin(fresh.door)
    await founder.firm_hours_queue()
    links = await founder.invites(("Ada Lemoine", "ada@nord.example"), ("Ben Okoro", "ben@nord.example"))
    ada = await comes_to_work(await watched(room, noted), links[0], hands)
    row = founder.page.get_by_role("listitem").filter(has_text="Ada Lemoine")
    await expect(row.get_by_text(founder.t["people"]["ready"], exact=True)).to_be_visible()
    await founder.go_on("people")
    await founder.stands_at("chat")
    await the_chat(founder, ada, hands)
    await the_call(founder, ada, hands)
    await founder.stands_at("done")
    assert hands.unused not in noted
    text = fresh.exported()
    assert all(word in text for word in ("Garage Nord", "ada@nord.example", "webchat", "voice"))


async def _speaks(desk: Desk, locale: str) -> None:
    answer = await desk.page.request.patch("/api/v1/me", data={"locale": locale}, headers={"X-Parlons": "1"})
    assert answer.ok, await answer.text()
    await desk.page.reload()


async def _seen(sweep: Sweep, founder: Founder, step: str, *, empty: bool) -> None:
    await founder.page.goto(f"/app/welcome/{step}")
    await founder.stands_at(step)
    name = f"welcome-{step}-empty" if empty else f"welcome-{step}"
    if not empty and step in ("chat", "call"):
        await expect(founder.frame(step).get_by_role("button").first).to_be_visible()
    await sweep.look(founder.page, name)
    await sweep.squeeze(founder.page, name)


@BOTH
async def test_every_first_step_as_it_looks(room: Room, fresh: Fresh, locale: str) -> None:
    sweep, hands = Sweep(locale), Mouse()
    founder = Founder(await (await watched(room, set(), locale=locale)).new_page(), hands, locale)
    page, t = founder.page, founder.t
    await page.goto(fresh.door)
    await page.get_by_role("main").get_by_role("button").last.click()
    await expect(founder.desk.list).to_be_visible()
    await _speaks(founder.desk, locale)
    await expect(founder.button(t["cards"]["begin"])).to_be_visible()
    await sweep.look(page, "first-day-empty")
    await sweep.squeeze(page, "first-day-empty")
    for step in t["steps"]:
        await _seen(sweep, founder, step, empty=True)
    await page.goto("/app/welcome/done")
    await expect(page.get_by_role("heading", level=1, name=t["done"]["open"])).to_be_visible()
    await sweep.look(page, "welcome-done-open")
    await sweep.squeeze(page, "welcome-done-open")
    await page.goto("/app/welcome/firm")
    await founder.stands_at("firm")
    await founder.firm_hours_queue()
    await founder.invites(("Ada Lemoine", "ada@nord.example"), ("Ben Okoro", "ben@nord.example"))
    await sweep.look(page, "welcome-people-links")
    await sweep.squeeze(page, "welcome-people-links")
    await founder.go_on("people")
    for step in ("chat", "call"):
        await founder.stands_at(step)
        await founder.keep(step)
        await founder.go_on(step)
    await founder.stands_at("done")
    await sweep.look(page, "welcome-done")
    await sweep.squeeze(page, "welcome-done")
    for step in t["steps"]:
        await _seen(sweep, founder, step, empty=False)
    await page.goto("/app/")
    await expect(page.get_by_role("link", name=t["cards"]["openChat"])).to_be_visible()
    await sweep.look(page, "first-day")
    await sweep.squeeze(page, "first-day")
    assert not sweep.faults, "\n".join(sweep.faults)


async def test_words_stay_words_and_a_refusal_keeps_what_was_typed(room: Room, fresh: Fresh) -> None:
    founder = Founder(await (await watched(room, set())).new_page(), Mouse())
    page, t, hands = founder.page, founder.t, founder.hands
    hostile = "<img src=x onerror='window.top.hostile = 1'>"
    await founder.begin(fresh.door)
    await hands.writes(page, founder.field(t["firm"]["name"]), f"Nord {hostile}")
    await founder.keep("firm")
    await expect(page.get_by_role("region", name=t["try"])).to_contain_text(hostile)
    await page.goto("/app/welcome/people")
    await founder.stands_at("people")
    for at in (1, 2):
        group = page.get_by_role("group", name=f"Person {at}")
        await hands.writes(page, group.get_by_role("textbox", name=t["people"]["name"]), "Ada Lemoine")
        await hands.writes(page, group.get_by_role("textbox", name=t["people"]["email"]), f"ada{at}@nord.example")
    await hands.press(page, founder.button(t["keep"]))
    # Two agents of one name: the first is in, with his link; the second is said to be refused, and stays as typed.
    await expect(page.get_by_role("alert", name=t["refused"])).to_contain_text("Ada Lemoine")
    left = page.get_by_role("group").get_by_role("textbox", name=t["people"]["email"])
    await expect(left).to_have_value("ada2@nord.example")
    await page.goto("/app/welcome/chat")
    await founder.stands_at("chat")
    await hands.writes(page, founder.field("Greeting in English"), f"Hello {hostile}")
    await founder.keep("chat")
    frame = founder.frame("chat")
    await expect(frame.get_by_role("heading", level=1)).to_contain_text(hostile)
    await hands.press(page, frame.get_by_role("button", name="Open the chat"))
    await expect(frame.get_by_text(f"Hello {hostile}")).to_be_visible()
    await expect(frame.locator("img[src=x]")).to_have_count(0)
    assert await page.evaluate("window.hostile ?? null") is None
