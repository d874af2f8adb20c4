"""What goes wrong in the middle of a chat: two tabs, double clicks, a cut line, a server that dies, a refusal."""

import asyncio
import re
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from parlons.kit.clock import Millis, to_datetime
from parlons.kit.hours import WEEKDAYS
from parlons.testing.processes import OwnPostgres
from tests.journeys.floor import AGENT, Floor
from tests.journeys.people import Desk, Room, Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _talking(room: Room, name: str = "Claire Rousseau") -> tuple[Desk, Visitor]:
    """An agent who has taken a chat."""
    camille = await room.desk(AGENT)
    await camille.start()
    claire = await room.visitor(name=name)
    await claire.open()
    await claire.writes("Bonjour, une question")
    await camille.take(name)
    await camille.opens(name)
    return camille, claire


async def test_accepted_in_two_tabs_at_once_once_counts(room: Room, floor: Floor) -> None:
    first = await room.desk(AGENT)
    await first.start()
    second = Desk(await first.page.context.new_page(), "fr")
    await second.page.goto("/app/")
    claire = await room.visitor(name="Claire Rousseau")
    await claire.open()
    await claire.writes("Bonjour")
    buttons = [tab.offer("Claire Rousseau").get_by_role("button", name="Prendre") for tab in (first, second)]
    for button in buttons:
        await expect(button).to_be_visible()
    await second.page.route("**/accept", lambda route: route.continue_())
    held: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def hold(route) -> None:
        await held
        await route.continue_()

    await first.page.route("**/accept", hold)
    await buttons[0].click()
    await buttons[1].click(force=True)
    await second.opens("Claire Rousseau")
    held.set_result(None)
    await claire.sees("Camille a rejoint")
    for tab in (first, second):
        await expect(tab.mine).to_have_count(1)
        await expect(tab.offer("Claire Rousseau")).to_have_count(0)
    await second.replies("Bonjour, je vous écoute.")
    await first.row("Claire Rousseau").click()
    await expect(first.log).to_contain_text("je vous écoute")
    tasks = (await floor.call("GET", "/tasks?status=assigned"))["items"]
    assert len(tasks) == 1
    await expect(claire.log.get_by_text("Camille a rejoint")).to_have_count(1)


async def test_an_offer_that_is_gone_is_said_in_words(room: Room) -> None:
    first = await room.desk(AGENT)
    await first.start()
    claire = await room.visitor(name="Claire Rousseau")
    await claire.open()
    await claire.writes("Bonjour")
    await expect(first.offer("Claire Rousseau")).to_be_visible()
    answered = re.compile("/reservations/[^/]+/accept$")
    await first.page.route(
        answered,
        lambda route: route.fulfill(
            status=409,
            content_type="application/problem+json",
            body='{"type":"about:blank","title":"Conflict","status":409,"code":"reservation-gone","detail":"gone"}',
        ),
    )
    await first.offer("Claire Rousseau").get_by_role("button", name="Prendre").click()
    await expect(
        first.page.get_by_role("region", name="Nouvelles").get_by_text(
            "La proposition est passée : quelqu’un d’autre l’a prise"
        )
    ).to_be_visible()


async def test_a_double_click_on_send_is_one_message(room: Room, floor: Floor) -> None:
    camille, claire = await _talking(room)
    await camille.composer.fill("Une seule fois, s’il vous plaît")
    await camille.page.get_by_role("button", name="Envoyer").dblclick()
    await claire.sees("Une seule fois")
    await claire.field.fill("Moi aussi une seule fois")
    await claire.page.get_by_role("button", name="Envoyer").dblclick()
    await expect(camille.log).to_contain_text("Moi aussi une seule fois")
    texts = [message["text"] for message in await floor.messages(camille.conversation_id)]
    assert texts.count("Une seule fois, s’il vous plaît") == texts.count("Moi aussi une seule fois") == 1
    await expect(claire.log.get_by_text("Une seule fois, s’il vous plaît")).to_have_count(1)


async def test_a_cut_line_in_the_middle_of_a_reply(room: Room, floor: Floor) -> None:
    camille, claire = await _talking(room)
    await camille.replies("Je regarde.")
    await camille.composer.fill("La voiture est à Lyon, ")
    await camille.page.context.set_offline(True)
    await camille.composer.focus()
    await camille.page.keyboard.press("End")
    await camille.page.keyboard.type("elle est disponible.")
    await camille.page.keyboard.press("Control+Enter")
    failed = camille.log.get_by_text("Non envoyé")
    await expect(failed).to_be_visible()
    await claire.writes("Vous êtes là ?")
    await camille.page.context.set_offline(False)
    await expect(camille.log).to_contain_text("Vous êtes là ?")
    again = camille.log.get_by_role("button", name=re.compile("Réessayer|Envoyer quand même"))
    await again.click()
    if await camille.log.get_by_role("button", name="Envoyer quand même").count():
        await camille.log.get_by_role("button", name="Envoyer quand même").click()
    await claire.sees("La voiture est à Lyon, elle est disponible.")
    await expect(failed).to_have_count(0)
    texts = [message["text"] for message in await floor.messages(camille.conversation_id)]
    for text in ("Je regarde.", "Vous êtes là ?", "La voiture est à Lyon, elle est disponible."):
        assert texts.count(text) == 1
    await expect(camille.log.get_by_text("elle est disponible.")).to_have_count(1)


async def test_the_server_dies_in_the_middle_and_comes_back(room: Room, floor: Floor) -> None:
    camille, claire = await _talking(room)
    await camille.replies("Avant la panne")
    await camille.composer.fill("Écrit pendant la panne")
    floor.server.kill()
    try:
        await expect(camille.page.get_by_text("Reconnexion.")).to_be_visible()
        await claire.field.fill("Question pendant la panne")
        await claire.page.keyboard.press("Enter")
        await expect(claire.page.get_by_text("Connexion perdue")).to_be_visible()
        await camille.page.keyboard.press("Control+Enter") if await camille.composer.evaluate(
            "e => e === document.activeElement"
        ) else None
    finally:
        floor.server.start()
    await expect(camille.page.get_by_text("Reconnexion.")).to_be_hidden(timeout=40_000)
    await expect(camille.log).to_contain_text("Question pendant la panne", timeout=40_000)
    if await (again := camille.log.get_by_role("button", name=re.compile("Réessayer|Envoyer quand même"))).count():
        await again.first.click()
        if await (anyway := camille.log.get_by_role("button", name="Envoyer quand même")).count():
            await anyway.click()
    else:
        await camille.composer.focus()
        await camille.page.keyboard.press("Control+Enter")
    await expect(claire.log).to_contain_text("Écrit pendant la panne", timeout=40_000)
    texts = [message["text"] for message in await floor.messages(camille.conversation_id)]
    for text in ("Avant la panne", "Écrit pendant la panne", "Question pendant la panne"):
        assert texts.count(text) == 1
        await expect(claire.log.get_by_text(text)).to_have_count(1)
        await expect(camille.log.get_by_text(text)).to_have_count(1)
    assert OwnPostgres(floor.server.data).pid is not None


async def test_the_only_free_agent_refuses_and_is_left_alone(room: Room, floor: Floor) -> None:
    camille = await room.desk(AGENT)
    await camille.start()
    emma, bruno = await room.visitor("en", name="Emma Whitfield"), await room.visitor(name="Bruno Lenoir")
    await emma.open()
    await bruno.open()
    await emma.writes("Hello, anybody?")
    await camille.offer("Emma Whitfield").get_by_role("button", name="Refuser").click()
    await expect(camille.offer("Emma Whitfield")).to_have_count(0)
    found = await floor.until("/tasks?status=pending", lambda page: len(page["items"]) == 1)
    task = found["items"][0]
    await expect(emma.page.get_by_text("You are next.")).to_be_visible()
    # Of the minute she is left alone, the rest passes by itself meanwhile, on a slow machine most of it.
    floor.clock.jump(30_000)
    await bruno.writes("Moi, je suis là")
    await camille.take("Bruno Lenoir")
    await expect(camille.offer("Emma Whitfield")).to_have_count(0)
    offers = (await floor.call("GET", f"/reservations?worker_id={floor.users[AGENT]['worker_id']}"))["items"]
    assert not [each for each in offers if each["task_id"] == task["id"] and each["status"] == "pending"]
    floor.clock.jump(31_000)
    await expect(camille.offer("Emma Whitfield")).to_be_visible()
    await camille.take("Emma Whitfield")
    await emma.sees("Camille has joined")


async def slow_road(page: Page) -> asyncio.Event:
    """Files take their time from here on, until the event is set."""
    free = asyncio.Event()

    async def hold(route: Route) -> None:
        await free.wait()
        await route.continue_()

    await page.route("**/files", hold)
    return free


async def _sends_too_early(camille: Desk, picture: Path, text: str) -> asyncio.Event:
    """He sends while his file is on its way, until the event is set."""
    road = await slow_road(camille.page)
    await camille.page.locator("input[type=file]").set_input_files(picture)
    await camille.composer.fill(text)
    await expect(camille.page.get_by_role("button", name=re.compile("^Envoyer"))).to_be_enabled()
    await camille.page.keyboard.press("Control+Enter")
    await expect(camille.page.get_by_text("Envoyé dès que le fichier est arrivé.")).to_be_visible()
    return road


async def _looks_at_his_note_meanwhile(camille: Desk, picture: Path, text: str) -> None:
    """A note is begun, and looked at while the reply waits for its file: nothing leaves before he sends once more."""
    modes = camille.page.get_by_role("group", name="Réponse ou note")
    note, reply = (modes.get_by_role("button", name=name) for name in ("Note", "Chat du site"))
    await note.click()
    await camille.composer.fill("Il hésite encore.")
    await reply.click()
    road = await _sends_too_early(camille, picture, text)
    await note.click()
    await expect(camille.composer).to_have_value("Il hésite encore.")
    async with camille.page.expect_response("**/files"):
        road.set()
    await reply.click()
    await expect(camille.composer).to_have_value(text)
    await camille.composer.press("Control+Enter")


async def test_the_visitor_in_english_by_keyboard(room: Room, tmp_path: Path) -> None:
    camille = await room.desk(AGENT)
    await camille.start()
    emma = await room.visitor("en", path="/shop/en/cars/solene-5-hybride")
    page = emma.page
    opener = page.get_by_role("button", name="Open the chat")
    for _ in range(60):
        if await opener.evaluate("e => e.getRootNode().activeElement === e"):
            break
        await page.keyboard.press("Tab")
    await expect(opener).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(emma.field).to_be_focused()
    await page.keyboard.type("Is the Solène 5 still for sale?")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("You are next. An adviser will answer here.")).to_be_visible()
    await camille.take("Is the Solène 5 still for sale?")
    await emma.sees("Camille has joined the conversation")
    await camille.opens("Visiteur")
    await camille.replies("Yes, it is in Lyon.")
    await emma.sees("Yes, it is in Lyon.")
    await page.keyboard.press("Escape")
    await expect(opener).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(emma.field).to_be_focused()

    program, picture = tmp_path / "car.exe", tmp_path / "car.png"
    program.write_bytes(b"MZ program")
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(2000))
    chooser = page.locator("parlons-chat input[type=file]")
    await chooser.set_input_files(program)
    await expect(page.get_by_text("“car.exe” is of a kind we cannot take.")).to_be_visible()
    road = await slow_road(page)
    await chooser.set_input_files(picture)
    await page.keyboard.type("Mine looks like this")
    await expect(page.get_by_role("button", name="Remove car.png")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Sent as soon as the file has arrived.")).to_be_visible()
    road.set()
    await expect(camille.log).to_contain_text("Mine looks like this")
    await expect(camille.log.get_by_role("link", name=re.compile("car.png"))).to_be_visible()
    await expect(camille.log).not_to_contain_text("car.exe")

    await page.reload()
    await emma.sees("Yes, it is in Lyon.")
    other = Visitor(await page.context.new_page(), "en")
    await other.visit("/shop/en/financing")
    await other.open()
    await other.sees("Mine looks like this")
    (await _sends_too_early(camille, picture, "A fine car.")).set()
    for tab in (emma, other):
        await tab.sees("A fine car.")
    await _looks_at_his_note_meanwhile(camille, picture, "With four doors.")
    for tab in (emma, other):
        await tab.sees("With four doors.")
        await expect(tab.log).not_to_contain_text("hésite")
    await other.writes("Thank you")
    await emma.sees("Thank you")
    await expect(camille.log.get_by_text("Thank you")).to_have_count(1)


CLOSED = """
parlons: 1
firms:
  - name: Northgate Vans
    usual_hours: {hours}
    hours:
      Always open: {{zone: Europe/London, week: {{mon-sun: ["00:00-24:00"]}}}}
      Later: {{zone: Europe/London, week: {{{day}: ["09:00-17:00"]}}}}
"""


async def test_outside_hours_a_message_is_left_and_becomes_work(room: Room, floor: Floor, tmp_path: Path) -> None:
    import os
    import subprocess
    import sys

    later = to_datetime(Millis(floor.clock() + 2 * 86_400_000))

    def apply(hours: str) -> None:
        file = tmp_path / "hours.yaml"
        file.write_text(CLOSED.format(hours=hours, day=WEEKDAYS[later.weekday()]))
        environ = {
            **os.environ,
            "PARLONS_URL": floor.server.url,
            "PARLONS_KEY": floor.server.operator_key(),
            "NO_PROXY": "127.0.0.1",
        }
        done = subprocess.run(
            [sys.executable, "-m", "parlons.app.cli", "apply", str(file)],
            env=environ, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    await asyncio.to_thread(apply, "Later")
    try:
        emma = await room.visitor("en", path="/shop/northgate/")
        page = emma.page
        await page.get_by_role("button", name="Open the chat").click()
        await expect(page.get_by_role("textbox", name="Name")).to_be_focused()
        await expect(page.get_by_role("dialog")).to_contain_text("Closed")
        await page.keyboard.type("Emma Whitfield")
        await page.keyboard.press("Tab")
        await page.keyboard.type("emma@example.org")
        await page.keyboard.press("Tab")
        await page.keyboard.type("Do you have a van for three pallets?")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("We answer at emma@example.org")).to_be_visible()
        found = await floor.until("/tasks?status=pending", lambda answer: len(answer["items"]) == 1)
        conversation = await floor.call("GET", f"/conversations/{found['items'][0]['conversation_id']}")
        assert conversation["customer"]["name"] == "Emma Whitfield"
        assert [each["text"] for each in conversation["messages"] if each["direction"] == "in"] == [
            "Do you have a van for three pallets?"
        ]
        martin = await room.desk("supervisor@demo.parlons.local", "en")
        await martin.page.keyboard.press("Control+Shift+1")
        await martin.take("Emma Whitfield")
        await martin.opens("Emma Whitfield")
        await expect(martin.log).to_contain_text("three pallets")
        await expect(martin.page.get_by_title("Closed now")).to_have_attribute(
            "title", f"Closed now: the clock goes on {later:%A} 10:00"
        )
    finally:
        await asyncio.to_thread(apply, "Always open")
