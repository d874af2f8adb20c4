"""Configuration as text: `apply` makes a workspace be as a file says, `export` writes the file that says how it is.

Applied again a file changes nothing. How a change is laid down stands in laying.py.
"""

import asyncio
from collections.abc import Mapping

from parlons.accounts.model import Principal
from parlons.app.configuration.applied import Applied
from parlons.app.configuration.check import parse
from parlons.app.configuration.current import as_file, read_current
from parlons.app.configuration.laying import check_rights, lay_down
from parlons.app.configuration.named_secrets import resolve_secrets
from parlons.app.configuration.text import write
from parlons.app.configuration.wanted import Wanted
from parlons.dispatch.dispatch import Dispatch
from parlons.kit.clock import Millis
from parlons.runtime.db import Database


async def apply(
    db: Database,
    dispatch: Dispatch,
    principal: Principal,
    source: str,
    *,
    now: Millis,
    environ: Mapping[str, str],
    prune: bool = False,
    dry_run: bool = False,
    accept_stranded: int | None = None,
    patience: float = 5.0,
) -> Applied:
    """Make the principal's workspace be as `source` says; returns when the router has carried it out. Raises as `lay_down`.

    `environ`: where secrets are found by name. `accept_stranded`: how many waiting tasks may find nobody afterwards.
    `patience`: seconds to wait for an earlier change to be taken in."""
    check_rights(principal)
    # What only computes runs beside the event loop: a file of thousands of firms must not hold up the calls of agents.
    parsed = await asyncio.to_thread(parse, source)
    wanted = Wanted(parsed, resolve_secrets(parsed, environ), prune=prune, accept_stranded=accept_stranded)
    return await lay_down(db, dispatch, principal, wanted, now=now, dry_run=dry_run, patience=patience)


async def export(db: Database, principal: Principal) -> str:
    """The file that says how the principal's workspace is configured; no secrets, no passwords."""
    check_rights(principal)
    async with db.transaction(principal.tenant_id) as tx:
        current = await read_current(tx, principal.workspace_id)
    return write(as_file(current.things))
