"""From a chat to a call and back: one conversation, the same agent, and his capacity charged where the work is."""

import pytest
from playwright.async_api import Route, expect

from tests.journeys.floor import Floor
from tests.journeys.people import Room, Visitor
from tests.journeys.voice.conftest import ADA, EAR, MICROPHONE, at_work, does_not_hear, hears, phone_is_ready

pytestmark = pytest.mark.asyncio(loop_scope="session")
CUSTOMER_SAYS = 1000.0
SHOP = '<!doctype html><title>Shop</title><script src="/widget.js" data-parlons="north" async></script>'


async def in_the_shop(room: Room) -> Visitor:
    """Somebody on a page with the chat, who has a microphone."""
    context = await room.profile("en", permissions=["microphone"])
    await context.add_init_script(f"window.parlonsVoice = {CUSTOMER_SAYS};")
    await context.add_init_script(path=EAR)

    async def page_of_the_shop(route: Route) -> None:
        await route.fulfill(body=SHOP, content_type="text/html")

    await context.route("**/shop.html", page_of_the_shop)
    visitor = Visitor(await context.new_page(), "en")
    await visitor.visit("/shop.html")
    return visitor


async def test_from_a_chat_to_a_call_and_back(room: Room, floor: Floor) -> None:
    ada, claire = await at_work(room, ADA), await in_the_shop(room)
    await claire.open()
    await claire.writes("Is the red one still there?")
    await ada.take("Is the red one")
    await claire.sees("Ada")
    conversation = ada.conversation_id

    await claire.page.get_by_role("button", name="Call", exact=True).click()
    await phone_is_ready(claire.page)
    await hears(ada.page, CUSTOMER_SAYS)
    await hears(claire.page, MICROPHONE)
    (call,) = (await floor.call("GET", "/calls?state=live"))["items"]
    assert (call["conversation_id"], call["worker_id"]) == (conversation, floor.users[ADA]["worker_id"])
    assert await loads(floor) == {"chat": 1, "voice": 1}
    await claire.writes("I am on the phone, too")
    await expect(ada.log).to_contain_text("I am on the phone, too")

    await claire.page.get_by_role("button", name="Hang up").click()
    await floor.until("/calls?state=live", lambda page: not page["items"])
    await does_not_hear(ada.page, CUSTOMER_SAYS)
    await claire.writes("Thank you for the call")
    await expect(ada.log).to_contain_text("Thank you for the call")
    assert ada.conversation_id == conversation
    assert await loads(floor) == {"chat": 1, "voice": 0}


async def loads(floor: Floor) -> dict[str, int]:
    """What Ada has in hand, by channel."""
    worker = await floor.call("GET", f"/workers/{floor.users[ADA]['worker_id']}")
    return {name: worker["channels"][name]["assigned"] for name in ("chat", "voice")}
