"""Webhooks on screen: made, tested, its secret changed, sent again, removed; by keyboard, against a real address outside."""

from secrets import token_hex

import pytest
from playwright.async_api import expect
from standardwebhooks import Webhook

from tests.journeys.people import Desk, Room
from tests.runtime.addresses import outsider

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_address_is_told_and_the_desk_shows_how_it_answered(room: Room) -> None:
    page = await (await room.profile("en")).new_page()
    desk = Desk(page, "en")
    await page.goto(await room.floor.link("admin@parlons.local"))
    await page.get_by_role("button", name=desk.t["session"]["open"]).click()
    await expect(page.get_by_role("link", name=desk.t["place"]["settings"])).to_be_visible()
    staff, t, name = desk.t["staff"], desk.t["hooks"], f"Orders {token_hex(3)}"
    async with outsider() as outside:
        await page.goto("/app/settings/webhooks")
        await page.get_by_role("button", name=t["new"]).press("Enter")
        await page.get_by_role("textbox", name=t["name"]).fill(name)
        await page.get_by_role("textbox", name=t["url"]).fill("http://169.254.169.254/")
        await page.get_by_role("button", name=t["make"]).press("Enter")
        await expect(page.get_by_role("form").get_by_role("alert")).to_have_text(desk.t["refusal"]["address-refused"])
        await page.get_by_role("textbox", name=t["url"]).fill(outside.url("/orders"))
        await page.get_by_role("radio", name=t["some"]).press("Space")
        await page.locator("summary", has_text=t["group"]["call"]).press("Enter")
        await page.get_by_role("checkbox", name=t["kind"]["call_ended"]).press("Space")
        await page.get_by_role("button", name=t["make"]).press("Enter")
        secret = await page.get_by_role("textbox", name=t["secret"]).input_value()
        await page.get_by_role("button", name=staff["seen"]).press("Enter")

        await page.get_by_role("button", name=t["test"]).press("Enter")
        log = page.get_by_role("region", name=t["log"])
        line = log.get_by_role("listitem")
        await expect(line).to_contain_text(f"{t['delivery']['delivered']} · 200")
        (asked,) = outside.requests
        assert Webhook(secret).verify(asked.body, asked.headers)["type"] == "webhook.test"
        await line.get_by_role("button", name=t["body"]).press("Enter")
        await expect(line).to_contain_text('"type": "webhook.test"')
        await line.get_by_role("button", name=t["hide"]).press("Enter")
        await expect(line).not_to_contain_text('"type"')

        await page.get_by_role("button", name=t["rotate"]).press("Enter")
        other = await page.get_by_role("textbox", name=t["secret"]).input_value()
        assert other != secret
        await line.get_by_role("button", name=t["again"]).press("Enter")
        await expect(line).to_contain_text(t["delivery"]["delivered"])
        await page.get_by_role("switch", name=t["active"]).press("Space")
        await page.get_by_role("button", name=staff["save"]).press("Enter")
        await expect(page.get_by_role("status").filter(has_text=t["standing"]["off"])).to_be_visible()
        async with page.expect_response(lambda answer: answer.request.method == "DELETE"):  # once it cannot be undone
            await page.get_by_role("button", name=t["remove"]).press("Enter")
    await page.goto("/app/settings/webhooks")
    await expect(page.get_by_role("button", name=t["new"])).to_be_visible()
    await expect(page.get_by_role("link", name=name)).to_have_count(0)
