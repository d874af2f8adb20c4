"""The signed-in person's devices: what a browser needs to subscribe, and which of them are told."""

from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import Field

from parlons.accounts import sessions
from parlons.accounts.http import Body, Somebody, database
from parlons.accounts.model import Principal
from parlons.accounts.tokens import hash_token
from parlons.channels.push.keys import ensure_keys
from parlons.kit.errors import Forbidden
from parlons.push import devices, schemas

Json = dict[str, Any]
router = APIRouter(tags=["push"])
_BASE64URL = r"^[A-Za-z0-9_-]+=*$"


class DeviceBody(Body):
    address: str = Field(max_length=2048)
    """The subscription's `endpoint`."""
    public_key: str = Field(min_length=86, max_length=88, pattern=_BASE64URL)
    """Its key `p256dh`, base64url."""
    secret: str = Field(min_length=22, max_length=24, pattern=_BASE64URL)
    """Its key `auth`, base64url."""
    locale: Literal["en", "fr"]
    time_zone: str = Field(max_length=64)
    """The device's, as `Europe/Paris`: quiet hours are its own clock's."""
    names: bool = False
    """Whether notifications may name customers."""


@router.get("/me/push", response_model=schemas.Push)
async def my_push(request: Request, principal: Somebody) -> Json:
    """The key a browser subscribes with, and the caller's devices."""
    user_id, _ = _person(request, principal)
    async with database(request).transaction(principal.tenant_id) as tx:
        keys = await ensure_keys(tx)
        return {"public_key": keys.public, "devices": await devices.shown_devices(tx, user_id)}


@router.put("/me/push", response_model=schemas.PushDevice)
async def put_device(body: DeviceBody, request: Request, principal: Somebody) -> Json:
    """Notify the caller in this browser: of offers, and of messages in conversations he holds, while he has no screen
    before him. The same subscription again changes what it says. It ends with the session."""
    user_id, session = _person(request, principal)
    async with database(request).transaction(principal.tenant_id) as tx:
        tx.after_commit(lambda: _changed(request, principal))
        return await devices.put_device(tx, user_id, session, body.model_dump())


@router.delete("/me/push/{device_id}", status_code=204)
async def remove_device(device_id: str, request: Request, principal: Somebody) -> None:
    """Notify the caller there no more. Repeating does no harm."""
    user_id, _ = _person(request, principal)
    async with database(request).transaction(principal.tenant_id) as tx:
        tx.after_commit(lambda: _changed(request, principal))
        await devices.remove_device(tx, user_id, device_id)


def _person(request: Request, principal: Principal) -> tuple[str, bytes]:
    """The caller's user and session; raises Forbidden for an API key."""
    if principal.user_id is None:
        raise Forbidden("An API key has no device.")
    return principal.user_id, hash_token(sessions.session_of(request))


def _changed(request: Request, principal: Principal) -> None:
    pusher = request.app.state.pushers.get(principal.workspace_id)
    if pusher is not None:
        pusher.changed()
