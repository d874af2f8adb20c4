"""A page of the company's own shows the desk in a frame and drives its phone; a page that nobody named gets nothing.

The page is the one of docs/how-to/drive-the-phone.md. It stands on another site (`localhost`) than the desk (`127.0.0.1`), so who
is signed in outside is not within: the person signs in within the frame, by a cookie of that place alone.
"""

import re
from typing import Any

import pytest
from playwright.async_api import Frame, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from parlons.simulator.providers.wire import served
from tests.journeys.floor import Floor
from tests.journeys.people import ROOT, Room, words
from tests.journeys.voice.callers import Street
from tests.journeys.voice.conftest import ADA, EAR, MICROPHONE, NUMBER

pytestmark = pytest.mark.asyncio(loop_scope="session")
Json = dict[str, Any]
DOCUMENT = (ROOT / "docs/how-to/drive-the-phone.md").read_text()
HEARS = """async ([name, from]) => {
  const end = performance.now() + 20000;
  while (performance.now() < end) {
    const found = heard.findIndex((each, at) => at >= from && each.event === name);
    if (found >= 0) return [found + 1, heard[found]];
    await new Promise((done) => setTimeout(done, 20));
  }
  return [0, heard.map((each) => each.event)];
}"""


class Crm:
    """The page, and what it was told."""

    def __init__(self, page: Page) -> None:
        self.page, self._seen = page, 0

    async def asks(self, kind: str, **more: Any) -> Json:
        """One wish; the reply."""
        reply: Json = await self.page.evaluate("([kind, more]) => ask(kind, more)", [kind, more])
        return reply

    async def does(self, kind: str, **more: Any) -> Json:
        """One wish, which must be carried out."""
        reply = await self.asks(kind, **more)
        assert reply["ok"], f"{kind} {reply}"
        return reply

    async def hears(self, event: str) -> Json:
        """Waits for an event after the last one waited for."""
        self._seen, found = await self.page.evaluate(HEARS, [event, self._seen])
        assert self._seen, f"{event} was not told, but {found}"
        return dict(found)


def company(desk: str) -> Starlette:
    """The page of the document, for this desk."""
    found = re.search(r"<!-- test: file crm.html -->\n```html\n(.*?)```", DOCUMENT, re.S)
    assert found
    page = found[1].replace("https://parlons.example", desk)

    async def record(request: Request) -> Response:
        return HTMLResponse(page)

    return Starlette(routes=[Route("/customer", record)])


async def name_origins(floor: Floor, *origins: str) -> None:
    """Whose pages may show the desk."""
    path = "/settings/workspace/workspace"
    fields = {**(await floor.call("GET", path))["thing"], "frame_origins": list(origins)}
    await floor.call("PUT", path, json=fields, headers={"If-Match": "*"})


async def test_a_page_of_the_company_drives_the_phone(room: Room, street: Street, floor: Floor) -> None:
    async with served(company(floor.server.url)) as stranger:
        url = stranger.replace("127.0.0.1", "localhost")
        await name_origins(floor, url)
        try:
            context = await room.profile("en", permissions=["microphone"])
            await context.add_init_script(path=EAR)
            page = await context.new_page()
            await page.goto(f"{url}/customer")
            await signs_in_within(page, await floor.link(ADA))
            await page.get_by_label("Notes").focus()
            crm = Crm(page)
            ready = await crm.hears("ready")
            assert ready["user_id"] == floor.users[ADA]["id"]
            assert (await crm.asks("set_state", state="Nowhere"))["code"] == "unknown-state"
            assert (await crm.asks("hold"))["code"] == "no-call"
            assert (await crm.asks("sign_out"))["code"] == "invalid"
            await crm.does("set_state", state="Available")
            assert (await crm.hears("state"))["state"]["available"] is True

            customer = await street.person("+33612345678", voice=1000.0)
            assert await customer.rings(NUMBER) == 200
            offer = (await crm.hears("offer"))["offer"]
            assert (offer["number"], offer["queue"]) == ("+33612345678", "Sales")
            await crm.does("answer")
            assert (await crm.hears("answered"))["call"]["number"] == "+33612345678"
            await customer.hears(MICROPHONE)
            await crm.does("hold")
            await crm.hears("held")
            await crm.does("resume")
            await crm.hears("resumed")
            await crm.does("mute")
            await crm.hears("muted")
            await crm.does("unmute")
            await crm.does("transfer", to="+33144556688")
            assert "+33144556688" in (await street.carrier.answers()).first
            assert (await crm.hears("transferred"))["call"]["number"] == "+33612345678"
            customer.hangs_up()
            await street.carrier.is_hung_up()

            dialled = await crm.does("dial", to="+33144556677")
            invite = await street.carrier.answers()
            assert "+33144556677" in invite.first
            talking = (await crm.hears("answered"))["call"]
            assert (talking["call_id"], talking["direction"]) == (dialled["call_id"], "out")
            assert (await crm.asks("status"))["call"]["call_id"] == dialled["call_id"]
            await crm.does("hang_up")
            await crm.hears("wrap_up")
            await crm.does("complete")
            await crm.hears("completed")
            assert await page.evaluate("document.activeElement.ariaLabel") == "Notes", "the frame took the focus"

            await stranger_gets_nothing(page, stranger)
            (refused,) = [said for said in room.complaints if "frame-ancestors" in said]
            room.complaints.remove(refused)
        finally:
            await name_origins(floor)


async def signs_in_within(page: Page, link: str) -> None:
    """The person opens a link in the frame; what browsers are told to keep is kept for this page around it."""
    desk = await (await page.wait_for_selector("#parlons")).content_frame()
    assert desk is not None
    await desk.goto(link)
    await desk.get_by_role("button", name=words("en")["session"]["open"]).click()
    await desk.get_by_role("banner").wait_for()
    (kept,) = [each for each in await page.context.cookies() if each["name"].startswith("parlons_")]
    assert (kept["name"], kept["sameSite"], kept["secure"]) == ("parlons_framed", "None", True)
    assert kept["partitionKey"] == "http://localhost"


async def stranger_gets_nothing(page: Page, url: str) -> None:
    """Another origin's page: the browser shows no desk in it, and nothing is told."""
    async with (
        page.context.expect_console_message(lambda line: "frame-ancestors" in line.text),
        page.expect_event("framenavigated", lambda frame: frame is not page.main_frame) as there,
    ):
        await page.goto(f"{url}/customer")
    frame: Frame = await there.value
    assert frame.url.startswith("chrome-error:"), frame.url
    assert await page.evaluate("heard.length") == 0
