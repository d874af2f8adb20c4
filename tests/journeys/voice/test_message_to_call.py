"""From a message on a social network to a call: same agent, same conversation, no queue in between, nothing said twice."""

import contextlib
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from parlons.simulator.providers.graph import ACCESS_TOKEN, APP_SECRET, VERIFY_TOKEN, Graph
from parlons.simulator.providers.pages import Page as SocialPage
from parlons.simulator.providers.wire import served
from tests.journeys.floor import Floor
from tests.journeys.people import Room
from tests.journeys.voice.conftest import (
    ADA,
    EAR,
    MICROPHONE,
    House,
    at_work,
    does_not_hear,
    hears,
    phone_is_ready,
)
from tests.journeys.voice.test_chat_to_call import CUSTOMER_SAYS, carries, has_the_call

pytestmark = pytest.mark.asyncio(loop_scope="session")
CLAIRE = "6849302938475610"


@pytest_asyncio.fixture(loop_scope="session")
async def social(house: House, floor: Floor) -> AsyncIterator[SocialPage]:
    """The house's page on the network; gone afterwards."""
    before = (await floor.api.get("/configuration")).text
    network = Graph()
    page = SocialPage(network)
    async with contextlib.AsyncExitStack() as leaving:
        leaving.push_async_callback(network.close)
        network.url = await leaving.enter_async_context(served(network.app))
        secrets = {"access_token": ACCESS_TOKEN, "app_secret": APP_SECRET, "verify_token": VERIFY_TOKEN}
        account = {
            "channel": "messenger", "key": "north", "firm": "North", "name": "", "address": page.id,
            "settings": {"api_url": network.url}, "per_second": None,
            "secrets": {name: {"value": value} for name, value in secrets.items()},
        }  # fmt: skip
        await floor.call("PUT", "/settings/channel/messenger north", json=account)
        point = f"{{channel: messenger, address: '{page.id}', firm: North, workflow: Front, task_channel: chat, language: en}}"
        await floor.call("POST", "/configuration", content=f"entry_points: [{point}]")
        await floor.until(
            "/channels", lambda found: [each for each in found["items"] if each["channel"] == "messenger"]
        )
        assert await network.subscribe(f"{house.server.url}/hooks/messenger/north")
        network.people[CLAIRE] = {"name": "Claire Rousseau"}
        yield page
    await floor.call("POST", "/configuration", content=before, params={"prune": True})


async def test_from_a_social_message_to_a_call(room: Room, floor: Floor, social: SocialPage) -> None:
    ada = await at_work(room, ADA)
    social.says(CLAIRE, "Is the red one still there?")
    await ada.take("Is the red one")
    await expect(ada.page).to_have_url(re.compile("/c/CH"))
    conversation = ada.conversation_id
    await ada.page.get_by_role("button", name=ada.t["channels"]["chatLink"]).press("Enter")
    await expect(ada.composer).to_have_value(re.compile("/join/"))
    await ada.page.keyboard.press("Control+Enter")
    await expect(ada.log.locator("[data-delivery=delivered]")).to_have_count(1)
    (heard,) = [each for each in social.heard[CLAIRE] if "/join/" in each.get("text", "")]

    context = await room.profile("en", permissions=["microphone"])
    await context.add_init_script(f"window.parlonsVoice = {CUSTOMER_SAYS};")
    await context.add_init_script(path=EAR)
    claire = await context.new_page()
    await claire.goto(heard["text"].strip())
    await claire.get_by_role("button", name="Continue").click()
    await expect(claire.get_by_role("log")).to_contain_text("Is the red one still there?")
    await claire.get_by_role("button", name="Call", exact=True).click()
    await phone_is_ready(claire)
    await hears(ada.page, CUSTOMER_SAYS)
    await hears(claire, MICROPHONE)
    await has_the_call(floor, conversation)
    await expect(ada.offer("")).to_have_count(0)
    await carries(floor, chat=1, voice=1)

    await claire.get_by_role("button", name="Hang up").click()
    await does_not_hear(ada.page, CUSTOMER_SAYS)
    social.says(CLAIRE, "See you on Friday")
    await expect(ada.log).to_contain_text("See you on Friday")
    full = await floor.call("GET", f"/conversations/{conversation}")
    assert (full["id"], full["channel"], full["assigned"]["name"]) == (conversation, "messenger", "Ada Lemoine")
    assert {leg["channel"] for leg in full["legs"]} >= {"messenger", "webchat", "voice"}
