"""What an agent writes outside an answer in the chat: an approved template once the window is shut, a message nobody waits for,
under a public comment and once in private to who wrote it, and beside a colleague who answers the same customer."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from parlons.simulator.providers.graph import ACCESS_TOKEN, APP_SECRET, VERIFY_TOKEN, Graph
from parlons.simulator.providers.numbers import Number, template
from parlons.simulator.providers.pages import Page as Account
from parlons.simulator.providers.walls import Wall
from parlons.simulator.providers.wire import served
from tests.journeys.floor import AGENT, SUPERVISOR
from tests.journeys.people import Desk, Room
from tests.journeys.test_channels import FIRM, Outside, Put, outside
from tests.journeys.test_sweep import BOTH, Sweep, set_language

__all__ = ["outside", "set_language"]
PASSERS_BY = {"fr": ("6849302938475701", "Zoé Lambert"), "en": ("6849302938475702", "Zoe Lambert")}
UNKNOWN = {"fr": "+33 6 39 98 40 11", "en": "+33 6 39 98 40 12"}
"""Nobody's yet on any floor: who has a name already is offered by that name."""
pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def number(outside: Outside) -> AsyncIterator[Number]:
    """The firm's business number, with a template in both languages; nobody has written to it. Goes with `outside`."""
    floor, service = outside.floor, Graph()
    made = Number(service)
    made.templates = [
        template("ready", "fr", "Bonjour {{1}}, votre {{2}} vous attend."),
        template("ready", "en", "Hello {{1}}, your {{2}} is ready."),
    ]
    async with contextlib.AsyncExitStack() as leaving:
        leaving.push_async_callback(service.close)
        service.url = await leaving.enter_async_context(served(service.app))
        secrets = {"access_token": ACCESS_TOKEN, "app_secret": APP_SECRET, "verify_token": VERIFY_TOKEN}
        account = {
            "channel": "whatsapp", "key": "atelier", "firm": FIRM, "name": "", "address": made.id, "per_second": None,
            "settings": {"api_url": service.url, "business_account_id": made.business_id},
            "secrets": {name: {"value": value} for name, value in secrets.items()},
        }  # fmt: skip
        await floor.call("PUT", "/settings/channel/whatsapp atelier", json=account)
        point = f"{{channel: whatsapp, address: '{made.id}', firm: {FIRM}, workflow: Delmas chats, task_channel: chat}}"
        await floor.call("POST", "/configuration", content=f"entry_points: [{point}]")
        await floor.until("/channels", lambda found: [each for each in found["items"] if each["channel"] == "whatsapp"])
        assert await service.subscribe(f"{floor.server.url}/hooks/whatsapp/atelier")
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def wall(outside: Outside) -> AsyncIterator[Wall]:
    """The firm's page in public."""
    floor, service = outside.floor, Graph()
    async with contextlib.AsyncExitStack() as leaving:
        leaving.push_async_callback(service.close)
        service.url = await leaving.enter_async_context(served(service.app))
        made = Wall(Account(service, "682498302938477"))
        secrets = {"access_token": ACCESS_TOKEN, "app_secret": APP_SECRET, "verify_token": VERIFY_TOKEN}
        account = {
            "channel": "facebook", "key": "mur", "firm": FIRM, "name": "", "address": made.page.id, "per_second": None,
            "settings": {"api_url": service.url}, "secrets": {name: {"value": each} for name, each in secrets.items()},
        }  # fmt: skip
        await floor.call("PUT", "/settings/channel/facebook mur", json=account)
        point = f"{{channel: facebook, address: '{made.page.id}', firm: {FIRM}, workflow: Delmas chats, task_channel: chat}}"
        await floor.call("POST", "/configuration", content=f"entry_points: [{point}]")
        await floor.until("/channels", lambda found: [each for each in found["items"] if each["channel"] == "facebook"])
        assert await service.subscribe(f"{floor.server.url}/hooks/facebook/mur")
        yield made


@BOTH
async def test_a_template_a_first_message_and_a_colleague(
    room: Room, outside: Outside, number: Number, wall: Wall, locale: str, set_language: Put
) -> None:
    sweep, outside.number = Sweep(locale), UNKNOWN[locale]
    camille = await room.desk(AGENT, "fr")
    await set_language(camille, locale)
    camille = Desk(camille.page, locale)
    try:
        await camille.start()
        await outside.texts(f"Bonjour, ma voiture est-elle prête ? {locale}")
        await camille.take(outside.number)
        await camille.opens(outside.number)
        await _sends_a_template(camille, outside, number, sweep)
        await _writes_first(camille, outside, sweep)
        await _answers_in_public_and_once_in_private(camille, wall, locale, sweep)
        await _beside_a_colleague(room, camille)
    finally:
        await camille.page.request.patch("/api/v1/me", data={"locale": "fr"}, headers={"X-Parlons": "1"})
    assert not sweep.faults, "\n".join(sweep.faults)


async def _sends_a_template(camille: Desk, outside: Outside, number: Number, sweep: Sweep) -> None:
    """By keyboard alone; what is missing is asked for, not refused; his answer opens the window."""
    page, t, person = camille.page, camille.t["channels"], outside.number.replace(" ", "").lstrip("+")
    value = [page.get_by_role("textbox", name=t["template"]["value"].replace("{{number}}", each)) for each in "12"]
    await page.get_by_role("button", name=t["another"]).press("Enter")
    shut = page.get_by_role("menuitem").filter(has_text="WhatsApp")
    await expect(shut).to_contain_text(t["onlyTemplates"])
    await shut.press("Enter")
    await expect(page.get_by_role("combobox", name=t["template"]["choose"])).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.type("Claire")
    await page.keyboard.press("Control+Enter")
    await expect(value[1]).to_be_focused()
    assert person not in number.heard
    await sweep.look(page, "template")
    await sweep.squeeze(page, "template")
    await page.keyboard.type("Vela 3")
    await page.keyboard.press("Control+Enter")
    await expect(camille.log.locator("[data-delivery=delivered]")).to_have_count(1)
    (heard,) = number.heard[person]
    assert heard["template"]["language"]["code"] in ("fr", "en")
    said = [each["text"] for each in heard["template"]["components"][0]["parameters"]]
    assert said == ["Claire", "Vela 3"]
    await expect(camille.log.locator("[data-message]").last).to_contain_text("Vela 3")
    number.status(heard["id"], person, "read")
    await expect(camille.log.locator("[data-delivery=read]")).to_contain_text(t["delivery"]["read"])
    number.says(person, "Merci, j’arrive", "Claire Rousseau")
    await expect(camille.composer).to_be_visible()


async def _writes_first(camille: Desk, outside: Outside, sweep: Sweep) -> None:
    """A matter of its own from the customer's panel; it waits among his until the customer answers."""
    page, t = camille.page, camille.t["channels"]["new"]
    opener = camille.context.get_by_role("button", name=t["title"])
    await opener.press("Enter")
    await expect(camille.context.get_by_role("combobox", name=t["by"], exact=True)).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.type("Votre facture est prête.")
    await sweep.look(page, "new-message")
    outside.sms.came.clear()
    await page.keyboard.press("Control+Enter")
    await asyncio.wait_for(outside.sms.came.wait(), 30)
    assert outside.sms.texts == ["Votre facture est prête."]
    await expect(opener).to_be_focused()
    await expect(camille.row("Votre facture")).to_have_count(1)


async def _answers_in_public_and_once_in_private(camille: Desk, wall: Wall, locale: str, sweep: Sweep) -> None:
    """Who will read it is said before it leaves; by keyboard from one to the other, and what is rude is hidden."""
    page, t, (person, name) = camille.page, camille.t["channels"], PASSERS_BY[locale]
    before = page.url
    comment = wall.comments(person, name, f"Encore une arnaque ? {locale}")
    await camille.take(name)
    await camille.opens(name)
    readers = page.get_by_role("status").filter(has_text=t["publicNow"])
    await expect(readers).to_be_visible()
    await expect(page.get_by_role("button", name=t["publish"])).to_be_visible()
    await sweep.look(page, "public")
    await sweep.squeeze(page, "public")
    await camille.composer.press_sequentially("Bonjour, non : regardons cela.")
    await page.keyboard.press("Control+Enter")
    await expect(camille.log.locator("[data-delivery=sent]")).to_have_count(1)
    assert [each["message"] for each in wall.heard[comment]] == ["Bonjour, non : regardons cela."]
    await page.get_by_role("button", name=t["another"]).press("Enter")
    await page.get_by_role("menuitem").filter(has_text=t["inPrivate"].partition(", ")[2]).press("Enter")
    await expect(readers).to_have_count(0)
    await expect(page.get_by_role("status").filter(has_text=t["privateNow"].partition(":")[0].strip())).to_be_visible()
    await camille.composer.press_sequentially("Votre numéro de commande ?")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_text(t["fault"]["answered-in-private"]).first).to_be_visible()
    await asyncio.wait_for(wall.page.graph.answers.until(person, 2), 30)
    assert [each["text"] for each in wall.page.heard[person]] == ["Votre numéro de commande ?"]
    await page.get_by_role("button", name=t["hide"]).press("Enter")
    await expect(camille.log.get_by_text(t["hiddenNow"])).to_be_visible()
    await sweep.look(page, "answered in private")
    await page.goto(before)


async def _beside_a_colleague(room: Room, camille: Desk) -> None:
    """Both see that the other writes; whoever sends second is told before anything leaves."""
    martin = await room.desk(SUPERVISOR, "en")
    await expect(camille.state).to_be_visible()  # who writes is told once, to whom is connected then
    await martin.page.goto(camille.page.url)
    await martin.page.get_by_role("button", name=martin.t["floor"]["join"], exact=True).click()
    await expect(martin.composer).to_have_accessible_name(re.compile("^Reply to"))
    await martin.composer.press_sequentially("I know this one")
    await expect(
        camille.page.get_by_text(camille.t["channels"]["answering"].replace("{{name}}", "Martin Delmas"))
    ).to_be_visible()
    await camille.composer.press_sequentially("Je m’en occupe")
    await expect(martin.page.get_by_text("Camille Moreau is answering too")).to_be_visible()
    await martin.page.keyboard.press("Control+Enter")
    await expect(camille.log).to_contain_text("I know this one")
