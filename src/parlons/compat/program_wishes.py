"""What requests of the API wish of calls and conferences, carried out in the process that carries the calls."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import msgspec

from parlons.compat.call_xml import Pause, Play, Say, XmlRefused, into_conference, read
from parlons.compat.errors import ApiError
from parlons.compat.led import Hook, Led, Told
from parlons.kit.errors import Invalid
from parlons.runtime.log import log
from parlons.voice.calls.errors import UnknownCall

if TYPE_CHECKING:
    from parlons.compat.programs import CallPrograms

Json = dict[str, Any]
SUPERVISOR_SECONDS = 60
"""A supervisor is rung."""
PATIENCE = 5.0
"""The longest a program waits to be told of a call's end until it can be read, in seconds."""


async def carry_out(programs: "CallPrograms", values: Json) -> Json:
    """Does it; raises the refusal."""
    try:
        return await _ACTS[values["verb"]](programs, values)
    except ApiError as error:  # from another process refusals come over the journal
        raise Invalid(error.message) from None


def _led(programs: "CallPrograms", values: Json) -> Led:
    led = programs.led.get(values["call_id"])
    if led is None:
        raise UnknownCall
    return led


async def _create(programs: "CallPrograms", values: Json) -> Json:
    await programs.create(msgspec.convert(values["led"], Led), values["timeout"])
    return {}


async def _redirect(programs: "CallPrograms", values: Json) -> Json:
    led, hook = _led(programs, values), Hook(**values["hook"])
    programs.verbs.lines.later(led.id, lambda: programs.redirect(led, hook))
    return {}


async def _end(programs: "CallPrograms", values: Json) -> Json:
    led = _led(programs, values)
    led.canceled = led.answered_at is None
    await _hang_up(programs, led)
    return {}


async def _hang_up(programs: "CallPrograms", led: Led) -> None:
    """Ends a call; returns when its row says so, or after `PATIENCE`: its end is carried out all the same."""
    written = asyncio.Event()

    async def behind_it() -> None:
        written.set()

    await programs.verbs.hang_up(led.id)
    programs.verbs.lines.later(led.id, behind_it)  # `CallPrograms.over` was posted there before
    try:
        async with asyncio.timeout(PATIENCE):
            await written.wait()
    except TimeoutError:
        log.info("compat.end_not_yet_written", call_id=led.id)


# --- conferences ------------------------------------------------------------------------------------------------------


async def _invite(programs: "CallPrograms", values: Json) -> Json:
    """Calls somebody into a conference, which is there from now on."""
    room = await programs.rooms.room(values["name"], Told(**values["told"]))
    led = msgspec.convert(values["led"], Led)
    try:
        await programs.create(led, values["timeout"])
    except Exception:
        if not programs.rooms.members(room.id):
            await programs.rooms.end(room.id)
        raise
    return {"conference_id": room.id}


async def _participants(programs: "CallPrograms", values: Json) -> Json:
    conference_id, rooms = values["conference_id"], programs.rooms
    found = {"calls": rooms.members(conference_id), "invited": rooms.invited(conference_id, values["name"])}
    return {kind: [msgspec.to_builtins(one) for one in leds] for kind, leds in found.items()}


async def _change_participant(programs: "CallPrograms", values: Json) -> Json:
    await programs.rooms.change(_led(programs, values), values["changes"])
    return {}


async def _kick(programs: "CallPrograms", values: Json) -> Json:
    await programs.rooms.leave(_led(programs, values), kicked=True)
    return await _end(programs, values)


async def _end_conference(programs: "CallPrograms", values: Json) -> Json:
    await programs.rooms.end(values["conference_id"])
    return {}


async def _announce(programs: "CallPrograms", values: Json) -> Json:
    """Says something to one or to all in a conference, as soon as its document is here."""
    members = programs.rooms.members(values["conference_id"])
    led = next((one for one in members if values["call_id"] in ("", one.id)), None)
    if led is None:
        raise UnknownCall

    async def work() -> None:
        found = await programs.around.fetching.document(led, values["url"], values["method"], {})
        try:
            prompts = read(found.content or "")
            if not all(isinstance(one, Say | Play | Pause) for one in prompts):
                raise XmlRefused("An announcement holds Say, Play and Pause")
            spoken = msgspec.structs.replace(led, base_url=found.url)
            words = await programs.instructions.heard(spoken, prompts)  # type: ignore[arg-type]
        except ApiError as error:
            log.warning("compat.announcement_refused", call_id=led.id, code=error.code)
            return
        if values["call_id"]:
            await programs.verbs.say(led.id, f"announce{programs.around.clock()}", words)
        else:
            await programs.verbs.lines.announce(values["conference_id"], words, call_id=led.id)

    programs.beside(work)
    return {}


# --- queues and workers -----------------------------------------------------------------------------------------------


async def _members(programs: "CallPrograms", values: Json) -> Json:
    return {"calls": [msgspec.to_builtins(one) for one in programs.queues.members(values["queue_id"])]}


async def _unserved(programs: "CallPrograms", values: Json) -> Json:
    await programs.queues.unserved(values["task_id"])
    return {}


def _of_task(programs: "CallPrograms", values: Json) -> Led:
    """The call that waits by a task."""
    for led in programs.led.values():
        if led.waits is not None and led.waits.task_id == values["task_id"] and not led.other:
            return led
    raise UnknownCall


async def _work(programs: "CallPrograms", values: Json) -> Json:
    """Calls the worker of a reservation; when he answers he has the call that waits, or meets it in a conference, or his own
    document leads him."""
    worker = msgspec.convert(values["led"], Led)
    if values["serves"]:
        waiting = _of_task(programs, values)
        worker.serves, worker.caller_xml = waiting.id, values.get("caller_xml", "")
        worker.from_ = await programs.dials.caller(waiting, worker.from_)
    else:
        worker.from_ = await programs.dials.caller(worker, worker.from_)
    programs.dials.check(worker)
    await programs.create(worker, values["timeout"])
    return {}


async def _supervise(programs: "CallPrograms", values: Json) -> Json:
    """Calls a supervisor into the conference of the worker who has a reservation: he hears all."""
    worker = next(
        (
            one
            for one in programs.led.values()
            if one.member is not None and one.reservation is not None and one.reservation[1] == values["reservation_id"]
        ),
        None,
    )
    if worker is None or worker.member is None:
        raise ApiError("The worker of this reservation is in no conference")
    attributes = {"beep": "false", "startConferenceOnEnter": "false"}
    heard = {"monitor": {"muted": "true"}, "whisper": {"coach": worker.id}, "barge": dict[str, str]()}
    led = msgspec.convert(values["led"], Led)
    led.from_ = await programs.dials.caller(worker, "")
    led.hook.xml = into_conference(worker.member.conference_id, attributes | heard[values["mode"]])
    programs.dials.check(led)
    await programs.create(led, SUPERVISOR_SECONDS)
    return {}


_ACTS: dict[str, Callable[["CallPrograms", Json], Awaitable[Json]]] = {
    "create": _create,
    "redirect": _redirect,
    "end": _end,
    "invite": _invite,
    "participants": _participants,
    "change_participant": _change_participant,
    "kick": _kick,
    "end_conference": _end_conference,
    "announce": _announce,
    "members": _members,
    "unserved": _unserved,
    "work": _work,
    "supervise": _supervise,
}
