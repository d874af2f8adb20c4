"""A front desk: a real router, the reader carrying outcomes, two agents with users, a widget's entry point, a customer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from parlons.conversations import commands, queries
from parlons.conversations.messages import add_message
from parlons.conversations.model import Author, Conversation, Message
from parlons.customers.commands import find_or_create_by_address, update_customer
from parlons.dispatch.contacts import Contact, Decision
from parlons.dispatch.dispatch import Dispatch
from parlons.kit.clock import Millis
from parlons.reception import outcomes
from parlons.reception.handler import Reception
from parlons.reception.model import EntryPoint
from parlons.reception.points import put_entry_points
from parlons.routing import commands as c
from parlons.runtime import journal
from parlons.runtime.db import Database, Tx
from tests.conftest import StillClock
from tests.dispatch import floor
from tests.dispatch.floor import TENANT, WORKSPACE

FIRM = "FI" + "1" * 32
POINT = EntryPoint(
    id="EP1",
    workspace_id=WORKSPACE,
    channel="webchat",
    address="shop",
    firm_id=FIRM,
    workflow_id=floor.WORKFLOW,
    attributes={"topic": "sales"},
    texts={"fr": {"joined": "{name} vous répond."}},
)
PATIENCE = 60.0


@dataclass
class Front:
    """Short words for what customers and agents do."""

    db: Database
    dispatch: Dispatch
    clock: StillClock
    ids: dict[str, str] = field(default_factory=dict)

    async def writes(
        self, text: str = "Bonjour", *, visitor: str = "V1", key: str | None = None, **more: Any
    ) -> Decision:
        """A visitor writes: message and task in one transaction, as a channel does it."""
        async with self.db.transaction(TENANT) as tx:
            return (await self.write(tx, text, visitor=visitor, key=key, **more))[1]

    async def write(
        self, tx: Tx, text: str, *, visitor: str = "V1", key: str | None = None, **more: Any
    ) -> tuple[Message, Decision]:
        """The same inside a transaction."""
        customer = await find_or_create_by_address(
            tx, workspace_id=WORKSPACE, firm_id=FIRM, kind="webchat", value=visitor, verified=True
        )
        if not customer.name:
            await update_customer(tx, customer.id, name="Claire Dubois")
        found = await queries.live_of_customer(tx, customer.id, "webchat")
        if found is None:
            found = await commands.open_conversation(
                tx, workspace_id=WORKSPACE, firm_id=FIRM, customer_id=customer.id, channel="webchat", language="fr"
            )
        self.ids[visitor] = found.id
        author = Author("customer", customer.id, customer.name)
        message = await add_message(tx, found.id, direction="in", author=author, text=text, client_id=key)
        contact = Contact(
            tenant_id=TENANT,
            workspace_id=WORKSPACE,
            channel="webchat",
            address="shop",
            customer_id=customer.id,
            conversation_id=found.id,
            at=Millis(tx.now),
            key=message.id,
            language="fr",
            **more,
        )
        return message, await self.reception().new_contact(tx, contact)

    def reception(self) -> Reception:
        """Who answers: without flows."""
        return Reception()

    async def now(self, visitor: str = "V1") -> Conversation:
        """The visitor's conversation as it stands."""
        async with self.db.transaction(TENANT) as tx:
            return await commands.locked(tx, self.ids[visitor])

    async def lines(self, visitor: str = "V1") -> list[str]:
        """What the visitor reads."""
        async with self.db.transaction(TENANT) as tx:
            return [message.text for message in await queries.earlier(tx, self.ids[visitor], None)]

    async def act(self, step: Callable[..., Awaitable[Any]], *args: Any, visitor: str = "V1", **values: Any) -> None:
        """An agent's step on the conversation."""
        async with self.db.transaction(TENANT) as tx:
            await step(tx, self.ids[visitor], *args, **values)

    async def until(self, holds: Callable[[Conversation], bool], visitor: str = "V1") -> Conversation:
        """Waits for the reader: returns the conversation once `holds`."""
        async with asyncio.timeout(PATIENCE):
            while True:
                found = await self.now(visitor)
                if holds(found):
                    return found
                await asyncio.sleep(0.01)

    async def row(self, query: str, holds: Callable[[Any], bool], **params: Any) -> Any:
        """Waits until a row is as expected."""
        async with asyncio.timeout(PATIENCE):
            while True:
                async with self.db.system() as tx:
                    row = await tx.fetch_one(query, params)
                if row is not None and holds(row):
                    return row
                await asyncio.sleep(0.01)

    async def task(self, task_id: str | None, status: str) -> Any:
        """Waits until the router has brought the task there."""
        return await self.row("SELECT * FROM tasks WHERE id = :id", lambda row: row["status"] == status, id=task_id)

    async def offered(self, task_id: str | None) -> Any:
        """Waits for the pending reservation of a task."""
        query = "SELECT * FROM reservations WHERE task_id = :id AND status = 'pending'"
        return await self.row(query, lambda _: True, id=task_id)

    async def accepted(self, visitor: str = "V1") -> Conversation:
        """Whoever is offered the conversation's task takes it."""
        task_id = (await self.until(lambda one: one.lead_task_id is not None, visitor)).lead_task_id
        offer = await self.offered(task_id)
        await self.dispatch.send(WORKSPACE, c.AcceptReservation(offer["id"]))
        return await self.until(lambda one: one.assigned_worker_id == offer["worker_id"], visitor)

    async def read_to_the_end(self) -> None:
        """Returns when nothing waits on either road and the reader has carried all that is for it."""
        query = (
            "SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM commands WHERE state = 'new') AS waiting,"
            " coalesce((SELECT seq FROM readers WHERE name = 'reception'), 0) AS seen"
        )
        async with asyncio.timeout(PATIENCE):
            while True:
                async with self.db.system() as tx:
                    row = await tx.fetch_one(query)
                    assert row is not None
                    ahead = await journal.read(await tx.raw(), WORKSPACE, row["seen"], 10_000)
                if row["waiting"] == 0 and not any(entry.type in outcomes.TYPES for entry in ahead):
                    return
                await asyncio.sleep(0.01)


@asynccontextmanager
async def reading(dispatch: Dispatch) -> AsyncIterator[None]:
    """The reader at work."""
    task = asyncio.create_task(outcomes.reader(dispatch.tail(WORKSPACE), TENANT).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def furnish(database: Database) -> None:
    """Users for two workers, and the entry point."""
    async with database.transaction(TENANT) as tx:
        for number, name in ((1, "Sofia"), (2, "David")):
            await tx.execute(
                "INSERT INTO users (id, tenant_id, workspace_id, worker_id, email, name, role, created_at)"
                " VALUES (:id, :tenant, :workspace, :worker, :name, :name, 'agent', now())",
                {
                    "id": f"US{number}",
                    "tenant": TENANT,
                    "workspace": WORKSPACE,
                    "worker": floor.worker_id(number),
                    "name": name,
                },
            )
        await put_entry_points(tx, [POINT])


@pytest.fixture
async def front(database: Database, clock: StillClock) -> AsyncIterator[Front]:
    """Open, with Sofia at work; David is away."""
    await furnish(database)
    dispatch = Dispatch(database, clock=clock, name="first")
    try:
        await floor.prepare(dispatch, floor.worker(1, "sales", capacity=2))
        async with reading(dispatch):
            yield Front(database, dispatch, clock)
    finally:
        await dispatch.close()
