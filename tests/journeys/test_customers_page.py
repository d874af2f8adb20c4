"""A customer's own page with JavaScript off: he books, moves and cancels, writes, withdraws a consent, asks for a call;
an agent does so beside the conversation.

The same page is looked at in both languages, on a phone and enlarged.
"""

from datetime import datetime
from secrets import randbelow
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.journeys.floor import AGENT, Floor
from tests.journeys.people import Room
from tests.journeys.test_sweep import Sweep

pytestmark = pytest.mark.asyncio(loop_scope="session")
FIRM = "Delmas Automobiles"


async def takes_appointments(floor: Floor, *, active: bool) -> None:
    """Whether the demo's firm takes appointments; by an own calendar's hours, always open enough."""
    firm = next(each for each in (await floor.call("GET", "/firms"))["items"] if each["name"] == FIRM)
    known = {each["firm_id"]: each for each in (await floor.call("GET", "/appointment-settings"))["items"]}
    version = known[firm["id"]]["version"] if firm["id"] in known else None
    body = {"active": active, "length_minutes": 60, "capacity": 5, "reminders": [], "version": version}
    await floor.call("PUT", f"/appointment-settings/{firm['id']}", json=body)


async def arrives(room: Room, floor: Floor, name: str) -> dict[str, Any]:
    """He has written in the chat, gave his number, and has a link."""
    visitor = await room.visitor(name=name)
    await visitor.open()
    await visitor.writes("Bonjour")

    def mine(page: Any) -> list[Any]:
        return [each for each in page["items"] if each["customer"]["name"] == name]

    (found,) = mine(await floor.until("/conversations?view=open&limit=100", mine))
    customer = found["customer"]["id"]
    number = f"+336{randbelow(10**8):08d}"
    await floor.call(
        "POST", f"/customers/{customer}/addresses", json={"kind": "phone", "value": number, "verified": True}
    )
    made = await floor.call("POST", f"/customers/{customer}/page-links", json={})
    return {"id": found["id"], "customer": customer, "path": "/me/" + made["url"].rpartition("/me/")[2]}


async def presses(page: Page, button: str, said: str) -> None:
    """A button by keyboard, and what the page says then."""
    await page.get_by_role("button", name=button).first.press("Enter")
    await expect(page.get_by_role("status")).to_have_text(said)


async def test_a_customer_helps_himself_without_a_script(room: Room, floor: Floor) -> None:
    await takes_appointments(floor, active=True)
    try:
        me = await arrives(room, floor, "Solange Petit")
        page = await (await room.profile("fr", java_script_enabled=False)).new_page()
        await page.goto(me["path"])
        await expect(page.get_by_role("heading", name="Bonjour Solange Petit", level=1)).to_be_visible()
        await page.get_by_role("link", name="Prendre un rendez-vous").press("Enter")
        await page.get_by_role("radio").first.check()
        await page.get_by_role("textbox", name="Objet").fill("Révision")
        await presses(page, "Prendre cet horaire", "Votre rendez-vous est pris.")
        coming = page.get_by_role("region", name="Vos rendez-vous")
        await expect(coming).to_contain_text("Révision")
        await coming.get_by_role("link", name="Déplacer").press("Enter")
        await page.get_by_role("radio").nth(1).check()
        await presses(page, "Déplacer à cet horaire", "Votre rendez-vous est déplacé.")
        await presses(page, "Annuler le rendez-vous", "Votre rendez-vous est annulé.")
        await page.get_by_text("Ajouter un message").click()
        await page.get_by_role("textbox", name="Votre message").fill("Je passerai demain.")
        await presses(page, "Envoyer", "Votre message nous est parvenu.")
        await presses(page, "Retirer mon accord (Rappels", "C’est noté, et cela vaut dès maintenant.")
        await page.get_by_role("combobox", name="Quand").select_option(index=5)
        await presses(page, "Demander un appel", "Nous vous appellerons.")
        await presses(page, "Je n’ai plus besoin d’appel", "Vous ne serez pas appelé.")
        texts = [each["text"] for each in await floor.messages(me["id"])]
        assert texts.count("Je passerai demain.") == 1
        listed = await floor.call("GET", f"/appointments?customer_id={me['customer']}")
        assert [(each["state"], each["made_by"], each["about"]) for each in listed["items"]] == [
            ("cancelled", "customer", "Révision")
        ]
        assert datetime.fromisoformat(listed["items"][0]["starts_at"]).tzinfo is not None
        await _looks(room, floor, me)
    finally:
        await takes_appointments(floor, active=False)


async def _looks(room: Room, floor: Floor, me: dict[str, Any]) -> None:
    """axe, in both languages and themes, on a phone and enlarged; then the link is withdrawn."""
    for language, heading in (("fr", "Choisissez un horaire"), ("en", "Choose a time")):
        await floor.call("PATCH", f"/customers/{me['customer']}", json={"language": language})
        page, sweep = await (await room.profile(language)).new_page(), Sweep(language)
        for path, name in (("", "customers-page"), ("/book", "customers-page-book")):
            await page.goto(me["path"] + path)
            if path:
                await expect(page.get_by_role("heading", name=heading)).to_be_visible()
            if language == "fr":
                await sweep.look(page, name)
            await sweep.squeeze(page, name)
        assert not sweep.faults, "\n".join(sweep.faults)
    await floor.call("DELETE", f"/customers/{me['customer']}/page-links")
    await page.goto(me["path"])
    await expect(page.get_by_role("heading", name="This link no longer works")).to_be_visible()


async def test_an_agent_books_moves_and_cancels_beside_the_conversation(room: Room, floor: Floor) -> None:
    await takes_appointments(floor, active=True)
    try:
        camille, odile = await room.desk(AGENT), await room.visitor(name="Odile Garnier")
        await camille.start()
        await odile.open()
        await odile.writes("Je voudrais venir")
        await camille.take("Odile")
        await camille.opens("Odile Garnier")
        page, words = camille.page, camille.t["appointments"]
        panel = page.get_by_role("region", name=words["title"])
        await panel.get_by_role("button", name=words["book"]).press("Enter")
        free = panel.get_by_role("combobox", name=words["free"])
        await expect(free).to_be_focused()
        await free.select_option(index=3)
        await panel.get_by_role("textbox", name=words["about"]).fill("Essai")
        await panel.get_by_role("button", name=words["bookIt"], exact=True).press("Enter")
        line = panel.get_by_role("listitem")
        await expect(line).to_contain_text("Essai")
        sweep = Sweep("fr")
        await sweep.look(page, "desk-appointments")
        assert not sweep.faults, "\n".join(sweep.faults)
        await line.get_by_role("button", name=words["move"]).press("Enter")
        await panel.get_by_role("combobox", name=words["to"]).select_option(index=4)
        await panel.get_by_role("button", name=words["moveIt"], exact=True).last.press("Enter")
        moved = words["moved"].partition("{{")[0]
        news = page.get_by_role("region", name=camille.t["shell"]["news"])
        await expect(news).to_contain_text(moved)
        await news.get_by_role("button", name=camille.t["act"]["undo"]).press("Enter")
        await expect(news).not_to_be_visible()
        full = await floor.call("GET", f"/conversations/{camille.conversation_id}")
        listed = f"/appointments?customer_id={full['customer']['id']}"
        await floor.until(listed, lambda found: found["items"][0]["version"] == 3)
        await line.get_by_role("button", name=words["cancel"]).press("Enter")
        await expect(panel.get_by_role("listitem")).to_have_count(0)
        await news.get_by_role("button", name=camille.t["act"]["undo"]).press("Enter")
        await expect(panel.get_by_role("listitem")).to_have_count(1)
        await panel.get_by_role("button", name=words["sendPage"]).press("Enter")
        await expect(news).to_contain_text(words["leaves"])
        await news.get_by_role("button", name=camille.t["act"]["undo"]).press("Enter")
        full = await floor.call("GET", f"/conversations/{camille.conversation_id}")
        found = (await floor.call("GET", listed))["items"]
        assert [(each["state"], each["made_by"], each["version"]) for each in found] == [("changed", "agent", 3)]
        assert not any("/me/" in each["text"] for each in full["messages"])
    finally:
        await takes_appointments(floor, active=False)
