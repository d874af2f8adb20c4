"""Programs hear what becomes of calls and conferences: one job for each event, in order, signed as all else."""

from typing import TYPE_CHECKING, Any

from parlons.compat.led import VERSION, Led, Member, flat
from parlons.runtime.db import Tx
from parlons.runtime.jobs import enqueue

if TYPE_CHECKING:
    from parlons.compat.led_rooms import Room

WORKSPACE_GONE = "compat.workspace-gone"
Json = dict[str, Any]
CALL_EVENT, CONFERENCE_EVENT, TASK_OVER = "compat.call-event", "compat.conference-event", "compat.task-over"
EVENT_OF = {"queued": "initiated", "ringing": "ringing", "in-progress": "answered"}
"""By the state it brings; every other state is `completed`."""


async def tell_of_call(tx: Tx, led: Led) -> None:
    """Plans that the program hears of the call's present state, when it wants to."""
    event = EVENT_OF.get(led.status, "completed")
    if not led.told.url or event not in led.told.events:
        return
    payload = {"call_id": led.id, "status": led.status, "number": led.told_of, "at": tx.now}
    led.told_of += 1
    await enqueue(tx, CALL_EVENT, payload, order_key=f"call {led.id}")


def call_form(led: Led, payload: Json, timestamp: str) -> dict[str, str]:
    """What a program hears of its call."""
    form = {**led.form(), "CallStatus": payload["status"], "SequenceNumber": payload["number"]}
    form |= {"CallbackSource": "call-progress-events", "Timestamp": timestamp}
    if payload["status"] == "completed":
        form |= {"CallDuration": led.seconds(), "Duration": -(-led.seconds() // 60)}
    return flat(form)


async def tell_of_conference(tx: Tx, room: "Room", event: str, led: Led | None, member: Member | None) -> None:
    """Plans that the program hears of what happened in a conference, when it wants to."""
    wanted = event.removeprefix("un")
    if not room.told.url or wanted not in room.told.events:
        return
    room.told_of += 1
    payload: Json = {"conference_id": room.id, "event": event, "number": room.told_of, "at": tx.now, "why": room.why}
    if led is not None and member is not None:
        payload |= {"call_id": led.id, "label": member.label, "muted": member.muted, "hold": member.hold}
        payload |= {"coach": member.coach, "starts": member.starts, "ends": member.ends}
    await enqueue(tx, CONFERENCE_EVENT, payload, order_key=f"conference {room.id}")


def conference_form(account: str, room: "Room", payload: Json, timestamp: str) -> dict[str, str]:
    """What a program hears of its conference."""
    event = payload["event"]
    form: Json = {
        "AccountSid": account,
        "ApiVersion": VERSION,
        "ConferenceSid": room.id,
        "FriendlyName": room.name,
        "StatusCallbackEvent": f"conference-{event}" if event in ("start", "end") else f"participant-{event}",
        "SequenceNumber": payload["number"],
        "Timestamp": timestamp,
    }
    if event == "end" and payload["why"]:
        form["ReasonConferenceEnded"] = payload["why"]
    if "call_id" in payload:
        form |= {"CallSid": payload["call_id"], "Muted": payload["muted"], "Hold": payload["hold"]}
        form |= {"Coaching": bool(payload["coach"]), "StartConferenceOnEnter": payload["starts"]}
        form["EndConferenceOnExit"] = payload["ends"]
        if payload["coach"]:
            form["CallSidToCoach"] = payload["coach"]
        if payload["label"]:
            form["ParticipantLabel"] = payload["label"]
    return flat(form)
