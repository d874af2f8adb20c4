"""Phones: /api/v1/voice/... An agent's browser leg, where he is rung, what the telephone can do now, quality as he hears it."""

from typing import Any

from fastapi import APIRouter, Request

from parlons.accounts.http import Agent
from parlons.accounts.model import Principal
from parlons.accounts.on_behalf import Acting
from parlons.runtime.asked import FirmId
from parlons.voice.calls import schemas, settings
from parlons.voice.calls.errors import NoPhone
from parlons.voice.calls.http import database_of, voice_of
from parlons.voice.calls.numbers import normal_number
from parlons.voice.calls.settings import ContactAddress
from parlons.voice.calls.voice import Wish

router = APIRouter(prefix="/voice", tags=["voice"])
Json = dict[str, Any]


def _user(principal: Principal) -> str:
    if principal.user_id is None:
        raise NoPhone
    return principal.user_id


@router.post("/phone", response_model=schemas.PhoneAnswer)
async def connect_phone(body: schemas.PhoneOffer, request: Request, principal: Agent) -> Json:
    """Connect the caller's browser; a new offer renews the leg there is (another page, another network)."""
    voice = voice_of(request)
    leg_id = voice.browser_leg(_user(principal))
    answer = await voice.connect(principal.workspace_id, leg_id, body.offer_sdp)
    return {"answer_sdp": answer, "leg_id": leg_id}


@router.delete("/phone", status_code=204)
async def disconnect_phone(request: Request, principal: Agent) -> None:
    """The caller's browser is no phone any more; a call on it ends."""
    voice = voice_of(request)
    await voice.disconnect(voice.browser_leg(_user(principal)))


@router.get("/phone/ice", response_model=schemas.IceServers)
async def ice(request: Request, principal: Agent) -> Json:
    """Servers the browser needs; their credentials end soon."""
    return {"ice_servers": voice_of(request).ice_servers(_user(principal))}


@router.get("/contact_addresses", response_model=schemas.ContactAddresses)
async def contact_addresses(request: Request, principal: Agent) -> Json:
    """Where the caller is rung, in order."""
    async with database_of(request).transaction(principal.tenant_id) as tx:
        return await _addresses(tx, _user(principal))


@router.put("/contact_addresses", response_model=schemas.ContactAddresses)
async def put_contact_addresses(body: schemas.ContactAddresses, request: Request, principal: Agent) -> Json:
    """Change where the caller is rung; none means his browser. National numbers are those of the first trunk's country."""
    async with database_of(request).transaction(principal.tenant_id) as tx:
        country = (await settings.read_configured(tx, principal.workspace_id)).country()
        addresses = [
            ContactAddress(one.kind, normal_number(one.number, country) if one.number else None, one.ring_seconds)
            for one in body.addresses
        ]
        await settings.put_contact_addresses(tx, principal.workspace_id, _user(principal), addresses)
        return await _addresses(tx, _user(principal))


async def _addresses(tx: Any, user_id: str) -> Json:
    found = await settings.contact_addresses(tx, user_id)
    return {
        "addresses": [{"kind": one.kind, "number": one.number, "ring_seconds": one.ring_seconds} for one in found],
        "phone_username": await settings.phone_of(tx, user_id),
    }


@router.get("/status", response_model=schemas.VoiceStatus)
async def status(request: Request, principal: Acting, firm_id: FirmId = None) -> Json:
    """Whether trunks, phones and the engine are up, and whether emergency numbers can be called."""
    return await voice_of(request).status(principal, firm_id)


@router.post("/quality", status_code=204)
async def report_quality(body: schemas.QualityReport, request: Request, principal: Agent) -> None:
    """What the caller's browser hears; shown beside the call."""
    voice = voice_of(request)
    if body.leg_id == voice.browser_leg(_user(principal)):
        values = body.model_dump()
        await voice.act(principal.workspace_id, Wish("quality", "", principal.worker_id, principal.user_id, values))
