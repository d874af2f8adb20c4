"""Routes of drafts of flows: everybody's are seen by all who may change flows, each is kept by its author alone.

A draft is no configuration: nothing checks it, nothing runs it. It is published as a version, and dropped by who kept it.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, Field

from parlons.accounts.http import Administrator, Body, database
from parlons.accounts.model import Principal
from parlons.app import flow_versions as versions
from parlons.app.configuration.laying import check_rights
from parlons.app.configuration.wanted import seen_etag
from parlons.flows.drafts import LONGEST
from parlons.kit.clock import to_iso
from parlons.kit.errors import Forbidden
from parlons.reception.flow_drafts import FlowDraft, draft_by, drafts_of, drop_draft, keep_draft
from parlons.runtime.db import Tx

router = APIRouter(prefix="/flows/{flow_id}/drafts", tags=["flows"])
Json = dict[str, Any]
IfMatch = Annotated[str | None, Header(description="The etag of one's own draft that was seen; none: there was none.")]


class KeptFlowDraft(BaseModel):
    """`version`: the version of the flow from which it began."""

    user_id: str
    author: str
    mine: bool
    version: int
    etag: str
    at: str
    text: str | None = None
    """Of one draft only."""


class FlowDrafts(BaseModel):
    items: list[KeptFlowDraft]


class NewFlowDraft(Body):
    text: Annotated[str, Field(max_length=LONGEST)]
    """As far as it was written: it need not be valid."""
    version: Annotated[int, Field(ge=1, le=2**31 - 1)]


@router.get("", response_model=FlowDrafts)
async def list_flow_drafts(flow_id: str, request: Request, principal: Administrator) -> Json:
    """Who has a draft of this flow, the latest first."""
    check_rights(principal)
    async with database(request).transaction(principal.tenant_id) as tx:
        await versions.state(tx, principal, flow_id)
        return await _all(tx, principal, flow_id)


@router.get("/{user_id}", response_model=KeptFlowDraft)
async def read_flow_draft(flow_id: str, user_id: str, request: Request, principal: Administrator) -> Json:
    """The draft of one author, with its text; `me`: one's own."""
    check_rights(principal)
    async with database(request).transaction(principal.tenant_id) as tx:
        await versions.state(tx, principal, flow_id)
        found = await draft_by(tx, flow_id, _person(principal) if user_id == "me" else user_id)
    return {**_draft(found, principal), "text": found.text}


@router.put("/me", response_model=FlowDrafts)
async def keep_flow_draft(
    flow_id: str, body: NewFlowDraft, request: Request, principal: Administrator, if_match: IfMatch = None
) -> Json:
    """Keep one's own draft; refused (draft-changed) when it was kept elsewhere meanwhile. Answers with everybody's."""
    check_rights(principal)
    person = _person(principal)
    async with database(request).transaction(principal.tenant_id) as tx:
        await versions.state(tx, principal, flow_id, lock=True)
        author, seen = principal.name, seen_etag(if_match)
        await keep_draft(tx, flow_id, person, author=author, version=body.version, text=body.text, seen=seen)
        return await _all(tx, principal, flow_id)


@router.delete("/me", status_code=204)
async def drop_flow_draft(flow_id: str, request: Request, principal: Administrator, if_match: IfMatch = None) -> None:
    """One's own draft is not wanted any more, or was published; refused (draft-changed) when it was kept elsewhere meanwhile."""
    check_rights(principal)
    async with database(request).transaction(principal.tenant_id) as tx:
        await versions.state(tx, principal, flow_id, lock=True)
        await drop_draft(tx, flow_id, _person(principal), seen=seen_etag(if_match))


async def _all(tx: Tx, principal: Principal, flow_id: str) -> Json:
    return {"items": [_draft(each, principal) for each in await drafts_of(tx, flow_id)]}


def _draft(one: FlowDraft, principal: Principal) -> Json:
    same = {name: getattr(one, name) for name in ("user_id", "author", "version", "etag")}
    return {**same, "mine": one.user_id == principal.user_id, "at": to_iso(one.at)}


def _person(principal: Principal) -> str:
    if principal.user_id is None:
        raise Forbidden("Drafts belong to people; a key publishes at once.")
    return principal.user_id
