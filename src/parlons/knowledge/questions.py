"""What customers asked people, and what became of the articles that were offered for it.

Kept are the words of a conversation's first question that say what it is about: they are the customer's and go when he is
erased. What is shown of them are words that several customers used, never one's own.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from parlons.conversations.model import Conversation
from parlons.conversations.queries import answered_by_people
from parlons.kit.clock import to_datetime
from parlons.knowledge.gathering import Asked, together
from parlons.knowledge.reading import GAP_DAYS
from parlons.knowledge.store import offers, pages, questions
from parlons.knowledge.suggesting import content_words
from parlons.runtime.db import Tx

Json = dict[str, Any]
Outcome = Literal["inserted", "unhelpful"]
_READ = 2000
"""Questions that are looked at, the newest first."""
_SHOWN = 50


async def note(tx: Tx, conversation: Conversation, language: str, text: str, offered: int) -> None:
    """This was asked first in this conversation, and so many articles were offered for it."""
    words = await content_words(tx, language, text)
    if not words:
        return
    row = {
        "conversation_id": conversation.id,
        "tenant_id": tx.tenant_id,
        "firm_id": conversation.firm_id,
        "customer_id": conversation.customer_id,
        "language": language,
        "words": words,
        "offered": offered,
        "at": to_datetime(tx.now),
    }
    await tx.execute(insert(questions).values(**row).on_conflict_do_nothing())
    old = to_datetime(tx.now) - timedelta(days=GAP_DAYS)
    here = (questions.c.tenant_id == tx.tenant_id, questions.c.firm_id == conversation.firm_id)
    await tx.execute(questions.delete().where(*here, questions.c.at < old))


async def settled_by_reading(tx: Tx, conversation_id: str) -> None:
    """An article helped: nothing is missing."""
    here = (questions.c.tenant_id == tx.tenant_id, questions.c.conversation_id == conversation_id)
    await tx.execute(questions.delete().where(*here))


async def settle(tx: Tx, conversation: Conversation, article_id: str, outcome: Outcome) -> bool:
    """An agent put the article into an answer, or found that it does not help here; the last word counts. False: the firm has
    no such published article."""
    known = sa.select(pages.c.article_id).where(pages.c.tenant_id == tx.tenant_id, pages.c.article_id == article_id)
    if await tx.scalar(known.where(pages.c.firm_id == conversation.firm_id)) is None:
        return False
    values = {"outcome": outcome, "at": to_datetime(tx.now)}
    row = {"conversation_id": conversation.id, "article_id": article_id, "tenant_id": tx.tenant_id, **values}
    statement = insert(offers).values(**row)
    await tx.execute(statement.on_conflict_do_update(index_elements=["conversation_id", "article_id"], set_=values))
    return True


async def settled(tx: Tx, conversation_id: str) -> set[str]:
    """The articles an agent has put in or refused in this conversation."""
    query = sa.select(offers.c.article_id).where(
        offers.c.tenant_id == tx.tenant_id, offers.c.conversation_id == conversation_id
    )
    return {row["article_id"] for row in await tx.fetch_all(query)}


async def outcomes(tx: Tx, now: int) -> dict[str, dict[str, int]]:
    """Of the last `GAP_DAYS` days, by article: how often it was put into an answer, and refused."""
    since = to_datetime(now) - timedelta(days=GAP_DAYS)
    query = sa.select(offers.c.article_id, offers.c.outcome, sa.func.count().label("count"))
    query = query.where(offers.c.tenant_id == tx.tenant_id, offers.c.at >= since)
    found: dict[str, dict[str, int]] = {}
    for row in await tx.fetch_all(query.group_by(offers.c.article_id, offers.c.outcome)):
        found.setdefault(row["article_id"], {"inserted": 0, "unhelpful": 0})[row["outcome"]] = row["count"]
    return found


async def asked_of_people(tx: Tx, firm_ids: list[str] | None, now: int) -> list[Json]:
    """What several customers asked and people answered without an article, the most frequent first."""
    since = to_datetime(now) - timedelta(days=GAP_DAYS)
    helped = sa.select(offers.c.conversation_id).where(
        offers.c.tenant_id == tx.tenant_id, offers.c.outcome == "inserted"
    )
    c = questions.c
    query = sa.select(questions).where(c.tenant_id == tx.tenant_id, c.at >= since, c.conversation_id.not_in(helped))
    if firm_ids is not None:
        query = query.where(c.firm_id.in_(firm_ids))
    rows = await tx.fetch_all(query.order_by(c.at.desc(), c.conversation_id).limit(_READ))
    reached = await answered_by_people(tx, [row["conversation_id"] for row in rows])
    places: dict[tuple[str, str], list[Asked]] = {}
    for row in reversed(rows):
        if row["conversation_id"] in reached:
            one = Asked(row["customer_id"], tuple(row["words"]), row["offered"])
            places.setdefault((row["firm_id"], row["language"]), []).append(one)
    found: list[Json] = [
        {"firm_id": firm_id, "language": language, "query": " ".join(gap.words), **gap.counts}
        for (firm_id, language), asked in places.items()
        for gap in together(asked)
    ]
    return sorted(found, key=lambda gap: (-gap["conversations"], gap["query"]))[:_SHOWN]


async def erase_questions(tx: Tx, conversation_ids: Sequence[str]) -> None:
    """A customer is erased: what he asked goes."""
    mine = sa.and_(questions.c.tenant_id == tx.tenant_id, questions.c.conversation_id.in_(list(conversation_ids)))
    await tx.execute(questions.delete().where(mine))
