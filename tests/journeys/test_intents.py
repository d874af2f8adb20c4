"""An administrator's intents: a sentence tried, the threshold fixed and let go, confusion, the list to learn from."""

import pytest
from playwright.async_api import expect

from tests.journeys.floor import Floor
from tests.journeys.people import Room, words
from tests.journeys.test_sweep import Sweep

pytestmark = pytest.mark.asyncio(loop_scope="session")
ADMINISTRATOR = "admin@parlons.local"
INTENTS = """
intents:
- name: test_drive
  phrases:
    en: [Can I try the car?, I want a test drive, May I drive it before I buy?, Book a test drive]
    fr: [Puis-je essayer la voiture ?, Je voudrais un essai, Réserver un essai]
- name: spare_part
  phrases:
    en: [Do you have this part?, I need a spare part, Is the part in stock?, Order a part for my car]
    fr: [Avez-vous cette pièce ?, Il me faut une pièce, La pièce est-elle en stock ?]
"""


async def test_a_sentence_is_tried_and_the_threshold_fixed(room: Room, floor: Floor) -> None:
    await floor.call("POST", "/configuration", content=INTENTS)
    try:
        page, t, sweep = await (await room.profile("en")).new_page(), words("en")["intents"], Sweep("en")
        await page.goto(await floor.link(ADMINISTRATOR))
        await page.get_by_role("main").get_by_role("button").last.click()
        await expect(page.get_by_role("navigation").first).to_be_visible()
        await page.request.patch("/api/v1/me", data={"locale": "en"}, headers={"X-Parlons": "1"})
        await page.goto("/app/settings/intents")
        await expect(page.get_by_role("link", name="test_drive")).to_be_visible()
        await page.get_by_role("tab", name=t["tab"]["list"].replace("{{count}}", "2")).focus()
        await page.keyboard.press("ArrowRight")
        await page.get_by_role("textbox", name=t["try"]["sentence"]).fill("could I drive the car first")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("table").get_by_role("rowheader").first).to_have_text("test_drive")
        await expect(page.get_by_text("Can I try the car?")).to_be_visible()
        await sweep.look(page, "intents-try")
        await sweep.squeeze(page, "intents-try")
        await page.get_by_role("tab", name=t["tab"]["threshold"]).click()
        await page.get_by_role("slider", name=t["threshold"]["label"]).focus()
        await page.keyboard.press("End")
        await page.get_by_role("button", name=t["threshold"]["fix"].replace("{{at}}", "100%")).press("Enter")
        await expect(page.get_by_role("button", name=t["threshold"]["itself"])).to_be_visible()
        await sweep.look(page, "intents-threshold")
        await sweep.squeeze(page, "intents-threshold")
        await page.get_by_role("button", name=t["threshold"]["itself"]).press("Enter")
        await expect(page.get_by_role("button", name=t["threshold"]["itself"])).to_have_count(0)
        await page.get_by_role("tab", name=t["tab"]["confusion"]).click()
        await sweep.look(page, "intents-confusion")
        await page.get_by_role("tab", name=t["tab"]["learn"]).click()
        await expect(page.get_by_text(t["learn"]["about"])).to_be_visible()
        await sweep.look(page, "intents-learn")
        assert not sweep.faults, "\n".join(sweep.faults)
    finally:
        for name in ("test_drive", "spare_part"):
            await floor.call("DELETE", f"/settings/intent/{name}", headers={"If-Match": "*"})
