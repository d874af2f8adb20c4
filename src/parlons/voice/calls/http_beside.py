"""Beside a call: what the agent's desk sends to the customer's page. The page's own end is a socket (beside_socket.py).

Only the agent who has the call may; a supervisor listens, he is not in the picture.
"""

from typing import Any

from fastapi import APIRouter, Request

from parlons.accounts.http import Agent
from parlons.accounts.model import Principal
from parlons.voice.calls.beside import TALKS, Beside
from parlons.voice.calls.errors import NotYourCall, WrongCallState
from parlons.voice.calls.frames import BesideState, Signal, Typed
from parlons.voice.calls.http import call_of, voice_of
from parlons.voice.calls.model import Call

Json = dict[str, Any]
router = APIRouter(tags=["voice"])


def beside_of(state: Any) -> Beside:
    """The pages beside the calls of this process, made when first asked."""
    found: Beside | None = getattr(state, "beside", None)
    if found is None:
        found = state.beside = Beside(state.hub, state.dispatch, state.clock)
    return found


async def _held(request: Request, principal: Principal, call_id: str) -> Call:
    """The call the principal has in his hands; raises UnknownCall, NotYourCall or WrongCallState."""
    found = await call_of(request, principal, call_id)
    if principal.worker_id is None or found.worker_id != principal.worker_id:
        raise NotYourCall
    if found.state not in TALKS:
        raise WrongCallState
    return found


@router.get("/calls/{call_id}/beside", response_model=BesideState)
async def beside(call_id: str, request: Request, principal: Agent) -> Json:
    """Whether the customer has a page open beside the call, and the servers for a picture."""
    found = await _held(request, principal, call_id)
    servers = voice_of(request).ice_servers(principal.user_id or principal.actor)
    return {"page": beside_of(request.app.state).has_page(found.id), "ice_servers": servers}


@router.post("/calls/{call_id}/video", status_code=204)
async def video(call_id: str, body: Signal, request: Request, principal: Agent) -> None:
    """A word about the picture, to the customer's page: ask, accept, decline, answer, candidates, camera, stop."""
    here = beside_of(request.app.state)
    here.count("video", call_id, principal.actor)
    here.to_page(await _held(request, principal, call_id), body.told())


@router.post("/calls/{call_id}/text", status_code=204)
async def text(call_id: str, body: Typed, request: Request, principal: Agent) -> None:
    """The line the agent is typing, as it stands now; kept nowhere. Sent, it is a message of the conversation."""
    here = beside_of(request.app.state)
    here.count("text", call_id, principal.actor)
    here.to_page(await _held(request, principal, call_id), body.told())
