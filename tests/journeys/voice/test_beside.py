"""Beside a call: pictures both ways, a camera that is refused, text seen as it is typed, a link into the same conversation."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, async_playwright, expect

from tests.journeys.conftest import ARGUMENTS, chromium_path
from tests.journeys.floor import Floor
from tests.journeys.people import Desk, Room
from tests.journeys.voice.callers import Person, Street
from tests.journeys.voice.conftest import ADA, BEN, LINE, MICROPHONE, NUMBER, at_work, hears
from tests.journeys.voice.test_from_a_page import CUSTOMER_SAYS, calls_from_a_page

pytestmark = pytest.mark.asyncio(loop_scope="session")
WITHIN_MS = 500
"""EN 301 549, 6.2.4."""
SEEN = """async (least) => {
  const end = performance.now() + 60000;
  while (performance.now() < end) {
    if ((await parlonsEar.pictures()) >= least) return true;
    await new Promise((done) => setTimeout(done, 50));
  }
  return false;
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def stern(floor: Floor) -> AsyncIterator[Room]:
    """Profiles of a browser that has a camera and allows only what was granted; the other one allows everything."""
    async with async_playwright() as playwright:
        devices = ["--use-fake-device-for-media-stream", "--autoplay-policy=no-user-gesture-required", "--disable-gpu"]
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=[*ARGUMENTS, *devices])
        made = Room(browser, floor)
        yield made
        await made.leave()
        await browser.close()
        assert made.complaints == []


async def sees(page: Page) -> None:
    """Waits until a second of pictures was decoded."""
    assert await page.evaluate(SEEN, 15), "no picture was decoded"


async def talking_from_a_page(room: Room, name: str, customers: Room | None = None) -> tuple[Desk, Page]:
    """A customer's page and Ben, who talk; the panel beside the call stands open at Ben's."""
    ben = await at_work(room, BEN)
    page = await calls_from_a_page(customers or room, LINE, name)
    await expect(page.get_by_role("log", name="What is said")).to_contain_text("press 2")
    await page.get_by_role("button", name="Keypad").click()
    await page.get_by_role("button", name="Key 2", exact=True).click()
    await ben.take(name)
    await hears(ben.page, CUSTOMER_SAYS)
    await opens_panel(ben)
    return ben, page


async def opens_panel(desk: Desk) -> None:
    """Opens what is beside the call."""
    await desk.page.get_by_role("button", name=desk.t["beside"]["panel"], exact=True).click()
    await expect(desk.page.get_by_role("region", name=desk.t["beside"]["panel"])).to_be_visible()


async def press(desk: Desk, word: str) -> None:
    """Presses a button of the panel by its word."""
    panel = desk.page.get_by_role("region", name=desk.t["beside"]["panel"])
    await panel.get_by_role("button", name=desk.t["beside"][word], exact=True).click()


async def test_the_agent_proposes_and_both_see_each_other(room: Room) -> None:
    ben, page = await talking_from_a_page(room, "Vera Film")
    await press(ben, "start")
    await expect(page.get_by_text("Ben would like to talk with a picture.")).to_be_visible()
    await page.get_by_role("button", name="Show my camera").click()
    await sees(ben.page)
    await sees(page)
    await hears(page, MICROPHONE)
    await expect(page.get_by_label("Picture of Ben", exact=True)).to_be_visible()
    await expect(page.get_by_label("Your own picture")).to_be_visible()
    await page.get_by_role("button", name="Switch my camera off").click()
    await expect(ben.page.get_by_text("Vera Film shows no picture now.")).to_be_visible()
    await page.get_by_role("button", name="End the picture").click()
    await expect(ben.page.get_by_text(ben.t["beside"]["is"]["ended"])).to_be_visible()
    await hears(ben.page, CUSTOMER_SAYS)


async def test_the_customer_begins_and_a_refused_camera_is_said(room: Room, stern: Room) -> None:
    ben, page = await talking_from_a_page(room, "Rita Refuse", stern)
    await page.get_by_role("button", name="Show a picture too").click()
    await expect(page.get_by_text("The camera is not allowed.")).to_be_visible()
    await page.get_by_role("button", name="Without my camera").click()
    await press(ben, "withCamera")
    await sees(page)
    await expect(ben.page.get_by_text("Rita Refuse shows no picture now.")).to_be_visible()
    await hears(ben.page, CUSTOMER_SAYS)
    await press(ben, "stop")
    await expect(page.get_by_text("The picture was ended. The call goes on.")).to_be_visible()


async def test_who_declines_is_left_in_peace(room: Room) -> None:
    ben, page = await talking_from_a_page(room, "Nina No")
    await press(ben, "start")
    await page.get_by_role("button", name="No, thank you").click()
    await expect(ben.page.get_by_text("Nina No prefers to go on without a picture.")).to_be_visible()
    await expect(page.get_by_role("button", name="Show a picture too")).to_be_visible()


async def delay(writer: Page, field: str, reader: Page, said: str) -> float:
    """Milliseconds from the last key to the letters on the other screen."""
    seen = reader.evaluate(
        """async (said) => {
          const has = (root) => root.textContent.includes(said)
            || [...root.querySelectorAll("*")].some((each) => each.shadowRoot && has(each.shadowRoot));
          while (!has(document.body)) await new Promise(requestAnimationFrame);
          return Date.now();
        }""",
        said,
    )
    box = writer.get_by_role("textbox", name=field)
    await box.press_sequentially(said)
    typed = await writer.evaluate("Date.now()")
    return float(await seen - typed)


async def written(floor: Floor, conversation_id: str) -> list[str]:
    """What people wrote in a conversation."""
    return [one["text"] for one in await floor.messages(conversation_id) if one["author"]["kind"] != "system"]


async def test_text_is_seen_as_it_is_typed(room: Room, floor: Floor) -> None:
    ben, page = await talking_from_a_page(room, "Tess Text")
    field = ben.t["beside"]["text"]
    there = [await delay(page, "Write beside the call", ben.page, f"Bon{n}jour ") for n in range(3)]
    back = [await delay(ben.page, field, page, f"Ou{n}i ") for n in range(3)]
    assert min(there) < WITHIN_MS, there
    assert min(back) < WITHIN_MS, back
    await page.get_by_role("textbox", name="Write beside the call").press("Enter")
    await expect(ben.log).to_contain_text("Bon0jour Bon1jour Bon2jour")
    await expect(ben.page.get_by_text(re.compile("Tess Text is typing"))).to_have_count(0)
    await ben.page.get_by_role("textbox", name=field).press("Enter")
    await expect(page.get_by_role("log", name="What was written")).to_contain_text("Ben Ou0i Ou1i Ou2i")
    await expect(page.get_by_text(re.compile("Ben is typing"))).to_have_count(0)
    assert await written(floor, ben.conversation_id) == ["Bon0jour Bon1jour Bon2jour", "Ou0i Ou1i Ou2i"]


async def on_the_phone(room: Room, street: Street, number: str) -> tuple[Desk, Person, str]:
    """Ada and a customer with a telephone; his conversation."""
    ada = await at_work(room, ADA)
    customer = await street.person(number, voice=CUSTOMER_SAYS)
    await customer.rings(NUMBER)
    await ada.take("+33 6 12 34 56 " + number[-2:])
    await customer.hears(MICROPHONE)
    await opens_panel(ada)
    await expect(ada.page).to_have_url(re.compile("/c/CH"))
    return ada, customer, ada.conversation_id


async def makes_link(desk: Desk, word: str) -> str:
    """A link, as the agent would read it out."""
    await press(desk, word)
    return str(await desk.page.get_by_role("textbox", name=desk.t["beside"]["linkHere"]).input_value())


async def test_a_link_opens_the_chat_of_the_same_conversation(room: Room, street: Street, floor: Floor) -> None:
    ada, customer, conversation_id = await on_the_phone(room, street, "+33612345671")
    url = await makes_link(ada, "linkChat")
    page = await (await room.profile("en")).new_page()
    await page.goto(url)
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_role("textbox", name="Your message").fill("I am in the chat now")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(ada.log).to_contain_text("I am in the chat now")
    assert ada.conversation_id == conversation_id
    assert await written(floor, conversation_id) == ["I am in the chat now"]
    second = await (await room.profile("en")).new_page()
    await second.goto(url)
    await second.get_by_role("button", name="Continue").click()
    await expect(second.get_by_text("This link was used already")).to_be_visible()
    customer.hangs_up()


async def test_a_link_opens_a_picture_beside_a_phone_call(room: Room, street: Street) -> None:
    ada, customer, _ = await on_the_phone(room, street, "+33612345672")
    url = await makes_link(ada, "linkVideo")
    context = await room.profile("en", permissions=["camera"])
    await context.add_init_script(path="tests/journeys/voice/ear.js")
    page = await context.new_page()
    await page.goto(url)
    await page.get_by_role("button", name="Continue").click()
    await expect(page.get_by_text("You are beside your call.")).to_be_visible()
    await page.get_by_role("button", name="Show a picture too").click()
    await press(ada, "withCamera")
    await sees(page)
    await sees(ada.page)
    await customer.hears(MICROPHONE)
    customer.hangs_up()
    await expect(page.get_by_text("The call has ended. You can close this page.")).to_be_visible()
