"""Webhooks over HTTP, for those who have the right; within their firms.

GET    /webhook-events                           what an address may ask for, with plain words
GET    /webhooks                                 all
POST   /webhooks                                 a new one; its secret is in the answer, and never again
GET    /webhooks/{id}
PATCH  /webhooks/{id}                            other name, address, events, firm; on and off
DELETE /webhooks/{id}
POST   /webhooks/{id}/secret                     another secret; the old one signs too for a day
POST   /webhooks/{id}/test                       a message of the kind webhook.test
GET    /webhooks/{id}/deliveries                 the log, the newest first
GET    /webhooks/{id}/deliveries/{message_id}    one, with the body that is sent
POST   /webhooks/{id}/deliveries/again           {ids} or {failed_since}
"""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, Field, model_validator

from parlons.accounts.http import Body, database, having, page
from parlons.accounts.model import Principal
from parlons.accounts.rights import Right
from parlons.kit.clock import from_datetime
from parlons.kit.ids import WEBHOOK_MESSAGE
from parlons.runtime.asked import row_of
from parlons.runtime.db import Tx
from parlons.runtime.http import Once
from parlons.runtime.safe_http import check_address
from parlons.webhooks import commands, queries
from parlons.webhooks.kinds import KINDS
from parlons.webhooks.model import Wanted

Json = dict[str, Any]
router = APIRouter(tags=["webhooks"])
Keeper = Annotated[Principal, Depends(having(Right.WEBHOOKS))]
State = Literal["waiting", "delivered", "failed"]
Url = Annotated[str, Field(min_length=1, max_length=2000)]
Name = Annotated[str, Field(min_length=1, max_length=64)]
Events = Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=len(KINDS))]
Limit = Annotated[int, Query(ge=1, le=200)]


class WebhookKind(BaseModel):
    type: str
    words: str


class WebhookKinds(BaseModel):
    items: list[WebhookKind]
    next: None = None


class Webhook(BaseModel):
    id: str
    name: str
    url: str
    firm_id: str | None
    """Only what concerns this firm; null: everything."""
    events: list[str]
    """Empty: all."""
    active: bool
    state: Literal["working", "not-answering", "off", "failing", "gone"]
    """failing and gone: switched off by us, because nothing was taken for three days, or the address answered 410."""
    failing_since: str | None
    old_secret_until: str | None
    """Until then messages are signed with the secret before too."""
    created_at: str
    version: int


class Webhooks(BaseModel):
    items: list[Webhook]
    next: str | None


class WebhookWithSecret(Webhook):
    secret: str
    """Shown this once."""


class Delivery(BaseModel):
    id: str
    """The message's: what the receiver gets as `webhook-id`."""
    type: str
    state: State
    attempts: int
    status: int | None
    """What was answered last."""
    error: str
    """Why there was no answer, or why it is not sent."""
    duration_ms: int | None
    created_at: str
    attempted_at: str | None
    next_at: str | None


class Deliveries(BaseModel):
    items: list[Delivery]
    next: str | None


class DeliveryBody(BaseModel):
    id: str
    body: str


class WebhookBody(Body):
    name: Name
    url: Url
    firm_id: str | None = None
    events: Events = Field(default=[])
    active: bool = True


class WebhookPatch(Body):
    name: Name | None = None
    url: Url | None = None
    firm_id: str | None = None
    events: Events | None = None
    active: bool | None = None
    version: int | None = None


class AgainBody(Body):
    """Either some by their ids, or all that failed since a moment."""

    ids: list[Annotated[str, Field(max_length=64)]] = Field(default=[], max_length=200)
    failed_since: AwareDatetime | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "AgainBody":
        if bool(self.ids) == (self.failed_since is not None):
            raise ValueError("name either ids or failed_since")
        return self


@router.get("/webhook-events", response_model=WebhookKinds)
async def list_webhook_events(principal: Keeper) -> Json:
    """What an address may ask for."""
    return {"items": [{"type": kind, "words": words} for kind, words in KINDS.items()]}


@router.get("/webhooks", response_model=Webhooks)
async def list_webhooks(request: Request, principal: Keeper) -> Json:
    """The addresses that are told what happens."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return {"items": await queries.listed(tx, principal), "next": None}


@router.post("/webhooks", status_code=201, response_model=WebhookWithSecret)
async def create_webhook(body: WebhookBody, request: Request, principal: Keeper) -> Json:
    """Tell an address what happens from now on. Its secret is in the answer, this once."""
    await _check(request, body.url)
    wanted = Wanted(body.name, body.url, body.firm_id, tuple(body.events), body.active)
    async with database(request).transaction(principal.tenant_id) as tx:
        made, secret = await commands.create(tx, principal, wanted)
    return {**made, "secret": secret}


@router.get("/webhooks/{webhook_id}", response_model=Webhook)
async def read_webhook(webhook_id: str, request: Request, principal: Keeper) -> Json:
    """One of them."""
    async with database(request).transaction(principal.tenant_id) as tx:
        return queries.shown(await queries.found(tx, principal, webhook_id), tx.now)


@router.patch("/webhooks/{webhook_id}", response_model=Webhook)
async def update_webhook(webhook_id: str, body: WebhookPatch, request: Request, principal: Keeper) -> Json:
    """Change what it is told, or where; with `version`, only when nobody changed it meanwhile."""
    if body.url is not None:
        await _check(request, body.url)
    given = body.model_dump(exclude_unset=True, exclude={"version"})
    changes = {key: value for key, value in given.items() if value is not None or key == "firm_id"}
    if "events" in changes:
        changes["events"] = tuple(changes["events"])
    async with database(request).transaction(principal.tenant_id) as tx:
        return await commands.update(tx, principal, webhook_id, changes, version=body.version)


@router.delete("/webhooks/{webhook_id}", status_code=204)
async def remove_webhook(webhook_id: str, request: Request, principal: Keeper) -> None:
    """It is told of nothing any more; its log goes too."""
    async with database(request).transaction(principal.tenant_id) as tx:
        await commands.remove(tx, principal, webhook_id)


@router.post("/webhooks/{webhook_id}/secret", response_model=WebhookWithSecret)
async def rotate_webhook_secret(webhook_id: str, request: Request, principal: Keeper) -> Json:
    """Another secret, shown this once. For a day messages are signed with the one before too."""
    async with database(request).transaction(principal.tenant_id) as tx:
        one, secret = await commands.rotate(tx, principal, webhook_id)
    return {**one, "secret": secret}


@router.post("/webhooks/{webhook_id}/test", status_code=202)
async def test_webhook(webhook_id: str, once: Once, request: Request, principal: Keeper) -> Response:
    """Send a message of the kind `webhook.test`; the log shows what was answered. Answers with its id."""

    async def act(tx: Tx) -> Json:
        return {"id": await commands.send_test(tx, principal, webhook_id)}

    return await once.run(database(request), principal.tenant_id, principal.actor, act, status=202)


@router.get("/webhooks/{webhook_id}/deliveries", response_model=Deliveries)
async def list_webhook_deliveries(
    webhook_id: str,
    request: Request,
    principal: Keeper,
    state: Annotated[list[State] | None, Query()] = None,
    after: Annotated[str | None, row_of(WEBHOOK_MESSAGE)] = None,
    limit: Limit = 50,
) -> Json:
    """What it was sent or is to be sent, the newest first, kept for 30 days."""
    async with database(request).transaction(principal.tenant_id) as tx:
        one = await queries.found(tx, principal, webhook_id)
        return page(await queries.log_of(tx, one, states=[*(state or ())], after=after, limit=limit), limit)


@router.get("/webhooks/{webhook_id}/deliveries/{message_id}", response_model=DeliveryBody)
async def webhook_delivery(webhook_id: str, message_id: str, request: Request, principal: Keeper) -> Json:
    """The body of a message, as it is signed and sent."""
    async with database(request).transaction(principal.tenant_id) as tx:
        one = await queries.found(tx, principal, webhook_id)
        return {"id": message_id, "body": await queries.body_of(tx, one, message_id)}


@router.post("/webhooks/{webhook_id}/deliveries/again", status_code=202)
async def send_webhook_again(
    webhook_id: str, body: AgainBody, once: Once, request: Request, principal: Keeper
) -> Response:
    """Send some again, or all that failed since a moment. Answers with how many."""
    since = from_datetime(body.failed_since) if body.failed_since is not None else None

    async def act(tx: Tx) -> Json:
        return {"count": await commands.send_again(tx, principal, webhook_id, message_ids=body.ids, failed_since=since)}

    return await once.run(database(request), principal.tenant_id, principal.actor, act, status=202)


async def _check(request: Request, url: str) -> None:
    """Raises AddressInvalid or AddressRefused; what a name leads to is checked again at each call."""
    await check_address(url, request.app.state.settings.http_allow)
