"""Rules laid down and read in bulk, for the configuration file, which has checked them."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from parlons.recontact.model import Rule
from parlons.recontact.store import rule_columns, rule_of, rules
from parlons.runtime.db import Tx


async def all_rules(tx: Tx, workspace_id: str) -> list[Rule]:
    """Every rule of a workspace, in order of their names."""
    query = sa.select(rules).where(rules.c.tenant_id == tx.tenant_id, rules.c.workspace_id == workspace_id)
    return [rule_of(row) for row in await tx.fetch_all(query.order_by(rules.c.name))]


async def put_rules(tx: Tx, wanted: Sequence[Rule]) -> None:
    """Each rule, new or other, by its id. Who is planned already is reached as the rule stands then."""
    for one in wanted:
        values = rule_columns(one)
        statement = insert(rules).values(tenant_id=tx.tenant_id, **values)
        del values["id"]
        await tx.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))


async def remove_rules(tx: Tx, rule_ids: Sequence[str]) -> None:
    """They reach nobody any more; who was reached stays reported."""
    if rule_ids:
        named = sa.and_(rules.c.tenant_id == tx.tenant_id, rules.c.id.in_(list(rule_ids)))
        await tx.execute(rules.delete().where(named))
