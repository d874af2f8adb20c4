"""Car finance: one customer calls, texts and chats; the best agent has it all, sees the car she looks at, calls her back."""

import asyncio
import re
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from parlons.channels.webchat.tokens import identity_signature
from parlons.simulator.providers.wire import served
from tests.journeys.floor import Floor
from tests.journeys.people import Desk, Room, Visitor
from tests.journeys.test_channels import TOKEN, Gateway, gateway
from tests.journeys.voice.callers import Street
from tests.journeys.voice.conftest import ADA, BEN, SITE, House, at_work, has_hung_up, hears

pytestmark = pytest.mark.asyncio(loop_scope="session")
FINANCE, TEXTS = "+33155500031", "+33756000031"
LEA, ACCOUNT = "+33639980031", "lea-31"
LEA_SAYS, CARRIER_SAYS = 1000.0, 1700.0
CARS = {
    "vela": ("Vela 1.2", "11900", "vela-12"),
    "solene": ("Solène 5 <b>Hybride</b>", "23490", "solene-5"),
}
PAGE = """<!doctype html><html lang=en><title>{name} - North</title><h1>{name}</h1>
<div data-parlons-product="{name}" data-parlons-price="{price}" data-parlons-currency=EUR data-parlons-sku={sku}></div>
<script>window.parlons = function () {{ (parlons.q = parlons.q || []).push(arguments) }};
parlons("identify", {{user_id: "{user}", email: "", name: "Léa Morel", signature: "{signature}"}})</script>
<script src="{server}/widget.js" data-parlons=north async></script>"""
CENTRE = """
workflows:
- name: Financing
  firm: North
  reservation_timeout_seconds: 60
  default_queue: Sales
  filters: [{{name: The best, when: 1 == 1, targets: [{{queue: Sales, order_by: worker.levels.finance DESC}}]}}]
users:
- {{email: ada@north.example, name: Ada Lemoine, locale: en, attributes: {{skills: [sales], levels: {{finance: 9}}}},
   channels: &all {{voice: 1, chat: 2, default: 1}}}}
- {{email: ben@north.example, name: Ben Okoro, locale: en, attributes: {{skills: [care, twins, sales], levels: {{finance: 2}}}},
   channels: *all}}
widgets:
- {{key: north, firm: North, name: North, languages: [en], origins: ["{site}"], accent: "#00647c", reply_seconds: 30,
   texts: {{en: {{title: North, greeting: Hello}}}}, identity: {{secret: NORTH_SITE}}}}
entry_points:
- {{channel: voice, address: "{finance}", firm: North, workflow: Financing, language: en}}
- {{channel: sms, address: "{texts}", firm: North, workflow: Financing, task_channel: chat, language: en}}
- {{channel: webchat, address: north, firm: North, workflow: Financing, task_channel: chat, language: en}}
"""


class Dealer:
    """The dealer's site and its SMS gateway, as the customer meets them."""

    def __init__(self, house: House, site: str, sms: Gateway) -> None:
        self.house, self.site, self.sms = house, site, sms

    async def texted(self, words: str) -> None:
        """Léa's SMS."""
        params = {"token": TOKEN, "from": LEA, "to": TEXTS, "text": words, "id": words}
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(f"{self.house.server.url}/hooks/sms/finance", params=params)
            assert answer.is_success, answer.text

    async def has_texted(self, words: str) -> None:
        """Waits until the gateway has got it as the last one."""
        async with asyncio.timeout(60):
            while self.sms.texts[-1:] != [words]:
                self.sms.came.clear()
                await self.sms.came.wait()


@pytest_asyncio.fixture(loop_scope="session")
async def dealer(house: House, floor: Floor) -> AsyncIterator[Dealer]:
    """A firm whose best adviser comes first, with a number for texts and a site of cars; as before afterwards."""

    def car(request: Request) -> HTMLResponse:
        name, price, sku = CARS[request.path_params["car"]]
        signature = identity_signature(SITE, ACCOUNT, "")
        safe = name.replace("<", "&lt;")
        values = {"name": safe, "price": price, "sku": sku, "user": ACCOUNT, "signature": signature}
        return HTMLResponse(PAGE.format(**values, server=house.server.url))

    before = (await floor.api.get("/configuration")).text
    async with gateway() as sms, served(Starlette(routes=[Route("/cars/{car}", car)])) as site:
        text = CENTRE.format(site=site, finance=FINANCE, texts=TEXTS)
        account = {
            "channel": "sms", "key": "finance", "firm": "North", "name": "", "address": TEXTS, "per_second": None,
            "settings": {"transport": "http", "url": sms.url, "username": "north"},
            "secrets": {"token": {"value": TOKEN}, "password": {"value": "p"}},
        }  # fmt: skip
        await floor.call("PUT", "/settings/channel/sms finance", json=account)
        await floor.call("POST", "/configuration", content=text.encode())
        yield Dealer(house, site, sms)
        await floor.call("POST", "/configuration", content=before, params={"prune": True})


async def _known(floor: Floor) -> str:
    """Léa as the dealer's own system knows her: her telephone and her account on the site are one person's."""
    (firm,) = [each for each in (await floor.call("GET", "/firms"))["items"] if each["name"] == "North"]
    lea = {"firm_id": firm["id"], "kind": "phone", "value": LEA, "verified": True, "name": "Léa Morel"}
    customer_id = str((await floor.call("POST", "/customers", json=lea))["id"])
    account = {"kind": "external", "value": ACCOUNT, "verified": True}
    await floor.call("POST", f"/customers/{customer_id}/addresses", json=account)
    return customer_id


async def test_one_customer_on_three_channels_the_car_she_looks_at_and_a_call_back(
    room: Room, street: Street, floor: Floor, dealer: Dealer
) -> None:
    customer_id = await _known(floor)
    await floor.put(BEN, "Available")  # he has waited longer; she knows more
    ada = await at_work(room, ADA)
    call = await _calls(ada, street, dealer)
    visitor = await _looks_at_cars(room, ada, dealer)
    chat = ada.conversation_id
    await _is_called_back(ada, street, floor, visitor)
    for conversation_id in (call, chat):
        full = await floor.call("GET", f"/conversations/{conversation_id}")
        assert full["customer"]["id"] == customer_id
    assert {leg["channel"] for leg in (await floor.call("GET", f"/conversations/{call}"))["legs"]} == {"voice", "sms"}


async def _calls(ada: Desk, street: Street, dealer: Dealer) -> str:
    """She calls; while they talk, and after, they write to each other in the same conversation."""
    lea = await street.person(LEA, voice=LEA_SAYS)
    assert await lea.rings(FINANCE) == 200
    await ada.take("Léa Morel")
    await hears(ada.page, LEA_SAYS)
    await expect(ada.page).to_have_url(re.compile("/c/CH"))
    call = ada.conversation_id
    await expect(ada.composer).to_have_accessible_name(re.compile("^Private note"))
    modes = ada.page.get_by_role("group", name=ada.t["composer"]["kind"])
    await modes.get_by_role("button", name="SMS").press("Enter")
    await ada.replies("Your offer: 36 months at 2.9 %")
    await dealer.has_texted("Your offer: 36 months at 2.9 %")
    await dealer.texted("And over 48 months?")
    await expect(ada.log).to_contain_text("And over 48 months?")
    await expect(ada.offer("")).to_have_count(0)
    lea.hangs_up()
    await has_hung_up(ada)
    await ada.replies("3.4 %, and the papers follow")
    await dealer.has_texted("3.4 %, and the papers follow")
    await ada.context.get_by_role("button", name="Finish", exact=True).click()
    await expect(ada.mine).to_have_count(0)
    return call


async def _looks_at_cars(room: Room, ada: Desk, dealer: Dealer) -> Visitor:
    """She chats from the page of one car and goes on to another."""
    visitor = Visitor(await (await room.profile("en")).new_page(), "en")
    await visitor.visit(f"{dealer.site}/cars/vela")
    await visitor.open()
    await visitor.writes("It is me again. Is this one in red?")
    await ada.take("It is me again")
    await ada.opens("Léa Morel")
    context = await ada.tab("customer")
    await expect(context).to_contain_text("Vela 1.2")
    await expect(context).to_contain_text("€11,900 · vela-12")
    await visitor.visit(f"{dealer.site}/cars/solene")
    await expect(context).to_contain_text("Solène 5 <b>Hybride</b>")
    await expect(context).to_contain_text("€23,490 · solene-5")
    return visitor


async def _is_called_back(ada: Desk, street: Street, floor: Floor, visitor: Visitor) -> None:
    """The same agent dials out from the chat."""
    label = ada.t["call"]["callCustomer"].replace("{{name}}", "Léa Morel")
    await ada.page.get_by_role("button", name=label).click()
    invite = await street.carrier.answers()
    assert LEA in invite.first
    await hears(ada.page, CARRIER_SAYS)
    chat = (ada.conversation_id, "out")  # rows of calls are written a moment after what one hears
    await floor.until(
        "/calls?state=live", lambda page: chat in [(one["conversation_id"], one["direction"]) for one in page["items"]]
    )
    street.carrier.hangs_up()
    await has_hung_up(ada)
