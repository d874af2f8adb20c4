"""Calls: placed, listed, redirected, ended. Those that programs lead; what a flow leads is the desk's."""

from typing import Any

import msgspec
import sqlalchemy as sa

from parlons.compat import call_xml, led_store
from parlons.compat import shapes_calls as shapes
from parlons.compat.applications import METHODS, all_numbers
from parlons.compat.call import EVER, Call
from parlons.compat.configured import addresses
from parlons.compat.errors import ApiError
from parlons.compat.led import OVER, Hook, Led, Told, far_side, sip_host
from parlons.compat.led_store import Shown
from parlons.compat.numbers import APPLICATION, hook_of
from parlons.compat.pages import OldPage, page_of
from parlons.compat.store import calls as table
from parlons.kit.clock import to_datetime
from parlons.kit.ids import CALL, new_id
from parlons.voice.calls.errors import UnknownCall, WrongCallState

Json = dict[str, Any]
STATUSES = ("queued", "ringing", "in-progress", *sorted(OVER))
EVENTS = ("initiated", "ringing", "answered", "completed")
MOST_SECONDS = 600
_SHOWN = 5_000
"""Calls a list looks through, the newest first."""


async def check_caller(call: Call, to: str, shown: str) -> None:
    """Raises ApiError unless somebody may be called so: a number shows one of ours, a SIP host is one that is allowed."""
    kind, _ = far_side(to)
    if kind == "uri" and not call.allow.host(*sip_host(to)):
        raise ApiError(f"{to[:80]} is at no host that may be called", code=13224)
    if kind == "number":
        async with call.db.transaction(call.account) as tx:
            ours = {one.name for one in await all_numbers(tx)}
        if shown not in ours:
            raise ApiError(f"{shown[:40]} is not a number of this account", code=21210)


async def hook(call: Call) -> Hook | None:
    """Where a call's instructions come from, as far as that is given: an address, a document, an application."""
    found = await addresses(call, url="Url", fallback_url="FallbackUrl")
    method, fallback = call.one_of("Method", METHODS) or "POST", call.one_of("FallbackMethod", METHODS) or "POST"
    xml, application = call.text("Twiml"), call.sid("ApplicationSid", APPLICATION)
    if application is not None:
        async with call.db.transaction(call.account) as tx:
            thing = await led_store.thing(tx, application)
        if thing is None:
            raise ApiError(f"There is no Application {application}")
        return hook_of(thing.data).voice
    if xml is not None:
        call_xml.read(xml)
        return Hook(xml=xml)
    if not found.get("url"):
        return None
    return Hook(found["url"], method, found.get("fallback_url") or "", fallback)


async def told(call: Call, prefix: str = "") -> Told:
    """Who hears of the call."""
    name = f"{prefix}StatusCallback"
    found = await addresses(call, url=name)
    method = call.one_of(f"{name}Method", METHODS) or "POST"
    events = tuple(one for text in call.every(f"{name}Event") for one in text.split())
    if not set(events) <= set(EVENTS):
        raise ApiError(f"{name}Event is some of {', '.join(EVENTS)}")
    return Told(found.get("url") or "", method, events or ("completed",))


def new_call(call: Call, to: str, shown: str, first: Hook, hears: Told, **more: Any) -> Led:
    """A call that is to be placed."""
    now = call.clock()
    return Led(
        new_id(CALL, now), call.account, call.desk_id, "outbound-api", to, shown, "queued", now, first, hears, **more
    )  # fmt: skip


async def placed(call: Call, led: Led, seconds: int) -> Json:
    """Places a call, where calls are carried; it is answered as it was placed, however soon somebody answers it."""
    await call.wish("create", call_id=led.id, led=msgspec.to_builtins(led), timeout=seconds)
    return shapes.call(Shown(led, led.started_at))


async def create_call(call: Call) -> Json:
    """Calls somebody; the answer comes as soon as it is on its way."""
    to, shown = call.needed("To", longest=320), call.needed("From", longest=320)
    first, hears = await hook(call), await told(call)
    seconds = call.number("Timeout", 1, MOST_SECONDS) or 60
    call.done()
    if first is None or not (first.url or first.xml):
        raise ApiError("One of Url, Twiml and ApplicationSid is needed", code=21205)
    await check_caller(call, to, shown)
    return await placed(call, new_call(call, to, shown, first, hears), seconds)


async def _one(call: Call, call_id: str) -> Shown:
    async with call.db.transaction(call.account) as tx:
        found = await led_store.find(tx, call_id)
    if found is None:
        raise call.missing()
    return found


async def call(call: Call) -> Json:
    """One call."""
    call.done()
    return shapes.call(await _one(call, call.ids["Sid"]))


async def calls(call: Call) -> Json:
    """The calls, the newest first."""
    page = OldPage(call)
    status = call.one_of("Status", STATUSES)
    named = {table.c.to_address: call.text("To"), table.c.from_address: call.text("From"), table.c.status: status}
    named[table.c.parent_id] = call.sid("ParentCallSid", CALL)
    where: list[sa.ColumnElement[bool]] = [column == value for column, value in named.items() if value is not None]
    for name, column in (("StartTime", table.c.started_at), ("EndTime", table.c.ended_at)):
        since, until = call.span(name)
        if since > 0 or until < EVER:
            where += [column >= to_datetime(since), column < to_datetime(until)]
    call.done()
    async with call.db.transaction(call.account) as tx:
        found = await led_store.listing(tx, *where, limit=_SHOWN)
    return page_of(call, page, "calls", found, lambda one: [one.led.id], shapes.call)


async def change_call(call: Call) -> Json:
    """Redirects a call that lives to another document, or ends it."""
    status, first = call.one_of("Status", ("completed", "canceled")), await hook(call)
    call.done()
    before = (await _one(call, call.ids["Sid"])).led
    if not before.live:
        raise ApiError(f"Call {before.id} is not in-progress. Cannot redirect.", code=21220)
    if status == "canceled" and before.answered_at is not None:
        raise ApiError("A call that was answered is completed, not canceled", code=21220)
    try:
        if status is not None:
            await call.wish("end", call_id=before.id)
        elif first is not None:
            await call.wish("redirect", call_id=before.id, hook=msgspec.to_builtins(first))
    except (UnknownCall, WrongCallState):
        raise ApiError(f"Call {before.id} is not in-progress. Cannot redirect.", code=21220) from None
    return shapes.call(await _one(call, before.id))


async def remove_call(call: Call) -> None:
    """Forgets a call that is over."""
    call.done()
    found = await _one(call, call.ids["Sid"])
    if found.led.live:
        raise ApiError("A call is removed when it is over", 409, 20409)
    async with call.db.transaction(call.account) as tx:
        await led_store.remove(tx, [found.led.id])
