"""Conferences and who is in them: listed, invited, muted, held, coached, spoken to, sent away."""

from typing import Any

import msgspec

from parlons.compat import led_store
from parlons.compat import shapes_calls as shapes
from parlons.compat.applications import METHODS
from parlons.compat.call import NAME, Call
from parlons.compat.call_xml import into_conference
from parlons.compat.calls import MOST_SECONDS, check_caller, new_call, told
from parlons.compat.configured import addresses
from parlons.compat.errors import ApiError
from parlons.compat.led import Hook, Led, Told
from parlons.compat.led_store import Thing
from parlons.compat.pages import OldPage, page_of
from parlons.kit.ids import CALL, CONFERENCE

Json = dict[str, Any]
STATUSES = ("init", "in-progress", "completed")
EVENTS = ("start", "end", "join", "leave", "mute", "hold")
BEEPS = ("true", "false", "onEnter", "onExit")


async def _conference(call: Call, conference_id: str) -> Thing:
    async with call.db.transaction(call.account) as tx:
        found = await led_store.thing(tx, conference_id)
    if found is None:
        raise call.missing()
    return found


async def conferences(call: Call) -> Json:
    """The conferences, the newest first."""
    page, name, status = OldPage(call), call.text("FriendlyName"), call.one_of("Status", STATUSES)
    created, updated = call.span("DateCreated"), call.span("DateUpdated")
    call.done()

    def fits(one: Thing) -> bool:
        here = created[0] <= one.created_at < created[1] and updated[0] <= one.updated_at < updated[1]
        return here and status in (None, one.data["status"])

    async with call.db.transaction(call.account) as tx:
        found = [one for one in reversed(await led_store.things(tx, CONFERENCE, name)) if fits(one)]
    return page_of(
        call, page, "conferences", found, lambda one: [one.id], lambda one: shapes.conference(call.account, one)
    )


async def conference(call: Call) -> Json:
    """One conference."""
    call.done()
    return shapes.conference(call.account, await _conference(call, call.ids["Sid"]))


async def _announcement(call: Call) -> Json | None:
    """What is to be said: the address of its document."""
    found = await addresses(call, url="AnnounceUrl")
    method = call.one_of("AnnounceMethod", METHODS) or "POST"
    return {"url": found["url"], "method": method} if found.get("url") else None


async def change_conference(call: Call) -> Json:
    """Ends it, or says something to all."""
    status, words = call.one_of("Status", ("completed",)), await _announcement(call)
    call.done()
    found = await _conference(call, call.ids["Sid"])
    if found.data["status"] == "completed":
        raise ApiError("The conference is over", 404)
    if words is not None:
        await call.wish("announce", conference_id=found.id, call_id="", **words)
    if status is not None:
        await call.wish("end_conference", conference_id=found.id)
    return shapes.conference(call.account, await _conference(call, found.id))


# -- participants ------------------------------------------------------------------------------------------------------


async def _present(call: Call, *, invited: bool = False) -> list[Led]:
    """Who is in a conference; `invited`: also who is called into it and has not answered."""
    found = await _conference(call, call.ids["ConferenceSid"])
    answer = await call.wish("participants", conference_id=found.id, name=found.name)
    there = msgspec.convert(answer["calls"], list[Led])
    if invited and found.data["status"] != "completed":  # else it is another one of this name
        called = msgspec.convert(answer["invited"], list[Led])
        there += [msgspec.structs.replace(one, member=shapes.to_be(one, found.id)) for one in called]
    return there


async def _one(call: Call, *, invited: bool = False) -> Led:
    """By the id of the call, or by its label."""
    wanted = call.ids["CallSid"]
    for one in await _present(call, invited=invited):
        if wanted == one.id or (one.member is not None and wanted == one.member.label):
            return one
    raise call.missing()


async def participants(call: Call) -> Json:
    """Who is in a conference."""
    page = OldPage(call)
    wanted = {name: call.truth(name) for name in ("Muted", "Hold", "Coaching")}
    call.done()
    shown = [shapes.participant(one) for one in await _present(call)]
    found = [
        one
        for one in shown
        if all(value in (None, one[name.lower()]) for name, value in wanted.items())
    ]  # fmt: skip
    return page_of(call, page, "participants", found, lambda one: [one["call_sid"]], lambda one: one)


async def participant(call: Call) -> Json:
    """One of them, or of those who are called."""
    call.done()
    return shapes.participant(await _one(call, invited=True))


async def invite(call: Call) -> Json:
    """Calls somebody into a conference, by its name or id; the conference is there from now on."""
    to, shown = call.needed("To", longest=320), call.needed("From", longest=320)
    hears, conference_hears = await told(call), await _told(call)
    seconds = call.number("Timeout", 1, MOST_SECONDS) or 60
    attributes = _attributes(call)
    call.done()
    await check_caller(call, to, shown)
    name = call.ids["ConferenceSid"]
    led = new_call(call, to, shown, Hook(xml=into_conference(name, attributes)), hears)
    answer = await call.wish(
        "invite", name=name, call_id=led.id, led=msgspec.to_builtins(led), timeout=seconds,
        told=msgspec.to_builtins(conference_hears),
    )  # fmt: skip
    led.member = shapes.to_be(led, answer["conference_id"])
    return shapes.participant(led)


async def _told(call: Call) -> Told:
    found = await addresses(call, url="ConferenceStatusCallback")
    method = call.one_of("ConferenceStatusCallbackMethod", METHODS) or "POST"
    events = tuple(one for text in call.every("ConferenceStatusCallbackEvent") for one in text.split())
    if not set(events) <= set(EVENTS):
        raise ApiError(f"ConferenceStatusCallbackEvent is some of {', '.join(EVENTS)}")
    return Told(found.get("url") or "", method, events or ("start", "end"))


def _attributes(call: Call) -> dict[str, str]:
    """How somebody who is invited takes part, as call XML has it."""
    given: dict[str, str | None] = {
        "participantLabel": call.text("Label", longest=NAME),
        "beep": call.one_of("Beep", BEEPS),
        "coach": call.sid("CallSidToCoach", CALL),
    }
    for attribute, parameter in (
        ("muted", "Muted"),
        ("startConferenceOnEnter", "StartConferenceOnEnter"),
        ("endConferenceOnExit", "EndConferenceOnExit"),
    ):
        truth = call.truth(parameter)
        given[attribute] = None if truth is None else str(truth).lower()
    most = call.number("MaxParticipants", 2, 250)
    given["maxParticipants"] = None if most is None else str(most)
    if call.truth("Coaching") is False:
        given["coach"] = None
    return {name: value for name, value in given.items() if value is not None}


async def change_participant(call: Call) -> Json:
    """Mutes, holds, lets coach, or says something to one alone."""
    changes: Json = {
        "muted": call.truth("Muted"),
        "hold": call.truth("Hold"),
        "ends": call.truth("EndConferenceOnExit"),
    }
    coaching, coach = call.truth("Coaching"), call.sid("CallSidToCoach", CALL)
    beeps, words = call.truth("BeepOnExit"), await _announcement(call)
    call.done()
    before = await _one(call)
    assert before.member is not None
    if coaching is False:
        changes["coach"] = ""
    elif coach is not None:
        changes["coach"] = coach
    elif coaching and not before.member.coach:
        raise ApiError("CallSidToCoach is needed to coach")
    if beeps is not None:
        onset = before.member.beeps_on_enter
        changes["beep"] = ("true" if onset else "onExit") if beeps else ("onEnter" if onset else "false")
    changes = {name: value for name, value in changes.items() if value is not None}
    if changes:
        await call.wish("change_participant", call_id=before.id, changes=changes)
    if words is not None:
        await call.wish("announce", conference_id=before.member.conference_id, call_id=before.id, **words)
    return shapes.participant(await _one(call))


async def kick(call: Call) -> None:
    """Somebody is sent away, or called no longer: his call ends."""
    call.done()
    await call.wish("kick", call_id=(await _one(call, invited=True)).id)
