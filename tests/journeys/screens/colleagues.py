"""Screens of what colleagues say to each other: a team's discussion, and the form that begins one."""

from typing import Any

from playwright.async_api import Page, expect

from tests.journeys.screens.scene import Scene, Screen

TEAM = "Garage Toulouse"


async def _post(page: Page, path: str, body: dict[str, Any], key: str) -> dict[str, Any]:
    """Once, however often the walk passes."""
    headers = {"X-Parlons": "1", "Idempotency-Key": key}
    answer = await page.request.post(f"/api/v1/team/discussions{path}", data=body, headers=headers)
    assert answer.ok, await answer.text()
    return dict(await answer.json())


async def _user_id(page: Page, name: str) -> str:
    found = await (await page.request.get("/api/v1/team/colleagues", params={"q": name})).json()
    return str(found["items"][0]["user_id"])


async def _discussion(scene: Scene, page: Page) -> None:
    nadia, karim = [await _user_id(page, name) for name in ("Nadia", "Karim")]
    direct = await _post(page, "", {"user_id": nadia}, "screens-nadia")
    await _post(
        page, f"/{direct['id']}/lines", {"text": "La Vela bleue est réservée."}, f"screens-direct-{scene.locale}"
    )
    team = await _post(page, "", {"name": TEAM, "user_ids": [nadia, karim]}, "screens-team")
    path = f"/{team['id']}/lines"
    gone = await _post(page, path, {"text": "Jeudi ?"}, f"screens-gone-{scene.locale}")
    await page.request.delete(f"/api/v1/team/discussions{path}/{gone['id']}", headers={"X-Parlons": "1"})
    text = "@Nadia Cherif, peux-tu reprendre la sienne à 10 heures jeudi ?"
    said = {"text": text, "mentions": [nadia], "conversation_id": scene.kept.get("conversation")}
    await _post(page, path, said, f"screens-said-{scene.locale}")
    await scene.go(page, f"/app/colleagues/{team['id']}")
    await expect(page.get_by_role("log")).to_contain_text(text)


async def _new(scene: Scene, page: Page) -> None:
    await scene.go(page, "/app/colleagues/new")
    for name in ("Karim Benali", "Rose Taylor"):
        await page.get_by_role("checkbox", name=name).check()


COLLEAGUES = [
    Screen("colleagues", "agent", _discussion, ("route:colleagues",), narrow=True),
    Screen("colleagues-new", "agent", _new, narrow=True),
]
