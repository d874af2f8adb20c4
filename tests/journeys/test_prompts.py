"""The page of prompts, swept in both languages: record or bring a file, listen, delete and take that back. Keys, notes kept."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Response, expect

from tests.journeys.conftest import FAKE_DEVICES, browser, chromium_path
from tests.journeys.floor import AGENT, SUPERVISOR, Floor
from tests.journeys.people import Desk, Room
from tests.journeys.test_sweep import BOTH, Sweep, set_language
from tests.journeys.voice_stage import two_seconds

__all__ = ["set_language"]
pytestmark = pytest.mark.asyncio(loop_scope="session")
Put = Callable[[Desk, str], Awaitable[None]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """A browser whose microphone beeps."""
    async with browser(chromium_path(), *FAKE_DEVICES) as running:
        yield running


async def _names(page: Page) -> set[str]:
    answer = await page.request.get("/api/v1/prompts")
    return {one["name"] for one in (await answer.json())["items"]}


@BOTH
async def test_the_page_of_prompts(room: Room, locale: str, set_language: Put) -> None:
    sweep = Sweep(locale)
    martin = await room.desk(SUPERVISOR, "en")
    await set_language(martin, locale)
    martin = Desk(martin.page, locale)
    page, t = martin.page, martin.t["prompts"]
    own = page.get_by_role("region", name=t["own"])
    try:
        await page.keyboard.press("g")
        await page.keyboard.press("p")
        await expect(own).to_contain_text(t["none"])
        await sweep.look(page, "prompts-none")
        await page.get_by_role("button", name=t["new"]).press("Enter")
        await expect(page.get_by_role("combobox", name=t["name"])).to_be_focused()
        await page.keyboard.type("Closed Today")
        await expect(page.get_by_text(t["nameBad"])).to_be_visible()
        await sweep.look(page, "prompts-form")
        await sweep.squeeze(page, "prompts-form")
        await page.get_by_role("combobox", name=t["name"]).fill("closed-today")
        await page.get_by_role("textbox", name=t["words"]).fill("Nous sommes fermés.")
        await page.locator("input[type=file]").set_input_files(
            {"name": "ferme.wav", "mimeType": "audio/wav", "buffer": two_seconds()}
        )
        await page.get_by_role("button", name=t["keep"], exact=True).click()
        await expect(own).to_contain_text("closed-today")
        await expect(own).to_contain_text("0:02")
        await expect(page.get_by_role("button", name=t["new"])).to_be_focused()
        await sweep.look(page, "prompts")
        await sweep.squeeze(page, "prompts")
        await own.get_by_role("button", name=t["listen"].replace("{{name}}", "closed-today")).click()
        await expect(own.get_by_role("button", name=t["stopOne"].replace("{{name}}", "closed-today"))).to_be_visible()
        delete = own.get_by_role("button", name=t["delete"].replace("{{name}}", "closed-today"))
        await delete.click()
        await expect(own).not_to_contain_text("closed-today")
        await page.keyboard.press("Shift+z")
        await expect(own).to_contain_text("closed-today")
        assert await _names(page) == {"closed-today"}
        async with page.expect_response(lambda answer: answer.request.method == "DELETE"):
            await delete.click()
            await page.keyboard.press("g")
            await page.keyboard.press("l")
        assert await _names(page) == set()
    finally:
        await page.request.patch("/api/v1/me", data={"locale": "en"}, headers={"X-Parlons": "1"})
    assert not sweep.faults, "\n".join(sweep.faults)


async def test_a_prompt_is_recorded_in_the_desk(room: Room) -> None:
    martin = await room.desk(SUPERVISOR, "en", permissions=["microphone"])
    page, t = martin.page, martin.t["prompts"]
    await page.goto("/app/prompts")
    hello = page.get_by_role("button", name=t["yoursOf"].replace("{{name}}", "hello"))
    await hello.click()
    await expect(page.get_by_role("combobox", name=t["name"])).to_have_value("hello")
    await page.get_by_role("button", name=t["record"], exact=True).click()
    await expect(page.get_by_text("0:01", exact=True)).to_be_visible()
    await page.get_by_role("button", name=t["stop"], exact=True).click()
    await page.get_by_role("button", name=t["keep"], exact=True).click()
    own = page.get_by_role("region", name=t["own"])
    await expect(own).to_contain_text("hello")
    await expect(hello).to_be_focused()
    (kept,) = (await (await page.request.get("/api/v1/prompts")).json())["items"]
    assert 0.9 < kept["seconds"] < 10
    sound = await (await page.request.get(f"/api/v1/prompts/{kept['id']}/audio")).body()
    assert sound[:4] == b"RIFF"
    assert max(sound[44:]) > 0
    await page.request.delete(f"/api/v1/prompts/{kept['id']}", headers={"X-Parlons": "1"})


async def test_the_note_of_the_wrap_up_outlives_its_tab(room: Room, floor: Floor) -> None:
    camille = await room.desk(AGENT)
    await camille.start()
    await room.chat(camille, "Bonjour")
    await camille.composer.fill("Un brouillon")
    await camille.tab("wrapup")
    note = camille.context.get_by_role("textbox")
    await note.fill("Rappeler samedi")
    address = camille.page.url
    await camille.page.close()
    page = await camille.page.context.new_page()
    # The page that closed left its words on their way: no page says when they are there.
    camille = Desk(page, "fr")
    await camille.until(f"/conversations/{address.rpartition('/')[2]}", lambda full: len(full["drafts"]) == 2)
    await page.goto(address)
    await camille.opens("Claire Rousseau")
    await expect(camille.composer).to_have_value("Un brouillon")
    await camille.tab("wrapup")
    await expect(camille.context.get_by_role("textbox")).to_have_value("Rappeler samedi")


async def test_a_letter_key_is_moved_and_given_back(room: Room, floor: Floor) -> None:
    martin = await room.desk(SUPERVISOR, "en")
    page, t = martin.page, martin.t["keys"]

    def key(name: str, letter: str) -> str:
        return str(t["change"]).replace("{{name}}", t["command"][name]).replace("{{key}}", letter)

    def kept(answer: Response) -> bool:
        return answer.request.method == "PATCH" and answer.url.endswith("/me")

    await page.keyboard.press("?")
    help_key = page.get_by_role("button", name=key("help", "?"))
    await help_key.press("Enter")
    await page.keyboard.press("e")
    taken = t["refused"]["taken"].replace("{{key}}", "E").replace("{{name}}", t["command"]["close"])
    await expect(page.get_by_role("status").filter(has_text=taken)).to_be_visible()
    async with page.expect_response(kept):
        await page.keyboard.press("h")
    await expect(page.get_by_role("button", name=key("help", "H"))).to_be_focused()
    await page.goto("/app/live")
    await page.reload()
    await expect(page.get_by_role("heading", level=1, name="Live")).to_be_visible()
    await page.keyboard.press("h")
    await expect(page.get_by_role("heading", level=1, name=t["title"])).to_be_visible()
    await page.get_by_role("button", name=key("help", "H")).press("Enter")
    async with page.expect_response(kept):  # else the next test finds the key moved
        await page.keyboard.press("Backspace")
    await expect(page.get_by_role("button", name=key("help", "?"))).to_be_visible()
