"""A supervisor in English: the live page, and what one changes there."""

import re

import pytest
from playwright.async_api import Locator, expect

from tests.journeys.floor import AGENT, KARIM, SUPERVISOR, Floor
from tests.journeys.people import Desk, Room

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _live(room: Room) -> Desk:
    martin = await room.desk(SUPERVISOR, "en")
    await martin.page.get_by_role("link", name="Live").click()
    await expect(martin.page.get_by_role("heading", level=1, name="Live")).to_be_visible()
    return martin


def _queue(martin: Desk, name: str) -> Locator:
    return martin.page.get_by_role("row").filter(has=martin.page.get_by_role("rowheader", name=name, exact=True))


def _person(martin: Desk, name: str) -> Locator:
    return martin.page.get_by_role("button", name=re.compile(f"^{name}\\b.*\\d:\\d\\d"))


async def test_queues_and_people_as_they_are(room: Room, floor: Floor) -> None:
    martin = await _live(room)
    await expect(_queue(martin, "Used cars")).to_be_visible()
    for name in ("Financing", "Workshop", "Vans"):
        await expect(_queue(martin, name)).to_be_visible()
    await expect(martin.page.get_by_text("Nobody has started yet.")).to_be_visible()
    claire = await room.visitor(name="Claire Rousseau")
    await claire.open()
    await claire.writes("Bonjour")
    await expect(_queue(martin, "Used cars").get_by_role("cell").nth(0)).to_have_text("1")
    waiting = martin.page.get_by_role("region", name="Waiting now")
    await expect(waiting).to_contain_text("Claire Rousseau")
    camille = await room.desk(AGENT)
    await camille.start()
    await expect(_person(martin, "Camille Moreau")).to_be_visible()
    await camille.take("Claire Rousseau")
    await expect(waiting).to_have_count(0)
    await expect(_queue(martin, "Used cars").get_by_role("cell").nth(0)).to_have_text("0")
    await expect(_person(martin, "Camille Moreau")).to_contain_text("1 contact")


async def test_a_state_and_skills_are_changed_from_the_live_page(room: Room, floor: Floor) -> None:
    martin, camille = await _live(room), await room.desk(AGENT)
    await camille.start()
    worker = f"/workers/{floor.users[AGENT]['worker_id']}"
    before = (await floor.call("GET", worker))["attributes"]
    await _person(martin, "Camille Moreau").click()
    panel = martin.page.get_by_role("dialog", name="Camille Moreau")
    await panel.get_by_role("combobox", name="State").select_option(label="Break")
    await expect(camille.state).to_contain_text("En pause")
    await panel.get_by_role("combobox", name="State").select_option(label="Ready")
    await expect(camille.state).to_contain_text("Disponible")
    try:
        sales = panel.get_by_role("checkbox", name="sales")
        await sales.click()
        await expect(sales).not_to_be_checked()
        levels = {skill: level for skill, level in before["levels"].items() if skill != "sales"}
        fewer = {**before, "skills": ["financing", "workshop"], "levels": levels}
        await floor.until(worker, lambda found: found["attributes"] == fewer)
        claire = await room.visitor(name="Claire Rousseau")
        await claire.open()
        await claire.writes("Bonjour")
        waiting = martin.page.get_by_role("region", name="Waiting now")
        await expect(waiting).to_contain_text("Claire Rousseau")
        await expect(camille.offer("Claire Rousseau")).to_have_count(0)
        await sales.click()
        await camille.take("Claire Rousseau")
        assert set((await floor.call("GET", worker))["attributes"]["skills"]) == set(before["skills"])
    finally:
        await floor.call("PATCH", worker, json={"attributes": before})


async def test_a_waiting_chat_is_explained_read_and_given_to_somebody(room: Room) -> None:
    martin, camille = await _live(room), await room.desk(AGENT)
    await camille.start()
    for each in ("Alice Roy", "Bruno Lenoir", "Chloé Marchand"):
        visitor = await room.visitor(name=each)
        await visitor.open()
        await visitor.writes(f"Je suis {each}")
        await camille.take(each)
    claire = await room.visitor(name="Claire Rousseau")
    await claire.open()
    await claire.writes("Je voudrais essayer la Solène 5")
    waiting = martin.page.get_by_role("region", name="Waiting now")
    await expect(waiting).to_contain_text("Claire Rousseau")

    opener = waiting.get_by_role("button", name="Why", exact=True)
    await opener.click()
    why = martin.page.get_by_role("complementary", name="Why does Claire Rousseau wait?")
    await expect(why).to_contain_text("Nobody can take it now in Used cars.")
    await expect(why).to_contain_text("Camille Moreau")
    await expect(why).to_contain_text("at capacity")
    await martin.page.keyboard.press("Escape")
    await expect(why).to_have_count(0)
    await expect(opener).to_be_focused()

    await waiting.get_by_role("button", name="Read").click()
    await martin.opens("Claire Rousseau")
    await expect(martin.log).to_contain_text("Je voudrais essayer la Solène 5")
    await expect(martin.composer).to_have_accessible_name("Private note about Claire Rousseau")
    await martin.page.go_back()

    karim = await room.desk(KARIM)
    await karim.start()
    await waiting.get_by_role("button", name="Assign Claire Rousseau").click()
    await martin.page.get_by_role("combobox", name="Assign to").fill("kar")
    await martin.page.get_by_role("option", name=re.compile("Karim Benali")).click()
    await karim.take("Claire Rousseau")
    await claire.sees("Karim a rejoint")
    await _person(martin, "Camille Moreau").click()
    panel = martin.page.get_by_role("dialog", name="Camille Moreau")
    await panel.get_by_role("button", name="Assign Alice Roy").click()
    await martin.page.get_by_role("combobox", name="Assign to").fill("kar")
    await martin.page.get_by_role("option", name=re.compile("Karim Benali")).click()
    await karim.take("Alice Roy")
    await expect(karim.mine).to_have_count(2)
    await expect(camille.mine).to_have_count(2)


async def test_why_somebody_was_chosen(room: Room) -> None:
    camille = await room.desk(AGENT)
    await camille.start()
    claire = await room.visitor(name="Claire Rousseau")
    await claire.open()
    await claire.writes("Bonjour")
    await camille.offer("Claire Rousseau").get_by_role("button", name="Pourquoi moi ?").click()
    why = camille.page.get_by_role("complementary", name="Pourquoi moi ?")
    await expect(why).to_contain_text("Camille Moreau était la seule personne libre qui convienne à Used cars.")
    await expect(why).to_contain_text("Qui a été envisagé")
    await expect(why).to_contain_text("pas disponible")
    await camille.page.keyboard.press("Escape")
    await camille.take("Claire Rousseau")
    martin = await _live(room)
    await _person(martin, "Camille Moreau").click()
    panel = martin.page.get_by_role("dialog", name="Camille Moreau")
    await panel.get_by_role("button", name="Read").click()
    await martin.opens("Claire Rousseau")
    tab = await martin.tab("why")
    await expect(tab).to_contain_text("Camille Moreau was the only one free who fits Used cars.")
    await expect(tab).to_contain_text("Camille Moreau took it.")


async def test_the_floor_is_steered_from_the_palette_by_keys(room: Room, floor: Floor) -> None:
    martin, camille = await room.desk(SUPERVISOR, "en"), await room.desk(AGENT)
    page, t = martin.page, martin.t["floor"]["palette"]
    await camille.start()

    async def choose(*words: str) -> None:
        """What is typed, then Enter: step by step."""
        await page.keyboard.press("Control+k")
        await expect(page.get_by_role("combobox")).to_be_focused()
        for each in words:
            await page.keyboard.type(each)
            await expect(page.get_by_role("option").first).to_be_visible()
            await page.keyboard.press("Enter")

    await choose("set some", "camille", "break")
    await expect(camille.state).to_contain_text("En pause")
    await expect(page.get_by_role("region", name=martin.t["shell"]["news"])).to_contain_text("Camille")
    await page.keyboard.press("Shift+Z")
    await expect(camille.state).to_contain_text("Disponible")
    await choose("message to the team", "Please call back Mr Okafor")
    await expect(camille.page.get_by_role("region", name=camille.t["floor"]["memo"]["name"])).to_contain_text(
        "Mr Okafor"
    )
    claire = await room.visitor(name="Claire Rousseau")
    await claire.open()
    await claire.writes("Bonjour")
    await camille.take("Claire Rousseau")
    await choose("move a contact", "claire", "financing")
    await expect(page.get_by_role("region", name=martin.t["shell"]["news"])).to_contain_text("Claire Rousseau")
    await page.keyboard.press("Control+k")
    await page.keyboard.type("set some")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("combobox", name=t["whose"])).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("combobox", name=martin.t["shell"]["search"])).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("combobox")).to_have_count(0)
    await choose("wall")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await expect(page).to_have_url(re.compile("/wall$"))
