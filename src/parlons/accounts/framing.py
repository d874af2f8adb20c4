"""Which pages of others may show the desk in a frame and steer it: the origins that an administrator named, none by default."""

import sqlalchemy as sa

from parlons.accounts import store
from parlons.kit.errors import Unavailable
from parlons.runtime.db import Database, Tx

SETTING = "frame_origins"
"""Word of the workspace."""


async def origins(tx: Tx) -> list[str]:
    """Of this tenant; in a system transaction of all of them."""
    table = store.workspaces
    named = sa.select(table.c.settings[SETTING].label("origins")).where(
        table.c.is_default, table.c.settings.has_key(SETTING)
    )
    return sorted({origin for row in await tx.fetch_all(named) for origin in row["origins"]})


async def framers(db: Database) -> list[str]:
    """All that the page of the desk, which is one for all tenants, names as ancestors."""
    try:
        async with db.system() as tx:
            return await origins(tx)
    except Unavailable:  # the desk opens all the same, and says what is away
        return []
