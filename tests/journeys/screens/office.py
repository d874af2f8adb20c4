"""Screens of an administrator: first steps, every section of the settings, the form behind each list."""

import re

from playwright.async_api import Page, expect

from tests.journeys.screens.desk import place
from tests.journeys.screens.scene import Bring, Scene, Screen

LISTS = (
    "people", "roles", "replies", "surveys", "intents", "recontact", "queues", "workflows", "firms", "hours", "entries",
    "widgets", "accounts", "lookups", "panels", "flows",
    "trunks", "webhooks", "activities", "channels",
)  # fmt: skip
"""Sections that begin with a list; behind each line stands a form."""
WITH_ALL = ("people", "queues", "workflows")
"""Sections whose form shows the most important fields, and all of them on demand."""
SINGLE = ("keys", "audit", "skills", "workspace", "history", "text", "health")
STEPS = ("firm", "hours", "queue", "people", "chat", "call")
OPENED = {"queues": "Used cars", "workflows": "Delmas chats", "hours": "Showroom"}
"""The thing to open, where the first of the list says little."""


async def _settings(scene: Scene, page: Page) -> None:
    await scene.go(page, "/app/settings")
    await expect(page.get_by_role("heading", name=scene.t["place"]["settings"], level=1)).to_be_visible()
    await expect(page.get_by_role("heading", level=2).first).to_be_visible()


def _section(section: str) -> Bring:
    async def bring(scene: Scene, page: Page) -> None:
        await scene.go(page, f"/app/settings/{section}")
        await expect(page.get_by_role("heading", level=2).first).to_be_visible()

    return bring


def _form(section: str) -> Bring:
    async def bring(scene: Scene, page: Page) -> None:
        lines = page.get_by_role("region").get_by_role("listitem").get_by_role("link")
        wanted = lines.filter(has_text=OPENED[section]) if section in OPENED else lines
        if await lines.count():
            await wanted.first.click()
        else:
            await page.get_by_role("region").get_by_role("button").first.click()
        await expect(page.get_by_role("textbox").first).to_be_visible()

    return bring


def _new(section: str) -> Bring:
    async def bring(scene: Scene, page: Page) -> None:
        await scene.go(page, f"/app/settings/{section}")
        words = {"people": "invite", "keys": "newKey"}
        await page.get_by_role("button", name=scene.t["staff"][words[section]]).click()
        await expect(page.get_by_role("textbox").first).to_be_visible()

    return bring


def _all(section: str) -> Bring:
    async def bring(scene: Scene, page: Page) -> None:
        await scene.go(page, f"/app/settings/{section}")
        await _form(section)(scene, page)
        await page.get_by_role("link", name=scene.t["settings"]["allFields"], exact=True).click()
        await expect(page.get_by_role("button", name=scene.t["settings"]["lessFields"])).to_be_visible()

    return bring


async def _versions(scene: Scene, page: Page) -> None:
    await scene.go(page, "/app/settings/flows")
    await _form("flows")(scene, page)
    await page.get_by_role("link", name=scene.t["tried"]["title"], exact=True).click()
    await expect(page.get_by_role("region", name=scene.t["tried"]["versions"], exact=True)).to_be_visible()


async def _ready_made(scene: Scene, page: Page) -> None:
    await scene.go(page, "/app/settings/flows/+")
    choice = page.get_by_label(scene.t["settings"]["flow"]["begin"])
    await choice.select_option("bank")
    await expect(page.get_by_role("textbox").first).to_have_value(re.compile("an"))


async def _drawn(scene: Scene, page: Page) -> None:
    await scene.go(page, "/app/settings/flows")
    await _form("flows")(scene, page)
    await page.get_by_role("link", name=scene.t["tried"]["draw"], exact=True).click()
    await page.locator("[data-step]").first.click()
    await expect(page.locator("[data-form]")).to_be_visible()


async def _outlined(scene: Scene, page: Page) -> None:
    view = page.get_by_role("radiogroup", name=scene.t["drawn"]["views"])
    await view.get_by_text(scene.t["drawn"]["view"]["outline"], exact=True).click()
    await page.get_by_role("tab", name=scene.t["drawn"]["panel"]["play"]).click()
    await page.get_by_role("button", name=scene.t["drawn"]["playStart"], exact=True).click()
    await expect(page.get_by_role("log")).to_be_visible()


async def _condition(scene: Scene, page: Page) -> None:
    await scene.go(page, "/app/settings/queues/Used%20cars")
    await page.get_by_role("button", name=scene.t["routing"]["addCondition"]).click()


async def _history(scene: Scene, page: Page) -> None:
    await scene.go(page, "/app/settings/firms/Delmas%20Automobiles")
    await page.get_by_role("button", name=scene.t["settings"]["history"]["title"]).click()
    await expect(page.get_by_role("region", name=scene.t["settings"]["history"]["title"])).to_be_visible()


def _both(section: str) -> list[Screen]:
    contrast = section == "workflows"
    return [
        Screen(f"settings-{section}", "administrator", _section(section), (f"section:{section}",), narrow=True),
        Screen(f"settings-{section}-form", "administrator", _form(section), narrow=True, contrast=contrast),
    ]


OFFICE = [
    Screen("desk-nobody", "administrator", place("/app/"), ("route:desk",)),
    Screen("settings", "administrator", _settings, ("route:settings",), narrow=True),
    *[screen for section in LISTS for screen in _both(section)],
    *[
        Screen(f"settings-{section}", "administrator", _section(section), (f"section:{section}",), narrow=True)
        for section in SINGLE
    ],
    *[Screen(f"settings-{section}-all", "administrator", _all(section), narrow=True) for section in WITH_ALL],
    Screen("settings-people-new", "administrator", _new("people")),
    Screen("settings-keys-new", "administrator", _new("keys")),
    Screen("settings-flows-versions", "administrator", _versions, narrow=True),
    Screen("settings-flows-new", "administrator", _ready_made, narrow=True),
    Screen("settings-flows-drawn", "administrator", _drawn, narrow=True, contrast=True),
    Screen("settings-flows-outlined", "administrator", _outlined),
    Screen("settings-firms-history", "administrator", _history),
    Screen("settings-queues-draft", "administrator", _condition),
    *[
        Screen(f"welcome-{step}", "administrator", place(f"/app/welcome/{step}"), ("route:welcome",), narrow=True)
        for step in STEPS
    ],
    Screen("welcome-done", "administrator", place("/app/welcome/done"), ("route:welcome",), narrow=True),
]
