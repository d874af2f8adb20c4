"""Articles offered beside a conversation: to the visitor who has just written, and to the agent who answers him.

A visitor is offered public articles of an open help centre, and only while nobody has taken his conversation: they shorten his
wait and take nothing from it. An agent is offered internal ones too, for the customer's words since the last answer.
"""

from collections.abc import Sequence
from typing import Any

from parlons.conversations.model import OPEN, Conversation, Message
from parlons.conversations.queries import PAGE
from parlons.conversations.threads import last_of_thread
from parlons.kit.languages import nearest
from parlons.knowledge import questions
from parlons.knowledge.categories import centres_of
from parlons.knowledge.meaning import SURE, Meaning
from parlons.knowledge.searching import Place
from parlons.knowledge.suggesting import LONGEST, suggest
from parlons.runtime.db import Database, Tx

Json = dict[str, Any]


class Offering:
    """What the processes' routes ask."""

    def __init__(self, db: Database, meaning: Meaning) -> None:
        self._db, self._meaning = db, meaning

    async def centre(self, tx: Tx, firm_id: str, language: str) -> str | None:
        """The path of a firm's help centre, when it is open."""
        slug = await _open_centre(tx, firm_id)
        return None if slug is None else f"/help/{slug}/{nearest(language)}/"

    async def to_visitor(self, tenant_id: str, conversation: Conversation) -> list[Json]:
        """Title, summary and path of at most three articles for what he wrote; none once somebody has taken it."""
        if conversation.status != OPEN or _taken(conversation):
            return []
        language = nearest(conversation.language)
        async with self._db.transaction(tenant_id) as tx:
            if await _open_centre(tx, conversation.firm_id) is None:
                return []
            text = await _first_words(tx, conversation)
        found = await self.public(tenant_id, conversation.firm_id, language, text)
        async with self._db.transaction(tenant_id) as tx:
            await questions.note(tx, conversation, language, text, len(found))
        return [{name: one[name] for name in ("title", "summary", "language", "path")} for one in found]

    async def public(self, tenant_id: str, firm_id: str, language: str, text: str) -> list[Json]:
        """Public articles for these words, with `id` and `path`; none while the firm's help centre is closed."""
        vector, place = await self._meaning.of(text), Place([firm_id], language, ["public"])
        async with self._db.transaction(tenant_id) as tx:
            slug = await _open_centre(tx, firm_id)
            if slug is None:
                return []
            near = await self._meaning.near(tx, place, vector, SURE)
            found = await suggest(tx, place, text, near=near)
        return [{**one, "path": f"/help/{slug}/{one['language']}/a/{one['slug']}"} for one in found]

    async def to_agent(self, tenant_id: str, conversation: Conversation) -> list[Json]:
        """At most three articles for the customer's last words, without those put in or refused in this conversation."""
        language = nearest(conversation.language)
        async with self._db.transaction(tenant_id) as tx:
            text = last_words(await last_of_thread(tx, conversation, PAGE))
        if not text:
            return []
        vector, place = await self._meaning.of(text), Place([conversation.firm_id], language, ["internal", "public"])
        async with self._db.transaction(tenant_id) as tx:
            near = await self._meaning.near(tx, place, vector, SURE)
            found = await suggest(tx, place, text, near=near, without=await questions.settled(tx, conversation.id))
            await questions.note(tx, conversation, language, text, 0)
        return found


def last_words(written: Sequence[Message]) -> str:
    """What the customer wrote since the last answer of a person, or his last message when that is answered."""
    since: list[str] = []
    for message in reversed(written):
        if message.author.kind == "agent" and since:
            break
        if message.author.kind == "customer" and message.text.strip():
            since.append(message.text)
            if any(later.author.kind == "agent" and later.number > message.number for later in written):
                break
    return "\n".join(reversed(since))[-LONGEST:]


async def _open_centre(tx: Tx, firm_id: str) -> str | None:
    return next((one["slug"] for one in await centres_of(tx, [firm_id]) if one["open"]), None)


def _taken(conversation: Conversation) -> bool:
    return conversation.assigned_user_id is not None or conversation.assigned_worker_id is not None


async def _first_words(tx: Tx, conversation: Conversation) -> str:
    """What the customer has written so far, while no person has answered; else nothing."""
    written = await last_of_thread(tx, conversation, PAGE)
    if any(message.author.kind == "agent" for message in written):
        return ""
    return "\n".join(message.text for message in written if message.author.kind == "customer")[:LONGEST]
