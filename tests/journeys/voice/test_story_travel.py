"""A travel agency at home: whoever writes reaches the site where it is day, in his language, and is asked afterwards."""

import re

import httpx
import pytest

from parlons.testing.people import Visitor
from tests.journeys.floor import Floor
from tests.journeys.voice.flow_stories import at_home, configuration, hours, lay_down

pytestmark = pytest.mark.asyncio(loop_scope="session")
PAUL, SAM = "paul@austral.example", "sam@austral.example"
ZONES = {"Paris": "Europe/Paris", "New York": "America/New_York", "Sydney": "Australia/Sydney"}
CENTRE = """
queues: [{name: Trips, firm: Austral, workers: skills HAS "trips"}]
workflows:
- name: Trips
  firm: Austral
  reservation_timeout_seconds: 60
  filters:
  - name: By site
    when: 1 == 1
    targets: [{queue: Trips, expression: worker.site == task.site AND task.language IN worker.languages}]
surveys:
- name: After a trip
  firm: Austral
  question: {en: "Are you happy with our answer?", fr: "Êtes-vous satisfait ?"}
users:
- email: paul@austral.example
  name: Paul Roche
  firms: [Austral]
  attributes: {skills: [trips], site: paris, languages: [fr, en]}
  channels: {chat: 2}
- email: sam@austral.example
  name: Sam Reid
  firms: [Austral]
  attributes: {skills: [trips], site: sydney, languages: [en, fr]}
  channels: {chat: 2}
widgets: [{key: austral-page, firm: Austral, name: Austral, languages: [en, fr]}]
entry_points:
- {channel: webchat, address: austral-page, firm: Austral, flow: "After hours, follow the sun", workflow: Trips, language: en}
"""


def awake(site: str | None) -> str:
    """The agency while it is day at this site only."""
    by_name = ", ".join(f"{name}: {hours(zone, open_now=name == site)}" for name, zone in ZONES.items())
    return f"firms: [{{name: Austral, languages: [en, fr], hours: {{{by_name}}}}}]\n"


async def answers(asked: str, score: str) -> None:
    """On the page behind the link of a question."""
    (link,) = re.findall(r"https?://\S+/survey/\S+", asked)
    async with httpx.AsyncClient(trust_env=False) as page:
        assert (await page.post(link, data={"score": score})).status_code == 303


async def test_the_sun_is_followed_and_the_customer_asked_afterwards(floor: Floor) -> None:
    await lay_down(floor, configuration(awake("Sydney") + CENTRE, "follow-the-sun"))
    urls = [floor.server.url]
    async with at_home(floor, PAUL) as paul, at_home(floor, SAM) as sam:
        async with Visitor(urls, "austral-page", language="en") as nina:
            await nina.write("Hello")
            await nina.hears("For English press 1")
            await nina.write("English")
            await nina.hears("Our colleagues abroad answer at this hour.")
            offer = await sam.offered()
            assert paul.offers() == []
            await sam.accept(offer["id"])
            conversation = await sam.mine(str(nina.conversation_id))
            await sam.answer(conversation["id"], "Cape Town is lovely in May.")
            await nina.hears("Cape Town")
            await sam.close_chat(conversation["id"])
            asked = await nina.hears("Are you happy with our answer?")
            await answers(asked["text"], "5")
            counted = f"/surveys/answers?conversation_id={conversation['id']}"
            page = await floor.until(counted, lambda found: found["items"] and found["items"][0]["score"])
            assert page["items"][0]["score"] == 5
        await lay_down(floor, awake("Paris"))
        async with Visitor(urls, "austral-page", language="fr") as louis:
            await louis.write("Bonjour")
            await louis.hears("For English press 1")
            await louis.write("Français")
            offer = await paul.offered()
            assert sam.offers() == []
            await paul.accept(offer["id"])
            assert (await paul.mine(str(louis.conversation_id)))["language"] == "fr"
            await paul.close_chat(str(louis.conversation_id))
        await lay_down(floor, awake(None))
        async with Visitor(urls, "austral-page", language="en") as iris:
            await iris.write("Hello")
            await iris.hears("For English press 1")
            await iris.write("1")
            await iris.hears("Nobody is free at this hour.")
            await iris.write("A message")
            await iris.hears("Please leave your message")
            await iris.write("Please write to me.")
            await iris.hears("Goodbye.")
            (task,) = (await floor.until("/tasks?status=pending", lambda page: page["items"]))["items"]
            assert (await floor.call("GET", f"/tasks/{task['id']}"))["attributes"]["voicemail"] is True
