"""What the widget calls for web push, beside its other calls at /api/v1/webchat/{widget_key}:

    GET    /push    the key a browser subscribes with; `available` says whether this widget offers it at all
    POST   /push    the visitor accepted: {address, public_key, secret, language, time_zone, page}; repeating refreshes
    DELETE /push    he wants to be told no more

All need the visitor's token.
"""

from typing import Any, Literal
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from pydantic import Field

from parlons.channels.model import Account
from parlons.channels.push import browsers
from parlons.channels.push.browsers import CHANNEL
from parlons.channels.push.keys import ensure_keys
from parlons.channels.webchat import visits
from parlons.channels.webchat.http import Body, OfVisitor
from parlons.channels.webchat.model import Widget
from parlons.channels.webchat.origins import PublicRoute
from parlons.kit.errors import NotFound

Json = dict[str, Any]
router = APIRouter(prefix="/webchat/{widget_key}", tags=["webchat"], route_class=PublicRoute)
_BASE64URL = r"^[A-Za-z0-9_-]+=*$"


class NoPush(NotFound):
    """This chat sends no notifications."""

    code = "no-push"


class Subscription(Body):
    address: str = Field(max_length=2048)
    """The subscription's `endpoint`."""
    public_key: str = Field(min_length=86, max_length=88, pattern=_BASE64URL)
    """Its key `p256dh`, base64url."""
    secret: str = Field(min_length=22, max_length=24, pattern=_BASE64URL)
    """Its key `auth`, base64url."""
    language: Literal["en", "fr"] = "en"
    time_zone: str = Field(default="UTC", max_length=64)
    """The browser's, as `Europe/Paris`: quiet hours are its clock's."""
    page: str = Field(max_length=2000)
    """The page he accepted on; a press opens it when none is open."""


@router.get("/push")
async def push_key(request: Request, caller: OfVisitor) -> Json:
    """Whether visitors of this widget can be told, and the key to subscribe with."""
    offered = await _account(request, caller.widget) is not None
    async with caller.room.db.transaction(caller.widget.tenant_id) as tx:
        await visits.visitor_of_token(tx, caller.widget, caller.token)
        keys = await ensure_keys(tx) if offered else None
    return {"available": offered, "public_key": keys.public if keys is not None else None}


@router.post("/push", status_code=204)
async def accept_push(body: Subscription, request: Request, caller: OfVisitor) -> None:
    """The visitor accepted, by his own press."""
    offered = await _account(request, caller.widget) is not None
    given = {
        "address": body.address,
        "public_key": body.public_key,
        "secret": body.secret,
        "locale": body.language,
        "time_zone": body.time_zone,
        "page": _page(request, body.page),
    }
    async with caller.room.db.transaction(caller.widget.tenant_id) as tx:
        visitor = await visits.visitor_of_token(tx, caller.widget, caller.token, lock=True)
        if not offered:
            raise NoPush
        await browsers.accept(tx, caller.widget, visitor, given)


@router.delete("/push", status_code=204)
async def refuse_push(caller: OfVisitor) -> None:
    """The visitor wants to be told no more."""
    async with caller.room.db.transaction(caller.widget.tenant_id) as tx:
        visitor = await visits.visitor_of_token(tx, caller.widget, caller.token, lock=True)
        await browsers.take_back(tx, visitor)


async def _account(request: Request, widget: Widget) -> Account | None:
    accounts = request.app.state.post.accounts
    for one in await accounts.of_tenant(widget.tenant_id, widget.firm_id):
        if (one.channel, one.address) == (CHANNEL, widget.key):
            return one  # type: ignore[no-any-return]
    return None


def _page(request: Request, page: str) -> str:
    """The page without what may hold secrets, on the origin that calls: a notification leads nowhere else."""
    parts, origin = urlsplit(page), request.headers.get("origin")
    own = origin or f"{request.url.scheme}://{request.url.netloc}"
    return own + (parts.path or "/") if f"{parts.scheme}://{parts.netloc}" == own else own + "/"
