"""Sends to many over HTTP, for those who steer the floor.

GET    /sends                            newest first, each with its figures
POST   /sends                            a draft: {name, account_id, purpose, texts, segment | null, zone, starts_at, per_second}
GET    /sends/{id}                       with its figures; a draft with the size of its audience
PUT    /sends/{id}, DELETE /sends/{id}   drafts only
POST   /sends/{id}/recipients            {items: [{address, name, language, country, ANYTHING}]} or {csv}
GET    /sends/{id}/recipients            ?state=waiting|given|skipped
POST   /sends/{id}/preview               how it reads for one recipient
POST   /sends/{id}/trial                 {address}: one message now, not counted
POST   /sends/{id}/start | pause | resume | cancel
POST   /sends/{id}/again                 those of which nobody knows whether they left, once more
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, Field

from parlons.accounts.http import Body, database, having
from parlons.accounts.model import Principal
from parlons.accounts.rights import Right
from parlons.conversations.views import message_json
from parlons.customers.model import InvalidAddress, normal
from parlons.customers.segments import Segment
from parlons.kit.clock import Millis, from_datetime
from parlons.kit.pages import DEFAULT_LIMIT
from parlons.outbound import commands, laying, queries
from parlons.outbound.commands import Wanted
from parlons.outbound.feeding import Outbound, Skip
from parlons.outbound.laying import kinds_of
from parlons.outbound.model import DRAFT, MAX_AT_ONCE, InvalidSend, Text
from parlons.outbound.rows import find
from parlons.runtime.db import Tx
from parlons.runtime.http import Once

Json = dict[str, Any]
router = APIRouter(tags=["sends"])
Steering = Annotated[Principal, Depends(having(Right.STEER))]
LARGEST = 30_000_000
"""Bytes of one upload."""


class TextBody(Body):
    text: str = Field(default="", max_length=8_000)
    subject: str = Field(default="", max_length=500)
    template: str = Field(default="", max_length=200)
    values: list[str] = Field(default_factory=list, max_length=20)


class SegmentBody(Body):
    languages: list[Annotated[str, Field(min_length=2, max_length=20)]] = Field(default_factory=list, max_length=50)
    attributes: dict[str, list[Annotated[str, Field(max_length=200)]]] = Field(default_factory=dict, max_length=20)
    proven: bool = False


class SendBody(Body):
    name: str = Field(max_length=200)
    account_id: str = Field(max_length=64)
    purpose: Literal["marketing", "service"] = "marketing"
    texts: dict[str, TextBody] = Field(max_length=8)
    segment: SegmentBody | None = None
    """None: a list, which is uploaded."""
    zone: str = Field(default="Europe/Paris", max_length=64)
    """For recipients whose country is not known."""
    starts_at: AwareDatetime | None = None
    per_second: float | None = None

    def wanted(self) -> Wanted:
        """As the room takes it."""
        segment = self.segment
        return Wanted(
            self.name, self.account_id, self.purpose,
            {name: Text(one.text, one.subject, one.template, tuple(one.values)) for name, one in self.texts.items()},
            Segment(tuple(segment.languages), segment.attributes, segment.proven) if segment else None,
            self.zone, _millis(self.starts_at), self.per_second,
        )  # fmt: skip


class SendChange(SendBody):
    version: int


class ListBody(Body):
    items: list[dict[str, str]] = Field(default_factory=list, max_length=MAX_AT_ONCE)
    csv: str = Field(default="", max_length=LARGEST)


class PreviewBody(Body):
    customer_id: str | None = Field(default=None, max_length=64)
    """None: whoever stands at `place`, from 0."""
    place: int = Field(default=0, ge=0, le=1000)


class TrialBody(Body):
    address: str = Field(max_length=320)
    language: str | None = Field(default=None, max_length=20)


def _millis(at: datetime | None) -> Millis | None:
    return from_datetime(at) if at is not None else None


def _outbound(request: Request) -> Outbound:
    found: Outbound = request.app.state.outbound
    return found


@router.get("/sends")
async def list_sends(
    request: Request,
    principal: Steering,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = DEFAULT_LIMIT,
) -> Json:
    """Sends of the caller's firms, newest first, with how far each has come."""
    async with database(request).transaction(principal.tenant_id) as tx:
        found = await queries.listing(tx, principal, cursor=cursor, limit=limit)
    return {"items": found.items, "next": found.next}


@router.post("/sends", status_code=201)
async def create_send(body: SendBody, once: Once, request: Request, principal: Steering) -> Response:
    """Write a send; nothing leaves before it is started."""

    async def write(tx: Tx) -> Json:
        return await queries.whole(tx, await commands.write(tx, _outbound(request).post, principal, body.wanted()))

    return await once.run(database(request), principal.tenant_id, principal.actor, write, status=201)


@router.get("/sends/{send_id}")
async def get_send(send_id: str, request: Request, principal: Steering) -> Json:
    """One send with its figures; of a draft, to how many it would go now."""
    post = _outbound(request).post
    async with database(request).transaction(principal.tenant_id) as tx:
        send = await find(tx, principal, send_id)
        shown = await queries.whole(tx, send)
        if send.state == DRAFT:
            account, _ = await commands.account_of(post, principal, send.account_id)
            shown["audience"] = await queries.audience(tx, send, post.channels[account.channel], account)
    return shown


@router.put("/sends/{send_id}")
async def change_send(send_id: str, body: SendChange, request: Request, principal: Steering) -> Json:
    """Rewrite a draft."""
    async with database(request).transaction(principal.tenant_id) as tx:
        post, wanted = _outbound(request).post, body.wanted()
        return await queries.whole(
            tx, await commands.rewrite(tx, post, principal, send_id, wanted, version=body.version)
        )


@router.delete("/sends/{send_id}", status_code=204)
async def remove_send(send_id: str, request: Request, principal: Steering) -> None:
    """Remove a draft."""
    async with database(request).transaction(principal.tenant_id) as tx:
        await commands.remove(tx, principal, send_id)


@router.post("/sends/{send_id}/recipients")
async def upload_recipients(
    send_id: str, body: ListBody, once: Once, request: Request, principal: Steering
) -> Response:
    """Add recipients to a draft. Columns beside address, name, language and country are attributes the text may name.
    Answers with how many are new, and the places of those without an address this channel can write to."""
    rows = laying.read_csv(body.csv) if body.csv else body.items

    async def add(tx: Tx) -> Json:
        laid, bad = await commands.upload(tx, _outbound(request).post, principal, send_id, rows)
        return {"added": laid, "unusable": len(bad), "unusable_places": bad[:1000]}

    return await once.run(database(request), principal.tenant_id, principal.actor, add)


@router.get("/sends/{send_id}/recipients")
async def list_recipients(
    send_id: str,
    request: Request,
    principal: Steering,
    state: Literal["waiting", "given", "skipped"] | None = None,
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Json:
    """Recipients in order, with what was decided for each."""
    async with database(request).transaction(principal.tenant_id) as tx:
        found = await queries.page(tx, await find(tx, principal, send_id), state=state, after=after, limit=limit)
    return {"items": found, "next": found[-1]["number"] if len(found) == limit else None}


@router.post("/sends/{send_id}/preview")
async def preview_send(send_id: str, body: PreviewBody, request: Request, principal: Steering) -> Json:
    """How it reads for one of its recipients, else for the first or another. Sends nothing."""
    outbound = _outbound(request)
    async with database(request).transaction(principal.tenant_id) as tx:
        send = await find(tx, principal, send_id)
        account, _ = await commands.account_of(outbound.post, principal, send.account_id)
        channel = outbound.post.channels[account.channel]
        return await queries.sample(tx, send, channel, account, outbound.leaving, body.customer_id, body.place)


@router.post("/sends/{send_id}/trial")
async def try_send(send_id: str, body: TrialBody, once: Once, request: Request, principal: Steering) -> Response:
    """Send it to one address now, your own: it is not counted and waits for no hours."""
    outbound = _outbound(request)

    async def act(tx: Tx) -> Json:
        send = await find(tx, principal, send_id)
        account, _ = await commands.account_of(outbound.post, principal, send.account_id)
        for kind in kinds_of(outbound.post.channels[account.channel], account):
            try:
                value = normal(kind, body.address)
            except InvalidAddress:
                continue
            try:
                return message_json(await outbound.trial(tx, send, account, kind, value, body.language))
            except Skip as skip:
                raise InvalidSend("This address cannot be sent this.", field="address", reason=skip.code) from None
        raise InvalidSend("This channel cannot write to this address.", field="address")

    return await once.run(database(request), principal.tenant_id, principal.actor, act)


@router.post("/sends/{send_id}/start")
async def start_send(send_id: str, once: Once, request: Request, principal: Steering) -> Response:
    """Lay down its recipients and begin, or wait for its time."""
    outbound = _outbound(request)

    async def act(tx: Tx) -> Json:
        return await queries.whole(tx, await commands.start(tx, outbound.post, outbound.leaving, principal, send_id))

    return await once.run(database(request), principal.tenant_id, principal.actor, act)


@router.post("/sends/{send_id}/pause")
async def pause_send(send_id: str, request: Request, principal: Steering) -> Json:
    """Nothing more leaves, save what is in a provider's hands at this moment."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return await queries.whole(tx, await commands.pause(tx, principal, send_id))


@router.post("/sends/{send_id}/resume")
async def resume_send(send_id: str, request: Request, principal: Steering) -> Json:
    """Go on where it stopped."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return await queries.whole(tx, await commands.resume(tx, principal, send_id))


@router.post("/sends/{send_id}/cancel")
async def cancel_send(send_id: str, request: Request, principal: Steering) -> Json:
    """End it here; who got nothing gets nothing."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return await queries.whole(tx, await commands.cancel(tx, principal, send_id))


@router.post("/sends/{send_id}/again")
async def send_doubtful_again(send_id: str, once: Once, request: Request, principal: Steering) -> Response:
    """Send those of which nobody knows whether they left once more, at most 500 at a time; the answer says how many."""

    async def act(tx: Tx) -> Json:
        return {"again": await commands.again(tx, principal, send_id)}

    return await once.run(database(request), principal.tenant_id, principal.actor, act)
