"""Who left before an answer stands on a supervisor's list: found, taken on and given back by keyboard alone."""

import pytest
from playwright.async_api import expect

from tests.journeys.floor import SUPERVISOR, Floor
from tests.journeys.people import Room
from tests.journeys.test_sweep import Sweep

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_who_hung_up_is_found_and_taken_on(room: Room, floor: Floor) -> None:
    berenice, martin = await room.visitor(name="Bérénice Halluin"), await room.desk(SUPERVISOR, "en")
    await berenice.open()
    await berenice.writes("Bonjour")
    tasks = await floor.until("/tasks?status=pending", lambda page: page["items"])
    await floor.call("POST", f"/tasks/{tasks['items'][0]['id']}/cancel", json={"reason": "hangup"})
    await floor.until("/leavers?state=waiting", lambda page: page["items"])
    words, page, sweep = martin.t["left"], martin.page, Sweep("en")
    await page.keyboard.press("g")
    await page.keyboard.press("w")
    await expect(page.get_by_role("heading", level=1, name=martin.t["place"]["left"])).to_be_visible()
    row = page.get_by_role("listitem").filter(has_text="Bérénice Halluin")
    await expect(row).to_contain_text(words["reason"]["hung-up"])
    await expect(row).to_contain_text(words["state"]["waiting"])
    await sweep.look(page, "left")
    await sweep.squeeze(page, "left")
    done = row.get_by_role("button", name=words["doneOf"].replace("{{name}}", "Bérénice Halluin"))
    await done.press("Enter")
    await expect(row).to_contain_text(words["state"]["taken"])
    await row.get_by_role("button", name=words["giveBackOf"].replace("{{name}}", "Bérénice Halluin")).press("Enter")
    await expect(row).to_contain_text(words["state"]["waiting"])
    await expect(done).to_be_visible()
    assert sweep.faults == []
