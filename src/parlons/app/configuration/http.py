"""Routes of configuration as text: apply a file, export one."""

import os
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from parlons.accounts.http import Administrator, base_url, database, now
from parlons.accounts.links import link_url
from parlons.app.configuration.apply import apply, export
from parlons.app.configuration.text import LARGEST
from parlons.kit.errors import TooLarge
from parlons.runtime.http import YamlResponse

router = APIRouter(tags=["configuration"])
TEXT = {"requestBody": {"required": True, "content": {YamlResponse.media_type: {"schema": {"type": "string"}}}}}


class Difference(BaseModel):
    """One thing that is added, changed or removed; `diff` has before and after of each field."""

    kind: str
    name: str
    act: Literal["add", "change", "remove"]
    diff: dict[str, list[Any]]


class Kept(BaseModel):
    """A thing the file does not name and that stays."""

    kind: str
    name: str


class Applied(BaseModel):
    """What a file changed, or would change."""

    dry_run: bool
    changes: list[Difference]
    unchanged: int
    kept: list[Kept]
    text: str
    """The same for people to read."""
    effects: dict[str, Any]
    """What becomes of queues and waiting tasks; empty when nothing waits."""
    links: dict[str, str]
    """One-time links by e-mail address, shown this once."""


@router.post("/configuration", response_model=Applied, openapi_extra=TEXT)
async def apply_configuration(
    request: Request,
    principal: Administrator,
    dry_run: Annotated[bool, Query(description="Only say what would change.")] = False,
    prune: Annotated[bool, Query(description="Remove what the file does not name.")] = False,
    accept_stranded: Annotated[
        int | None, Query(ge=0, description="How many waiting tasks may find nobody afterwards.")
    ] = None,
) -> dict[str, Any]:
    """Make the workspace be as the body (YAML) says. People who are new get one-time links, shown in this answer only.

    Waiting tasks that would find nobody are refused (would-strand) until exactly their number is accepted."""
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
        accept_stranded=accept_stranded,
    )
    base = base_url(request)
    links = {email: link_url(base, token) for email, token in applied.links.items()}
    return {**applied.as_json(), "text": applied.as_text(), "links": links}


@router.get("/configuration", response_class=YamlResponse)
async def export_configuration(request: Request, principal: Administrator) -> Response:
    """The workspace's configuration as a file; no secrets, no passwords."""
    return YamlResponse(await export(database(request), principal))
