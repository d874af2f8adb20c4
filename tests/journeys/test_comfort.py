"""What makes an agent's day lighter: ready replies, and how a supervisor writes them. Every screen swept in both languages."""

import re
from collections.abc import Awaitable, Callable
from secrets import token_hex

import pytest
from playwright.async_api import Locator, Page, expect

from tests.journeys.floor import AGENT, KARIM, SUPERVISOR, Floor
from tests.journeys.people import Desk, Room
from tests.journeys.test_sweep import BOTH, Sweep, set_language

__all__ = ["set_language"]
pytestmark = pytest.mark.asyncio(loop_scope="session")
Put = Callable[[Desk, str], Awaitable[None]]
GREETING = "Bonjour {{ customer.first_name }}, ici {{ agent.first_name }} de {{ firm.name }}."
PHONE = "Nous vous rappelons au {{ customer.phone }}."


async def _empty(floor: Floor) -> None:
    for each in (await floor.call("GET", "/replies"))["items"]:
        await floor.call("DELETE", f"/replies/{each['id']}")


async def _written(floor: Floor, shortcut: str, title: str, text: str) -> str:
    body = {"shortcut": shortcut, "title": title, "texts": {"fr": text}}
    return str((await floor.call("POST", "/replies", json=body))["id"])


async def _chat(room: Room, desk: Desk, name: str = "Claire Rousseau") -> None:
    await room.chat(desk, "Bonjour, où en est ma commande ?", name)
    await expect(desk.composer).to_be_enabled()


@BOTH
async def test_a_supervisor_writes_changes_and_removes_a_ready_reply(
    room: Room, floor: Floor, locale: str, set_language: Put
) -> None:
    await _empty(floor)
    sweep = Sweep(locale)
    martin = await room.desk(SUPERVISOR, "en")
    await set_language(martin, locale)
    martin = Desk(martin.page, locale)
    page, t = martin.page, martin.t["comfort"]["replies"]
    try:
        await page.goto("/app/settings/replies")
        sheet = page.get_by_role("region", name=t["title"])
        await expect(sheet).to_contain_text(t["none"])
        await sweep.look(page, "replies-none")
        await sweep.squeeze(page, "replies-none")
        await page.get_by_role("button", name=t["new"]).press("Enter")
        await expect(page.get_by_role("textbox", name=t["name"])).to_be_focused()
        await page.keyboard.type("Où est ma commande")
        await expect(page.get_by_role("textbox", name=t["shortcut"])).to_have_value("ou-est-ma-commande")
        french = page.locator("textarea[lang=fr]")
        await french.fill("Bonjour {{ customer.nmae }}")
        await page.get_by_role("button", name=t["keep"], exact=True).click()
        await expect(page.locator("form")).to_contain_text(t["unknown"].replace("{{name}}", "customer.nmae"))
        await sweep.look(page, "replies-mistake")
        await french.fill("Bonjour ")
        await french.press("End")
        await _put_in(page, martin, "customer_first_name")
        await expect(french).to_have_value("Bonjour {{ customer.first_name }}")
        await expect(page.get_by_text(t["sample"])).to_be_visible()
        await expect(page.locator("mark")).to_have_text("Claire")
        await sweep.look(page, "replies-form")
        await sweep.squeeze(page, "replies-form")
        await page.get_by_role("button", name=t["keep"], exact=True).click()
        line = sheet.get_by_role("listitem").filter(has_text="Où est ma commande")
        await expect(line).to_contain_text("/ou-est-ma-commande")
        await sweep.look(page, "replies")
        await sweep.squeeze(page, "replies")
        await line.get_by_role("link").press("Enter")
        await french.fill("Bonsoir.")
        await page.get_by_role("button", name=t["keep"], exact=True).click()
        await expect(line).to_contain_text("Bonsoir.")
        await line.get_by_role("link").click()
        earlier = page.get_by_role("region", name=t["history"])
        await expect(earlier).to_contain_text("customer.first_name")
        await sweep.look(page, "replies-history")
        await earlier.get_by_role("button", name=t["useOf"].replace("{{version}}", "1")).click()
        await expect(french).to_have_value("Bonjour {{ customer.first_name }}")
        await page.get_by_role("button", name=t["keep"], exact=True).click()
        await line.get_by_role("button").click()
        await expect(sheet).to_contain_text(t["none"])
        await page.keyboard.press("Shift+Z")
        await expect(line).to_contain_text("customer.first_name")
    finally:
        await page.request.patch("/api/v1/me", data={"locale": "en"}, headers={"X-Parlons": "1"})
        await _empty(floor)
    assert not sweep.faults, "\n".join(sweep.faults)


async def _put_in(page: Page, desk: Desk, variable: str) -> None:
    t = desk.t["comfort"]
    language = {"fr": "français", "en": "French"}["fr" if t["replies"]["keep"] == "Enregistrer" else "en"]
    name = t["replies"]["variablesOf"].replace("{{language}}", language)
    await page.get_by_role("button", name=name).click()
    await page.get_by_role("menuitem", name=t["variable"][variable]).click()


@BOTH
async def test_an_agent_calls_for_a_ready_reply_by_its_letters(
    room: Room, floor: Floor, locale: str, set_language: Put
) -> None:
    await _empty(floor)
    await _written(floor, "salut", "Salutation", GREETING)
    await _written(floor, "rappel", "Rappel promis", PHONE)
    sweep = Sweep(locale)
    camille = await room.desk(AGENT, "fr")
    await set_language(camille, locale)
    camille = Desk(camille.page, locale)
    page, t = camille.page, camille.t["comfort"]["replies"]
    try:
        await camille.start()
        await _chat(room, camille)
        await page.keyboard.press("/")
        options = page.get_by_role("listbox", name=t["title"]).get_by_role("option")
        await expect(options).to_have_count(2)
        await expect(camille.composer).to_be_focused()
        await sweep.look(page, "ready-replies")
        await sweep.squeeze(page, "ready-replies")
        await page.keyboard.type("salu")
        await expect(options).to_have_count(1)
        await page.keyboard.press("Escape")
        await expect(options).to_have_count(0)
        await expect(camille.composer).to_be_focused()
        await camille.composer.fill("")
        await page.keyboard.type("/salu")
        await page.keyboard.press("Enter")
        await expect(camille.composer).to_have_value("Bonjour Claire, ici Camille de Delmas Automobiles.")
        await page.keyboard.press("Control+z")
        await expect(camille.composer).to_have_value("/salu")
        await camille.composer.fill("")
        await page.keyboard.type("/rappel")
        await expect(page.get_by_text(f"[{camille.t['comfort']['variable']['customer_phone']}]")).to_be_visible()
        await page.keyboard.press("Control+Enter")
        missing = f"Nous vous rappelons au [{camille.t['comfort']['variable']['customer_phone']}]."
        await expect(camille.composer).to_have_value(missing)
        await camille.composer.fill("")
        await page.keyboard.type("/salu")
        await page.keyboard.press("Control+Enter")
        await expect(camille.log.locator("[data-message]").filter(has_text="ici Camille de")).to_have_count(1)
        await expect(camille.composer).to_have_value("")
    finally:
        await page.request.patch("/api/v1/me", data={"locale": "fr"}, headers={"X-Parlons": "1"})
        await _empty(floor)
    assert not sweep.faults, "\n".join(sweep.faults)


@BOTH
async def test_two_customers_who_are_one_are_merged_and_separated(
    room: Room, floor: Floor, locale: str, set_language: Put
) -> None:
    sweep = Sweep(locale)
    camille = await room.desk(AGENT, "fr")
    await set_language(camille, locale)
    camille = Desk(camille.page, locale)
    page, t = camille.page, camille.t["comfort"]["merge"]
    letters = token_hex(3)
    name, other = f"Nora {letters}", f"Leila {letters}"
    merged, separate = t["merged"].partition("{{")[0], t["separateOf"].replace("{{name}}", other)
    try:
        await camille.start()
        for said, who in (("Bonjour du bureau", name), ("Bonjour du train", other)):
            visitor = await room.visitor(name=who)
            await visitor.open()
            await visitor.writes(said)
            await camille.take(who)
            await camille.opens(who)
        await camille.row(name).click()
        await camille.opens(name)
        part = page.get_by_role("region", name=t["title"])
        choice = page.get_by_role("option").filter(has_text=other)
        field = page.get_by_role("combobox", name=t["who"].replace("{{name}}", name))
        await camille.list.focus()
        await page.keyboard.press("m")
        await field.press_sequentially(letters)
        await expect(choice).to_be_visible()
        await sweep.look(page, "merge")
        await sweep.squeeze(page, "merge")
        await field.press("Enter")
        await expect(part).to_contain_text(merged)
        await expect(camille.row(name)).to_have_count(2)
        await page.keyboard.press("Shift+Z")
        await expect(camille.row(other)).to_have_count(1)
        await expect(part).not_to_contain_text(merged)
        await page.keyboard.press("m")
        await field.press_sequentially(letters)
        await expect(choice).to_be_visible()
        await page.keyboard.press("Enter")
        await expect(camille.row(name)).to_have_count(2)
        await visitor.writes("Vous êtes là ?")
        await expect(camille.row("Vous êtes là ?")).to_contain_text(name)
        await sweep.look(page, "merged")
        await part.get_by_role("button", name=separate).click()
        await expect(camille.row("Vous êtes là ?")).to_contain_text(other)
        await expect(part).not_to_contain_text(merged)
    finally:
        await page.request.patch("/api/v1/me", data={"locale": "fr"}, headers={"X-Parlons": "1"})
    assert not sweep.faults, "\n".join(sweep.faults)


@BOTH
async def test_a_colleague_named_in_a_note_is_told_and_may_read(
    room: Room, floor: Floor, locale: str, set_language: Put
) -> None:
    sweep = Sweep(locale)
    camille = await room.desk(AGENT, "fr")
    await set_language(camille, locale)
    camille = Desk(camille.page, locale)
    page, t = camille.page, camille.t["comfort"]["mention"]
    nobodys = await floor.call("GET", f"/users/{floor.users[KARIM]['id']}")
    karim = await room.desk(KARIM, "fr")
    try:
        await camille.start()
        await _chat(room, camille)
        await page.keyboard.press("n")
        await expect(camille.composer).to_be_focused()
        await page.keyboard.type(f"Peux-tu regarder, @{nobodys['name'].split()[0].lower()}")
        option = page.get_by_role("listbox", name=t["list"]).get_by_role("option", name=nobodys["name"])
        await expect(option).to_be_visible()
        await sweep.look(page, "mention")
        await sweep.squeeze(page, "mention")
        await camille.composer.focus()
        await page.keyboard.press("Enter")
        await expect(camille.composer).to_have_value(f"Peux-tu regarder, @{nobodys['name']} ")
        await page.keyboard.type("?")
        await page.keyboard.press("Control+Enter")
        await expect(camille.composer).to_have_value("")
        told = karim.page.get_by_role("region", name=karim.t["shell"]["news"])
        await expect(told).to_contain_text("Claire Rousseau")
        await expect(karim.list.get_by_role("region", name=karim.t["comfort"]["mention"]["title"])).to_be_visible()
        await told.get_by_role("button", name=karim.t["comfort"]["mention"]["open"]).click()
        await expect(karim.context).to_contain_text(f"@{nobodys['name']} ?")
        await sweep.look(karim.page, "mentioned")
    finally:
        await page.request.patch("/api/v1/me", data={"locale": "fr"}, headers={"X-Parlons": "1"})
    assert not sweep.faults, "\n".join(sweep.faults)


@BOTH
async def test_sounds_quiet_contrast_and_every_act_from_the_palette(
    room: Room, floor: Floor, locale: str, set_language: Put
) -> None:
    sweep = Sweep(locale)
    camille = await room.desk(AGENT, "fr")
    await set_language(camille, locale)
    camille = Desk(camille.page, locale)
    page, t = camille.page, camille.t["comfort"]

    async def ask_palette(words: str) -> None:
        await page.keyboard.press("Control+k")
        await expect(page.get_by_role("combobox", name=camille.t["shell"]["search"])).to_be_focused()
        await page.keyboard.type(words)

    try:
        await camille.start()
        await _chat(room, camille)
        await camille.list.focus()
        await ask_palette(camille.t["keys"]["command"]["snooze"])
        first = page.get_by_role("dialog").get_by_role("option").first
        await expect(first).to_contain_text(camille.t["keys"]["command"]["snooze"])
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("menuitem", name=camille.t["snooze"]["hour"])).to_be_visible()
        await page.keyboard.press("Escape")
        await ask_palette(camille.t["keys"]["command"]["note"])
        await page.keyboard.press("Enter")
        await expect(camille.composer).to_be_focused()
        await ask_palette(t["sounds"]["title"])
        await page.keyboard.press("Enter")
        sheet = page.get_by_role("region", name=t["sounds"]["title"])
        await sheet.get_by_role("combobox", name=t["sounds"]["channel"]["webchat"]).select_option("bell")
        await sheet.get_by_role("button", name=t["sounds"]["hour"]).click()
        until = t["sounds"]["until"].partition(" {{")[0]
        await expect(sheet.get_by_role("status").filter(has_text=until)).to_be_visible()
        await sheet.get_by_label(t["sounds"]["begins"]).fill("18:30")
        await sheet.get_by_label(t["sounds"]["ends"], exact=True).fill("08:00")
        await sheet.get_by_role("switch", name=t["sounds"]["onCall"]).check(force=True)
        await sweep.look(page, "sounds")
        await sweep.squeeze(page, "sounds")
        wanted = {"begins": "18:30", "ends": "08:00", "on_call": True}
        kept = await camille.until("/me", lambda me: wanted.items() <= (me["user"]["quiet"] or {}).items())
        assert kept["user"]["sounds"]["webchat"] == "bell"
        await page.get_by_role("link", name=camille.t["place"]["desk"]).click()
        await page.get_by_role("button", name=re.compile("^Camille Moreau")).click()
        await page.get_by_text(t["contrast"]["more"], exact=True).click()
        await expect(page.locator("body")).to_have_css("color", "rgb(0, 0, 0)")
        await page.keyboard.press("Escape")
        await camille.row("Claire Rousseau").click()
        await sweep.look(page, "contrast")
        await camille.until("/me", lambda me: me["user"]["contrast"] == "more")
    finally:
        given_back = {"locale": "fr", "contrast": "usual", "sounds": None, "quiet": None}
        await page.request.patch("/api/v1/me", data=given_back, headers={"X-Parlons": "1"})
    assert not sweep.faults, "\n".join(sweep.faults)


async def _choose_by_menu(desk: Desk, bubble: Locator, first: str, second: str) -> None:
    """By the mouse: the menu of one message, then another one's box, and what it is about."""
    page, t = desk.page, desk.t["comfort"]["split"]
    await bubble.hover()
    await page.get_by_role("button", name=t["menuOf"].replace("{{text}}", first)).click()
    await page.get_by_role("menuitem", name=t["begin"]).click()
    await page.get_by_role("checkbox", name=t["goes"].replace("{{text}}", second)).click()
    await page.get_by_role("form", name=t["title"]).get_by_label(t["subject"]).fill("Retour d’un pull")


@BOTH
async def test_two_matters_in_one_chat_become_two_conversations_and_one_again(
    room: Room, floor: Floor, locale: str, set_language: Put
) -> None:
    sweep = Sweep(locale)
    camille = await room.desk(AGENT, "fr")
    await set_language(camille, locale)
    camille = Desk(camille.page, locale)
    page, t = camille.page, camille.t["comfort"]["split"]
    name = f"Nora {token_hex(3)}"
    order, jumper, late = "Où est ma commande ?", "Je veux aussi rendre un pull", "Le pull est bleu"
    try:
        await camille.start()
        visitor = await room.visitor(name=name)
        await visitor.open()
        await visitor.writes(order)
        await camille.take(name)
        await camille.opens(name)
        await visitor.writes(jumper)
        await visitor.writes(late)
        bar, said = page.get_by_role("form", name=t["title"]), camille.log.locator("[data-message]")
        await expect(said).to_have_count(3)
        await camille.list.focus()
        await page.keyboard.press("s")
        await expect(page.get_by_role("checkbox", name=t["goes"].replace("{{text}}", late))).to_be_focused()
        await page.keyboard.press("Shift+Tab")
        await page.keyboard.press("Space")
        await expect(bar).to_contain_text(t["chosen_other"].replace("{{count}}", "2"))
        await page.keyboard.press("Escape")
        await expect(bar).to_have_count(0)
        await expect(camille.list).to_be_focused()
        await _choose_by_menu(camille, said.filter(has_text=jumper), jumper, late)
        await sweep.look(page, "split-choosing")
        await sweep.squeeze(page, "split-choosing")
        await bar.get_by_role("button", name=t["do"]).click()
        await expect(said).to_have_count(1)
        await expect(camille.row(name)).to_have_count(2)
        await page.keyboard.press("Shift+Z")
        await expect(said).to_have_count(3)
        await expect(camille.row(name)).to_have_count(1)
        await camille.list.focus()
        await page.keyboard.press("s")
        await bar.get_by_role("button", name=t["do"]).click()
        await expect(camille.row(name)).to_have_count(2)
        await sweep.look(page, "split")
        await camille.log.get_by_role("button", name=t["openNew"]).click()
        await expect(said).to_have_count(1)
        await expect(said).to_have_text(late)
        await sweep.look(page, "split-new")
        await camille.composer.fill("Bien noté : bleu.")
        await page.keyboard.press("Control+Enter")
        await visitor.sees("Bien noté : bleu.")
        await visitor.sees(late)
        await camille.log.get_by_role("button", name=t["undo"]).click()
        await expect(said).to_have_count(4)
        await expect(camille.row(name)).to_have_count(1)
    finally:
        await page.request.patch("/api/v1/me", data={"locale": "fr"}, headers={"X-Parlons": "1"})
    assert not sweep.faults, "\n".join(sweep.faults)
