"""Queues, workflows and skills on screen: by keyboard, as sentence and as text, with what would become of waiting work; swept."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.journeys.floor import AGENT, SUPERVISOR, Floor
from tests.journeys.people import Room, words
from tests.journeys.test_sweep import BOTH, Sweep

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Office:
    """An administrator at the settings."""

    def __init__(self, page: Page, locale: str) -> None:
        self.page, self.t = page, words(locale)["routing"]

    async def open(self, section: str, name: str = "") -> None:
        """Goes to a section, or to one thing of it."""
        await self.page.goto(f"/app/settings/{section}" + (f"/{name}" if name else ""))

    def token(self, text: str, about: str = "") -> Locator:
        """A choice inside a sentence."""
        return self.page.get_by_role("button", name=re.compile(f"^{re.escape(about)}.*{re.escape(text)}$"))

    @property
    def save(self) -> Locator:
        return self.page.get_by_role("button", name=self.t["edit"]["save"], exact=True)

    def said(self, key: str, **values: object) -> str:
        """A text with its values, by its path."""
        found: Any = self.t
        for part in key.split("."):
            found = found[part]
        for name, value in values.items():
            found = found.replace("{{" + name + "}}", str(value))
        return str(found)


@pytest_asyncio.fixture(loop_scope="session")
async def kept(floor: Floor) -> AsyncIterator[Floor]:
    """What is configured is as before afterwards."""
    before = (await floor.api.get("/configuration")).text
    yield floor
    put_back = await floor.api.post("/configuration", content=before, params={"prune": True})
    assert put_back.is_success, put_back.text


async def office(room: Room, locale: str = "en") -> Office:
    """The demo's administrator, signed in with that language."""
    email = next(email for email, user in room.floor.users.items() if user["role"] == "administrator")
    page = await (await room.profile(locale)).new_page()
    await page.goto(await room.floor.link(email))
    await page.get_by_role("main").get_by_role("button").last.click()
    await expect(page.locator("[data-list]")).to_be_visible()
    answer = await page.request.patch("/api/v1/me", data={"locale": locale}, headers={"X-Parlons": "1"})
    assert answer.ok
    return Office(page, locale)


@BOTH
async def test_what_opens_on_the_screens(room: Room, locale: str) -> None:
    sweep = Sweep(locale)
    ines = await office(room, locale)
    page, t = ines.page, ines.t
    try:
        await ines.open("queues", "Vans")
        await expect(page.get_by_role("region", name=t["queue"]["who"])).to_contain_text("Rose Taylor")
        await page.get_by_role("textbox", name=t["queue"]["text"]).fill("skills HAS")
        await expect(page.get_by_role("alert").filter(has_text=re.compile("."))).to_be_visible()
        await sweep.look(page, "queue-wrong")
        await page.get_by_role("textbox", name=t["queue"]["text"]).fill('skills HAS "sales"')
        await expect(page.get_by_role("region", name=t["effects"]["title"])).to_be_visible()
        await ines.token(ines.said("say.hasSkill", value="sales")).click()
        await expect(page.get_by_role("combobox", name=t["form"]["op"])).to_be_visible()
        await sweep.look(page, "queue-condition")
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name=t["edit"]["discard"]).click()
        await ines.open("workflows", "Delmas%20chats")
        await expect(page.get_by_role("region", name=t["try"]["title"])).to_contain_text("Nadia Cherif")
        await page.get_by_role("button", name=ines.said("step.more", step=ines.said("step.one", turn=1))).first.click()
        await expect(page.get_by_role("menu")).to_be_visible()
        await sweep.look(page, "workflow-step")
        await page.keyboard.press("Escape")
        await ines.open("queues", "%2B")
        await expect(page.get_by_role("textbox", name=t["edit"]["name"])).to_have_value("")
        await sweep.look(page, "queue-new")
        await ines.open("skills")
        await expect(page.get_by_role("grid")).to_contain_text("Rose Taylor")
        await page.get_by_label(t["skills"]["who"]).fill("nobody at all")
        await expect(page.get_by_text(t["skills"]["nothing"])).to_be_visible()
        await sweep.look(page, "skills-none")
    finally:
        await page.request.patch("/api/v1/me", data={"locale": "en"}, headers={"X-Parlons": "1"})
    assert not sweep.faults, "\n".join(sweep.faults)


async def test_a_queue_is_changed_as_a_sentence_and_as_text_by_keyboard(room: Room, kept: Floor) -> None:
    ines = await office(room)
    page, t = ines.page, ines.t
    await ines.open("queues", "Vans")
    who = page.get_by_role("region", name=t["queue"]["who"])
    text = page.get_by_role("textbox", name=t["queue"]["text"])
    await expect(who).to_contain_text(ines.said("queue.count_other", count=5, ready=0))
    token = ines.token(ines.said("say.hasSkill", value="sales"))
    await token.focus()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="and, change to or")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(ines.token("speaks en")).to_be_focused()
    await page.keyboard.press("Enter")
    value = page.get_by_role("combobox", name=t["form"]["value"], exact=True)
    await value.fill("fr")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    await expect(ines.token("speaks fr")).to_be_focused()
    await expect(text).to_have_value('skills HAS "sales" AND languages HAS "fr"')
    await expect(who).not_to_contain_text("Rose Taylor")
    effects = page.get_by_role("region", name=t["effects"]["title"])
    await expect(effects).to_contain_text("Rose Taylor")
    await expect(effects).to_contain_text(t["effects"]["noneWaits"])
    await expect(page.get_by_text(t["edit"]["draftKept"], exact=True)).to_be_visible()
    await page.reload()
    await expect(text).to_have_value('skills HAS "sales" AND languages HAS "fr"')
    await text.fill('levels.sales >= 7 OR (skills HAS "sales" AND languages[0] == "en")')
    await expect(ines.token(ines.said("say.levelAtLeast", name="sales", value=7))).to_be_visible()
    await ines.save.press("Enter")
    await expect(page.get_by_text(ines.said("edit.saved", name="Vans"))).to_be_visible()
    exported = (await kept.api.get("/configuration")).text
    assert 'levels.sales >= 7 OR (skills HAS "sales" AND languages[0] == "en")' in exported
    await page.get_by_role("heading", level=2, name="Vans").click()
    await page.keyboard.press("Shift+z")
    await expect(text).to_have_value('skills HAS "sales" AND languages HAS "en"')
    assert "levels.sales >= 7" not in (await kept.api.get("/configuration")).text


async def test_a_queue_is_made_and_removed_and_one_in_use_stays(room: Room, kept: Floor) -> None:
    ines = await office(room)
    page, t = ines.page, ines.t
    await ines.open("queues")
    await page.get_by_role("button", name=t["queue"]["new"]).click()
    await page.get_by_role("textbox", name=t["edit"]["name"]).fill("Élite <b>")
    await page.get_by_role("button", name=t["addCondition"]).click()
    await ines.save.click()
    await expect(page).to_have_url(re.compile("/queues/%C3%89lite"))
    await expect(page.get_by_role("heading", level=2, name="Élite <b>")).to_be_visible()
    await page.get_by_role("button", name=t["edit"]["remove"], exact=True).click()
    await expect(page.get_by_text(ines.said("edit.removed", name="Élite <b>"))).to_be_visible()
    await expect(page.get_by_role("link", name=re.compile("Élite"))).to_have_count(0)
    await ines.open("queues", "Vans")
    await page.get_by_role("button", name=t["edit"]["remove"], exact=True).click()
    used = page.get_by_role("alert").get_by_role("link", name="workflow Northgate chats", exact=True)
    await expect(used.first).to_be_visible()
    assert "name: Vans" in (await kept.api.get("/configuration")).text


async def test_two_at_one_workflow_and_its_text(room: Room, kept: Floor) -> None:
    ines, paul = await office(room), await office(room)
    for each in (ines, paul):
        await each.open("workflows", "Northgate%20chats")
        await expect(each.page.get_by_role("region", name=each.t["try"]["title"])).to_contain_text(
            "Rule 2 wins: A person."
        )
    page, t = ines.page, ines.t
    text = page.get_by_role("textbox", name=t["workflow"]["text"])
    await text.fill((await text.input_value()).replace("practice == true", "practice =="))
    await expect(page.get_by_role("alert").filter(has_text="filters[1].when")).to_be_visible()
    await text.fill("filters:\n  - name: [")
    await expect(page.get_by_role("alert").filter(has_text="Line 2")).to_be_visible()
    await expect(ines.save).to_be_disabled()
    await text.fill(
        'filters:\n  - name: Evening\n    when: hours == "closed"\n    targets:\n      - queue: Vans\ndefault_queue: Vans'
    )
    await expect(ines.token(ines.said("say.is", name=t["fact"]["hours"], value="closed"))).to_be_visible()
    trial = page.get_by_role("region", name=t["try"]["title"])
    await expect(trial).to_contain_text(t["try"]["default"])
    await trial.get_by_role("combobox", name=t["fact"]["hours"]).fill("closed")
    await expect(trial).to_contain_text(ines.said("try.wins", turn=1, name="Evening"))
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name=t["workflow"]["addRule"], exact=True).click()
    await expect(text).to_have_value(re.compile('when: language == "fr"'))
    await ines.save.click()
    await expect(page.get_by_text(ines.said("edit.saved", name="Northgate chats"))).to_be_visible()
    await paul.page.get_by_role("button", name=ines.said("rule.remove", name="Practice customer")).click()
    meanwhile = paul.page.get_by_role("alert").filter(has_text=re.compile("changed this meanwhile"))
    await expect(meanwhile.first).to_be_visible()
    await paul.page.get_by_role("button", name=t["edit"]["reload"]).click()
    await expect(paul.token("Evening", t["rule"]["name"])).to_be_visible()


async def test_waiting_work_is_never_stranded_without_its_number(room: Room, kept: Floor) -> None:
    vans = next(each["id"] for each in (await kept.call("GET", "/queues"))["items"] if each["name"] == "Vans")
    task = await kept.call("POST", "/tasks", json={"to": {"queue_id": vans}, "channel": "chat"})
    ines = await office(room)
    page, t = ines.page, ines.t
    await ines.open("queues", "Vans")
    await page.get_by_role("textbox", name=t["queue"]["text"]).fill('skills HAS "nothing anybody has"')
    effects = page.get_by_role("region", name=t["effects"]["title"])
    await expect(effects).to_contain_text(ines.said("effects.stranded_one", queue="Vans"))
    await ines.save.click()
    await expect(page.get_by_role("alert").filter(has_text=t["edit"]["strands_one"])).to_be_visible()
    assert "nothing anybody has" not in (await kept.api.get("/configuration")).text
    await page.get_by_role("button", name=t["edit"]["saveStranding_one"]).click()
    await expect(page.get_by_text(ines.said("edit.saved", name="Vans"))).to_be_visible()
    await kept.call("POST", f"/tasks/{task['id']}/cancel", json={})


async def test_skills_by_keyboard_by_mouse_and_undone(room: Room, kept: Floor) -> None:
    martin = await room.desk(SUPERVISOR, "en")
    page, t = martin.page, words("en")["routing"]["skills"]
    camille = kept.users[AGENT]["worker_id"]

    async def attributes() -> dict[str, Any]:
        return dict((await kept.call("GET", f"/workers/{camille}"))["attributes"])

    before = await attributes()
    await page.goto("/app/settings/skills")
    await page.get_by_label(t["who"]).fill("camille")
    grid = page.get_by_role("grid")
    await expect(grid.get_by_role("rowheader")).to_have_count(1)
    await page.get_by_label(t["what"]).fill("sales")
    await grid.focus()
    await page.keyboard.type("42")
    async with page.expect_response(lambda answer: answer.request.method == "PATCH"):
        await page.keyboard.press("Enter")
    await expect(grid.get_by_role("gridcell", name="42")).to_be_visible()
    await expect(grid).to_be_focused()
    assert (await attributes())["levels"]["sales"] == 42
    async with page.expect_response(lambda answer: answer.request.method == "PATCH"):
        await page.keyboard.press("Shift+Z")
    await expect(grid.get_by_role("gridcell", name=str(before["levels"]["sales"]))).to_be_visible()
    assert await attributes() == before
    await page.get_by_label(t["newSkill"]).fill("Welsh")
    await page.get_by_role("button", name=t["add"], exact=True).click()
    bar = page.get_by_role("group", name=t["chosen"])
    await expect(bar).to_contain_text("Welsh")
    async with page.expect_response(lambda answer: answer.request.method == "PATCH"):
        await bar.get_by_role("button", name=t["has"]).click()
    assert "Welsh" in (await attributes())["skills"]
    async with page.expect_response(lambda answer: answer.request.method == "PATCH"):
        await bar.get_by_role("button", name=t["hasNot"]).click()
    assert await attributes() == before
    await page.get_by_label(t["what"]).fill("chat")
    await expect(bar).to_contain_text("chat")
    capacity = bar.get_by_role("textbox")
    await capacity.fill("7")
    async with page.expect_response(lambda answer: answer.request.method == "PATCH"):
        await capacity.press("Enter")
    assert (await kept.call("GET", f"/workers/{camille}"))["channels"]["chat"]["capacity"] == 7
