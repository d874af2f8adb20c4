"""Calls' part of /api/v1: what an agent does with a call, and who may. Phones and settings: http_phone.py; recordings:
http_recordings.py; customers' browsers: http_web.py.

An agent acts on his own call, a supervisor on those of his firms. Each act returns the call as it is then.
"""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import JSONResponse

from parlons.accounts.http import Coach
from parlons.accounts.model import Principal
from parlons.accounts.on_behalf import Acting
from parlons.accounts.rights import Right
from parlons.conversations.http import permitted
from parlons.kit.ids import CALL
from parlons.runtime.asked import ConversationId, row_of
from parlons.runtime.db import Database
from parlons.runtime.http import Once
from parlons.voice.calls import queries, schemas
from parlons.voice.calls.errors import NotYourCall, UnknownCall, VoiceOff
from parlons.voice.calls.model import Call, State, call_json
from parlons.voice.calls.numbers import is_emergency
from parlons.voice.calls.voice import Voice, Wish

router = APIRouter(tags=["voice"])
Json = dict[str, Any]


def voice_of(request: Request) -> Voice:
    """The process's telephone; raises VoiceOff."""
    found: Voice | None = getattr(request.app.state, "voice", None)
    if found is None:
        raise VoiceOff
    return found


def database_of(request: Request) -> Database:
    """The process's database."""
    found: Database = request.app.state.db
    return found


async def call_of(request: Request, principal: Principal, call_id: str) -> Call:
    """The call as its row has it, if the caller may see it; raises UnknownCall."""
    async with database_of(request).transaction(principal.tenant_id) as tx:
        found = await queries.call(tx, call_id)
    if found is None or not queries.may_see(principal, found):
        raise UnknownCall
    return found


async def own_call(request: Request, principal: Principal, call_id: str) -> Call:
    """The call, if the caller may act on it."""
    found = await call_of(request, principal, call_id)
    taking_part = principal.worker_id is not None and any(
        one.worker_id == principal.worker_id and one.kind == "agent" for one in found.parties
    )
    mine = principal.worker_id is not None and found.worker_id == principal.worker_id
    steers = principal.has(Right.STEER) and principal.oversees(found.firm_id, found.queue_id)
    if not (steers or mine or taking_part):
        raise NotYourCall
    return found


async def _act(request: Request, principal: Principal, call_id: str, verb: str, **values: Any) -> Json:
    found = await own_call(request, principal, call_id)
    answer = await voice_of(request).act(
        principal.workspace_id, Wish(verb, found.id, principal.worker_id, principal.user_id, values)
    )
    return dict(answer["call"])


async def _offer(request: Request, principal: Principal, verb: str, reservation_id: str) -> Json:
    """What is done with an offered call, which is nobody's yet."""
    wish = Wish(verb, "", principal.worker_id, principal.user_id, {"reservation_id": reservation_id})
    return dict((await voice_of(request).act(principal.workspace_id, wish))["call"])


async def _bring_in(request: Request, principal: Principal, call_id: str, verb: str, body: schemas.ToOne) -> Json:
    """One more is asked into the call: his leg, and the call."""
    found = await own_call(request, principal, call_id)
    wish = Wish(verb, found.id, principal.worker_id, principal.user_id, {"to": body.to.model_dump()})
    answer = await voice_of(request).act(principal.workspace_id, wish)
    return {"leg_id": answer.get("leg_id"), "call": answer["call"]}


@router.get("/calls", response_model=schemas.Calls)
async def calls(
    request: Request,
    principal: Acting,
    state: State | Literal["live"] | None = None,
    conversation_id: ConversationId = None,
    before: Annotated[str | None, row_of(CALL)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Json:
    """Calls, newest first: an agent's own, or those of a supervisor's firms. `state`: one, or `live`."""
    async with database_of(request).transaction(principal.tenant_id) as tx:
        found = await queries.listing(
            tx, principal, state=state, conversation_id=conversation_id, before=before, limit=limit
        )
    return {"items": [call_json(one) for one in found], "next": found[-1].id if len(found) == limit else None}


@router.post("/calls", status_code=201, response_model=schemas.Call)
async def place_call(body: schemas.NewCall, request: Request, principal: Acting, once: Once) -> Response:
    """Call a number, or a colleague. The caller's own phone is connected first; the same key again is the same call."""
    to = schemas.CallTo(number=body.to) if isinstance(body.to, str) else body.to
    values = {
        "to": to.model_dump(),
        "conversation_id": body.conversation_id,
        "caller_number": body.caller_number,
        "firm_id": body.firm_id,
        "firm_ids": None if principal.firm_ids is None else sorted(principal.firm_ids),
        "key": None if once.key is None else f"{principal.actor} {once.key}",
    }
    principal.check_firm(body.firm_id)
    if body.conversation_id is not None:
        async with database_of(request).transaction(principal.tenant_id) as tx:
            await permitted(tx, request, principal, "read", body.conversation_id)
    wish = Wish("place", "", principal.worker_id, principal.user_id, values)

    async def act() -> Json:
        return dict((await voice_of(request).act(principal.workspace_id, wish))["call"])

    if is_emergency(to.number or ""):  # waits for no table; the controller knows the key as long as the call lives
        return JSONResponse(await act(), 201)
    return await once.outside(database_of(request), principal.tenant_id, principal.actor, act, status=201)


@router.get("/calls/{call_id}", response_model=schemas.Call)
async def call(call_id: str, request: Request, principal: Acting) -> Json:
    """One call, ended ones too."""
    return call_json(await call_of(request, principal, call_id))


@router.post("/reservations/{reservation_id}/answer", response_model=schemas.Call)
async def answer(reservation_id: str, request: Request, principal: Acting) -> Json:
    """Take the call that is offered, on the browser's phone: as `accept`, but refused where no phone answers by itself."""
    return await _offer(request, principal, "answer", reservation_id)


@router.post("/reservations/{reservation_id}/decline", response_model=schemas.Call)
async def decline(reservation_id: str, request: Request, principal: Acting) -> Json:
    """Refuse the call that is offered; it is not offered to the same agent again for a while."""
    return await _offer(request, principal, "decline", reservation_id)


@router.post("/calls/{call_id}/complete", response_model=schemas.Call)
async def complete(call_id: str, request: Request, principal: Acting) -> Json:
    """The call is written up: its work is done."""
    return await _act(request, principal, call_id, "complete")


@router.post("/calls/{call_id}/hang_up", response_model=schemas.Call)
async def hang_up(call_id: str, request: Request, principal: Acting) -> Json:
    """End the call for everybody; whoever only takes part beside the agent leaves it."""
    return await _act(request, principal, call_id, "hang_up")


@router.post("/calls/{call_id}/hold", response_model=schemas.Call)
async def hold(call_id: str, body: schemas.Held, request: Request, principal: Acting) -> Json:
    """The customer hears music, or talks again."""
    return await _act(request, principal, call_id, "hold", held=body.held)


@router.post("/calls/{call_id}/mute", response_model=schemas.Call)
async def mute(call_id: str, body: schemas.Held, request: Request, principal: Acting) -> Json:
    """Nobody hears the agent (`held`), whatever his phone does; or they do again."""
    return await _act(request, principal, call_id, "mute", held=body.held)


@router.post("/calls/{call_id}/digits", response_model=schemas.Call)
async def digits(call_id: str, body: schemas.Digits, request: Request, principal: Acting) -> Json:
    """Send keys to the other side."""
    return await _act(request, principal, call_id, "digits", digits=body.digits)


@router.post("/calls/{call_id}/transfer", response_model=schemas.Call)
async def transfer(call_id: str, body: schemas.TransferTo, request: Request, principal: Acting) -> Json:
    """Hand the call on. `blind`: at once, it comes back when nobody takes it; `attended`: as consult, then complete_transfer."""
    verb = "transfer" if body.mode == "blind" else "consult"
    return await _act(request, principal, call_id, verb, to=body.to.model_dump())


@router.post("/calls/{call_id}/consult", response_model=schemas.Consulted)
async def consult(call_id: str, body: schemas.ToOne, request: Request, principal: Acting) -> Json:
    """Talk to a colleague or a number while the customer hears music."""
    return await _bring_in(request, principal, call_id, "consult", body)


@router.post("/calls/{call_id}/complete_transfer", response_model=schemas.Call)
async def complete_transfer(call_id: str, request: Request, principal: Acting) -> Json:
    """Who was consulted has the customer from now on."""
    return await _act(request, principal, call_id, "complete_transfer")


@router.post("/calls/{call_id}/cancel_consult", response_model=schemas.Call)
async def cancel_consult(call_id: str, request: Request, principal: Acting) -> Json:
    """Back to the customer, without who was consulted."""
    return await _act(request, principal, call_id, "cancel_consult")


@router.post("/calls/{call_id}/add", response_model=schemas.Consulted)
async def add(call_id: str, body: schemas.ToOne, request: Request, principal: Acting) -> Json:
    """One more in the conversation: a colleague or a number; with someone being consulted, all talk together."""
    return await _bring_in(request, principal, call_id, "add", body)


@router.post("/calls/{call_id}/merge", response_model=schemas.Call)
async def merge(call_id: str, request: Request, principal: Acting) -> Json:
    """Customer, agent and who was consulted talk together."""
    return await _act(request, principal, call_id, "merge")


@router.post("/calls/{call_id}/remove", response_model=schemas.Call)
async def remove(call_id: str, body: schemas.RemoveLeg, request: Request, principal: Acting) -> Json:
    """One of those who were added leaves."""
    return await _act(request, principal, call_id, "remove", leg_id=body.leg_id)


@router.post("/calls/{call_id}/park", response_model=schemas.Call)
async def park(call_id: str, request: Request, principal: Acting) -> Json:
    """The customer hears music until somebody picks the call up."""
    return await _act(request, principal, call_id, "park")


@router.post("/calls/{call_id}/pick_up", response_model=schemas.Call)
async def pick_up(call_id: str, request: Request, principal: Acting, body: schemas.PickUp | None = None) -> Json:
    """Take a parked call; it may be a colleague's of the same firm."""
    wanted = body.call_id if body is not None and body.call_id is not None else call_id
    async with database_of(request).transaction(principal.tenant_id) as tx:
        found = await queries.call(tx, wanted)
    if found is None or not principal.sees(found.firm_id):
        raise UnknownCall
    wish = Wish("pick_up", found.id, principal.worker_id, principal.user_id, {})
    return dict((await voice_of(request).act(principal.workspace_id, wish))["call"])


@router.post("/calls/{call_id}/recording", response_model=schemas.Call)
async def recording(call_id: str, body: schemas.Paused, request: Request, principal: Acting) -> Json:
    """Pause the recording, or let it go on."""
    return await _act(request, principal, call_id, "recording", paused=body.paused)


@router.post("/calls/{call_id}/supervise", response_model=schemas.Call)
async def supervise(call_id: str, body: schemas.Supervise, request: Request, principal: Coach) -> Json:
    """Listen, whisper to the agent, talk to all, take the call over, or stop. Leaves an audit row."""
    if body.mode not in ("listen", "whisper", "stop"):
        principal.check_right(Right.STEER)
    found = await call_of(request, principal, call_id)
    async with database_of(request).transaction(principal.tenant_id) as tx:
        await queries.record_supervision(tx, principal, found, body.mode)
    wish = Wish(
        "supervise", found.id, principal.worker_id, principal.user_id, {"mode": body.mode, "name": principal.name}
    )
    return dict((await voice_of(request).act(principal.workspace_id, wish))["call"])
