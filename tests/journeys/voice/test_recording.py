"""A recording: told by the queue, two channels (customer left, agent right), played by a signed link, a pause left out."""

import pytest
from playwright.async_api import expect

from tests.journeys.floor import Floor
from tests.journeys.people import Room
from tests.journeys.voice.callers import Street
from tests.journeys.voice.conftest import ADA, MICROPHONE, NUMBER, at_work, does_not_hear, has_hung_up, hears
from tests.journeys.voice.recordings import loudness_by_channel, recording_of

pytestmark = pytest.mark.asyncio(loop_scope="session")
CUSTOMER_SAYS = 1000.0


async def test_customer_left_agent_right_and_nothing_of_a_pause(room: Room, street: Street, floor: Floor) -> None:
    ada = await at_work(room, ADA)
    customer = await street.person("+33612345607", voice=CUSTOMER_SAYS)
    await customer.rings(NUMBER)
    await ada.take("+33 6 12 34 56 07")
    await hears(ada.page, CUSTOMER_SAYS)
    await customer.hears(MICROPHONE)
    live = await floor.until(
        "/calls?state=live", lambda page: (page["items"][0]["recording"] or {}).get("state") == "on"
    )
    call = live["items"][0]

    await ada.page.get_by_role("button", name=ada.t["call"]["pauseRecording"]).click()
    resume = ada.page.get_by_role("button", name=ada.t["call"]["resumeRecording"])
    await expect(resume).to_be_visible()
    customer.sound.frequency = 1300.0
    await hears(ada.page, 1300.0)
    customer.sound.frequency = CUSTOMER_SAYS
    # An ear keeps the old tone for a moment beside the new one: what is on its way has been heard when only the new one is left.
    await does_not_hear(ada.page, 1300.0)
    await hears(ada.page, CUSTOMER_SAYS)
    await resume.click()
    await expect(resume).to_have_count(0)
    await customer.hears(MICROPHONE)
    customer.hangs_up()
    await has_hung_up(ada)

    sound = await recording_of(floor, call["id"])
    left, right = loudness_by_channel(sound, CUSTOMER_SAYS), loudness_by_channel(sound, MICROPHONE)
    assert left[0] > 20 * left[1], "the customer is left"
    assert right[1] > 20 * right[0], "the agent is right"
    assert max(loudness_by_channel(sound, 1300.0)) < left[0] / 50, "what was said in the pause is not kept"
    kept = (await floor.call("GET", f"/recordings?call_id={call['id']}"))["items"][0]
    assert [why for _, _, why in kept["gaps"]] == ["paused"]
    audit = await floor.call("GET", "/audit?limit=50")
    assert "recording.linked" in [line["action"] for line in audit["items"]]
