"""The menu that would take nine months, in a real browser: changed, kept beside, given to a tenth of the customers, compared
over five hundred contacts while they come, rolled back; in both languages, by keyboard, at every width."""

import asyncio
import random
import re
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

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
from parlons.testing.processes import OwnPostgres, Running, data_folder
from tests.journeys.people import LAPTOP, words
from tests.journeys.test_sweep import BOTH, Sweep

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
widgets: [{key: salon, firm: Salon, name: Salon}]
entry_points: [{channel: webchat, address: salon, firm: Salon, flow: Front, workflow: Rules}]
"""
OTHER = "{name: Second, start: hello, steps: {hello: {do: queue, queue: Desk, text: Good day}}}"
OLD, NEW = "Prices 1, a person 2", "For prices press 1, for a person 2"


@pytest.fixture(scope="module")
def centre() -> Iterator[Running]:
    """A salon with a flow, and another one of which a second version is kept."""
    with data_folder() as data, Running(data) as server:
        headers = {"Authorization": f"Bearer {server.operator_key()}"}
        answer = httpx.post(f"{server.url}/api/v1/configuration", content=FILE, headers=headers, timeout=60)
        assert answer.status_code == 200, answer.text
        with httpx.Client(base_url=f"{server.url}/api/v1", headers=headers, timeout=60) as api:
            (second,) = (each["id"] for each in api.get("/flows").json()["items"] if each["name"] == "Second")
            answer = api.post(f"/flows/{second}/versions", json={"text": OTHER})
            assert answer.status_code == 201, answer.text
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def page(chromium: Browser, centre: Running) -> AsyncIterator[Page]:
    """The administrator at the desk."""
    headers = {"Authorization": f"Bearer {centre.operator_key()}", "X-Parlons": "1"}
    async with httpx.AsyncClient(base_url=f"{centre.url}/api/v1", headers=headers, timeout=60) as api:
        users = (await api.get("/users")).json()["items"]
        link = (await api.post(f"/users/{users[0]['id']}/link")).json()["link"]
    context = await chromium.new_context(viewport=LAPTOP, locale="en-GB", base_url=centre.url)
    context.set_default_timeout(20_000)
    opened = await context.new_page()
    await opened.goto(link)
    await opened.get_by_role("button", name=words("en")["session"]["open"]).click()
    await expect(opened.get_by_role("banner")).to_be_visible()
    yield opened
    await context.close()


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


async def test_change_publish_to_a_tenth_compare_roll_back(page: Page, centre: Running, salon: Salon) -> None:
    t = words("en")
    tried = t["tried"]
    await page.goto("/app/settings/flows/Front")
    text = page.get_by_role("textbox", name=t["settings"]["flow"]["text"])
    await expect(text).to_have_value(re.compile(OLD))
    await text.fill((await text.input_value()).replace(OLD, NEW))
    await page.get_by_role("textbox", name=tried["note"]).fill("Says what each key does first")
    await page.get_by_role("button", name=tried["keep"]).click()
    versions = page.get_by_role("region", name=tried["versions"], exact=True)
    await expect(versions).to_contain_text("Says what each key does first")
    await versions.get_by_role("button", name=tried["compareOf"].replace("{{number}}", "2")).click()
    beside = page.get_by_role("region", name="Version 1 beside version 2")
    await expect(beside.get_by_role("cell").filter(has_text="−")).to_contain_text(OLD)
    await expect(beside.get_by_role("cell").filter(has_text="+")).to_contain_text(NEW)
    # By keyboard alone: open the form, name the part, begin.
    await versions.get_by_role("button", name=tried["tryOf"].replace("{{number}}", "2")).focus()
    await page.keyboard.press("Enter")
    part = page.get_by_role("slider", name=tried["percent"])
    await part.focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("button", name="Try on 11% of the customers")).to_be_visible()
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Try on 10% of the customers")).to_be_focused()
    await page.keyboard.press("Enter")
    trial = page.get_by_role("region", name=tried["running"])
    await expect(trial).to_contain_text("Version 2 for 10% of the customers")
    await expect(trial).to_contain_text(tried["verdict"]["none"])

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
