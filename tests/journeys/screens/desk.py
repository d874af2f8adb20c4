"""Screens of an agent: before the shift, an offer, a chat with all that stands beside it, a call, and what is his own."""

import re

from playwright.async_api import Page, expect

from tests.journeys.screens.scene import Bring, Scene, Screen
from tests.journeys.voice_stage import phone_is_ready

CLAIRE = "Claire Rousseau"


def place(path: str) -> Bring:
    """A place of the desk, by its address."""

    async def bring(scene: Scene, page: Page) -> None:
        await scene.go(page, path)

    return bring


async def _empty(scene: Scene, page: Page) -> None:
    await scene.go(page, "/app/")
    await expect(page.get_by_role("complementary", name=scene.t["phone"]["before"])).to_be_visible()


async def _checked(scene: Scene, page: Page) -> None:
    t = scene.t["phone"]
    checks = page.get_by_role("complementary", name=t["before"])
    await checks.get_by_role("button", name=t["askMicrophone"]).click()
    await expect(checks).to_contain_text(t["heard"])
    await checks.get_by_role("button", name=t["tryRing"]).click()
    await checks.get_by_role("button", name=t["testNetwork"]).click()
    await expect(checks).to_contain_text(t["done"].replace("{{count}}", "3").replace("{{all}}", "3"))


async def _ready(scene: Scene, page: Page) -> None:
    stop = page.get_by_role("button", name=scene.t["phone"]["stop"], exact=True)
    if await stop.count():
        await stop.click()
    await scene.desk("agent").start()
    await phone_is_ready(page)
    await expect(scene.desk("agent").offer(CLAIRE)).to_be_visible()


async def _taken(scene: Scene, page: Page) -> None:
    desk = scene.desk("agent")
    await desk.take(CLAIRE)
    await desk.opens(CLAIRE)
    scene.kept["conversation"] = desk.conversation_id
    await desk.replies(
        "Bonjour Claire, oui, elle est à Toulouse Nord. Voulez-vous l’essayer cette semaine ?"
        if scene.french
        else "Hello Claire, yes, it is in Toulouse. Would you like to try it this week?"
    )
    await scene.visitor.writes(
        "Avec plaisir, jeudi serait parfait. Vous reprenez ma Vela 2 de 2019 ?"
        if scene.french
        else "Thursday would be perfect. Would you take my 2019 Vela 2?"
    )
    await expect(desk.log).to_contain_text("Vela 2")


def _tab(which: str) -> Bring:
    async def bring(scene: Scene, page: Page) -> None:
        await scene.desk("agent").tab(which)
        await expect(page.get_by_role("tab", selected=True)).to_have_attribute("data-tab", which)
        if which == "why":
            await expect(scene.desk("agent").context.get_by_role("heading").first).to_be_visible()

    return bring


async def _replies(scene: Scene, page: Page) -> None:
    await scene.desk("agent").tab("customer")
    await scene.desk("agent").composer.focus()
    await page.keyboard.type("/")
    await expect(page.get_by_role("listbox", name=scene.t["comfort"]["replies"]["title"])).to_be_visible()


async def _too_long(scene: Scene, page: Page) -> None:
    await page.keyboard.press("Escape")
    await scene.desk("agent").composer.fill("Bonjour Claire. " * 501)


async def _transfer(scene: Scene, page: Page) -> None:
    await scene.desk("agent").composer.fill("")
    await page.get_by_role("button", name=scene.t["head"]["transfer"], exact=True).click()
    await expect(page.get_by_role("combobox", name=scene.t["transfer"]["to"])).to_be_visible()


async def _snooze(scene: Scene, page: Page) -> None:
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name=scene.t["head"]["snooze"], exact=True).click()
    await expect(page.get_by_role("menuitem").first).to_be_visible()


async def _merge(scene: Scene, page: Page) -> None:
    await page.keyboard.press("Escape")
    await scene.desk("agent").tab("customer")
    await page.get_by_role("button", name=scene.t["comfort"]["merge"]["with"]).click()
    await expect(page.get_by_role("combobox", name=re.compile(CLAIRE))).to_be_visible()


async def _states(scene: Scene, page: Page) -> None:
    await page.keyboard.press("Escape")
    await scene.desk("agent").state.click()
    await expect(page.get_by_role("menu")).to_be_visible()


async def _palette(scene: Scene, page: Page) -> None:
    await page.keyboard.press("Escape")
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("combobox", name=scene.t["shell"]["search"])).to_be_focused()


async def _preferences(scene: Scene, page: Page) -> None:
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name=re.compile("^Camille Moreau")).click()
    await expect(page.get_by_role("dialog")).to_be_visible()


async def _call(scene: Scene, page: Page) -> None:
    await page.keyboard.press("Escape")
    await scene.go(page, f"/app/c/{scene.kept['conversation']}")
    await scene.stage.show(conversation_id=scene.kept["conversation"], customer_name=CLAIRE)
    await expect(page.get_by_role("button", name=scene.t["call"]["end"]).first).to_be_visible()


async def _dial(scene: Scene, page: Page) -> None:
    await page.get_by_role("banner").get_by_role("button", name=scene.t["call"]["dial"], exact=True).click()
    # The first time this part of the desk is fetched.
    await expect(page.get_by_role("dialog", name=scene.t["call"]["dial"]).get_by_role("combobox").first).to_be_visible()


async def _wrapping(scene: Scene, page: Page) -> None:
    await page.keyboard.press("Escape")
    await scene.stage.clear()
    await scene.desk("agent").tab("wrapup")
    await scene.desk("agent").context.get_by_role("button", name=scene.t["wrapup"]["endChat"]).click()
    await expect(scene.desk("agent").context).to_contain_text(scene.t["wrapup"]["since"])


async def _sounds(scene: Scene, page: Page) -> None:
    await scene.go(page, "/app/sounds")
    await expect(page.get_by_role("region", name=scene.t["comfort"]["sounds"]["title"])).to_be_visible()


async def _phone(scene: Scene, page: Page) -> None:
    await scene.go(page, "/app/phone")
    await expect(page.get_by_role("region", name=scene.t["phone"]["reach"])).to_contain_text("+33 6 12 34 56 78")


DESK = [
    Screen("desk-before", "agent", _empty, ("route:desk",), narrow=True),
    Screen("phone-before", "agent", _checked, narrow=True),
    Screen("desk-offer", "agent", _ready, narrow=True),
    Screen("desk", "agent", _taken, ("route:desk",), narrow=True, contrast=True),
    Screen("desk-history", "agent", _tab("history")),
    Screen("desk-notes", "agent", _tab("notes")),
    Screen("desk-why", "agent", _tab("why")),
    Screen("desk-wrapup", "agent", _tab("wrapup")),
    Screen("desk-replies", "agent", _replies, narrow=True),
    Screen("desk-too-long", "agent", _too_long),
    Screen("desk-transfer", "agent", _transfer),
    Screen("desk-snooze", "agent", _snooze),
    Screen("desk-merge", "agent", _merge),
    Screen("desk-states", "agent", _states),
    Screen("palette", "agent", _palette, narrow=True),
    Screen("preferences", "agent", _preferences, narrow=True),
    Screen("desk-call", "agent", _call, narrow=True),
    Screen("dial-pad", "agent", _dial),
    Screen("desk-wrapping", "agent", _wrapping),
    Screen("keys", "agent", place("/app/keys"), ("route:keys",), narrow=True),
    Screen("sounds", "agent", _sounds, ("route:sounds",), narrow=True),
    Screen("phone", "agent", _phone, ("route:phone",), narrow=True),
]
