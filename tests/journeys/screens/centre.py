"""A filled centre: the demo with practice people at work and customers who keep coming, as long as the block lasts."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from secrets import token_hex

from parlons.app.demo import identity_secret
from parlons.simulator.agent import Agent
from parlons.simulator.customer import Customer, Shop
from parlons.simulator.ledger import Ledger
from parlons.simulator.wire import Wire
from tests.journeys.floor import Floor

AT_WORK = ("nadia", "karim", "lucie", "rose")
WAITING = ("Emma Whitfield", "Oliver Shaw", "Isla Grant")
"""They ask for financing in English: whoever could answer that is on a break."""
PACE = 2.0
ASKS = {"topic": "financing", "practice": True}
SHOPS = (("delmas", "fr"), ("delmas", "fr"), ("northgate", "en"))
CUSTOMERS = 8
SECONDS_BETWEEN = 4.0
REPLIES = {
    "salut": ("Salutation", "Bonjour {{ customer.first_name }}, ici {{ agent.first_name }} de {{ firm.name }}."),
    "essai": ("Essai", "Un essai dure 30 minutes. Samedi 10 h 30 ou 14 h vous conviendrait ?"),
    "papiers": ("Papiers à fournir", "Il faut une pièce d’identité, un justificatif et trois bulletins de salaire."),
    "reprise": ("Reprise", "Nous reprenons les véhicules de moins de dix ans, {{ customer.first_name }}."),
}


async def _write_replies(floor: Floor) -> None:
    there = {each["shortcut"] for each in (await floor.call("GET", "/replies"))["items"]}
    for shortcut in REPLIES.keys() - there:
        title, text = REPLIES[shortcut]
        await floor.call("POST", "/replies", json={"shortcut": shortcut, "title": title, "texts": {"fr": text}})


async def _waits(floor: Floor, name: str) -> None:
    """Somebody writes and gets no answer."""
    wire = Wire([floor.server.url], "/api/v1/webchat/delmas", {"Origin": floor.server.url})
    page = {"path": "/shop/en/financing", "title": "Financing"}
    try:
        visit = await wire.call("POST", "/visits", {"consent": "given", "language": "en", "page": page})
        wire.client.headers["Authorization"] = f"Bearer {visit['visitor_token']}"
        known = await wire.call("POST", "/identity", floor.identity(name, token_hex(3)))
        wire.client.headers["Authorization"] = f"Bearer {known['visitor_token']}"
        body = {
            "text": "Hi, what would I pay a month over 36 months?",
            "attachment_ids": [],
            "client_id": token_hex(12),
        }
        await wire.call("POST", "/messages", {**body, "language": "en", "page": page, "attributes": ASKS})
    finally:
        await wire.close()


async def _customers(floor: Floor, chance: random.Random, ledger: Ledger) -> None:
    """As many as the people at work can serve: who leaves is followed by another."""
    url = floor.server.url
    shops = [Shop(key, url, said, identity_secret(floor.server.data)) for key, said in SHOPS]

    async def one_after_another() -> None:
        while True:
            await Customer([url], chance.choice(shops), random.Random(chance.random()), ledger, PACE).visit()
            await asyncio.sleep(SECONDS_BETWEEN)

    async with asyncio.TaskGroup() as visits:
        for _ in range(CUSTOMERS):
            visits.create_task(one_after_another())


@contextlib.asynccontextmanager
async def busy(floor: Floor) -> AsyncIterator[None]:
    """People at work with contacts in hand, one on a break, some customers waiting; words ready to be used."""
    ledger, chance = Ledger(None), random.Random(4)
    await _write_replies(floor)
    for name in WAITING:
        await _waits(floor, name)
    await floor.put("omar@practice.parlons.local", "Break")
    doing = []
    for name in AT_WORK:
        token = (await floor.link(f"{name}@practice.parlons.local")).rpartition("#")[2]
        agent = Agent([floor.server.url], token, random.Random(chance.random()), ledger, PACE)
        doing.append(asyncio.create_task(agent.work()))
    doing.append(asyncio.create_task(_customers(floor, chance, ledger)))
    try:
        await floor.until("/tasks?status=assigned", lambda page: len(page["items"]) > 1, seconds=90)
        yield
    finally:
        for each in doing:
            each.cancel()
        await asyncio.gather(*doing, return_exceptions=True)
