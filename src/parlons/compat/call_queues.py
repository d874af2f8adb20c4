"""Queues of calls and who waits in them: made, listed, and their calls led elsewhere."""

from typing import Any

import msgspec

from parlons.compat import led_store
from parlons.compat import shapes_calls as shapes
from parlons.compat.applications import METHODS
from parlons.compat.call import NAME, Call
from parlons.compat.configured import addresses
from parlons.compat.errors import ApiError
from parlons.compat.led import Hook, Led
from parlons.compat.led_queues import MOST, QUEUE
from parlons.compat.led_store import Thing
from parlons.compat.pages import OldPage, page_of
from parlons.kit.ids import new_id

Json = dict[str, Any]
FIRST = "Front"
TAKEN, NOT_EMPTY = 22003, 22005


async def _queue(call: Call, queue_id: str) -> Thing:
    async with call.db.transaction(call.account) as tx:
        found = await led_store.thing(tx, queue_id)
    if found is None:
        raise call.missing()
    return found


async def _waiting(call: Call, queue_id: str) -> list[Led]:
    """Who waits, the first first."""
    answer = await call.wish("members", queue_id=queue_id)
    return msgspec.convert(answer["calls"], list[Led])


async def _shown(call: Call, found: Thing) -> Json:
    return shapes.queue(call.account, found, await _waiting(call, found.id), call.clock())


async def queues(call: Call) -> Json:
    """The queues."""
    page = OldPage(call)
    call.done()
    async with call.db.transaction(call.account) as tx:
        found = await led_store.things(tx, QUEUE)
    cut, before, after = page.cut(found, lambda one: [one.id])
    shown = [await _shown(call, one) for one in cut]
    first, last = ([cut[0].id], [cut[-1].id]) if cut else (None, None)
    return page.answer("queues", shown, first, last, before, after)


async def _name(call: Call, name: str, mine: str = "") -> str:
    async with call.db.transaction(call.account) as tx:
        if any(one.id != mine for one in await led_store.things(tx, QUEUE, name)):
            raise ApiError(f"There is a Queue {name} already", code=TAKEN)
    return name


async def create_queue(call: Call) -> Json:
    """A new queue."""
    name, most = call.needed("FriendlyName", longest=NAME), call.number("MaxSize", 1, MOST) or 100
    call.done()
    await _name(call, name)
    made = new_id(QUEUE, call.clock())
    async with call.db.transaction(call.account) as tx:
        await led_store.put(tx, made, name, {"max_size": most})
    return await _shown(call, await _queue(call, made))


async def queue(call: Call) -> Json:
    """One queue."""
    call.done()
    return await _shown(call, await _queue(call, call.ids["Sid"]))


async def change_queue(call: Call) -> Json:
    """Changes its name or how many may wait."""
    name, most = call.text("FriendlyName", longest=NAME), call.number("MaxSize", 1, MOST)
    call.done()
    before = await _queue(call, call.ids["Sid"])
    name = await _name(call, name, before.id) if name else before.name
    async with call.db.transaction(call.account) as tx:
        await led_store.put(tx, before.id, name, {"max_size": most or before.data["max_size"]})
    return await _shown(call, await _queue(call, before.id))


async def remove_queue(call: Call) -> None:
    """Takes an empty queue away."""
    call.done()
    found = await _queue(call, call.ids["Sid"])
    if await _waiting(call, found.id):
        raise ApiError("A Queue is removed when nobody waits in it", code=NOT_EMPTY)
    async with call.db.transaction(call.account) as tx:
        await led_store.drop(tx, found.id)


# -- members -----------------------------------------------------------------------------------------------------------


async def _members(call: Call) -> list[Json]:
    found = await _queue(call, call.ids["QueueSid"])
    waiting = await _waiting(call, found.id)
    return [shapes.member(one, place, call.clock()) for place, one in enumerate(waiting, 1)]


async def _member(call: Call) -> Json:
    """The one in the path: by his call, or who waits first."""
    wanted = call.ids["CallSid"]
    for one in await _members(call):
        if wanted in (one["call_sid"], FIRST):
            return one
    raise call.missing()


async def members(call: Call) -> Json:
    """Who waits, the first first."""
    page = OldPage(call)
    call.done()
    found = await _members(call)
    return page_of(call, page, "queue_members", found, lambda one: [one["position"]], lambda one: one)


async def member(call: Call) -> Json:
    """One of them."""
    call.done()
    return await _member(call)


async def dequeue(call: Call) -> Json:
    """Another document leads him: out of the queue."""
    found, method = await addresses(call, url="Url"), call.one_of("Method", METHODS) or "POST"
    call.done()
    if not found.get("url"):
        raise ApiError("Missing required parameter Url in the post body")
    shown = await _member(call)
    hook = msgspec.to_builtins(Hook(found["url"], method))
    await call.wish("redirect", call_id=shown["call_sid"], hook=hook)
    return shown
