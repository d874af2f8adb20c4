"""Ready replies over HTTP: for their authors. What an agent is offered in a conversation is asked for there (conversations)."""

from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field

from parlons.accounts.http import Body, Supervisor, database
from parlons.kit.languages import LANGUAGES
from parlons.templates import commands, queries
from parlons.templates.liquid import VARIABLES, check, fill
from parlons.templates.model import REPLY, Reader, Wanted, values_for
from parlons.templates.queries import filled_json, template_json

Json = dict[str, Any]
router = APIRouter(tags=["templates"])
SAMPLE = {
    "name": "Claire Rousseau",
    "language": "fr",
    "addresses": [{"kind": "email", "value": "claire@example.com"}, {"kind": "phone", "value": "+33612345678"}],
}


class ReplyText(Body):
    shortcut: str = Field(max_length=60)
    title: str = Field(max_length=200)
    texts: dict[str, str] = Field(max_length=8)
    """By language."""
    firm_id: str | None = Field(default=None, max_length=64)
    queue_id: str | None = Field(default=None, max_length=64)

    def wanted(self) -> Wanted:
        """As the room takes it."""
        return Wanted(self.shortcut, self.title, self.texts, self.firm_id, self.queue_id)


class ReplyChange(ReplyText):
    version: int
    """The version this was written over; a newer one is refused."""


class Sample(Body):
    text: str = Field(max_length=8_000)
    firm_name: str = Field(default="", max_length=200)


@router.get("/replies")
async def list_replies(request: Request, principal: Supervisor) -> Json:
    """All ready replies of the caller's firms, the languages they may have and the variables they may name."""
    async with database(request).transaction(principal.tenant_id) as tx:
        found = await queries.listing(tx, principal, REPLY)
    return {"items": found, "next": None, "languages": LANGUAGES, "variables": VARIABLES}


@router.post("/replies", status_code=201)
async def create_reply(body: ReplyText, request: Request, principal: Supervisor) -> Json:
    """Write a ready reply; its variables and conditions are checked."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return template_json(await commands.write(tx, principal, REPLY, body.wanted()))


@router.post("/replies/sample")
async def sample_reply(body: Sample, principal: Supervisor) -> Json:
    """How a text reads for a made-up customer and the caller; refused as it would be when kept."""
    check(body.text)
    reader = Reader(SAMPLE, principal.name, body.firm_name)
    return filled_json(fill(body.text, values_for(reader)))


@router.put("/replies/{reply_id}")
async def change_reply(reply_id: str, body: ReplyChange, request: Request, principal: Supervisor) -> Json:
    """Rewrite a ready reply; the version before is kept."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return template_json(await commands.rewrite(tx, principal, reply_id, body.wanted(), version=body.version))


@router.delete("/replies/{reply_id}", status_code=204)
async def remove_reply(reply_id: str, request: Request, principal: Supervisor) -> None:
    """Offer it no more; it can be restored."""
    async with database(request).transaction(principal.tenant_id) as tx:
        await commands.remove(tx, principal, reply_id)


@router.post("/replies/{reply_id}/restore")
async def restore_reply(reply_id: str, request: Request, principal: Supervisor) -> Json:
    """Offer a removed one again."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return template_json(await commands.bring_back(tx, principal, reply_id))


@router.get("/replies/{reply_id}/versions")
async def reply_versions(reply_id: str, request: Request, principal: Supervisor) -> Json:
    """Every version with its author, newest first."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return {"items": await queries.history(tx, principal, reply_id), "next": None}
