"""A lead by e-mail becomes a telephone call by one press; an order's state by SMS, an event by push, a survey by Messenger."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

import httpx
import pytest
import pytest_asyncio
from aiosmtplib import send
from playwright.async_api import expect

from parlons.simulator.providers.pages import Page as SocialPage
from tests.channels.email.servers import sink
from tests.journeys.floor import Floor
from tests.journeys.people import Desk, Room
from tests.journeys.test_channels import TOKEN, Gateway, free_port, gateway
from tests.journeys.voice.callers import Street
from tests.journeys.voice.conftest import ADA, MICROPHONE, House, at_work, has_hung_up, hears
from tests.journeys.voice.test_message_to_call import social
from tests.push.push_service import PushService, push_service

__all__ = ["social"]
pytestmark = pytest.mark.asyncio(loop_scope="session")
MAILBOX, TEXTS = "leads@north.example", "+33756000032"
NOE, WRITTEN, NUMBER = "noe@client.example", "06 39 98 00 32", "+33639980032"
IRIS, CARRIER_SAYS = "6849302938475632", 1700.0
CENTRE = """
parlons: 1
channels:
- {{channel: push, key: north, firm: North, address: north, settings: {{quiet_begins: "", quiet_ends: "", show_text: true}}}}
surveys:
- {{name: After a message, firm: North, kind: csat, every_days: 1, channels: [messenger],
   question: {{en: Are you happy with our answer?}}}}
entry_points:
- {{channel: email, address: "{mailbox}", firm: North, workflow: Front, task_channel: default, language: en}}
"""


@dataclass
class Orders:
    """What the firm is reached by and writes by, beside its telephone."""

    house: House
    floor: Floor
    sms: Gateway
    listen: int
    push: PushService

    async def writes(self) -> None:
        """Noé's mail, with his number in the text."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = f"Noé Aubry <{NOE}>", MAILBOX, "A van for my bakery"
        mail["Message-ID"] = "<lead-32@client.example>"
        mail.set_content(f"Hello,\n\nI need a van before the 1st. Call me: {WRITTEN}.\n\nNoé Aubry\n")
        await send(mail, hostname="127.0.0.1", port=self.listen, start_tls=False)

    async def visits(self) -> str:
        """Somebody on the site accepts notifications, as the widget says it; the customer he is."""
        here = f"{self.house.server.url}/api/v1/webchat/north"
        async with httpx.AsyncClient(trust_env=False) as site:
            begun = (await site.post(f"{here}/visits", json={"consent": "given", "language": "en"})).json()
            site.headers["Authorization"] = f"Bearer {begun['visitor_token']}"
            accepted = {**self.push.subscription, "page": f"{self.house.server.url}/", "time_zone": "Europe/Paris"}
            answer = await site.post(f"{here}/push", json=accepted)
            assert answer.status_code == 204, answer.text
        (firm,) = [one for one in (await self.floor.call("GET", "/firms"))["items"] if one["name"] == "North"]
        him = {"firm_id": firm["id"], "kind": "webchat", "value": begun["visitor_id"], "verified": True}
        return str((await self.floor.call("POST", "/customers", json=him))["id"])

    async def send(self, key: str, body: dict[str, Any]) -> dict[str, Any]:
        """The shop's own program writes to one customer."""
        headers = {"Idempotency-Key": key}
        return dict(await self.floor.call("POST", "/single-messages", json=body, headers=headers))


@pytest_asyncio.fixture(loop_scope="session")
async def orders(house: House, floor: Floor, social: SocialPage) -> AsyncIterator[Orders]:
    """A mailbox, a number for texts, notifications and a survey; taken away afterwards."""
    before = (await floor.api.get("/configuration")).text
    async with sink() as mail, gateway() as sms, push_service() as push:
        listen = free_port()
        mailbox = {
            "receive": "smtp", "listen": f"127.0.0.1:{listen}", "smtp_host": "127.0.0.1", "smtp_port": mail.port,
            "smtp_safety": "none", "believe": "everybody",
        }  # fmt: skip
        texts = {"transport": "http", "url": sms.url, "username": "north"}
        secret = {"token": {"value": TOKEN}, "password": {"value": "p"}}
        for channel, address, settings, secrets in (("email", MAILBOX, mailbox, {}), ("sms", TEXTS, texts, secret)):
            body = {"channel": channel, "key": "leads", "firm": "North", "name": "", "address": address}
            more = {"settings": settings, "secrets": secrets, "per_second": None}
            await floor.call("PUT", f"/settings/channel/{channel} leads", json=body | more)
        await floor.call("POST", "/configuration", content=CENTRE.format(mailbox=MAILBOX).encode())
        await floor.until(
            "/channels", lambda found: {"email", "sms", "push"} <= {one["channel"] for one in found["items"]}
        )
        yield Orders(house, floor, sms, listen, push)
        await floor.call("POST", "/configuration", content=before, params={"prune": True})


async def test_a_mail_becomes_a_call_and_what_is_told_afterwards(
    room: Room, street: Street, floor: Floor, orders: Orders, social: SocialPage
) -> None:
    ada = await at_work(room, ADA)
    await _lead(ada, street, floor, orders)
    await _order(orders)
    await _event(orders)
    await _survey(ada, floor, social)


async def _lead(ada: Desk, street: Street, floor: Floor, orders: Orders) -> None:
    """The number stands in the mail alone; one press calls it, in the same conversation."""
    await orders.writes()
    await ada.take("Noé Aubry")
    await ada.opens("Noé Aubry")
    label = ada.t["call"]["callNumber"].replace("{{number}}", WRITTEN)
    await (
        ada.page.get_by_role("banner")
        .get_by_role("button", name=label)
        .or_(ada.page.get_by_role("button", name=label))
        .first.click()
    )
    invite = await street.carrier.answers()
    assert NUMBER in invite.first
    await hears(ada.page, CARRIER_SAYS)
    await street.carrier.hears(MICROPHONE)
    street.carrier.hangs_up()
    await has_hung_up(ada)
    await expect(ada.log.get_by_text("going on")).to_have_count(0)
    full = await floor.call("GET", f"/conversations/{ada.conversation_id}")
    assert {leg["channel"] for leg in full["legs"]} == {"email", "voice"}
    await floor.call("POST", f"/conversations/{ada.conversation_id}/close", json={})
    await expect(ada.mine).to_have_count(0)


async def _order(orders: Orders) -> None:
    """Asked for twice, texted once."""
    text = "Your order {{ customer.attributes.order }} is ready, {{ customer.first_name }}."
    body = {"address": NUMBER, "channel": "sms", "name": "Noé Aubry", "texts": {"en": {"text": text}}, "language": "en"}
    body |= {"attributes": {"order": "A-1071"}, "reference": "A-1071"}
    first = await orders.send("order-A-1071", body)
    assert (await orders.send("order-A-1071", body))["id"] == first["id"]
    async with asyncio.timeout(60):
        await orders.sms.came.wait()
    await orders.floor.until(f"/single-messages/{first['id']}", lambda one: one["state"] == "sent")
    assert orders.sms.texts == ["Your order A-1071 is ready, Noé."]


async def _event(orders: Orders) -> None:
    """What happens at the shop is shown by the browser of who wanted to know."""
    body = {"customer_id": await orders.visits(), "channel": "push", "texts": {"en": {"text": "Doors open at nine."}}}
    await orders.send("doors", body)
    shown = await orders.push.next()
    assert shown["body"] == "Doors open at nine."


async def _survey(ada: Desk, floor: Floor, social: SocialPage) -> None:
    """Asked with buttons where the conversation was; the press is counted and wakes nobody."""
    social.says(IRIS, "Are you open on Sunday?")
    await ada.take("Are you open")
    await expect(ada.log).to_contain_text("Are you open")
    await ada.replies("From nine to noon.")
    conversation = ada.conversation_id
    await floor.call("POST", f"/conversations/{conversation}/close", json={})
    async with asyncio.timeout(60):
        await social.graph.answers.until(IRIS, 2)
    asked = social.heard[IRIS][-1]
    assert "Are you happy with our answer?" in asked["text"]
    five = next(one for one in asked["quick_replies"] if one["title"].startswith("5"))
    social.chooses(IRIS, five["title"], five["payload"])
    counted = f"/surveys/answers?conversation_id={conversation}"
    (answer,) = (await floor.until(counted, lambda page: page["items"] and page["items"][0]["score"] is not None))[
        "items"
    ]
    assert (answer["score"], answer["channel"]) == (5, "messenger")
    await expect(ada.offer("")).to_have_count(0)
