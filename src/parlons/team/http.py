"""The colleagues' discussions over HTTP. Being in a discussion is the right to it; keys and people from outside are in none."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from parlons.accounts.http import Somebody, database
from parlons.accounts.model import Principal
from parlons.conversations.http import permitted
from parlons.runtime.db import Tx
from parlons.runtime.http import Once
from parlons.team import commands, queries, schemas
from parlons.team.rules import check_person

Json = dict[str, Any]
router = APIRouter(tags=["team"])


async def colleague(principal: Somebody) -> Principal:
    """The caller, who must be a person that works here."""
    check_person(principal)
    return principal


Colleague = Annotated[Principal, Depends(colleague)]
Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = str | None


def _user_id(principal: Principal) -> str:
    return check_person(principal)


@router.get("/team/colleagues", response_model=schemas.ColleaguePage)
async def list_colleagues(
    request: Request,
    principal: Colleague,
    q: Annotated[str, Query(max_length=100)] = "",
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Json:
    """Whom the caller may write to: people at work here who share a firm with him; `q` searches names and addresses."""
    async with database(request).transaction(principal.tenant_id) as tx:
        found = await queries.colleagues(tx, principal, text=q, cursor=cursor, limit=limit)
    return {"items": found.items, "next": found.next}


@router.get("/team/discussions", response_model=schemas.DiscussionPage)
async def list_discussions(request: Request, principal: Colleague, cursor: Cursor = None, limit: Limit = 50) -> Json:
    """The caller's discussions, the liveliest first."""
    async with database(request).transaction(principal.tenant_id) as tx:
        found = await queries.my_discussions(tx, _user_id(principal), cursor, limit)
    return {"items": found.items, "next": found.next}


@router.post("/team/discussions", status_code=201, response_model=schemas.Discussion)
async def start_discussion(body: schemas.NewDiscussion, once: Once, request: Request, principal: Colleague) -> Response:
    """Begin a discussion with one person (there is one for two: it is found again), or with a team."""

    async def start(tx: Tx) -> Json:
        if body.user_id is not None:
            return await commands.start_direct(tx, principal, body.user_id)
        return await commands.start_team(tx, principal, body.name, body.user_ids)

    return await once.run(database(request), principal.tenant_id, principal.actor, start, status=201)


@router.patch("/team/discussions/{discussion_id}", response_model=schemas.Discussion)
async def change_discussion(
    discussion_id: str, body: schemas.TeamChange, request: Request, principal: Colleague
) -> Json:
    """Another name or other people of a team; whoever is in it may. Who comes in can read what was said before."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return await commands.change_team(
            tx, principal, discussion_id, name=body.name, user_ids=body.user_ids, version=body.version
        )


@router.post("/team/discussions/{discussion_id}/leave", status_code=204)
async def leave_discussion(discussion_id: str, request: Request, principal: Colleague) -> None:
    """Be in a team no more."""
    async with database(request).transaction(principal.tenant_id) as tx:
        await commands.leave(tx, principal, discussion_id)


@router.get("/team/discussions/{discussion_id}/lines", response_model=schemas.LinePage)
async def list_lines(
    discussion_id: str, request: Request, principal: Colleague, cursor: Cursor = None, limit: Limit = 50
) -> Json:
    """What was said in a discussion, the newest first."""
    async with database(request).transaction(principal.tenant_id) as tx:
        await queries.discussion_of(tx, _user_id(principal), discussion_id)
        found = await queries.lines_of(tx, discussion_id, cursor, limit)
    return {"items": found.items, "next": found.next}


@router.post("/team/discussions/{discussion_id}/lines", status_code=201, response_model=schemas.Line)
async def say(
    discussion_id: str, body: schemas.NewLine, once: Once, request: Request, principal: Colleague
) -> Response:
    """Say something in a discussion."""

    async def send(tx: Tx) -> Json:
        if body.conversation_id is not None:
            await permitted(tx, request, principal, "read", body.conversation_id)
        return await commands.say(
            tx, principal, discussion_id, body.text, mentions=body.mentions, conversation_id=body.conversation_id
        )

    return await once.run(database(request), principal.tenant_id, principal.actor, send, status=201)


@router.delete("/team/discussions/{discussion_id}/lines/{line_id}", response_model=schemas.Line)
async def take_back(discussion_id: str, line_id: str, request: Request, principal: Colleague) -> Json:
    """Take back one's own line, within 15 minutes: its text is gone for all."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return await commands.take_back(tx, principal, discussion_id, line_id)


@router.post("/team/discussions/{discussion_id}/read", response_model=schemas.Reading)
async def mark_read(discussion_id: str, body: schemas.ReadUpTo, request: Request, principal: Colleague) -> Json:
    """The caller has read up to this number; nobody else is told."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return await commands.mark_read(tx, principal, discussion_id, body.number)


@router.put("/team/discussions/{discussion_id}/draft", response_model=schemas.Reading)
async def keep_draft(discussion_id: str, body: schemas.DraftLine, request: Request, principal: Colleague) -> Json:
    """Keep what the caller has begun to write; an empty text forgets it."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return await commands.keep_draft(tx, principal, discussion_id, body.text)
