"""Receptionists: one operator answers for many firms, each with its own name, language, hours and script."""

import pytest

from tests.journeys.floor import Floor
from tests.journeys.voice.callers import Street
from tests.journeys.voice.conftest import House
from tests.journeys.voice.flow_stories import (
    at_home,
    call_of,
    captions,
    configuration,
    hears_words,
    hours,
    lay_down,
    telephone_of,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")
DENTIST, LAWYER = "+33155500081", "+33155500082"
OLGA, OLGA_SAYS, CALLER_SAYS = "olga@reception.example", 1500.0, 1000.0
SECRET = "a-long-word-for-dan"
CENTRE = f"""
firms:
- {{name: Riverside Dental, languages: [en, fr], hours: {{Surgery: {hours("Europe/London", open_now=True)}}}}}
- {{name: Cabinet Aubrac, languages: [fr, en], hours: {{Cabinet: {hours("Europe/Paris", open_now=False)}}}}}
queues: [{{name: Reception, workers: skills HAS "reception", voice: {{comfort_seconds: 0}}}}]
workflows: [{{name: Reception, default_queue: Reception, reservation_timeout_seconds: 60}}]
users:
- {{email: {OLGA}, name: Olga Weber, firms: all, locale: en, attributes: {{skills: [reception]}}, channels: {{voice: 1}},
   phone: {{username: olga, password: {{secret: DAN_PHONE}}}}, rings: [{{kind: phone}}]}}
entry_points:
- {{channel: voice, address: "{DENTIST}", firm: Riverside Dental, workflow: Reception, language: en,
   flow: Receptionist for many firms, attributes: {{business: Riverside Dental, script: Pain comes first.}}}}
- {{channel: voice, address: "{LAWYER}", firm: Cabinet Aubrac, workflow: Reception, language: fr,
   flow: Receptionist for many firms, attributes: {{business: Cabinet Aubrac, script: Ne jamais donner d’avis.}}}}
"""


async def test_one_operator_answers_for_two_firms(house: House, floor: Floor, street: Street) -> None:
    await lay_down(floor, configuration(CENTRE, "receptionist"))
    async with at_home(floor, OLGA) as olga, telephone_of(house, floor, "olga", SECRET, OLGA_SAYS) as phone:
        patient = await street.person("+33612345681", voice=CALLER_SAYS)
        assert await patient.rings(DENTIST) == 200
        call_id = await call_of(floor, "+33612345681")
        await hears_words(floor, call_id, "press 1")
        assert (await captions(floor, call_id))[0] == "Riverside Dental, hello."
        await patient.presses("2")
        await phone.answers()
        await patient.hears(OLGA_SAYS)
        await phone.hears(CALLER_SAYS)
        task_id = (await floor.call("GET", f"/calls/{call_id}"))["task_id"]
        await olga.sees(lambda: task_id in olga.screen["tasks"], why="his task")
        known = (await floor.call("GET", f"/tasks/{task_id}"))["attributes"]
        assert (known["business"], known["script"], known["purpose"]) == ("Riverside Dental", "Pain comes first.", "2")
        patient.hangs_up()
        await phone.is_hung_up()

        client = await street.person("+33612345682", voice=None)
        assert await client.rings(LAWYER) == 200
        call_id = await call_of(floor, "+33612345682")
        await hears_words(floor, call_id, "ne peut pas attendre")
        assert (await captions(floor, call_id))[:2] == ["Cabinet Aubrac, bonjour.", "Nous sommes fermés en ce moment."]
        await client.presses("2")
        urgent = await floor.until(f"/calls/{call_id}", lambda call: call["task_id"])
        task = await floor.call("GET", f"/tasks/{urgent['task_id']}")
        assert (task["priority"], task["attributes"]["purpose"]) == (10, "urgent")
        assert task["attributes"]["script"] == "Ne jamais donner d’avis."
        client.hangs_up()
        await client.is_hung_up()
