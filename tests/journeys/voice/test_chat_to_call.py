"""From a chat to a call and back: one conversation, the same agent, and his capacity charged where the work is."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.journeys.floor import Floor
from tests.journeys.people import Room, Visitor
from tests.journeys.voice.conftest import (
    ADA,
    CENTRE,
    EAR,
    MICROPHONE,
    House,
    at_work,
    configure,
    does_not_hear,
    hears,
    phone_is_ready,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")
CUSTOMER_SAYS = 1000.0


@contextlib.asynccontextmanager
async def shop(house: House) -> AsyncIterator[str]:
    """The address of a shop's own page, on a server of its own, with our chat on it."""
    script = f'<script src="{house.server.url}/widget.js" data-parlons="north" async></script>'
    page = f"<!doctype html><html lang=en><title>Shop</title><p>Cars</p>{script}".encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(page)}\r\nConnection: close\r\n\r\n"

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(head.encode() + page)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


async def in_the_shop(room: Room, address: str) -> Visitor:
    """Somebody on the shop's page, who has a microphone."""
    context = await room.profile("en", permissions=["microphone"])
    await context.add_init_script(f"window.parlonsVoice = {CUSTOMER_SAYS};")
    await context.add_init_script(path=EAR)
    visitor = Visitor(await context.new_page(), "en")
    await visitor.visit(address)
    return visitor


@pytest_asyncio.fixture(loop_scope="session")
async def address(house: House) -> AsyncIterator[str]:
    """The shop's, which the widget is told of."""
    async with shop(house) as found:
        text = CENTRE.replace("CARRIER_PORT", str(house.street.carrier.phone.port))
        await configure(house.server, text.replace("key: north,", f'key: north, origins: ["{found.rstrip("/")}"],'))
        yield found


async def test_from_a_chat_to_a_call_and_back(room: Room, floor: Floor, address: str) -> None:
    ada, claire = await at_work(room, ADA), await in_the_shop(room, address)
    await claire.open()
    await claire.writes("Is the red one still there?")
    await ada.take("Is the red one")
    await claire.sees("Ada")
    await expect(ada.page).to_have_url(re.compile("/c/CH"))
    conversation = ada.conversation_id

    await claire.page.get_by_role("button", name="Call", exact=True).click()
    await phone_is_ready(claire.page)
    await hears(ada.page, CUSTOMER_SAYS)
    await hears(claire.page, MICROPHONE)
    await has_the_call(floor, conversation)
    await carries(floor, chat=1, voice=1)
    await claire.writes("I am on the phone, too")
    await expect(ada.log).to_contain_text("I am on the phone, too")

    await claire.page.get_by_role("button", name="Hang up").click()
    await floor.until("/calls?state=live", lambda page: not page["items"])
    await does_not_hear(ada.page, CUSTOMER_SAYS)
    await claire.writes("Thank you for the call")
    await expect(ada.log).to_contain_text("Thank you for the call")
    assert ada.conversation_id == conversation
    await carries(floor, chat=1, voice=0)


async def has_the_call(floor: Floor, conversation_id: str) -> None:
    """Waits until the one live call is Ada's, in this conversation: its row is written a moment after what one hears."""
    mine = [(conversation_id, floor.users[ADA]["worker_id"])]
    await floor.until(
        "/calls?state=live", lambda page: [(one["conversation_id"], one["worker_id"]) for one in page["items"]] == mine
    )


async def carries(floor: Floor, **loads: int) -> None:
    """Waits until this is what Ada has in hand, by channel: the router hears of a call's end beside its row."""
    await floor.until(
        f"/workers/{floor.users[ADA]['worker_id']}",
        lambda worker: {name: worker["channels"][name]["assigned"] for name in loads} == loads,
    )
