"""Screens of whoever is not signed in: the door, the shop with its chat, the page one calls from."""

import re
from secrets import token_hex
from typing import Any

from playwright.async_api import Page, Route, expect

from tests.journeys.floor import AGENT
from tests.journeys.screens.scene import Scene, Screen
from tests.journeys.voice_stage import FAR_SIDE, ago, phone_is_ready


async def _door(scene: Scene, page: Page) -> None:
    await page.goto("/app/")
    await expect(page.get_by_role("textbox").first).to_be_visible()


async def _link(scene: Scene, page: Page) -> None:
    await page.goto(await scene.room.floor.link(AGENT))
    await expect(page.get_by_role("main").get_by_role("button").last).to_be_visible()


async def _used_link(scene: Scene, page: Page) -> None:
    await page.goto("/app/link#nothing")
    await page.reload()
    await page.get_by_role("main").get_by_role("button").last.click()
    await expect(page.get_by_role("alert")).to_be_visible()


async def _chat_page(scene: Scene, page: Page) -> None:
    await page.goto("/chat/delmas")
    await expect(page.get_by_role("textbox").or_(page.get_by_role("button")).first).to_be_visible()


def _standing(state: str, **more: Any) -> dict[str, Any]:
    rest: dict[str, Any] = {"agent_name": "", "captions": [], "position": None, "started_at": ago(5), "ended_at": None}
    return {"id": "CA1", "state": state, **rest, **more}


async def _answer(scene: Scene, route: Route) -> None:
    path = route.request.url.partition("/webcall")[2]
    if path.startswith("/lines/"):
        await route.fulfill(json={"line": "delmas", "firm_name": "Delmas Automobiles", "open": True, "ice_servers": []})
    elif path.endswith("/calls/CA1"):
        await route.fulfill(json=scene.kept["standing"])
    else:
        await route.fulfill(status=204)


async def _call_page(scene: Scene, page: Page) -> None:
    scene.kept["standing"] = _standing("ringing")
    await page.add_init_script(path=FAR_SIDE)
    await page.route("**/api/v1/webcall/**", lambda route: _answer(scene, route))
    await page.goto("/call/delmas")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Delmas Automobiles")


async def _call_menu(scene: Scene, page: Page) -> None:
    await page.get_by_role("button", name="Appeler" if scene.french else "Call", exact=True).click()
    await phone_is_ready(page)
    said = (
        ["Delmas Automobiles, bonjour.", "Pour une voiture, tapez 1. Pour un financement, tapez 2."]
        if scene.french
        else ["Delmas Automobiles, hello.", "For a car, press 1. For financing, press 2."]
    )
    scene.kept["standing"] = _standing("menu", captions=said)
    await expect(page.get_by_role("log")).to_contain_text(said[1])
    await page.get_by_role("button", name="Clavier" if scene.french else "Keypad").click()


async def _call_talking(scene: Scene, page: Page) -> None:
    scene.kept["standing"] = _standing("talking", agent_name="Camille", captions=["Bonjour."])
    await expect(page.get_by_role("status").filter(has_text="Camille")).to_be_visible()


async def _call_ended(scene: Scene, page: Page) -> None:
    await page.get_by_role("button", name="Raccrocher" if scene.french else "Hang up").click()
    await expect(page.get_by_role("button", name="Rappeler" if scene.french else "Call again")).to_be_visible()


def _shop(path: str) -> Any:
    async def bring(scene: Scene, page: Page) -> None:
        await scene.visitor.visit(("/shop" if scene.french else "/shop/en") + path)

    return bring


async def _widget(scene: Scene, page: Page) -> None:
    who = scene.room.floor.identity("Claire Rousseau", token_hex(4))
    await page.evaluate("who => parlons('identify', who)", who)
    await scene.visitor.open()


async def _widget_waiting(scene: Scene, page: Page) -> None:
    await scene.visitor.writes(
        "Bonjour, la Solène 5 est-elle encore disponible ?" if scene.french else "Hello, is the Solène 5 still there?"
    )


async def _closed(scene: Scene, page: Page) -> None:
    async def closed(route: Route) -> None:
        answer = await route.fetch()
        await route.fulfill(response=answer, json={**await answer.json(), "open": False, "next_opening_at": None})

    await page.route("**/webchat/*/config*", closed)
    await page.goto("/shop/" if scene.french else "/shop/en/")
    await page.get_by_role("button", name="Ouvrir le chat" if scene.french else "Open the chat").click()
    await expect(page.get_by_role("textbox", name="Nom" if scene.french else "Name")).to_be_focused()


async def _closed_wrong(scene: Scene, page: Page) -> None:
    await page.get_by_role("textbox", name="E-mail").fill("claire@")
    await page.get_by_role("button", name="Laisser le message" if scene.french else "Leave the message").click()
    await expect(page.get_by_role("textbox", name=re.compile("^E-mail"))).to_have_attribute("aria-invalid", "true")


OUTSIDE = [
    Screen("sign-in", "guest", _door, ("route:desk",), narrow=True),
    Screen("link", "guest", _link, ("route:link",), narrow=True),
    Screen("link-used", "guest", _used_link),
    Screen("chat-page", "guest", _chat_page, narrow=True),
    Screen("widget-closed", "guest", _closed, narrow=True),
    Screen("widget-closed-wrong", "guest", _closed_wrong),
    Screen("call-page", "guest", _call_page, narrow=True),
    Screen("call-page-menu", "guest", _call_menu, narrow=True),
    Screen("call-page-talking", "guest", _call_talking),
    Screen("call-page-ended", "guest", _call_ended),
    Screen("shop-home", "visitor", _shop("/"), narrow=True),
    Screen("shop-cars", "visitor", _shop("/cars"), narrow=True),
    Screen("shop-financing", "visitor", _shop("/financing"), narrow=True),
    Screen("shop-car", "visitor", _shop("/cars/solene-5-hybride"), narrow=True),
    Screen("widget-open", "visitor", _widget, narrow=True),
    Screen("widget-waiting", "visitor", _widget_waiting, narrow=True),
]
