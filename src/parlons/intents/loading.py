"""Intents laid down and read in bulk, for the configuration file, which has checked them; and what they are matched by."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from parlons.intents.matching import Phrase
from parlons.intents.store import intent_settings, intents
from parlons.runtime.db import Tx


@dataclass(frozen=True, slots=True)
class Intent:
    """What people may mean, and how they say it."""

    id: str
    name: str
    phrases: dict[str, list[str]]
    """By language."""


@dataclass(frozen=True, slots=True)
class State:
    """What the phrases of a workspace are at."""

    version: int = 0
    """Grows whenever a phrase or the threshold changes."""
    threshold: float | None = None
    """None: chosen by the phrases themselves."""


async def all_intents(tx: Tx, workspace_id: str) -> list[Intent]:
    """Every intent of a workspace, in order of their names."""
    query = sa.select(intents).where(intents.c.tenant_id == tx.tenant_id, intents.c.workspace_id == workspace_id)
    rows = await tx.fetch_all(query.order_by(intents.c.name))
    return [Intent(row["id"], row["name"], row["phrases"]) for row in rows]


def phrases_of(found: Sequence[Intent]) -> list[Phrase]:
    """All phrases, each with its intent and language."""
    return [
        Phrase(text, intent.name, language)
        for intent in found
        for language, texts in sorted(intent.phrases.items())
        for text in texts
    ]


async def put_intents(tx: Tx, workspace_id: str, wanted: Sequence[Intent]) -> None:
    """Each intent, new or other, by its id."""
    for one in wanted:
        values = {"workspace_id": workspace_id, "name": one.name, "phrases": one.phrases}
        statement = insert(intents).values(id=one.id, tenant_id=tx.tenant_id, **values)
        await tx.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))
    if wanted:
        await _changed(tx, workspace_id)


async def remove_intents(tx: Tx, workspace_id: str, intent_ids: Sequence[str]) -> None:
    """They are understood no more."""
    if intent_ids:
        await tx.execute(
            intents.delete().where(intents.c.tenant_id == tx.tenant_id, intents.c.id.in_(list(intent_ids)))
        )
        await _changed(tx, workspace_id)


async def state_of(tx: Tx, workspace_id: str) -> State:
    """Version and threshold."""
    query = sa.select(intent_settings).where(
        intent_settings.c.tenant_id == tx.tenant_id, intent_settings.c.workspace_id == workspace_id
    )
    row = await tx.fetch_one(query)
    return State() if row is None else State(row["version"], row["threshold"])


async def put_threshold(tx: Tx, workspace_id: str, threshold: float | None) -> None:
    """Below this score nothing is understood; None: as the phrases themselves tell."""
    if (await state_of(tx, workspace_id)).threshold != threshold:
        await _changed(tx, workspace_id, threshold=threshold)


async def _changed(tx: Tx, workspace_id: str, **values: float | None) -> None:
    fresh = insert(intent_settings).values(workspace_id=workspace_id, tenant_id=tx.tenant_id, version=1, **values)
    more = {"version": intent_settings.c.version + 1, **values}
    await tx.execute(fresh.on_conflict_do_update(index_elements=["workspace_id"], set_=more))
