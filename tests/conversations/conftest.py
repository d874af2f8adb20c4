"""A customer with an open conversation on a real database."""

from dataclasses import dataclass
from typing import Any

import pytest

from parlons.conversations import commands, messages
from parlons.conversations.model import Author, Conversation, Message
from parlons.customers.commands import find_or_create_by_address, update_customer
from parlons.runtime.db import Database, Tx

TENANT, WORKSPACE, FIRM, QUEUE = "AC1", "WS1", "FI1", "WQ1"
AGENT = Author("agent", "US1", "Sofia")


@dataclass
class Chat:
    """A conversation and short words for what tests do to it."""

    db: Database
    id: str
    customer_id: str

    async def says(self, tx: Tx, text: str, **more: Any) -> Message:
        author = Author("customer", self.customer_id, "Claire")
        return await messages.add_message(tx, self.id, direction="in", author=author, text=text, **more)

    async def answers(self, tx: Tx, text: str, author: Author = AGENT, **more: Any) -> Message:
        return await messages.add_message(tx, self.id, direction="out", author=author, text=text, **more)

    async def now(self, tx: Tx) -> Conversation:
        return await commands.locked(tx, self.id)

    async def given_to_sofia(self, tx: Tx, task_id: str = "WT1") -> Conversation:
        await commands.set_lead_task(tx, self.id, task_id, queue_id=QUEUE)
        return await commands.assign(tx, self.id, user_id="US1", worker_id="WK1", name="Sofia", task_id=task_id)

    async def told(self) -> list[Any]:
        """The events so far, in order."""
        async with self.db.system() as tx:
            return list(await tx.fetch_all("SELECT * FROM outbox ORDER BY id"))


@pytest.fixture
async def chat(database: Database) -> Chat:
    """Claire came in by webchat."""
    async with database.transaction(TENANT) as tx:
        customer = await find_or_create_by_address(
            tx, workspace_id=WORKSPACE, firm_id=FIRM, kind="webchat", value="V1", verified=True
        )
        await update_customer(tx, customer.id, name="Claire Dubois")
        opened = await commands.open_conversation(
            tx,
            workspace_id=WORKSPACE,
            firm_id=FIRM,
            customer_id=customer.id,
            channel="webchat",
            address="V1",
            language="fr",
        )
    return Chat(database, opened.id, customer.id)
