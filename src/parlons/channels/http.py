"""Channels over HTTP, for the desk: accounts, the ways of a conversation, templates, sending again, writing first.

GET  /channels                                        accounts of the caller's firms, with capabilities and connection
GET  /channels/{account_id}/templates
GET  /conversations/{id}/ways                         by which the customer can be answered, the present one first
GET  /customers/{id}/ways                             by which the caller may write to him first
POST /conversations/{id}/messages/{message_id}/again  a failed or doubtful one, once more
PUT  /conversations/{id}/messages/{message_id}/hidden {"hidden": true}: from everybody, where the service can
POST /conversations                                   {account_id, to | customer_id, text, ...}: who calls writes first
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from parlons.accounts.http import Agent, Body, database, having
from parlons.accounts.model import Principal
from parlons.accounts.rights import Right
from parlons.channels.accounts import UnknownAccount
from parlons.channels.hiding import CannotHide, set_hidden
from parlons.channels.model import Account
from parlons.channels.plugin import Channel, KeepsConnection
from parlons.channels.post import Post
from parlons.channels.ways import NotThisWay, capabilities_json, way_json
from parlons.conversations import commands as conversations
from parlons.conversations import deliveries, messages, queries
from parlons.conversations.http import allowed, permitted
from parlons.conversations.http_messages import LetterBody
from parlons.conversations.model import Author
from parlons.conversations.views import message_json
from parlons.customers import commands as customers
from parlons.customers import queries as customer_queries
from parlons.customers.model import EMAIL, PHONE, Customer, InvalidAddress, normal
from parlons.kit.clock import Millis, to_iso
from parlons.runtime.db import Tx
from parlons.runtime.http import Once

Json = dict[str, Any]
router = APIRouter(tags=["channels"])
Serving = Annotated[Principal, Depends(having(Right.SERVE))]


class First(LetterBody):
    """A message nobody asked for yet."""

    account_id: str = Field(max_length=64)
    customer_id: str | None = Field(default=None, max_length=64)
    """Him; else whoever has the address `to`, or somebody new."""
    claim: bool = False
    """`to` is noted as an address of his, where it was none yet; nothing proves it."""
    name: str = Field(default="", max_length=200)
    language: str = Field(default="", max_length=20)
    client_id: str = Field(min_length=1, max_length=100)


def post_of(request: Request) -> Post:
    """The channels of this process."""
    found: Post = request.app.state.post
    return found


@router.get("/channels")
async def list_channels(request: Request, principal: Agent) -> Json:
    """The channel accounts of the caller's firms."""
    post = post_of(request)
    found = [one for one in await post.accounts.of_tenant(principal.tenant_id) if principal.sees(one.firm_id)]
    return {"items": [_account_json(post, one) for one in found], "next": None}


@router.get("/channels/{account_id}/templates")
async def list_templates(account_id: str, request: Request, principal: Agent) -> Json:
    """Texts that may be sent at any time by this account."""
    account = await account_of(request, principal, account_id)
    found = await post_of(request).ways.templates(account.id, principal.tenant_id)
    items = [{"name": one.name, "language": one.language, "text": one.text, "values": one.values} for one in found]
    return {"items": items, "next": None}


@router.get("/conversations/{conversation_id}/ways")
async def list_ways(conversation_id: str, request: Request, principal: Agent) -> Json:
    """By which ways its customer can be answered, the present one first."""
    async with allowed(request, principal, "read", conversation_id) as (tx, found):
        ways = await post_of(request).ways.of(tx, found)
    return {"items": [way_json(one) for one in ways], "next": None}


@router.get("/customers/{customer_id}/ways")
async def list_ways_to_customer(customer_id: str, request: Request, principal: Serving) -> Json:
    """By which ways the caller may write to this customer first."""
    async with database(request).transaction(principal.tenant_id) as tx:
        customer = await customer_queries.customer(tx, customer_id)
        if customer is None or customer.erased_at is not None or not principal.sees(customer.firm_id):
            raise customers.UnknownCustomer
        ways = await post_of(request).ways.to_customer(tx, customer_id, customer.firm_id)
    return {"items": [way_json(one) for one in ways], "next": None}


@router.post("/conversations/{conversation_id}/messages/{message_id}/again")
async def send_again(conversation_id: str, message_id: str, once: Once, request: Request, principal: Agent) -> Response:
    """Send a message that failed, or of which nobody knows whether it left, once more."""

    async def again(tx: Tx) -> Json:
        found = await permitted(tx, request, principal, "write", conversation_id)
        return message_json(await deliveries.again(tx, found.id, message_id))

    return await once.run(database(request), principal.tenant_id, principal.actor, again)


class Hiding(Body):
    """Whether others see it."""

    hidden: bool


@router.put("/conversations/{conversation_id}/messages/{message_id}/hidden")
async def hide_message(conversation_id: str, message_id: str, body: Hiding, request: Request, principal: Agent) -> Json:
    """Hide what was written in public under our posts, or show it again."""
    async with allowed(request, principal, "write", conversation_id) as (tx, found):
        message = await queries.message(tx, message_id)
    if message is None or message.conversation_id != found.id:
        raise CannotHide
    changed = await set_hidden(database(request), post_of(request), message, principal.tenant_id, hidden=body.hidden)
    return message_json(changed)


@router.post("/conversations", status_code=201)
async def write_first(body: First, once: Once, request: Request, principal: Serving) -> Response:
    """Write to somebody first: a new conversation, set aside for the caller until the customer answers. The same
    Idempotency-Key makes no second one."""
    account = await account_of(request, principal, body.account_id)

    async def write(tx: Tx) -> Json:
        return await begin(tx, request, principal, account, body)

    return await once.run(database(request), principal.tenant_id, principal.actor, write, status=201)


async def begin(
    tx: Tx, request: Request, principal: Principal, account: Account, body: First, *, more: Json | None = None
) -> Json:
    """A conversation that begins with the caller's message; `more`: of its content."""
    customer, to = await _whom(tx, request, account, body)
    opened = await conversations.open_conversation(
        tx, workspace_id=account.workspace_id, firm_id=account.firm_id, customer_id=customer.id,
        channel=account.channel, address=to, account_id=account.id,
        language=(body.language or customer.language or "en")[:2], subject=body.subject or "",
    )  # fmt: skip
    prepared = await post_of(request).ways.prepare(tx, opened, body.letter())
    await conversations.assign(
        tx, opened.id, user_id=principal.user_id, worker_id=principal.worker_id, name=principal.name
    )
    message = await messages.add_message(
        tx,
        opened.id,
        direction="out",
        author=Author("agent", principal.actor, principal.name),
        text=prepared.text if prepared.text is not None else body.text,
        attachment_ids=body.attachment_ids,
        client_id=body.client_id,
        channel=prepared.channel,
        content={**prepared.content, **(more or {})} or None,
    )
    parked = await conversations.park(tx, opened.id, until=None, by_user_id=principal.user_id)
    (row,) = await queries.summaries(tx, [parked])
    return {"conversation": row, "message": message_json(message)}


async def account_of(request: Request, principal: Principal, account_id: str) -> Account:
    """One of the caller's firms. Raises UnknownAccount."""
    account = await post_of(request).accounts.by_id(account_id)
    if account is None or account.tenant_id != principal.tenant_id or not principal.sees(account.firm_id):
        raise UnknownAccount
    return account


async def _whom(tx: Tx, request: Request, account: Account, body: First) -> tuple[Customer, str]:
    """The customer, and how the account writes to him. Raises NotThisWay."""
    channel = post_of(request).channels[account.channel]
    if not channel.capabilities(account).starts:
        raise NotThisWay
    if body.customer_id is not None:
        customer = await customer_queries.customer(tx, body.customer_id)
        if customer is None or customer.firm_id != account.firm_id or customer.erased_at is not None:
            raise customers.UnknownCustomer
        reached = [channel.reach(account, one.kind, one.value) for one in customer.addresses]
        his = [one for one in reached if one and body.to in (None, one)]
        if his:
            return customer, his[0]
        if not body.claim:
            raise NotThisWay
        kind, value, to = _address(channel, account, body.to or "")
        return await customers.identify(tx, customer.id, kind=kind, value=value, verified=False), to
    kind, value, to = _address(channel, account, body.to or "")
    return await _of_address(tx, account, kind, value, body), to


def _address(channel: Channel, account: Account, typed: str) -> tuple[str, str, str]:
    """Kind and value of an address as somebody typed it, and how the account writes to it. Raises NotThisWay."""
    for kind in (EMAIL, PHONE):
        try:
            value = normal(kind, typed)
        except InvalidAddress:
            continue
        to = channel.reach(account, kind, value)
        if to is not None:
            return kind, value, to
    raise NotThisWay


async def _of_address(tx: Tx, account: Account, kind: str, value: str, body: First) -> Customer:
    """Who has this address; somebody new when nobody has, or when several claim it."""
    owners = await customer_queries.ids_of_addresses(tx, account.firm_id, kind, [value])
    known = [one for owner in owners if (one := await customer_queries.customer(tx, owner)) is not None]
    proven = [one for one in known if any(a.verified and (a.kind, a.value) == (kind, value) for a in one.addresses)]
    if proven or len(known) == 1:
        return (proven or known)[0]
    return await customers.find_or_create_by_address(
        tx, workspace_id=account.workspace_id, firm_id=account.firm_id, kind=kind, value=value, verified=False,
        name=body.name, language=body.language[:2] or None,
    )  # fmt: skip


def _account_json(post: Post, account: Account) -> Json:
    channel = post.channels[account.channel]
    standing = post.owner.standing.get(account.id)
    kept = isinstance(channel, KeepsConnection)
    return {
        "id": account.id,
        "channel": account.channel,
        "key": account.key,
        "firm_id": account.firm_id,
        "address": account.address,
        "hook_url": account.hook_url,
        "capabilities": capabilities_json(channel.capabilities(account)),
        "connection": {
            "problem": standing.problem,
            "at": to_iso(Millis(standing.at)),
        }
        if kept and standing is not None
        else None,
    }
