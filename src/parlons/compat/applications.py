"""Applications, and the numbers: which address leads the calls of each. Numbers come and go at the desk; here they are led."""

from typing import Any

from parlons.compat import led_store
from parlons.compat import shapes_calls as shapes
from parlons.compat.call import NAME, Call
from parlons.compat.configured import addresses
from parlons.compat.errors import ApiError
from parlons.compat.led_store import Thing
from parlons.compat.numbers import APPLICATION, NUMBER
from parlons.compat.pages import OldPage, page_of
from parlons.kit.ids import new_id
from parlons.reception.points import all_entry_points
from parlons.runtime.db import Tx

Json = dict[str, Any]
METHODS = ("GET", "POST")


async def _given(call: Call) -> Json:
    """Addresses and their methods, as far as they were given."""
    found = await addresses(
        call, voice_url="VoiceUrl", voice_fallback_url="VoiceFallbackUrl", status_callback="StatusCallback"
    )
    for name, parameter in (
        ("voice_method", "VoiceMethod"),
        ("voice_fallback_method", "VoiceFallbackMethod"),
        ("status_callback_method", "StatusCallbackMethod"),
    ):
        chosen = call.one_of(parameter, METHODS)
        if chosen is not None:
            found[name] = chosen
    friendly = call.text("FriendlyName", longest=NAME)
    return found if friendly is None else {**found, "friendly_name": friendly}


# -- applications ------------------------------------------------------------------------------------------------------


async def applications(call: Call) -> Json:
    """The applications."""
    page, name = OldPage(call), call.text("FriendlyName")
    call.done()
    async with call.db.transaction(call.account) as tx:
        found = await led_store.things(tx, APPLICATION, name)
    return page_of(
        call, page, "applications", found, lambda one: [one.id], lambda one: shapes.application(call.account, one)
    )


async def create_application(call: Call) -> Json:
    """A new application."""
    given = await _given(call)
    call.done()
    async with call.db.transaction(call.account) as tx:
        made = new_id(APPLICATION, call.clock())
        await led_store.put(tx, made, given.get("friendly_name") or made, given)
        return shapes.application(call.account, await _there(tx, call, made))


async def _there(tx: Tx, call: Call, thing_id: str) -> Thing:
    found = await led_store.thing(tx, thing_id)
    if found is None:
        raise call.missing()
    return found


async def application(call: Call) -> Json:
    """One application."""
    call.done()
    async with call.db.transaction(call.account) as tx:
        return shapes.application(call.account, await _there(tx, call, call.ids["Sid"]))


async def change_application(call: Call) -> Json:
    """Changes an application."""
    given = await _given(call)
    call.done()
    async with call.db.transaction(call.account) as tx:
        before = await _there(tx, call, call.ids["Sid"])
        await led_store.put(tx, before.id, given.get("friendly_name") or before.name, {**before.data, **given})
        return shapes.application(call.account, await _there(tx, call, before.id))


async def remove_application(call: Call) -> None:
    """Takes it away; numbers that name it are led by their own addresses again."""
    call.done()
    async with call.db.transaction(call.account) as tx:
        await led_store.drop(tx, (await _there(tx, call, call.ids["Sid"])).id)


# -- numbers -----------------------------------------------------------------------------------------------------------


async def all_numbers(tx: Tx) -> list[Thing]:
    """The desk's numbers, with what is kept of them here. Their ids are those of the entry points."""
    kept = {one.id: one for one in await led_store.things(tx, NUMBER)}
    found = []
    for point in await all_entry_points(tx):
        if point.channel == "voice" and point.address.startswith("+"):
            sid = _sid(point.id)
            known = kept.get(sid)
            made = int(tx.now) if known is None else known.created_at
            name = point.name or point.address
            data = {"friendly_name": name, **(known.data if known is not None else {})}
            found.append(Thing(sid, point.address, data, made, made if known is None else known.updated_at))
    return sorted(found, key=lambda one: one.id)


def _sid(point_id: str) -> str:
    """The id of a number: that of its entry point, with the API's first letters."""
    return NUMBER + point_id[2:]


async def numbers(call: Call) -> Json:
    """The numbers."""
    page, name, number = OldPage(call), call.text("FriendlyName"), call.text("PhoneNumber")
    call.done()
    async with call.db.transaction(call.account) as tx:
        found = [
            one
            for one in await all_numbers(tx)
            if name in (None, one.data["friendly_name"]) and number in (None, one.name)
        ]
    return page_of(
        call, page, "incoming_phone_numbers", found, lambda one: [one.id], lambda one: shapes.number(call.account, one)
    )


async def _number(tx: Tx, call: Call) -> Thing:
    found = next((one for one in await all_numbers(tx) if one.id == call.ids["Sid"]), None)
    if found is None:
        raise call.missing()
    return found


async def number(call: Call) -> Json:
    """One number."""
    call.done()
    async with call.db.transaction(call.account) as tx:
        return shapes.number(call.account, await _number(tx, call))


async def change_number(call: Call) -> Json:
    """Says which address leads its calls."""
    given, application_id = await _given(call), call.text("VoiceApplicationSid")
    call.done()
    async with call.db.transaction(call.account) as tx:
        before = await _number(tx, call)
        if application_id is not None:
            if application_id and await led_store.thing(tx, application_id) is None:
                raise ApiError(f"There is no Application {application_id[:NAME]}")
            given["voice_application_sid"] = application_id
        await led_store.put(tx, before.id, before.name, {**before.data, **given})
        return shapes.number(call.account, await _number(tx, call))
