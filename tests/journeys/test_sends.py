"""A lead sends one text to a list: written, read as each will read it, begun, paused, gone on with, and its report."""

import pytest
from playwright.async_api import expect

from tests.journeys.floor import SUPERVISOR, Floor
from tests.journeys.people import Room
from tests.journeys.test_channels import FIRM, gateway
from tests.journeys.test_sweep import Sweep

pytestmark = pytest.mark.asyncio(loop_scope="session")
OURS = "+33756000777"
THEIRS = [f"+336390077{number:02}" for number in range(1, 7)]
NAMES = ("Inès", "Hugo", "Léna", "Noé", "Rose", "Zoé")
CSV = "address,name,language\n" + "\n".join(
    f"{number},{name} Marchand,fr" for number, name in zip(THEIRS, NAMES, strict=True)
)


async def test_a_text_to_many(room: Room, floor: Floor) -> None:
    sweep = Sweep("en")
    async with gateway() as sms:
        settings = {"transport": "http", "url": sms.url, "username": "delmas"}
        body = {"channel": "sms", "key": "envois-sms", "firm": FIRM, "name": "", "address": OURS, "settings": settings}
        secrets = {"token": {"value": "t"}, "password": {"value": "p"}}
        path = "/settings/channel/sms envois-sms"
        await floor.call("PUT", path, json=body | {"secrets": secrets, "per_second": None})
        martin = await room.desk(SUPERVISOR, "en")
        page, t = martin.page, martin.t["sends"]
        try:
            await page.keyboard.press("g")
            await page.keyboard.press("e")
            await page.get_by_role("link", name=t["new"]).press("Enter")
            await page.get_by_role("textbox", name=t["form"]["name"], exact=True).fill("Pneus d’hiver")
            by = page.get_by_role("combobox", name=t["form"]["by"], exact=True)
            await by.select_option(label=f"SMS · {OURS}")
            await page.get_by_role("radio", name=t["form"]["list"]).check()
            await page.get_by_role("button", name=t["form"]["keep"]).click()
            await expect(page.get_by_role("form")).to_contain_text(t["form"]["bad"]["texts"])
            text = page.get_by_role("textbox", name=t["form"]["text"].replace("{{language}}", "French"))
            await text.fill("Bonjour {{ customer.first_name }}, vos pneus sont là.")
            await page.get_by_role("textbox", name=t["form"]["pace"]).fill("1")
            await page.get_by_role("combobox", name=t["form"]["purpose"]).select_option("service")
            await page.get_by_role("button", name=t["form"]["keep"]).click()
            before = page.get_by_role("region", name=t["before"])
            await before.locator("input[type=file]").set_input_files(
                {"name": "pneus.csv", "mimeType": "text/csv", "buffer": CSV.encode()}
            )
            preview = before.get_by_role("region", name=t["preview"])
            await expect(preview).to_contain_text("Bonjour Inès, vos pneus sont là.")
            await preview.get_by_role("button", name=t["next"]).click()
            await expect(preview).to_contain_text("Bonjour Hugo")
            await sweep.look(page, "sends-draft")
            await sweep.squeeze(page, "sends-draft")
            await before.get_by_role("button", name=t["start_other"].replace("{{number}}", "6")).click()
            await page.get_by_role("button", name=t["pause"], exact=True).press("Enter")
            resume = page.get_by_role("button", name=t["resume"], exact=True)
            await expect(resume).to_be_focused()
            paused = (await floor.call("GET", f"/sends/{page.url.rpartition('/')[2]}"))["report"]
            assert paused["waiting"] + paused["queued"] > 0
            await resume.press("Enter")
            heading = t["finding"].replace("{{sent}}", "6").replace("{{all}}", "6").replace("{{answered}}", "0")
            await expect(page.get_by_role("heading", name=heading)).to_be_visible()
            await expect(page.get_by_role("region", name="Pneus d’hiver")).to_contain_text(t["state"]["done"])
            assert len(sms.texts) == 6
            await sweep.look(page, "sends-report")
            await sweep.squeeze(page, "sends-report")
            await page.get_by_role("button", name=t["back"]).click()
            row = page.get_by_role("listitem").filter(has_text="Pneus d’hiver")
            await expect(row).to_contain_text(t["sentOf"].replace("{{sent}}", "6").replace("{{all}}", "6"))
            assert not sweep.faults, "\n".join(sweep.faults)
        finally:
            await floor.call("DELETE", path, headers={"If-Match": "*"})
