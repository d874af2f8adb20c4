"""Routes of configuration as text: apply a file, export one."""

import os
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import PlainTextResponse, Response

from parlons.accounts.http import Administrator, database, now
from parlons.accounts.links import link_url
from parlons.app.configuration import apply, export
from parlons.app.configuration_text import LARGEST
from parlons.kit.errors import TooLarge

router = APIRouter(tags=["configuration"])


@router.post("/configuration")
async def apply_configuration(
    request: Request,
    principal: Administrator,
    dry_run: Annotated[bool, Query(description="Only say what would change.")] = False,
    prune: Annotated[bool, Query(description="Remove what the file does not name.")] = False,
) -> dict[str, Any]:
    """Make the workspace be as the body (YAML) says. People who are new get one-time links, shown in this answer only."""
    source = await request.body()
    if len(source) > LARGEST:
        raise TooLarge
    state = request.app.state
    applied = await apply(
        database(request),
        state.dispatch,
        principal,
        source.decode("utf-8", "replace"),
        now=now(request),
        environ=os.environ,
        prune=prune,
        dry_run=dry_run,
    )
    base = str(request.base_url)
    links = {email: link_url(base, token) for email, token in applied.links.items()}
    return {**applied.as_json(), "text": applied.as_text(), "links": links}


@router.get("/configuration", response_class=PlainTextResponse)
async def export_configuration(request: Request, principal: Administrator) -> Response:
    """The workspace's configuration as a file; no secrets, no passwords."""
    return PlainTextResponse(await export(database(request), principal), media_type="application/yaml")
