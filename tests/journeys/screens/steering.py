"""Screens of a supervisor: the floor in its three looks, what opens over it, and the prompts."""

import re

from playwright.async_api import Page, expect

from tests.journeys.screens.scene import Bring, Scene, Screen


async def _live(scene: Scene, page: Page) -> None:
    await scene.go(page, "/app/live")
    await expect(page.get_by_role("region", name=scene.t["live"]["waiting"])).to_be_visible()


async def _person(scene: Scene, page: Page) -> None:
    await page.get_by_role("button", name=re.compile("^Nadia Cherif")).first.click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    for part in ("giveForATime", "day"):
        text = scene.t["floor"][part]
        await page.get_by_text(text if isinstance(text, str) else text["title"], exact=True).click()


def _opens(*path: str) -> Bring:
    async def bring(scene: Scene, page: Page) -> None:
        await page.keyboard.press("Escape")
        found = scene.t
        for key in path:
            found = found[key]
        await page.get_by_role("button", name=str(found), exact=True).first.click()
        await expect(page.get_by_role("dialog")).to_be_visible()

    return bring


async def _why(scene: Scene, page: Page) -> None:
    await page.keyboard.press("Escape")
    waiting = page.get_by_role("region", name=scene.t["live"]["waiting"])
    await waiting.get_by_role("button", name=scene.t["context"]["why"], exact=True).first.click()
    await expect(page.get_by_role("complementary").get_by_role("heading").first).to_be_visible()


async def _assign(scene: Scene, page: Page) -> None:
    await page.keyboard.press("Escape")
    waiting = page.get_by_role("region", name=scene.t["live"]["waiting"])
    await waiting.get_by_role("button", name=scene.t["live"]["assign"]).first.click()
    await expect(page.get_by_role("combobox", name=scene.t["transfer"]["assignTo"])).to_be_visible()


async def _tiles(scene: Scene, page: Page) -> None:
    await page.keyboard.press("Escape")
    answer = await page.request.put("/api/v1/me/layout", data={"view": "tiles"}, headers={"X-Parlons": "1"})
    assert answer.ok, await answer.text()
    await page.reload()
    await expect(page.get_by_role("heading", level=3).first).to_be_visible()


async def _wall(scene: Scene, page: Page) -> None:
    await scene.go(page, "/app/wall")
    await expect(page.get_by_role("heading", level=3).first).to_be_visible()


async def _prompts(scene: Scene, page: Page) -> None:
    await scene.go(page, "/app/prompts")
    await expect(page.get_by_role("region", name=scene.t["prompts"]["own"])).to_be_visible()


async def _new_prompt(scene: Scene, page: Page) -> None:
    await page.get_by_role("button", name=scene.t["prompts"]["new"]).click()
    await expect(page.get_by_role("combobox", name=scene.t["prompts"]["name"])).to_be_focused()


async def _sends(scene: Scene, page: Page) -> None:
    await scene.go(page, "/app/sends")
    await expect(page.get_by_role("link", name=scene.t["sends"]["new"])).to_be_visible()


async def _new_send(scene: Scene, page: Page) -> None:
    await scene.go(page, "/app/sends/new")
    await expect(page.get_by_role("heading", name=scene.t["sends"]["new"])).to_be_visible()


async def _surveys(scene: Scene, page: Page) -> None:
    await scene.go(page, "/app/surveys")
    await expect(page.get_by_label(scene.t["surveyed"]["from"])).to_be_visible()


async def _left(scene: Scene, page: Page) -> None:
    await scene.go(page, "/app/left")
    await expect(page.get_by_label(scene.t["left"]["period"], exact=True)).to_be_visible()


async def _knowledge(scene: Scene, page: Page) -> None:
    await scene.go(page, "/app/knowledge")
    await expect(page.get_by_role("region", name=scene.t["knowledge"]["setup"])).to_be_visible()


async def _new_article(scene: Scene, page: Page) -> None:
    await scene.go(page, "/app/knowledge/new")
    await expect(page.get_by_role("textbox", name=scene.t["knowledge"]["text"])).to_be_visible()


async def _helping(scene: Scene, page: Page) -> None:
    open_ones = (await scene.room.floor.call("GET", "/conversations?view=open&limit=100"))["items"]
    at_work = [each for each in open_ones if each["assigned"] and not each["wrapup_since_at"]]
    await scene.go(page, f"/app/c/{at_work[0]['id']}")
    await page.get_by_role("button", name=scene.t["floor"]["whisper"], exact=True).first.click()


STEERING = [
    Screen("live", "supervisor", _live, ("route:live",), narrow=True, contrast=True),
    Screen("live-person", "supervisor", _person, narrow=True),
    Screen("live-arrange", "supervisor", _opens("floor", "layout", "name")),
    Screen("live-message", "supervisor", _opens("floor", "message", "name")),
    Screen("live-why", "supervisor", _why, narrow=True),
    Screen("live-assign", "supervisor", _assign),
    Screen("live-tiles", "supervisor", _tiles, narrow=True),
    Screen("wall", "supervisor", _wall, ("route:wall",), narrow=True),
    Screen("chat-of-another", "supervisor", _helping, narrow=True),
    Screen("sends", "supervisor", _sends, ("route:sends",), narrow=True),
    Screen("sends-new", "supervisor", _new_send, narrow=True),
    Screen("surveys", "supervisor", _surveys, ("route:surveys",), narrow=True),
    Screen("knowledge", "supervisor", _knowledge, ("route:knowledge",), narrow=True),
    Screen("knowledge-new", "supervisor", _new_article, narrow=True),
    Screen("left", "supervisor", _left, ("route:left",), narrow=True),
    Screen("prompts", "supervisor", _prompts, ("route:prompts",), narrow=True),
    Screen("prompts-form", "supervisor", _new_prompt, narrow=True),
]
