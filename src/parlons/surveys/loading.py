"""Surveys laid down and read in bulk, for the configuration file, which has checked them."""

from collections.abc import Sequence
from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from parlons.runtime.db import Tx
from parlons.surveys.model import Survey
from parlons.surveys.store import survey_of, surveys


async def all_surveys(tx: Tx, workspace_id: str) -> list[Survey]:
    """Every survey of a workspace, in order of their names."""
    query = sa.select(surveys).where(surveys.c.tenant_id == tx.tenant_id, surveys.c.workspace_id == workspace_id)
    return [survey_of(row) for row in await tx.fetch_all(query.order_by(surveys.c.name))]


async def put_surveys(tx: Tx, wanted: Sequence[Survey]) -> None:
    """Each survey, new or other, by its id. What was asked before keeps the words it was asked in."""
    for one in wanted:
        values = {
            "workspace_id": one.workspace_id,
            "firm_id": one.firm_id,
            "name": one.name,
            "kind": one.kind,
            "words": one.words.json(),
            "rule": asdict(one.rule),
        }
        statement = insert(surveys).values(id=one.id, tenant_id=tx.tenant_id, **values)
        await tx.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))


async def remove_surveys(tx: Tx, survey_ids: Sequence[str]) -> None:
    """They are put no more; what was answered stays."""
    if survey_ids:
        named = sa.and_(surveys.c.tenant_id == tx.tenant_id, surveys.c.id.in_(list(survey_ids)))
        await tx.execute(surveys.delete().where(named))
