"""What people at desks and pages wish of calls, carried out by the controller in each call's lane; answered with the call."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from parlons.kit.errors import Invalid
from parlons.routing.commands import CompleteTask
from parlons.voice.calls.controller import Controller
from parlons.voice.calls.errors import NotYourCall, UnknownCall, VoiceOff, WrongCallState
from parlons.voice.calls.floor import browser_leg
from parlons.voice.calls.model import Call, call_json
from parlons.voice.calls.voice import Wish
from parlons.voice.media.events import LegQuality

Json = dict[str, Any]
Act = Callable[[Controller, Call, Wish], Awaitable[Json | None]]
READY_SECONDS = 8.0
"""So long a wish waits for calls to be taken over; less than whoever waits in another process (`telephone.PATIENCE`)."""


async def carry_out(controller: Controller, wish: Wish) -> Json:
    """Does it; raises the refusal. VoiceOff while the voice process was never reached."""
    try:
        async with asyncio.timeout(READY_SECONDS):
            await controller.ready.wait()
    except TimeoutError:
        raise VoiceOff from None
    floor = controller.floor
    if wish.verb == "place":
        call = await floor.lanes.run(
            f"desk {wish.worker_id}", lambda: controller.dialling.place(wish.worker_id, wish.values)
        )
        return {"call": call_json(call)}
    if wish.verb in ("answer", "decline"):
        act_on = controller.ringing.take if wish.verb == "answer" else controller.ringing.decline
        call = await act_on(wish.values["reservation_id"], wish.worker_id)
        await floor.lanes.run(call.id, _nothing)  # behind what the router's answer does to the call
        return await _done(controller, call)
    if wish.verb == "script":
        return await controller.scripting.script.wished(wish.values)
    if wish.verb == "quality":
        return await _quality(controller, wish)
    if wish.verb == "web_start":
        values = wish.values
        call, token = await controller.incoming.from_page(
            values["line"], values["leg_id"], values["name"], values["language"], values["conversation_id"]
        )
        return {"call": call_json(call), "token": token}
    found = floor.calls.get(wish.call_id)
    act = _ACTS.get(wish.verb)
    if found is None:
        raise WrongCallState if wish.verb != "web_hang_up" else UnknownCall
    if act is None:
        raise Invalid("Nobody knows this wish.", field="verb")
    more = await floor.lanes.run(found.id, lambda: act(controller, found, wish))
    return {**await _done(controller, found), **(more or {})}


async def _done(controller: Controller, call: Call) -> Json:
    """The answer: whoever asks for the call next, or acts on it, finds it as it is answered; who is to have it has it."""
    floor = controller.floor
    if _is_handed(call):
        await floor.ledger.stands(call, lambda: not _is_handed(call))
        await floor.lanes.run(call.id, _nothing)  # behind his joining
    await floor.ledger.stands(call)
    return {"call": call_json(call)}


def _is_handed(call: Call) -> bool:
    """Whether the router is asked to give the call to somebody who needs no offer."""
    return call.live and call.transfer is not None and call.transfer.mode == "attended"


async def _nothing() -> None:
    pass


async def _hang_up(controller: Controller, call: Call, wish: Wish) -> None:
    """The agent ends the call; who only takes part beside him leaves it."""
    if not call.live:
        return
    # A program has no worker, and neither has the customer: it is not his leg.
    mine = next((one for one in call.parties if one.worker_id is not None and one.worker_id == wish.worker_id), None)
    if mine is not None and wish.worker_id != call.worker_id:
        task_id, mine.task_id = mine.task_id, None
        await controller.talking.leave(call, mine)
        if task_id is not None:
            mine.task_id = task_id
            await controller.transferring.party_left(call, mine, "hangup")
        return
    await controller.talking.end(call, "agent-hangup")


async def _hold(controller: Controller, call: Call, wish: Wish) -> None:
    if call.state == "consulting":
        raise WrongCallState
    await controller.talking.hold(call, bool(wish.values["held"]))


async def _mute(controller: Controller, call: Call, wish: Wish) -> None:
    worker_id = wish.worker_id or call.worker_id  # a program mutes the agent whose call it is
    if worker_id is not None:
        await controller.talking.mute(call, worker_id, bool(wish.values["held"]))


async def _digits(controller: Controller, call: Call, wish: Wish) -> None:
    party = next((one for one in call.parties if one.consulted), None)
    leg_id = party.leg_id if party is not None else call.leg_id
    await controller.floor.engine.send_digits(leg_id, wish.values["digits"].upper())


async def _transfer(controller: Controller, call: Call, wish: Wish) -> None:
    await controller.transferring.blind(call, wish.values["to"])


async def _consult(controller: Controller, call: Call, wish: Wish) -> Json:
    return {"leg_id": await controller.transferring.consult(call, wish.values["to"])}


async def _add(controller: Controller, call: Call, wish: Wish) -> Json:
    return {"leg_id": await controller.transferring.add(call, wish.values["to"])}


async def _complete(controller: Controller, call: Call, _wish: Wish) -> None:
    await controller.transferring.complete(call)


async def _cancel(controller: Controller, call: Call, _wish: Wish) -> None:
    await controller.transferring.cancel(call)


async def _merge(controller: Controller, call: Call, _wish: Wish) -> None:
    await controller.transferring.merge(call)


async def _remove(controller: Controller, call: Call, wish: Wish) -> None:
    await controller.transferring.remove(call, wish.values["leg_id"])


async def _park(controller: Controller, call: Call, _wish: Wish) -> None:
    await controller.transferring.park(call)


async def _pick_up(controller: Controller, call: Call, wish: Wish) -> None:
    if wish.worker_id is None:
        raise NotYourCall
    await controller.transferring.pick_up(call, wish.worker_id)


async def _complete_work(controller: Controller, call: Call, _wish: Wish) -> None:
    if call.state != "wrapping" or call.task_id is None:
        raise WrongCallState
    await controller.floor.router.ask(CompleteTask(call.task_id, ""))
    controller.talking.finish(call)


async def _recording(controller: Controller, call: Call, wish: Wish) -> None:
    await controller.recording.pause(call, bool(wish.values["paused"]))


async def _supervise(controller: Controller, call: Call, wish: Wish) -> None:
    if wish.user_id is None:
        raise NotYourCall
    await controller.supervising.takes_part(
        call, wish.user_id, wish.worker_id, wish.values.get("name", ""), wish.values["mode"]
    )


async def _web_ready(controller: Controller, call: Call, _wish: Wish) -> None:
    if call.companion_of is not None:
        await controller.companions.begins(call)
    else:
        controller.scripting.begins(call, controller.incoming.contact(call))


async def _web_digits(controller: Controller, call: Call, wish: Wish) -> None:
    await controller.scripting.page_keys(call, wish.values["digits"])


async def _web_hang_up(controller: Controller, call: Call, _wish: Wish) -> None:
    await controller.talking.end(call, "hangup")


async def _quality(controller: Controller, wish: Wish) -> Json:
    """What a browser hears, as the engine's own figures."""
    values = wish.values
    leg_id = browser_leg(wish.user_id or "")
    event = LegQuality(0, 0, leg_id, values["loss"], values["jitter"], values["rtt"], values["mos"])
    for call in controller.floor.calls_of(leg_id):
        controller.floor.post(call, lambda call=call: controller.talking.quality(call, event))  # type: ignore[misc]
    return {}


_ACTS: dict[str, Act] = {
    "hang_up": _hang_up,
    "hold": _hold,
    "mute": _mute,
    "digits": _digits,
    "transfer": _transfer,
    "consult": _consult,
    "add": _add,
    "complete": _complete_work,
    "complete_transfer": _complete,
    "cancel_consult": _cancel,
    "merge": _merge,
    "remove": _remove,
    "park": _park,
    "pick_up": _pick_up,
    "recording": _recording,
    "supervise": _supervise,
    "web_ready": _web_ready,
    "web_digits": _web_digits,
    "web_hang_up": _web_hang_up,
}
