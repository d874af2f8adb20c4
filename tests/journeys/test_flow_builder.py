"""The menu that would take nine months, in a real browser: drawn, played, given to a tenth of the customers, compared over five
hundred contacts while they come, rolled back; in both languages, by keyboard, at every width. A draft is never lost."""

import asyncio
import random
import re
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from parlons.ai.transcription import read_sound
from parlons.conversations import commands, queries
from parlons.conversations.messages import add_message
from parlons.conversations.model import Author
from parlons.customers.commands import find_or_create_by_address
from parlons.dispatch.contacts import Contact
from parlons.kit.clock import Millis
from parlons.reception.flow_chats import MEDIA
from parlons.reception.flow_walk import Walker
from parlons.reception.handler import Reception
from parlons.runtime.db import Database, Tx
from parlons.simulator.providers.models import Models
from parlons.simulator.providers.wire import served
from parlons.testing.processes import OwnPostgres, Running, data_folder, free_port
from tests.journeys.people import LAPTOP, words
from tests.journeys.test_prompts import chromium
from tests.journeys.test_sweep import BOTH, Sweep

__all__ = ["chromium"]
pytestmark = pytest.mark.asyncio(loop_scope="session")
CONTACTS = 520
FILE = """
activities: [{name: Away}]
firms: [{name: Salon, languages: [fr, en], hours: {Usual: {zone: UTC}}}]
queues: [{name: Desk}]
workflows: [{name: Rules, default_queue: Desk}]
flows:
- name: Front
  start: menu
  steps:
    menu: {do: ask, text: 'Prices 1, a person 2', choices: {'1': {next: prices}, '2': {next: desk}}}
    prices: {do: end, text: A cut is 30 euros.}
    desk: {do: queue, queue: Desk}
- name: Second
  start: hello
  steps:
    hello: {do: queue, queue: Desk, text: Hello}
- name: Third
  start: hello
  steps:
    hello: {do: queue, queue: Desk, text: Hello}
- name: Fourth
  start: menu
  steps:
    menu: {do: ask, text: 'Prices 1, a person 2', choices: {'1': {label: Prices, next: menu}}, tries: 9, failed: desk}
    desk: {do: queue, queue: Desk}
widgets: [{key: salon, firm: Salon, name: Salon}]
entry_points: [{channel: webchat, address: salon, firm: Salon, flow: Front, workflow: Rules}]
"""
OTHER = "{name: Second, start: hello, steps: {hello: {do: queue, queue: Desk, text: Good day}}}"
OLD, NEW, MORE = "Prices 1, a person 2", "For prices press 1, for a person 2", "With pleasure."


@pytest.fixture(scope="module")
def ears() -> int:
    """The port where the salon's server finds what understands speech, while a test serves it there."""
    return free_port()


@pytest.fixture(scope="module")
def centre(ears: int) -> Iterator[Running]:
    """A salon with a flow, and another one of which a second version is kept."""
    environ = {"PARLONS_STT_URL": f"http://127.0.0.1:{ears}/v1"}
    with data_folder() as data, Running(data, environ=environ) as server:
        headers = {"Authorization": f"Bearer {server.operator_key()}"}
        answer = httpx.post(f"{server.url}/api/v1/configuration", content=FILE, headers=headers, timeout=60)
        assert answer.status_code == 200, answer.text
        with httpx.Client(base_url=f"{server.url}/api/v1", headers=headers, timeout=60) as api:
            (second,) = (each["id"] for each in api.get("/flows").json()["items"] if each["name"] == "Second")
            answer = api.post(f"/flows/{second}/versions", json={"text": OTHER})
            assert answer.status_code == 201, answer.text
        yield server


async def signed_in(chromium: Browser, centre: Running, email: str | None = None) -> Page:
    """The desk of the administrator in a browser of its own; `email`: of another one, who is made for this."""
    headers = {"Authorization": f"Bearer {centre.operator_key()}", "X-Parlons": "1"}
    async with httpx.AsyncClient(base_url=f"{centre.url}/api/v1", headers=headers, timeout=60) as api:
        if email is None:
            user = (await api.get("/users")).json()["items"][0]
        else:
            user = (await api.post("/users", json={"name": email, "email": email, "role": "administrator"})).json()
        link = (await api.post(f"/users/{user['id']}/link")).json()["link"]
    context = await chromium.new_context(viewport=LAPTOP, locale="en-GB", base_url=centre.url)
    context.set_default_timeout(20_000)
    opened = await context.new_page()
    await opened.goto(link)
    await opened.get_by_role("button", name=words("en")["session"]["open"]).click()
    await expect(opened.get_by_role("banner")).to_be_visible()
    return opened


@pytest_asyncio.fixture(loop_scope="session")
async def page(chromium: Browser, centre: Running) -> AsyncIterator[Page]:
    """The administrator at the desk."""
    opened = await signed_in(chromium, centre)
    yield opened
    await opened.context.close()


class Salon:
    """Customers who come to the salon's chat, through the reception of this process, into the server's database."""

    def __init__(self, db: Database, tenant: str, workspace: str, firm: str) -> None:
        self.db, self.tenant, self.workspace, self.firm = db, tenant, workspace, firm
        self.reception = Reception(Walker(media=MEDIA))

    async def writes(self, visitor: str, text: str) -> str:
        """A message; returns what he reads then."""
        async with self.db.transaction(self.tenant) as tx:
            return await self._write(tx, visitor, text)

    async def _write(self, tx: Tx, visitor: str, text: str) -> str:
        place = {"workspace_id": self.workspace, "firm_id": self.firm}
        customer = await find_or_create_by_address(tx, **place, kind="webchat", value=visitor, verified=True)
        talk = await queries.live_of_customer(tx, customer.id, "webchat")
        if talk is None:
            talk = await commands.open_conversation(
                tx, **place, customer_id=customer.id, channel="webchat", language="en"
            )
        author = Author("customer", customer.id, customer.name)
        message = await add_message(tx, talk.id, direction="in", author=author, text=text)
        contact = Contact(
            tenant_id=self.tenant, workspace_id=self.workspace, channel="webchat", address="salon", customer_id=customer.id,
            conversation_id=talk.id, at=Millis(tx.now), key=message.id, language="en",
        )  # fmt: skip
        await self.reception.new_contact(tx, contact)
        return (await queries.earlier(tx, talk.id, None))[-1].text

    async def come(self, first: int, last: int) -> None:
        """Customers with these numbers: of the new menu most help themselves, of the old one few."""
        for number in range(first, last):
            heard = await self.writes(f"V{number}", "Hello")
            alone = random.Random(number).random() < (0.85 if heard.startswith(NEW) else 0.35)
            await self.writes(f"V{number}", "1" if alone else "2")


@pytest_asyncio.fixture(loop_scope="session")
async def salon(centre: Running) -> AsyncIterator[Salon]:
    """Its customers."""
    database = await Database.open(OwnPostgres(centre.data).dsn, pool_size=4)
    try:
        async with database.system() as tx:
            row = await tx.fetch_one("SELECT tenant_id, workspace_id FROM flows")
            firm = await tx.scalar("SELECT id FROM firms WHERE name = 'Salon'")
        assert row is not None
        yield Salon(database, row["tenant_id"], row["workspace_id"], firm)
    finally:
        await database.close()


async def _many(trial: Locator) -> int:
    """How many contacts began, as the page says."""
    told = await trial.locator("dd").filter(has_text="began").all_inner_texts()
    return sum(int(each.split()[0].replace(",", "")) for each in told)


async def _until(trial: Locator, total: int) -> None:
    """The page has counted them all."""
    async with asyncio.timeout(60):
        while True:
            if await _many(trial) == total:
                return
            await asyncio.sleep(0.1)


async def _connect(page: Page, step: str, way: str, to: str) -> None:
    """By keyboard alone: C on a step, the way, the other step."""
    drawn = words("en")["drawn"]
    await page.keyboard.press("c")
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text(step)
    wanted = dialog.get_by_role("combobox", name=drawn["to"])
    await expect(wanted).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.type(way)
    await page.keyboard.press("Tab")
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_role("listbox")).to_be_visible()
    await page.keyboard.press("Control+a")
    await page.keyboard.type(to)
    await expect(page.get_by_role("option", name=to, exact=True)).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(wanted).to_have_value(to)
    await page.keyboard.press("Enter")
    await expect(dialog).to_have_count(0)


async def _draw(page: Page) -> None:
    """A step more between the menu and its end: the words by pointer, the step and its ways by keyboard."""
    drawn = words("en")["drawn"]
    await page.goto("/app/settings/flows/Front")
    await page.get_by_role("link", name=words("en")["tried"]["draw"]).click()
    menu = page.locator("[data-step=menu]")
    await menu.click()
    text = page.locator("[data-form=menu] textarea").first
    await expect(text).to_have_value(OLD)
    await text.fill(NEW)
    await expect(menu).to_contain_text(NEW[:20])
    await expect(page.get_by_role("main").locator("header")).to_contain_text(drawn["draft"])
    await menu.focus()
    await page.keyboard.press("a")
    await page.get_by_role("menuitem", name=re.compile(drawn["kind"]["say"])).focus()
    await page.keyboard.press("Enter")
    say = page.locator("[data-step=say]")
    await expect(say).to_be_focused()
    await _connect(page, "say", drawn["port"]["next"], "prices")
    await expect(say).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-form=say] textarea").first).to_be_focused()
    await page.keyboard.type(MORE)
    await menu.focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("[data-step=prices]")).to_be_focused()
    await menu.focus()
    await _connect(page, "menu", "1", "say")
    await expect(menu).to_have_attribute("aria-label", re.compile("1 to say"))


async def _play(page: Page) -> None:
    """The simulator says what the draft says, and lights its way."""
    drawn = words("en")["drawn"]
    await page.get_by_role("tab", name=drawn["panel"]["play"]).click()
    await page.get_by_role("button", name=drawn["playStart"], exact=True).click()
    log = page.get_by_role("log", name=drawn["log"])
    await expect(log).to_contain_text(NEW)
    await page.get_by_role("button", name=drawn["silent"]).click()
    await expect(log).to_contain_text("I did not hear you.")
    await page.get_by_role("button", name="Key 1", exact=True).click()
    await expect(log).to_contain_text(MORE)
    await expect(log).to_contain_text("A cut is 30 euros.")
    await expect(page.locator("[data-step][data-lit]")).to_have_count(3)
    await page.get_by_role("tab", name=drawn["panel"]["problems"]).click()
    await expect(page.get_by_role("tabpanel")).to_contain_text(drawn["noProblems"])


async def test_draw_play_publish_to_a_tenth_compare_roll_back(page: Page, centre: Running, salon: Salon) -> None:
    t = words("en")
    tried, drawn = t["tried"], t["drawn"]
    await _draw(page)
    await _play(page)
    await page.get_by_role("button", name=drawn["publish"]).click()
    publish = page.get_by_role("region", name=drawn["publish"])
    await expect(publish).to_contain_text(NEW)
    await expect(publish).to_contain_text(OLD)
    await publish.get_by_role("textbox", name=drawn["note"]).fill("Says what each key does first")
    await publish.get_by_role("radio", name=drawn["part"]).check()
    await publish.get_by_role("button", name=drawn["releasePart"].replace("{{percent}}", "10")).click()
    versions = page.get_by_role("region", name=tried["versions"], exact=True)
    await expect(versions).to_contain_text("Says what each key does first")
    await versions.get_by_role("button", name=tried["compareOf"].replace("{{number}}", "2")).click()
    beside = page.get_by_role("region", name="Version 1 beside version 2")
    await expect(beside.get_by_role("cell").filter(has_text="+").filter(has_text=NEW)).to_be_visible()
    trial = page.get_by_role("region", name=tried["running"])
    await expect(trial).to_contain_text("Version 2 for 10% of the customers")

    await salon.come(0, 40)
    await expect(trial).to_contain_text("began")
    await page.wait_for_function(
        "() => [...document.querySelectorAll('dd')].map(e => parseInt(e.textContent)).filter(n => n > 0).length >= 2"
    )
    seen = await _many(trial)
    assert 0 < seen <= 40
    step = CONTACTS // 4
    await asyncio.gather(*(salon.come(40 + step * part, 40 + step * (part + 1)) for part in range(4)))
    total = 40 + 4 * step
    await _until(trial, total)
    helped = trial.get_by_role("listitem", name=tried["outcome"]["contained"])
    await expect(helped).to_contain_text("points more on trial")
    await expect(trial.get_by_role("listitem", name=tried["outcome"]["failed"])).to_contain_text(
        tried["verdict"]["open"]
    )

    await trial.get_by_role("button", name=tried["rollBack"].replace("{{number}}", "1")).click()
    await expect(trial).to_have_count(0)
    earlier = page.get_by_role("region", name=tried["earlier"])
    await expect(earlier).to_contain_text(tried["ending"]["rolled-back"])
    await earlier.get_by_role("button").first.click()
    await expect(earlier).to_contain_text("points more on trial")
    salon.reception = Reception(Walker(media=MEDIA))
    heard = {await salon.writes(f"W{number}", "Hello") for number in range(12)}
    assert {line.splitlines()[0] for line in heard} == {OLD}, "everybody has the old menu again"


@BOTH
async def test_the_page_is_for_everybody(page: Page, centre: Running, locale: str) -> None:
    sweep = Sweep(locale)
    t = words(locale)["tried"]
    assert (await page.request.patch("/api/v1/me", data={"locale": locale}, headers={"X-Parlons": "1"})).ok
    await page.goto("/app/settings/flows/Second/versions")
    versions = page.get_by_role("region", name=t["versions"], exact=True)
    await versions.get_by_role("button", name=t["compareOf"].replace("{{number}}", "2")).click()
    await expect(page.get_by_role("table")).to_be_visible()
    await sweep.look(page, "flow-versions-compared")
    await sweep.squeeze(page, "flow-versions-compared")
    await versions.get_by_role("button", name=t["tryOf"].replace("{{number}}", "2")).click()
    await expect(page.get_by_role("slider")).to_be_visible()
    await sweep.look(page, "flow-trial-start")
    await sweep.squeeze(page, "flow-trial-start")
    await page.get_by_role("form").get_by_role("button").last.click()
    trial = page.get_by_role("region", name=t["running"])
    await expect(trial.get_by_role("listitem")).to_have_count(4)
    await sweep.look(page, "flow-trial")
    await sweep.squeeze(page, "flow-trial")
    await trial.get_by_role("button", name=t["rollBack"].replace("{{number}}", "1")).click()
    await expect(trial).to_have_count(0)
    assert (await page.request.patch("/api/v1/me", data={"locale": "en"}, headers={"X-Parlons": "1"})).ok
    assert not sweep.faults, "\n".join(sweep.faults)


async def test_what_cannot_be_read_is_said(page: Page, centre: Running) -> None:
    tried = words("en")["tried"]
    await page.route("**/api/v1/flows", lambda route: route.abort())
    await page.goto("/app/settings/flows/Front/versions")
    broken = page.get_by_role("alert").filter(has_text=tried["unread"].partition("{{")[0].strip())
    await expect(broken).to_be_visible()
    await page.unroute("**/api/v1/flows")
    await broken.get_by_role("button").click()
    await expect(page.get_by_role("region", name=tried["versions"], exact=True)).to_be_visible()
    await page.goto("/app/settings/flows/Nothing/versions")
    await expect(page.get_by_role("main")).to_contain_text("Nothing")


async def test_a_draft_is_never_lost_and_its_views_are_one(page: Page, centre: Running) -> None:
    drawn = words("en")["drawn"]
    view = page.get_by_role("radiogroup", name=drawn["views"])
    text = page.get_by_role("textbox", name=drawn["text"])
    await page.goto("/app/settings/flows/Second/edit")
    await page.locator("[data-step=hello]").click()
    await _says(page, "Good evening")
    await view.get_by_text(drawn["view"]["text"], exact=True).click()
    await expect(text).to_have_value(re.compile("text: Good evening"))
    await text.fill((await text.input_value()).replace("Good evening", "{name"))
    await expect(page.get_by_text(re.compile(r"^Line \d"))).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("status").filter(has_text="is back")).to_be_visible()
    await view.get_by_text(drawn["view"]["text"], exact=True).click()
    await expect(text).to_have_value(re.compile(re.escape("{name")))
    await text.fill(
        (await text.input_value()).replace("{name", "Good night, {name}").replace("Good night", "'Good night", 1)
    )
    await text.fill(re.sub("'Good night, {name}", "'Good night, {name}'", await text.input_value()))
    await view.get_by_text(drawn["view"]["outline"], exact=True).click()
    line = page.locator("[data-line=hello]")
    await expect(line).to_contain_text("Good night, {name}")
    await line.focus()
    await page.keyboard.press("Enter")
    name = page.get_by_role("textbox", name=drawn["name"])
    await name.fill("welcome")
    await name.press("Enter")
    await expect(page.locator("[data-line=welcome]")).to_contain_text(drawn["startsHere"])
    await page.keyboard.press("Control+z")
    await expect(page.locator("[data-line=hello]")).to_be_visible()
    await page.get_by_role("button", name=drawn["discard"]).click()
    await expect(page.get_by_role("main").locator("header")).to_contain_text(drawn["same"])


async def _says(page: Page, text: str, answer: int = 200) -> None:
    """Another greeting in the draft, and what the server answers to it."""
    kept = page.expect_response(lambda told: told.request.method == "PUT" and told.url.endswith("/drafts/me"))
    async with kept as told:
        await page.locator("[data-form=hello] textarea").first.fill(text)
    assert (await told.value).status == answer


async def test_a_draft_is_the_same_on_every_machine_and_seen_by_colleagues(
    page: Page, chromium: Browser, centre: Running
) -> None:
    drawn, edit = words("en")["drawn"], "/app/settings/flows/Third/edit"
    machine, colleague = await signed_in(chromium, centre), await signed_in(chromium, centre, "omar@salon.test")
    for desk in (page, machine):
        await desk.goto(edit)
        await desk.locator("[data-step=hello]").click()
        if desk is page:
            await _says(page, "Good evening")
    await expect(machine.get_by_role("status").filter(has_text="is back")).to_be_visible()
    await expect(machine.locator("[data-form=hello] textarea").first).to_have_value("Good evening")
    await _says(machine, "Good night")
    await _says(page, "Good morning", 412)
    clash = page.get_by_role("status").filter(has_text="another machine")
    await clash.get_by_role("button", name=drawn["compareDrafts"]).click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Good night")
    await expect(dialog).to_contain_text("Good morning")
    await dialog.get_by_role("button", name=drawn["goOnWith"]).click()
    await expect(clash).to_have_count(0)
    await expect(page.locator("[data-form=hello] textarea").first).to_have_value("Good night")
    await _says(page, "Good night, all")

    await colleague.goto(edit)
    theirs = colleague.get_by_role("status").filter(has_text="has a draft of this flow")
    await expect(theirs).to_be_visible()
    await expect(colleague.get_by_role("main").locator("header")).to_contain_text(drawn["same"])
    await theirs.get_by_role("button").click()
    await expect(colleague.get_by_role("dialog")).to_contain_text("Good night, all")
    for desk in (machine, colleague):
        await desk.context.close()


async def _speaks(page: Page) -> None:
    """By keyboard: as long as it takes until something is heard."""
    mic = words("fr")["drawn"]["mic"]
    await page.get_by_role("button", name=mic["speak"], exact=True).press("Enter")
    done = page.get_by_role("button", name=mic["stop"], exact=True)
    await page.wait_for_function("() => document.querySelector('meter')?.value > 0.3")
    await done.press("Enter")


async def test_the_simulators_caller_speaks(page: Page, centre: Running, ears: int) -> None:
    drawn, models = words("fr")["drawn"], Models()
    assert (await page.request.patch("/api/v1/me", data={"locale": "fr"}, headers={"X-Parlons": "1"})).ok
    await page.goto("/app/settings/flows/Fourth/edit")
    await page.get_by_role("tab", name=drawn["panel"]["play"]).click()
    await page.get_by_role("button", name=drawn["playStart"], exact=True).click()
    log, mic = page.get_by_role("log", name=drawn["log"]), drawn["mic"]
    models.hears = "Une personne, vite"
    async with served(models.app, ears):
        await _speaks(page)
        await expect(log).to_contain_text("Une personne, vite")
        ((_, asked),) = models.asked
        assert (read_sound(asked["file"]).rate, asked["language"], asked["prompt"]) == (16_000, "en", "Prices")
        models.status = 503
        await _speaks(page)
        trouble = page.get_by_role("status").filter(has_text=mic["failed"].partition("{{")[0].strip())
        await expect(trouble).to_be_visible()
        sweep = Sweep("fr")
        await sweep.look(page, "flow-microphone")
        await sweep.squeeze(page, "flow-microphone")
        assert not sweep.faults, "\n".join(sweep.faults)
    speak = page.get_by_role("button", name=mic["speak"], exact=True)
    await page.get_by_role("combobox", name=drawn["playChannel"]).select_option("webchat")
    await expect(speak).to_have_count(0)
    await page.get_by_role("combobox", name=drawn["playChannel"]).select_option("voice")
    await expect(speak).to_be_visible()
    nobody = {"provider": None, "languages": [], "local": False, "longest_seconds": 60}
    await page.route("**/flows/transcription", lambda route: route.fulfill(json=nobody))
    await page.reload()
    await page.get_by_role("tab", name=drawn["panel"]["play"]).click()
    await page.get_by_role("button", name=drawn["playStart"], exact=True).click()
    await expect(page.get_by_text(mic["nobody"])).to_be_visible()
    await expect(speak).to_have_count(0)
    assert (await page.request.patch("/api/v1/me", data={"locale": "en"}, headers={"X-Parlons": "1"})).ok
