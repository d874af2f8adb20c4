"""A round trip with a customer system in the desk: the record is there when the conversation opens, it is changed, the system
goes away, what waits is said, the contact ends, and at the first answer all of it stands there once.
"""

from typing import Any

import pytest
from playwright.async_api import Locator, expect

from parlons.simulator.providers.crm.shop import TOKEN, Shop
from parlons.simulator.providers.wire import served
from tests.journeys.floor import AGENT, Floor
from tests.journeys.people import Room
from tests.journeys.test_sweep import Sweep

pytestmark = pytest.mark.asyncio(loop_scope="session")
MAIL = "odette.marchal@round.example"
FIELDS = [
    {"name": "name", "label": {"fr": "Nom", "en": "Name"}, "edit": True},
    {"name": "tier", "label": {"fr": "Niveau", "en": "Tier"}, "edit": True},
]


def _thing(url: str) -> dict[str, Any]:
    return {
        "name": "Atelier",
        "system": "rest",
        "settings": {"url": url, "items": "items", "link": f"{url}/page/{{id}}"},
        "secrets": {"token": {"value": TOKEN}},
        "fields": FIELDS,
        "pop_url": f"{url}/page/{{{{ customer.name }}}}",
        "language": "fr",
        "poll_minutes": 0,
    }


async def _changes(panel: Locator, words: dict[str, str], tier: str) -> None:
    """The agent writes another tier into the record."""
    await panel.get_by_role("button", name=words["edit"]).press("Enter")
    await panel.get_by_role("textbox", name="Niveau").fill(tier)
    await panel.get_by_role("button", name=words["save"]).press("Enter")


async def test_a_round_trip_with_a_customer_system(room: Room, floor: Floor) -> None:
    shop = Shop()
    person = shop.books.add(name="Odette Marchal (client)", email=MAIL, tier="or")
    camille, odette = await room.desk(AGENT), await room.visitor(name="Odette Marchal")
    await odette.open()
    await odette.writes("Ma voiture est-elle prête ?")

    def mine(page: Any) -> list[Any]:
        return [each for each in page["items"] if each["customer"]["name"] == "Odette Marchal"]

    (found,) = mine(await floor.until("/conversations?view=open&limit=100", mine))
    address = {"kind": "email", "value": MAIL, "verified": True}
    await floor.call("POST", f"/customers/{found['customer']['id']}/addresses", json=address)
    async with served(shop.app) as url:
        await floor.call("PUT", "/settings/lookup/Atelier", json=_thing(url))
        try:
            await camille.start()
            await camille.take("Odette")
            await camille.opens("Odette Marchal")
            page, words = camille.page, camille.t["systems"]
            panel = page.get_by_role("region", name=words["title"], exact=True)
            await expect(panel).to_contain_text("Odette Marchal (client)")
            assert not await panel.evaluate("panel => panel.contains(document.activeElement)"), (
                "focus stays where it was"
            )
            pop = panel.get_by_role("link", name=words["pop"].replace("{{name}}", "Atelier"))
            await expect(pop).to_have_attribute("href", f"{url}/page/Odette%20Marchal")

            await _changes(panel, words, "platine")
            await expect(panel.get_by_text("platine", exact=True)).to_be_visible()
            await expect(panel).not_to_contain_text(words["writing"])
            assert person.values["tier"] == "platine"

            shop.books.down = True
            await _changes(panel, words, "diamant")
            waits = words["waits_one"].partition("{{count}}")[2].strip()
            await expect(panel).to_contain_text(waits)
            await expect(panel).to_contain_text("Odette Marchal (client)")
            sweep = Sweep("fr")
            await sweep.look(page, "desk-record-away")
            assert not sweep.faults, "\n".join(sweep.faults)

            outcome = (await floor.call("GET", f"/conversations/{found['id']}"))["dispositions"]["items"][0]
            ended = {"disposition_id": outcome["id"], "note": "Prête jeudi."}
            await floor.call("POST", f"/conversations/{found['id']}/close", json=ended)
            await page.goto(f"/app/c/{found['id']}")
            await expect(panel).to_contain_text(words["waits_other"].partition("{{count}}")[2].strip())
            shop.books.down = False
            await panel.get_by_role("button", name=words["again"]).press("Enter")
            await expect(panel.get_by_text("diamant", exact=True)).to_be_visible()
            ((about, note),) = await shop.books.noted()
            assert (about, person.values["tier"]) == (person.id, "diamant")
            assert note["url"].endswith(f"/app/c/{found['id']}")
            assert "Prête jeudi." in note["text"]
            await expect(panel).not_to_contain_text(words["writing"])
        finally:
            etag = {"If-Match": "*"}
            await floor.call("DELETE", "/settings/lookup/Atelier", headers=etag)
