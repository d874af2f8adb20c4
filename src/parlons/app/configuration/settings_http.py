"""Routes of settings on screen: what is configured, its schema, one thing changed, history and undo, drafts.

The same model, checks and way into effect as the text file has; what differs is that a change names the version it began from.
"""

import os
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from parlons.accounts.http import Actor, Administrator, base_url, database, now
from parlons.accounts.links import link_url
from parlons.accounts.model import Principal
from parlons.app.configuration import drafts, history
from parlons.app.configuration.applied import Applied
from parlons.app.configuration.check import KINDS
from parlons.app.configuration.current import Current, read_current, thing_text
from parlons.app.configuration.history import REVISION
from parlons.app.configuration.laying import check_rights, lay_down
from parlons.app.configuration.named_secrets import resolve_secrets
from parlons.app.configuration.refusals import UnknownSetting, VersionMissing
from parlons.app.configuration.schema import schema
from parlons.app.configuration.text import InvalidConfigurationFile
from parlons.app.configuration.wanted import (
    Wanted,
    etag_of,
    known_kind,
    nothing,
    of_fields,
    public,
    read_thing,
    seen_etag,
)
from parlons.runtime.asked import row_of
from parlons.runtime.conditional import ChangedMeanwhile
from parlons.runtime.http import YamlResponse

router = APIRouter(prefix="/settings", tags=["settings"])
Json = dict[str, Any]
DryRun = Annotated[bool, Query(description="Only say what would change.")]
Stranded = Annotated[int | None, Query(ge=0, description="How many waiting tasks may find nobody afterwards.")]
IfMatch = Annotated[str | None, Header(description="The etag of the version that is changed, or *.")]
Limit = Annotated[int, Query(ge=1, le=200)]


class Thing(BaseModel):
    """One thing that is configured; of a secret only that it is known."""

    kind: str
    name: str
    etag: str
    thing: Json


class Settings(BaseModel):
    """Everything that is configured, by kind and name."""

    revision: str | None
    default_firm: str
    things: dict[str, dict[str, Thing]]


class Changed(BaseModel):
    """What a change did, or would do."""

    dry_run: bool
    name: str | None
    etag: str | None
    """Of the thing after it."""
    changes: list[Json]
    text: str
    """The same for people to read."""
    effects: Json
    revision: str | None
    links: dict[str, str]
    """One-time links by e-mail address, shown this once."""


class Draft(BaseModel):
    """What somebody has typed and not put to work; `etag`: the version it began from, null for what is to be new."""

    etag: str | None = None
    thing: Json


def _thing(kind: str, name: str, thing: Json) -> Json:
    return {"kind": kind, "name": name, "etag": etag_of(thing), "thing": public(kind, thing)}


async def _current(request: Request, principal: Principal) -> Current:
    check_rights(principal)
    async with database(request).transaction(principal.tenant_id) as tx:
        return await read_current(tx, principal.workspace_id)


@router.get("", response_model=Settings)
async def read_settings(request: Request, principal: Administrator) -> Json:
    """Everything that is configured, in normal form."""
    check_rights(principal)
    async with database(request).transaction(principal.tenant_id) as tx:
        current = await read_current(tx, principal.workspace_id)
        revision = await history.newest(tx, principal)
    things = {
        kind: {name: _thing(kind, name, thing) for name, thing in found.items()}
        for kind, found in current.things.items()
    }
    return {"revision": revision, "default_firm": current.default_firm, "things": things}


@router.get("/schema")
async def read_schema(principal: Administrator) -> Json:
    """The JSON schema of each kind: what its form may hold."""
    return schema()


@router.get("/revisions")
async def list_revisions(
    request: Request,
    principal: Administrator,
    kind: Annotated[str | None, Query(pattern=f"^({'|'.join(KINDS)})$")] = None,
    name: Annotated[str | None, Query(max_length=200)] = None,
    actor: Actor = None,
    before: Annotated[str | None, row_of(REVISION)] = None,
    limit: Limit = 50,
) -> Json:
    """Who changed what, newest first; `before`: the last id of the page before."""
    check_rights(principal)
    async with database(request).transaction(principal.tenant_id) as tx:
        items = await history.listed(tx, principal, kind=kind, name=name, actor=actor, before=before, limit=limit)
    return {"items": items}


@router.get("/revisions/{revision}")
async def read_revision(revision: str, request: Request, principal: Administrator) -> Json:
    """One revision with its fields and texts before and after."""
    check_rights(principal)
    async with database(request).transaction(principal.tenant_id) as tx:
        return await history.one(tx, principal, revision)


@router.post("/revisions/{revision}/undo", response_model=Changed)
async def undo_revision(
    revision: str,
    request: Request,
    principal: Administrator,
    dry_run: DryRun = False,
    accept_stranded: Stranded = None,
) -> Json:
    """Take a revision back; refused when what it changed was changed again since."""
    check_rights(principal)
    async with database(request).transaction(principal.tenant_id) as tx:
        wanted = await history.undoing(tx, principal, revision)
    wanted.accept_stranded = accept_stranded
    return _answer(request, await _carry_out(request, principal, wanted, dry_run), None, None)


@router.get("/drafts")
async def list_drafts(request: Request, principal: Administrator) -> Json:
    """One's own drafts."""
    check_rights(principal)
    async with database(request).transaction(principal.tenant_id) as tx:
        return {"items": await drafts.all_drafts(tx, principal)}


@router.put("/drafts/{kind}/{name:path}", status_code=204)
async def put_draft(kind: str, name: str, body: Draft, request: Request, principal: Administrator) -> Response:
    """Keep what was typed; nothing of it is put to work."""
    check_rights(principal)
    async with database(request).transaction(principal.tenant_id) as tx:
        await drafts.put_draft(tx, principal, known_kind(kind), name, body.thing, body.etag)
    return Response(status_code=204)


@router.delete("/drafts/{kind}/{name:path}", status_code=204)
async def drop_draft(kind: str, name: str, request: Request, principal: Administrator) -> Response:
    """Throw a draft away."""
    check_rights(principal)
    async with database(request).transaction(principal.tenant_id) as tx:
        await drafts.drop_draft(tx, principal, known_kind(kind), name)
    return Response(status_code=204)


@router.get("/text/{kind}/{name:path}", response_class=YamlResponse)
async def read_thing_text(kind: str, name: str, request: Request, principal: Administrator) -> Response:
    """One thing as the text file has it."""
    thing = (await _current(request, principal)).things[known_kind(kind)].get(name)
    if thing is None:
        raise UnknownSetting(kind=kind, name=name)
    return YamlResponse(thing_text(kind, thing))


@router.get("/{kind}/{name:path}", response_model=Thing)
async def read_setting(kind: str, name: str, request: Request, response: Response, principal: Administrator) -> Json:
    """One thing that is configured, with its version."""
    thing = (await _current(request, principal)).things[known_kind(kind)].get(name)
    if thing is None:
        raise UnknownSetting(kind=kind, name=name)
    response.headers["ETag"] = f'"{etag_of(thing)}"'
    return _thing(kind, name, thing)


@router.put("/{kind}/{name:path}", response_model=Changed)
async def put_setting(
    kind: str,
    name: str,
    body: Json,
    request: Request,
    principal: Administrator,
    dry_run: DryRun = False,
    accept_stranded: Stranded = None,
    if_match: IfMatch = None,
) -> Json:
    """Make a thing, or make it so; another name in the body renames it. What the body does not name stays.

    A thing that is there is changed with If-Match only: another version is refused (changed-meanwhile)."""
    check_rights(principal)
    there = (await _current(request, principal)).things[known_kind(kind)].get(name)
    if there is not None:  # what the model wants and the body does not name
        body = {word: there[word] for word in schema()["kinds"][kind].get("required", ())} | body
    wanted = read_thing(kind, None if there is None else name, body)
    try:
        wanted.secrets |= resolve_secrets(wanted.parsed, os.environ)
        wanted.accept_stranded = accept_stranded
        wanted.check = await _version(request, principal, kind, name, if_match)
        applied = await _carry_out(request, principal, wanted, dry_run)
    except InvalidConfigurationFile as error:
        raise of_fields(error, wanted) from None
    (key,) = wanted.parsed.things[kind] if len(wanted.parsed.things[kind]) == 1 else (name,)
    if not dry_run:
        await _end_drafts(request, principal, kind, {name, key})
    return _answer(request, applied, key, etag_of(applied.plan.after[kind][key]))


@router.delete("/{kind}/{name:path}", response_model=Changed)
async def remove_setting(
    kind: str,
    name: str,
    request: Request,
    principal: Administrator,
    dry_run: DryRun = False,
    accept_stranded: Stranded = None,
    if_match: IfMatch = None,
) -> Json:
    """Remove a thing; what is in use is refused (still-in-use), and says where."""
    wanted = Wanted(nothing(), remove=[(known_kind(kind), name)], road="screen", watch=True)
    wanted.accept_stranded = accept_stranded
    wanted.check = await _version(request, principal, kind, name, if_match)
    applied = await _carry_out(request, principal, wanted, dry_run)
    if not dry_run:
        await _end_drafts(request, principal, kind, {name})
    return _answer(request, applied, None, None)


async def _version(
    request: Request, principal: Principal, kind: str, name: str, if_match: str | None
) -> Callable[[Current], None]:
    """What raises when the thing is not the one the author saw."""
    async with database(request).transaction(principal.tenant_id) as tx:
        last = await history.latest(tx, principal, kind, name)
    seen = seen_etag(if_match)

    def check(current: Current) -> None:
        there = current.things[kind].get(name)
        if there is not None and seen is None:
            raise VersionMissing(etag=etag_of(there))
        if seen not in (None, "*") and (there is None or etag_of(there) != seen):
            who = {} if last is None else {"by": last["author"], "at": last["at"], "revision": last["id"]}
            raise ChangedMeanwhile(kind=kind, name=name, etag=None if there is None else etag_of(there), **who)

    return check


async def _carry_out(request: Request, principal: Principal, wanted: Wanted, dry_run: bool) -> Applied:
    dispatch = request.app.state.dispatch
    return await lay_down(database(request), dispatch, principal, wanted, now=now(request), dry_run=dry_run)


async def _end_drafts(request: Request, principal: Principal, kind: str, names: set[str]) -> None:
    if principal.user_id is None:
        return
    async with database(request).transaction(principal.tenant_id) as tx:
        for name in names:
            await drafts.drop_draft(tx, principal, kind, name)


def _answer(request: Request, applied: Applied, name: str | None, etag: str | None) -> Json:
    base = base_url(request)
    told = applied.as_json()
    return {
        "dry_run": applied.dry_run,
        "name": name,
        "etag": etag,
        "changes": told["changes"],
        "text": applied.as_text(),
        "effects": told["effects"],
        "revision": applied.revision,
        "links": {email: link_url(base, token) for email, token in applied.links.items()},
    }
