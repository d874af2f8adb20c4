"""A firm with the generic channel, whose settings say how many buttons it shows, and surveys on a real database."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from parlons.channels.model import Capabilities
from parlons.conversations import commands as conversations
from parlons.kit.ids import new_id
from parlons.runtime.edge import Edge
from parlons.runtime.signed_ids import SignedLinks
from parlons.surveys import page_http
from parlons.surveys.asking import Asking
from parlons.surveys.links import open_links
from parlons.surveys.loading import put_surveys
from parlons.surveys.model import Invitation, Kind, Rule, Survey, Words
from tests.channels.engine.conftest import desk, there
from tests.channels.engine.desk import Desk

__all__ = ["desk", "there"]
QUEUE, AGENT, WORKER = "WQ" + "1" * 32, "US" + "1" * 32, "WK" + "1" * 32
WORDS = Words({"fr": "Êtes-vous satisfait ?", "en": "Are you satisfied?"}, comment={"fr": "Pourquoi ?"})


@dataclass
class Room:
    """The firm after its conversations."""

    desk: Desk
    asking: Asking
    links: SignedLinks
    page: httpx.AsyncClient

    async def survey(self, kind: Kind = "csat", words: Words = WORDS, **rule: Any) -> Survey:
        """One survey."""
        home = self.desk.home
        one = Survey(new_id("SU", self.desk.clock()), home.workspace_id, None, "After", kind, words, Rule(**rule))
        async with self.desk.db.transaction(home.tenant_id) as tx:
            await put_surveys(tx, [one])
        return one

    async def served(self, text: str = "Bonjour", **more: Any) -> str:
        """A conversation an agent has served and closed; its id."""
        conversation_id = await self.desk.says(text, **more)
        async with self.desk.db.transaction(self.desk.home.tenant_id) as tx:
            await conversations.set_queue(tx, conversation_id, QUEUE)
            await conversations.assign(tx, conversation_id, user_id=AGENT, worker_id=WORKER, name="Nadia")
            await conversations.close(tx, conversation_id, by="system")
        return conversation_id

    async def ask(self, conversation_id: str) -> Invitation | None:
        """What the reader does after a closing."""
        async with self.desk.db.transaction(self.desk.home.tenant_id) as tx:
            return await self.asking.ask(tx, conversation_id)

    async def asked(self, **more: Any) -> Invitation:
        """Somebody who was asked."""
        found = await self.ask(await self.served(**more))
        assert found is not None
        return found

    async def answer(self, invitation: Invitation) -> dict[str, Any]:
        """What is kept of an answer."""
        return dict((await self.desk.rows("SELECT * FROM survey_invitations WHERE id = :id", id=invitation.id))[0])

    def buttons(self, number: int, **more: Any) -> None:
        """From now on the channel shows so many."""
        channel: Any = self.desk.post.channels["webhook"]
        plain = type(channel).capabilities

        def able(account: Any) -> Capabilities:
            return replace(plain(channel, account), buttons=number, **more)

        channel.capabilities = able


@pytest.fixture
async def room(desk: Desk) -> AsyncIterator[Room]:
    """Everything but the reader's loop."""
    links = open_links(b"s" * 32, "https://desk.example/")
    app = FastAPI()
    app.add_middleware(Edge)
    app.state.db, app.state.clock, app.state.survey_links = desk.db, desk.clock, links
    app.router.routes.extend(page_http.routes())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://desk.example") as page:
        yield Room(desk, Asking(desk.post.ways, links), links, page)
