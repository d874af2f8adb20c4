"""Programs hear what becomes of calls and conferences: one job for each event, in order, signed as all else."""

from typing import Any

from parlons.compat.led import Led, Told, flat
from parlons.runtime.db import Tx
from parlons.runtime.jobs import enqueue

Json = dict[str, Any]
CALL_EVENT, CONFERENCE_EVENT = "compat.call-event", "compat.conference-event"
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
    if payload["status"] in ("completed",):
        form |= {"CallDuration": led.seconds(), "Duration": -(-led.seconds() // 60)}
    return flat(form)


def wants(told: Told, event: str) -> bool:
    """Whether an event is to be told."""
    return bool(told.url) and event in told.events
