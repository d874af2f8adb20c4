"""A reader finds an article, reads and rates it without a script, then opens the chat from it and is answered.

Its author writes, publishes and finds it again at the desk.
"""

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.journeys.floor import AGENT, SUPERVISOR, Floor
from tests.journeys.people import Room, Visitor
from tests.journeys.test_sweep import Sweep

pytestmark = pytest.mark.asyncio(loop_scope="session")
TITLE = "Reprendre une voiture ancienne"
TEXT = (
    "<h2>Ce qu’il faut</h2><p>Apportez la <strong>carte grise</strong> et le contrôle technique.</p>"
    "<table><tbody><tr><th>Âge</th><th>Prime</th></tr><tr><td>12 ans</td><td>800 €</td></tr></tbody></table>"
)


async def open_centre(floor: Floor) -> dict[str, Any]:
    """The help centre of the demo's firm, with one article of this test's."""
    firms = (await floor.call("GET", "/firms"))["items"]
    firm = next(each for each in firms if each["name"] == "Delmas Automobiles")
    body = {"firm_id": firm["id"], "language": "fr", "audience": "public", "title": TITLE, "html": TEXT}
    made = await floor.call("POST", "/articles", json={**body, "summary": "Les papiers et la prime."})
    act = {"act": "publish", "version": made["version"]}
    await floor.call("POST", f"/articles/{made['id']}/act", json=act)
    known = {each["firm_id"]: each for each in (await floor.call("GET", "/help-centres"))["items"]}.get(firm["id"])
    version = known["version"] if known else None
    centre = await floor.call("PUT", f"/help-centres/{firm['id']}", json={"open": True, "version": version})
    home = f"/help/{centre['slug']}/fr/"
    return {"article": made["id"], "firm": firm["id"], "home": home, "path": f"{home}a/{made['slug']}"}


async def withdrawn(floor: Floor, opened: dict[str, Any]) -> None:
    """Its article is nowhere any more; the centre stays open, as the demo's is."""
    article = await floor.call("GET", f"/articles/{opened['article']}")
    act = {"act": "archive", "version": article["version"]}
    await floor.call("POST", f"/articles/{opened['article']}/act", json=act)


async def reads_and_rates(page: Page, home: str) -> str:
    """By keyboard, without a script; the address of the chat that the page offers."""
    await page.goto(home)
    field = page.get_by_role("searchbox", name="Chercher dans le centre d’aide")
    await field.focus()
    await page.keyboard.type("contole technique")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("controle technique")
    link = page.get_by_role("link", name=TITLE)
    await link.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name=TITLE, level=1)).to_be_visible()
    await expect(page.get_by_role("cell", name="800 €")).to_be_visible()
    await page.get_by_role("button", name="Non").press("Enter")
    await expect(page.get_by_text("Merci pour votre réponse.")).to_be_visible()
    await page.get_by_role("textbox", name="Que devrait dire cet article").fill("Et pour une moto ?")
    await page.get_by_role("button", name="Envoyer").press("Enter")
    await expect(page.get_by_text("Merci, c’est noté.")).to_be_visible()
    return str(await page.get_by_role("link", name="Discuter avec nous").get_attribute("href"))


async def test_found_read_rated_without_a_script_then_a_chat_is_answered(room: Room, floor: Floor) -> None:
    opened = await open_centre(floor)
    try:
        page = await (await room.profile("fr", java_script_enabled=False)).new_page()
        chat = await reads_and_rates(page, opened["home"])
        figures = (await floor.call("GET", "/articles/figures"))["articles"]
        mine = next(each for each in figures if each["id"] == opened["article"])
        assert (mine["helpful"], mine["unhelpful"]) == (0, 1)
        camille = await room.desk(AGENT)
        await camille.start()
        reader = Visitor(await (await room.profile("fr")).new_page(), "fr")
        await reader.page.goto(chat)
        await reader.writes("Faut-il la carte grise pour reprendre une voiture ancienne de 1998 ?")
        offered = reader.page.get_by_role("region", name="Articles du centre d’aide")
        await expect(offered.get_by_role("link", name=TITLE)).to_have_attribute(
            "href", re.compile(opened["path"] + "$")
        )
        sweep = Sweep("fr")
        await sweep.look(reader.page, "chat-articles")
        await camille.take("1998")
        await expect(offered).to_have_count(0)
        words, desk = camille.t["knowledge"], camille.page
        beside = desk.get_by_role("region", name=words["suggested"]["name"])
        await expect(beside).to_contain_text(TITLE)
        await sweep.look(desk, "offered-articles")
        await beside.get_by_role("button", name=words["suggested"]["insertOf"].replace("{{title}}", TITLE)).press(
            "Enter"
        )
        await expect(camille.composer).to_have_value(re.compile(re.escape(opened["path"]) + "$"))
        await expect(beside.get_by_text(TITLE)).to_have_count(0)
        await camille.replies("Oui, avec sa carte grise.")
        await reader.sees("Oui, avec sa carte grise.")
        await desk.get_by_role("button", name=words["insert"]).press("Enter")
        await desk.get_by_role("searchbox", name=words["search"]).fill("voiture ancienne")
        await expect(desk.get_by_role("list", name=words["hits"])).to_contain_text(TITLE)
        await sweep.look(desk, "composer-articles")
        assert not sweep.faults, "\n".join(sweep.faults)
        await desk.keyboard.press("Enter")
        await expect(camille.composer).to_have_value(re.compile(re.escape(opened["path"]) + "$"))
        await expect(camille.composer).to_be_focused()
        await desk.keyboard.press("Control+Enter")
        await reader.sees(opened["path"])
    finally:
        await withdrawn(floor, opened)


async def test_its_pages_are_clean_in_both_themes_and_narrow_windows(room: Room, floor: Floor) -> None:
    opened, sweep = await open_centre(floor), Sweep("fr")
    try:
        page = await (await room.profile("fr")).new_page()
        for name, path in {
            "help-home": opened["home"],
            "help-found": f"{opened['home']}search?q=carte",
            "help-article": opened["path"],
            "help-rated": f"{opened['path']}?rated=no",
            "help-none": f"{opened['home']}a/none",
        }.items():
            await page.goto(path)
            await sweep.look(page, name)
            await sweep.squeeze(page, name)
        assert not sweep.faults, "\n".join(sweep.faults)
    finally:
        await withdrawn(floor, opened)


async def test_an_author_writes_publishes_and_finds_an_article(room: Room, floor: Floor) -> None:
    martin, sweep = await room.desk(SUPERVISOR, "en"), Sweep("en")
    page, words = martin.page, martin.t["knowledge"]
    await page.keyboard.press("g")
    await page.keyboard.press("k")
    await page.get_by_role("button", name=words["new"]).click()
    await page.get_by_role("textbox", name=words["title"], exact=True).fill("Winter tyres")
    text = page.get_by_role("textbox", name=words["text"])
    await text.click()
    await page.keyboard.type("Snowflake mark needed from November.")
    await expect(page.frame_locator("iframe").get_by_text("Snowflake")).to_be_visible()
    await page.get_by_role("button", name=words["keep"]).click()
    await page.get_by_role("button", name=words["acts"]["publish"]).click()
    await expect(page.get_by_text(words["states"]["published"], exact=True)).to_be_visible()
    article = page.url.rpartition("/")[2]
    try:
        await expect(page.get_by_role("region", name=words["versions"])).to_contain_text("Winter tyres")
        await sweep.look(page, "knowledge-article")
        await sweep.squeeze(page, "knowledge-article")
        await page.get_by_role("button", name=words["back"]).click()
        await page.get_by_role("searchbox", name=words["search"]).fill("snowflke")
        await expect(page.get_by_role("list", name=words["hits"])).to_contain_text("Winter tyres")
        await expect(page).to_have_url(re.compile("/app/knowledge$"))
        await sweep.look(page, "knowledge-found")
        await sweep.squeeze(page, "knowledge-found")
        assert not sweep.faults, "\n".join(sweep.faults)
    finally:
        found = await floor.call("GET", f"/articles/{article}")
        act = {"act": "archive", "version": found["version"]}
        await floor.call("POST", f"/articles/{article}/act", json=act)
