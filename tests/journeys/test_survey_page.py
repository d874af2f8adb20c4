"""A visitor is asked after his chat: the link in it, the page by keyboard alone, the answer where the staff reads."""

import pytest
from playwright.async_api import expect

from tests.journeys.floor import AGENT, SUPERVISOR, Floor
from tests.journeys.people import Room
from tests.journeys.test_sweep import Sweep

pytestmark = pytest.mark.asyncio(loop_scope="session")
SURVEY = """
surveys:
- {name: After a chat, kind: nps, every_days: 1, question: {fr: Nous recommanderiez-vous à un proche ?},
   comment: {fr: Qu’est-ce qui a compté ?}, channels: [webchat]}
"""


async def test_the_page_is_answered_by_keyboard(room: Room, floor: Floor) -> None:
    await floor.call("POST", "/configuration", content=SURVEY)
    try:
        camille, claire = await room.desk(AGENT), await room.visitor(name="Claire Rousseau")
        await camille.start()
        await claire.open()
        await claire.writes("Bonjour")
        await camille.take("Claire")
        await camille.opens("Claire Rousseau")
        await camille.replies("Bonjour, c’est réglé.")
        conversation = camille.conversation_id
        full = await floor.call("GET", f"/conversations/{conversation}")
        outcome = {"disposition_id": full["dispositions"]["items"][0]["id"]}
        await floor.call("POST", f"/conversations/{conversation}/close", json=outcome)
        link = claire.log.get_by_role("link", name="/survey/")
        async with claire.page.expect_popup() as opened:
            await link.press("Enter")
        page, sweep = await opened.value, Sweep("fr")
        question = page.get_by_role("group", name="Nous recommanderiez-vous à un proche ?")
        await expect(question.get_by_role("radio")).to_have_count(11)
        await sweep.look(page, "survey")
        await sweep.squeeze(page, "survey")
        await page.keyboard.press("Tab")
        await page.keyboard.press("ArrowLeft")
        await page.keyboard.press("ArrowLeft")
        await expect(question.get_by_role("radio", name="9", exact=True)).to_be_checked()
        await page.keyboard.press("Tab")
        await page.keyboard.type("La rapidité")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Merci pour votre réponse.")).to_be_visible()
        await sweep.look(page, "survey-thanks")
        await sweep.squeeze(page, "survey-thanks")
        martin = await room.desk(SUPERVISOR, "en")
        desk, words = martin.page, martin.t["surveyed"]
        await desk.keyboard.press("g")
        await desk.keyboard.press("v")
        finding = words["finding"]["nps"].replace("{{value}}", "+100")
        await expect(
            desk.get_by_role("heading", name=finding.replace("{{answered}} of {{asked}}", "1 of 1"))
        ).to_be_visible()
        said = desk.get_by_role("region", name=words["words"])
        await expect(said).to_contain_text("La rapidité")
        await expect(said.get_by_role("link", name=words["conversation"])).to_have_attribute(
            "href", f"/app/c/{conversation}"
        )
        await sweep.look(desk, "surveys-full")
        await sweep.squeeze(desk, "surveys-full")
        assert not sweep.faults, "\n".join(sweep.faults)
        (answer,) = (await floor.call("GET", f"/surveys/answers?conversation_id={conversation}"))["items"]
        assert (answer["score"], answer["comment"]) == (9, "La rapidité")
        await camille.page.goto(f"/app/c/{conversation}")
        notes = await camille.tab("notes")
        await expect(notes).to_contain_text("9 sur 10")
        await expect(notes).to_contain_text("La rapidité")
    finally:
        await floor.call("DELETE", "/settings/survey/After%20a%20chat", headers={"If-Match": "*"})
