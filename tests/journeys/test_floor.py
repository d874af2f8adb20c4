"""The supervisor's floor: what one does to a colleague's work, seen from both screens, with pictures of every screen."""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Response, expect

from tests.journeys.floor import AGENT, KARIM, SUPERVISOR, Floor
from tests.journeys.people import Desk, Room
from tests.journeys.test_sweep import BOTH, Sweep, set_language

__all__ = ["set_language"]
pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def quiet(floor: Floor) -> AsyncIterator[Floor]:
    """A floor whose moves, limits and layouts go back to none afterwards."""
    yield floor
    for move_id in await floor.call("GET", "/moves"):
        await floor.call("DELETE", f"/moves/{move_id}")
    for queue_id in await floor.call("GET", "/alerts"):
        await floor.call("PUT", f"/alerts/{queue_id}", json={})


async def _live(room: Room, locale: str = "en") -> Desk:
    martin = await room.desk(SUPERVISOR, locale)
    await martin.page.goto("/app/live")
    await expect(martin.page.get_by_role("heading", level=1, name=martin.t["place"]["live"])).to_be_visible()
    return martin


async def _panel(martin: Desk, name: str) -> Locator:
    await martin.page.get_by_role("button", name=re.compile(rf"^{name}\b.*\d:\d\d")).click()
    return martin.page.get_by_role("dialog", name=name)


def _told(desk: Desk) -> Locator:
    return desk.page.get_by_role("region", name=desk.t["floor"]["memo"]["name"])


async def _chat(room: Room, camille: Desk, name: str = "Claire Rousseau") -> None:
    claire = await room.visitor(name=name)
    await claire.open()
    await claire.writes("Bonjour")
    await camille.take(name)


async def test_a_state_that_another_sets_is_told_with_who_and_why(room: Room, quiet: Floor) -> None:
    martin, camille = await _live(room), await room.desk(AGENT)
    await camille.start()
    await camille.page.get_by_role("link", name="Touches et aide").focus()
    panel = await _panel(martin, "Camille Moreau")
    await panel.get_by_role("textbox", name="Why (they will read it)").first.fill("Formation à 15 h")
    await panel.get_by_role("combobox", name="State").select_option(label="Break")
    await expect(camille.state).to_contain_text("En pause")
    await expect(_told(camille)).to_contain_text("vous a mis dans l’état")
    await expect(_told(camille)).to_contain_text("Formation à 15 h")
    await expect(camille.page.get_by_role("link", name="Touches et aide")).to_be_focused()
    await camille.page.get_by_role("button", name=re.compile("^Compris")).click()
    await expect(_told(camille)).to_have_count(0)
    await martin.page.get_by_role("button", name=re.compile("^Undo")).click()
    await expect(camille.state).to_contain_text("Disponible")


async def test_a_skill_for_a_time_is_given_told_and_taken_back(room: Room, quiet: Floor) -> None:
    martin, karim = await _live(room), await room.desk(KARIM)
    await karim.start()
    worker = f"/workers/{quiet.users[KARIM]['worker_id']}"
    before = (await quiet.call("GET", worker))["attributes"]
    panel = await _panel(martin, "Karim Benali")
    await panel.get_by_text("Give something for a time").click()
    lacks = next(name for name in ("workshop", "financing", "sales") if name not in before["skills"])
    await panel.get_by_role("combobox", name="Skill").select_option(value=lacks)
    await panel.get_by_role("textbox", name="chats at once").fill("5")
    await panel.get_by_role("button", name=re.compile("^Give until")).click()
    await expect(_told(karim)).to_contain_text(f"vous a donné pour un temps : {lacks}, chats 5")
    await quiet.until(worker, lambda found: lacks in found["attributes"]["skills"])
    await panel.get_by_role("button", name=re.compile("^Take back")).click()
    await expect(_told(karim)).to_contain_text("est fini")
    found = await quiet.until(worker, lambda found: lacks not in found["attributes"]["skills"])
    assert found["attributes"] == before


async def test_work_is_moved_by_keyboard_and_by_dragging(room: Room, quiet: Floor) -> None:
    martin, karim = await _live(room), await room.desk(KARIM)
    claire = await room.visitor(name="Claire Rousseau")
    await claire.open()
    await claire.writes("Bonjour")
    row = (
        martin.page.get_by_role("region", name="Waiting now").get_by_role("listitem").filter(has_text="Claire Rousseau")
    )
    await row.get_by_role("button", name="Assign Claire Rousseau").focus()
    await martin.page.keyboard.press("Enter")
    await expect(martin.page.get_by_role("combobox", name="Assign to")).to_be_focused()
    await martin.page.keyboard.type("vans")
    await martin.page.keyboard.press("Enter")
    await expect(row).to_contain_text("Vans")
    await martin.page.get_by_role("button", name=re.compile("^Undo")).click()
    await expect(row).to_contain_text("Used cars")
    workshop = martin.page.get_by_role("row").filter(
        has=martin.page.get_by_role("rowheader", name="Workshop", exact=True)
    )
    await row.drag_to(workshop)
    await expect(row).to_contain_text("Workshop")
    await martin.page.get_by_role("button", name=re.compile("^Undo")).click()
    await expect(row).to_contain_text("Used cars")
    await quiet.put(KARIM, "Available")
    cell = martin.page.get_by_role("button", name=re.compile(r"^Karim Benali\b.*\d:\d\d"))
    await expect(cell).to_be_visible()
    await row.drag_to(cell)
    await karim.take("Claire Rousseau")


async def test_a_message_reaches_the_team_and_is_counted(room: Room, quiet: Floor) -> None:
    martin, camille = await _live(room), await room.desk(AGENT)
    await camille.start()
    await martin.page.get_by_role("button", name="Message the team").click()
    menu = martin.page.get_by_role("dialog", name="Message the team")
    await menu.get_by_role("textbox", name="What you want to say").fill("<b>Exercice</b> à 15 h")
    await menu.get_by_role("button", name="Send").click()
    await expect(_told(camille)).to_contain_text("<b>Exercice</b> à 15 h")
    await camille.page.reload()
    await camille.page.get_by_role("button", name=re.compile("^Compris")).click()
    await expect(_told(camille)).to_have_count(0)
    await martin.page.get_by_role("button", name="Message the team").click()
    await expect(menu.get_by_role("list", name="Your last messages").get_by_role("listitem").first).to_contain_text(
        re.compile(r"1 of \d+ have seen it")
    )


async def test_whisper_join_and_take_over(room: Room, quiet: Floor) -> None:
    martin, camille = await _live(room), await room.desk(AGENT)
    await camille.start()
    claire = await room.chat(camille, "Bonjour")
    panel = await _panel(martin, "Camille Moreau")
    await panel.get_by_role("button", name="Read").click()
    await martin.opens("Claire Rousseau")
    helping = martin.page.get_by_role("region", name="Help Camille Moreau in this chat")
    await helping.get_by_role("button", name="Whisper").click()
    await helping.get_by_role("textbox", name="Whisper to Camille Moreau").fill("Proposez l’essai samedi")
    await martin.page.keyboard.press("Enter")
    whispers = camille.page.get_by_role("region", name="On vous souffle")
    await expect(whispers).to_contain_text("Proposez l’essai samedi")
    await expect(claire.page.get_by_text("Proposez l’essai samedi")).to_have_count(0)
    await whispers.get_by_role("button", name=re.compile("^Compris")).click()
    await expect(whispers).to_have_count(0)

    await helping.get_by_role("button", name="Join").click()
    await expect(helping).to_contain_text("You are in this chat with Camille Moreau.")
    await claire.sees("Martin")
    await martin.replies("Je suis là aussi")
    await claire.sees("Je suis là aussi")
    await helping.get_by_role("button", name="Leave the chat").click()
    await expect(helping).to_contain_text("Camille Moreau has this chat.")

    await helping.get_by_role("button", name="Take over").click()
    await expect(martin.page.get_by_role("region", name="News")).to_contain_text("Choose a state in which")
    await martin.start()
    await helping.get_by_role("button", name="Take over").click()
    await expect(helping).to_have_count(0)
    await expect(martin.composer).to_have_accessible_name(re.compile("Reply to"))
    await expect(camille.mine).to_have_count(0)
    await expect(_told(camille)).to_contain_text("a repris ce chat")


async def test_a_limit_raises_the_alarm_with_a_remedy_that_helps(room: Room, quiet: Floor) -> None:
    martin, karim = await _live(room), await room.desk(KARIM)
    await karim.start()
    worker = quiet.users[KARIM]["worker_id"]
    before = (await quiet.call("GET", f"/workers/{worker}"))["attributes"]
    await quiet.call(
        "PATCH", f"/workers/{worker}", json={"attributes": {**before, "skills": ["workshop"], "practice": False}}
    )
    try:
        await martin.page.get_by_role("button", name="Alarm limits of Used cars").click()
        await martin.page.get_by_role("textbox", name="Waiting from").fill("1")
        await martin.page.get_by_role("button", name="Keep", exact=True).click()
        claire = await room.visitor(name="Claire Rousseau")
        await claire.open()
        await claire.writes("Bonjour")
        alarm = martin.page.get_by_role("region", name="Alarm", exact=True)
        await expect(alarm).to_contain_text("1 waiting for a limit of 1")
        await expect(alarm).to_contain_text("Karim Benali is free and needs only sales")
        await alarm.get_by_role("button", name=re.compile("^Move Karim until")).click()
        await karim.take("Claire Rousseau")
        await expect(alarm).to_have_count(0)
    finally:
        for move_id in await quiet.call("GET", "/moves"):
            await quiet.call("DELETE", f"/moves/{move_id}")
        await quiet.call("PATCH", f"/workers/{worker}", json={"attributes": before})


def _keeps_queues(answer: Response) -> bool:
    return answer.url.endswith("/me/layout") and bool(json.loads(answer.request.post_data or "{}").get("queue_ids"))


async def test_the_layout_is_kept_by_the_server_and_hangs_on_the_wall(room: Room, quiet: Floor) -> None:
    martin = await _live(room)
    try:
        await martin.page.get_by_role("button", name="Arrange").click()
        arrange = martin.page.get_by_role("dialog", name="Arrange")
        await arrange.get_by_text("Tiles", exact=True).click()
        await arrange.get_by_role("checkbox", name="Not served").click()
        await arrange.get_by_role("button", name="Move People up").click()
        async with martin.page.expect_response(_keeps_queues):  # on a slow machine what came before is kept by itself
            await arrange.get_by_role("checkbox", name="Vans").click()
        elsewhere = await _live(room)
        tiles = elsewhere.page.get_by_role("region", name="Queues")
        await expect(tiles.get_by_role("heading", name="Used cars")).to_be_visible()
        await expect(tiles.get_by_role("heading", name="Vans")).to_have_count(0)
        await expect(elsewhere.page.get_by_role("region", name="Not served")).to_have_count(0)
        await elsewhere.page.get_by_role("link", name="Wall display").click()
        await expect(elsewhere.page.get_by_role("navigation")).to_have_count(0)
        await expect(elsewhere.page.get_by_role("button")).to_have_count(0)
        await expect(tiles.get_by_role("heading", name="Used cars")).to_be_visible()
        await elsewhere.page.keyboard.press("Escape")
        await expect(elsewhere.page.get_by_role("heading", level=1, name="Live")).to_be_visible()
    finally:
        headers = {"X-Parlons": "1"}
        assert (await martin.page.request.put("/api/v1/me/layout", data={}, headers=headers)).ok


async def test_the_day_of_somebody_is_told_in_words(room: Room, quiet: Floor) -> None:
    martin, camille = await _live(room), await room.desk(AGENT)
    await camille.start()
    await _chat(room, camille)
    panel = await _panel(martin, "Camille Moreau")
    await panel.get_by_text("Today", exact=True).click()
    await expect(panel).to_contain_text(re.compile(r"\d+ contacts? taken"))
    await expect(panel.get_by_role("listitem").filter(has_text="Ready").first).to_be_visible()


@BOTH
async def test_the_floors_screens(
    room: Room, quiet: Floor, locale: str, set_language: Callable[[Desk, str], Awaitable[None]]
) -> None:
    sweep = Sweep(locale)
    martin = await room.desk(SUPERVISOR, "en")
    await set_language(martin, locale)
    page, t = martin.page, Desk(martin.page, locale).t
    headers = {"X-Parlons": "1"}
    try:
        await page.goto("/app/live")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await sweep.look(page, "floor-empty")
        await page.get_by_role("button", name=t["floor"]["layout"]["name"]).click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        await sweep.look(page, "floor-arrange")
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name=t["floor"]["message"]["name"]).click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        await sweep.look(page, "floor-message")
        await page.keyboard.press("Escape")
        camille = await room.desk(AGENT)
        await camille.start()
        await _chat(room, camille)
        queue_id = (await quiet.call("GET", "/queues"))["items"][0]["id"]
        await quiet.call("PUT", f"/alerts/{queue_id}", json={"waiting": 1})
        second = await room.visitor(name="Alice Roy")
        await quiet.put(AGENT, "Break")
        await second.open()
        await second.writes("Bonjour")
        await page.get_by_role("button", name=re.compile(r"^Camille Moreau\b.*\d:\d\d")).click()
        for part in (t["floor"]["giveForATime"], t["floor"]["day"]["title"]):
            await page.get_by_text(part, exact=True).click()
        await sweep.look(page, "floor-person")
        await sweep.squeeze(page, "floor-person")
        await page.keyboard.press("Escape")
        message = {"text": "Réunion à 15 h <img src=x onerror=alert(1)>"}
        await page.request.post("/api/v1/floor/messages", data=message, headers=headers)
        await expect(camille.page.get_by_role("region", name="On vous a dit")).to_be_visible()
        await Sweep.look(sweep, camille.page, "floor-told")
        await sweep.squeeze(camille.page, "floor-told")
        await page.request.put("/api/v1/me/layout", data={"view": "tiles"}, headers=headers)
        await page.reload()
        await expect(page.get_by_role("heading", level=3).first).to_be_visible()
        await sweep.look(page, "floor-tiles")
        await sweep.squeeze(page, "floor-tiles")
        await page.goto("/app/wall")
        await expect(page.get_by_role("heading", level=3).first).to_be_visible()
        await sweep.look(page, "floor-wall")
        await sweep.squeeze(page, "floor-wall")
        conversation = (await quiet.call("GET", "/conversations?view=open"))["items"][-1]["id"]
        await page.goto(f"/app/c/{conversation}")
        await page.get_by_role("button", name=t["floor"]["whisper"], exact=True).click()
        await sweep.look(page, "floor-whisper")
        await sweep.squeeze(page, "floor-whisper")
    finally:
        await page.request.put("/api/v1/me/layout", data={}, headers=headers)
        await page.request.patch("/api/v1/me", data={"locale": "en"}, headers=headers)
    assert not sweep.faults, "\n".join(sweep.faults)
