"""Customers' browsers: /api/v1/webcall. A page calls a line of a firm; its token proves it in all that follows."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response

from parlons.accounts.throttle import attempt
from parlons.voice.calls import schemas
from parlons.voice.calls.errors import UnknownCall
from parlons.voice.calls.http import voice_of
from parlons.voice.calls.open_route import OpenRoute, preflight
from parlons.voice.calls.voice import WebCaller

router = APIRouter(prefix="/webcall", tags=["webcall"], route_class=OpenRoute)
Json = dict[str, Any]
PER_MINUTE = 30
"""Calls one address may begin in a minute; an office shares one."""
LOOKS_PER_MINUTE = 120
"""Times one address may ask for a line in a minute: each answer may hold credentials of a TURN server."""
Token = Annotated[str | None, Query(max_length=256)]


def _token(token: str | None, authorization: str | None) -> str:
    scheme, _, given = (authorization or "").partition(" ")
    found = token or (given.strip() if scheme.lower() == "bearer" else "")
    if not found:
        raise UnknownCall
    return found


@router.options("/{rest:path}", include_in_schema=False)
async def options(request: Request) -> Response:
    """What a browser asks before a call from another origin."""
    return preflight(request)


@router.post("/{line}/calls", status_code=201, response_model=schemas.WebCallStarted)
async def start(line: str, body: schemas.WebCallStart, request: Request) -> Json:
    """Begin a call; the answer connects the page's microphone and loudspeaker."""
    attempt(request, "webcall_throttle", PER_MINUTE)
    caller = WebCaller(body.name.strip(), body.language, body.conversation_token)
    return await voice_of(request).web_call(line, body.offer_sdp, caller)


@router.get("/lines/{line}")
async def line_config(line: str, request: Request) -> Json:
    """What the page needs before it calls: open or not, language, servers of the network."""
    attempt(request, "webcall_lines_throttle", LOOKS_PER_MINUTE)
    return await voice_of(request).line(line)


@router.post("/calls/{call_id}/offer", response_model=schemas.PhoneAnswer)
async def renew(
    call_id: str, body: schemas.PhoneOffer, request: Request, token: Token = None,
    authorization: Annotated[str | None, Header()] = None,
) -> Json:  # fmt: skip
    """A new offer for the same call: the page was reloaded, or its network changed."""
    return await voice_of(request).web_renew(call_id, _token(token, authorization), body.offer_sdp)


@router.post("/calls/{call_id}/digits", status_code=204)
async def digits(
    call_id: str, body: schemas.Digits, request: Request, token: Token = None,
    authorization: Annotated[str | None, Header()] = None,
) -> None:  # fmt: skip
    """Keys pressed on the page."""
    await voice_of(request).web_digits(call_id, _token(token, authorization), body.digits)


@router.post("/calls/{call_id}/hang_up", status_code=204)
async def hang_up(
    call_id: str, request: Request, token: Token = None, authorization: Annotated[str | None, Header()] = None
) -> None:
    """End the call."""
    await voice_of(request).web_hang_up(call_id, _token(token, authorization))


@router.get("/calls/{call_id}", response_model=schemas.WebCall)
async def call(
    call_id: str, request: Request, token: Token = None, authorization: Annotated[str | None, Header()] = None
) -> Json:
    """The call as its page shows it, with the words that were said."""
    return await voice_of(request).web_state(call_id, _token(token, authorization))
