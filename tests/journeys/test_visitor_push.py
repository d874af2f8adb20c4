"""A visitor of the shop wants to be told: asked after his first message and by his own press, told when he was answered while
he looked elsewhere, brought back into his conversation, and told no more when he says so.

The push service is ours and real on the wire, as in test_phone_push; of the browser the same two things are played.
"""

import json
import re

import pytest
from playwright.async_api import expect

from tests.journeys.floor import AGENT, Floor
from tests.journeys.people import Room
from tests.journeys.test_phone_push import BROWSER, PHONE, Phone, chromium
from tests.journeys.test_sweep import Sweep
from tests.push.push_service import push_service

__all__ = ["chromium"]
pytestmark = pytest.mark.asyncio(loop_scope="session")
OFFERS = """
parlons: 1
channels:
- channel: push
  key: shop
  firm: Delmas Automobiles
  address: delmas
  settings: {quiet_begins: "", quiet_ends: ""}
"""
ASKED = "Vous prévenir ici quand on vous répond, même si vous partez\u00a0?"
LOOKS = """there => Object.defineProperty(WindowClient.prototype, "visibilityState",
    {get: () => there ? "visible" : "hidden", configurable: true})"""


async def test_a_visitor_is_told_and_comes_back_into_the_conversation(room: Room, floor: Floor) -> None:
    sweep = Sweep("fr")
    await floor.call("POST", "/configuration", content=OFFERS.encode())
    async with push_service() as service:
        ines = await room.visitor(name="Inès Aubert", viewport=PHONE, has_touch=True, permissions=["notifications"])
        page, phone = ines.page, Phone(ines.page, service)
        await page.evaluate(BROWSER, service.subscription)
        await ines.open()
        question = page.get_by_role("group", name=ASKED)
        await expect(question).to_have_count(0)
        await ines.writes("La Vela 3 est-elle encore là ?")
        await sweep.look(page, "push-offered")
        await question.get_by_role("button", name="Me prévenir").click()
        stop = page.get_by_role("button", name="Arrêter les notifications")
        await expect(stop).to_be_visible()
        await phone.begin()
        await sweep.look(page, "push-accepted")
        await page.get_by_role("button", name="Réduire").click()
        await page.evaluate("inPocket(true)")
        await phone.worker.evaluate(LOOKS, False)

        camille = await room.desk(AGENT, "fr")
        await camille.start()
        await camille.take("Inès Aubert")
        await camille.opens("Inès Aubert")
        await camille.replies("Oui, elle vous attend à Toulouse.")
        shown = await phone.receives()
        assert shown["title"] == "Delmas Automobiles"
        assert "Toulouse" not in json.dumps(shown), "others may see the screen"

        await page.evaluate("inPocket(false)")
        await phone.presses()
        await ines.sees("Oui, elle vous attend à Toulouse.")
        await stop.click()
        await expect(stop).to_have_count(0)
        await expect(question).to_have_count(0)

        await page.get_by_role("button", name="Réduire").click()
        await page.goto("about:blank")
        await ines.visit("/shop/cars#parlons")
        await ines.sees("Oui, elle vous attend à Toulouse.")
        await expect(page).not_to_have_url(re.compile("#parlons$"))
    assert len(service.taken) == 1
    assert not sweep.faults, "\n".join(sweep.faults)
