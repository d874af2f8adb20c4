"""People, roles, keys and audit on screen: somebody is invited and comes in, a role is made, a key works and is revoked."""

from secrets import token_hex

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.journeys.floor import Floor
from tests.journeys.people import Desk, Room

pytestmark = pytest.mark.asyncio(loop_scope="session")
ADMINISTRATOR = "admin@parlons.local"
HOSTILE = '<img src=x onerror="document.title=1">'


async def _boss(room: Room) -> Desk:
    """The administrator, signed in; he has no state, for he serves nobody."""
    page = await (await room.profile("en")).new_page()
    desk = Desk(page, "en")
    await page.goto(await room.floor.link(ADMINISTRATOR))
    await page.get_by_role("button", name=desk.t["session"]["open"]).click()
    await expect(page.get_by_role("link", name=desk.t["place"]["settings"])).to_be_visible()
    return desk


async def _opens(page: Page, section: str, title: str) -> None:
    await page.goto(f"/app/settings/{section}")
    await expect(page.get_by_role("region", name=title)).to_be_visible()


async def test_somebody_is_invited_comes_in_and_leaves(room: Room, floor: Floor) -> None:
    boss = await _boss(room)
    page, t = boss.page, boss.t["staff"]
    email = f"new-{token_hex(4)}@demo.example"
    await _opens(page, "people", t["title"])
    await page.get_by_role("button", name=t["invite"]).press("Enter")
    await page.get_by_role("textbox", name=t["email"]).fill(email)
    await page.get_by_role("textbox", name=t["name"], exact=True).fill(HOSTILE)
    await page.get_by_role("combobox", name=t["role"], exact=True).select_option("quality")
    await page.get_by_role("button", name=t["inviteNow"]).press("Enter")
    secret = page.get_by_role("textbox", name="One-time link")
    await expect(secret).to_be_focused()
    link = await secret.input_value()
    await page.get_by_role("button", name=t["seen"]).press("Enter")
    await page.get_by_role("textbox", name=t["search"]).fill(email)
    line = page.get_by_role("link", name=email)
    await expect(line).to_contain_text(f"{t['preset']['quality']} · {t['allFirms']} · {t['state']['invited']}")
    assert await page.title() != "1", "a name is a text"

    guest = await (await room.profile("en")).new_page()
    await guest.goto(link)
    await guest.get_by_role("button", name=boss.t["session"]["open"]).click()
    await expect(guest.get_by_role("banner")).to_be_visible()
    rights = (await (await guest.request.get("/api/v1/me")).json())["rights"]
    assert rights == ["figures", "read"]

    await line.click()
    await page.get_by_role("button", name=t["deactivate"]).click()
    await expect(page.get_by_role("button", name=t["activate"])).to_be_visible()
    assert (await guest.request.get("/api/v1/me")).status == 401
    await page.get_by_role("button", name=t["activate"]).click()
    await page.get_by_role("button", name=t["newLink"]).click()
    voided = await page.get_by_role("textbox", name="One-time link").input_value()
    await page.get_by_role("button", name=t["seen"]).click()
    await page.get_by_role("textbox", name=t["search"]).fill(email)
    await page.get_by_role("link", name=email).click()
    await page.get_by_role("button", name=t["revoke"], exact=True).click()
    await expect(page.get_by_text(t["noLink"]).or_(page.get_by_text(t["signedIn"]))).to_be_visible()
    token = voided.rpartition("#")[2]
    refused = await guest.request.post("/api/v1/session/link", data={"token": token}, headers={"X-Parlons": "1"})
    assert refused.status == 401


async def test_the_last_administrator_is_told_so(room: Room) -> None:
    boss = await _boss(room)
    page, t = boss.page, boss.t["staff"]
    await _opens(page, "people", t["title"])
    await page.get_by_role("textbox", name=t["search"]).fill(ADMINISTRATOR)
    await page.get_by_role("link", name=ADMINISTRATOR).click()
    await page.get_by_role("combobox", name=t["role"], exact=True).select_option("manager")
    await page.get_by_role("button", name=t["save"]).click()
    await expect(page.get_by_role("form").get_by_text("last one")).to_be_visible()


async def test_a_role_of_ones_own_and_its_undo(room: Room) -> None:
    boss = await _boss(room)
    page, t = boss.page, boss.t["staff"]
    name = f"Night lead {token_hex(3)}"
    await _opens(page, "roles", t["roles"])
    await page.get_by_role("button", name=t["copyOf"].replace("{{name}}", t["preset"]["trainer"])).press("Enter")
    await page.get_by_role("textbox", name=t["roleName"]).fill(name)
    coach = page.get_by_role("checkbox", name=t["right"]["coach"], exact=True)
    await expect(coach).to_be_checked()
    await page.get_by_role("checkbox", name=t["right"]["serve"], exact=True).check()
    await page.get_by_role("button", name=t["save"]).press("Enter")
    line = page.get_by_role("link", name=name)
    await expect(line).to_contain_text("serve")
    await line.press("Enter")
    await page.get_by_role("button", name=t["removeRole"]).press("Enter")
    await expect(line).to_have_count(0)
    await page.get_by_role("button", name=boss.t["act"]["undo"]).press("Enter")
    await expect(line).to_be_visible()


async def test_a_key_works_until_it_is_revoked(room: Room, floor: Floor) -> None:
    boss = await _boss(room)
    page, t = boss.page, boss.t["staff"]
    name = f"CRM {token_hex(3)}"
    await _opens(page, "keys", t["keys"])
    await page.get_by_role("button", name=t["newKey"]).press("Enter")
    await page.get_by_role("textbox", name=t["keyName"]).fill(name)
    await page.get_by_role("textbox", name=t["pace"]).fill("120")
    await page.get_by_role("button", name=t["makeKey"]).press("Enter")
    secret = await page.get_by_role("textbox", name=t["secret"]).input_value()
    await page.get_by_role("button", name=t["seen"]).press("Enter")
    await expect(page.get_by_role("listitem").filter(has_text=name)).to_contain_text(
        t["paced_other"].replace("{{number}}", "120")
    )
    async with httpx.AsyncClient(base_url=floor.server.url, headers={"Authorization": f"Bearer {secret}"}) as program:
        answer = await program.get("/api/v1/firms")
        assert (answer.status_code, answer.headers["ratelimit-policy"]) == (200, '"minute";q=120;w=60')
        async with page.expect_response(lambda answer: answer.request.method == "DELETE"):  # once it cannot be undone
            await page.get_by_role("button", name=t["revokeOf"].replace("{{name}}", name)).press("Enter")
        assert (await program.get("/api/v1/firms")).status_code == 401


async def test_the_audit_is_exported_as_it_is_filtered(room: Room) -> None:
    boss = await _boss(room)
    page, t = boss.page, boss.t["staff"]
    await _opens(page, "audit", t["audit"])
    await page.get_by_role("combobox", name=t["what"]).select_option("link")
    rows = page.get_by_role("region", name=t["rows"])
    issued = f"{boss.t['audited']['of']['link']} · {boss.t['audited']['act']['issued']}"
    await expect(rows).to_contain_text(issued)
    async with page.expect_download() as download:
        await page.get_by_role("link", name=t["export"]).click()
    head, *lines = (await (await download.value).path()).read_text(encoding="utf-8-sig").splitlines()
    assert head.startswith("at,actor,actor_name,action")
    assert lines
    assert all(",link." in line for line in lines)
