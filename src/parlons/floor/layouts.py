"""How each person has the Live page: kept by the server, so that it is the same at every desk."""

from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from parlons.floor.store import layouts
from parlons.runtime.db import Tx

Json = dict[str, Any]


async def layout_of(tx: Tx, user_id: str) -> Json | None:
    """What he chose; None: nothing yet."""
    mine = (layouts.c.tenant_id == tx.tenant_id, layouts.c.user_id == user_id)
    return cast("Json | None", await tx.scalar(sa.select(layouts.c.layout).where(*mine)))


async def keep_layout(tx: Tx, user_id: str, layout: Json) -> None:
    """He has it like this from now on."""
    statement = insert(layouts).values(tenant_id=tx.tenant_id, user_id=user_id, layout=layout)
    await tx.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "user_id"], set_={"layout": layout}))
