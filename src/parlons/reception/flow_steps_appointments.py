"""What a flow asks of appointments: what is free, what the contact has, and one booked, moved or cancelled.

The firm's own calendar, where it has one, is asked before the transaction; what is booked is booked in the one that takes the
result in, so once.
"""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

from parlons.appointments import commands, offering
from parlons.appointments.commands import By
from parlons.appointments.model import DAY_MS, Appointment, UnknownAppointment
from parlons.appointments.slots import Slot
from parlons.conversations import commands as conversations
from parlons.flows.state import Effect
from parlons.kit.clock import to_iso
from parlons.kit.errors import Refusal
from parlons.kit.when import beginning, local
from parlons.reception.flow_acts import Act, Ground
from parlons.reception.flow_instances import Instance
from parlons.reception.flow_understanding import After, nothing
from parlons.runtime.db import Database, Tx
from parlons.runtime.safe_http import SafeHttp

Json = dict[str, Any]
_SPAN = 62 * DAY_MS
"""How far ahead one question looks."""


async def slots(db: Database, http: SafeHttp, tenant_id: str, instance: Instance, effect: Effect) -> tuple[Json, After]:
    """The next free times from a day, or after a moment."""
    data, result = effect.data, Json()
    first = last = 0
    told: list[Slot] | None = None

    async def look(tx: Tx) -> None:
        firm_id = (await conversations.locked(tx, instance.conversation_id)).firm_id
        window = {"first": first, "last": last}
        besides = data.get("besides")
        try:
            _, hours, free = await offering.offered(tx, firm_id, **window, told=told, lead=True, besides=besides)
        except Refusal as refusal:
            result["why"] = refusal.code
            return
        result["slots"] = [one.starts_at for one in free[: data["most"]]]
        result["zone"] = hours.zone
        result["today"] = local(tx.now, hours.zone).date().isoformat()

    try:
        async with db.transaction(tenant_id) as tx:
            firm_id = (await conversations.locked(tx, instance.conversation_id)).firm_id
            hours = await offering.hours_for(tx, firm_id, await offering.settings_for(tx, firm_id))
            day = data.get("earliest")
            wanted = 0 if day is None else beginning(date.fromisoformat(day), hours.zone)
            first = max(tx.now, wanted, (data.get("after") or 0) + 1)
            last = first + _SPAN
        told = await offering.looked_up(db, http, tenant_id, firm_id, first, last)
    except Refusal as refusal:
        return {"why": refusal.code}, nothing
    return result, look


async def book(db: Database, http: SafeHttp, tenant_id: str, instance: Instance, effect: Effect) -> tuple[Json, After]:
    """Books, moves or cancels, as the contact himself."""
    data, result = effect.data, Json(done=False)
    starts_at = int(data["starts_at"])
    told: list[Slot] | None = None

    async def act(tx: Tx) -> None:
        try:
            one = await _act(tx, instance, data, told)
        except Refusal as refusal:
            result["why"] = refusal.code
            return
        result.update(done=True, id=one.id, starts_at=one.starts_at, zone=one.zone, at=to_iso(one.starts_at))

    if data["act"] != "cancel":
        try:
            async with db.transaction(tenant_id) as tx:
                firm_id = (await conversations.locked(tx, instance.conversation_id)).firm_id
            told = await offering.looked_up(db, http, tenant_id, firm_id, starts_at, starts_at + 1)
        except Refusal as refusal:
            return {"done": False, "why": refusal.code}, nothing
    return result, act


async def his(ground: Ground, effect: Effect) -> Json:
    """What the contact has to come."""
    conversation = await ground.conversation()
    found = await commands.to_come(ground.tx, conversation.customer_id)
    open_to_change = [one for one in found if one.starts_at > ground.tx.now]
    return {"appointments": [{"id": one.id, "starts_at": one.starts_at, "zone": one.zone} for one in open_to_change]}


async def _act(tx: Tx, instance: Instance, data: Json, told: list[Slot] | None) -> Appointment:
    conversation = await conversations.locked(tx, instance.conversation_id)
    by, starts_at = By("flow", instance.flow_id), int(data["starts_at"])
    if data["act"] == "book":
        return await commands.book(tx, conversation.customer_id, starts_at, by=by, about=data["about"], told=told)
    mine = [one.id for one in await commands.to_come(tx, conversation.customer_id)]
    if data["appointment"] not in mine:
        raise UnknownAppointment
    if data["act"] == "move":
        return await commands.move(tx, data["appointment"], starts_at, by=by, told=told)
    return await commands.cancel(tx, data["appointment"], by=by)


Work = Callable[[Database, SafeHttp, str, Instance, Effect], Awaitable[tuple[Json, After]]]
WORK: dict[str, Work] = {"slots": slots, "book": book}
"""By kind of effect: what may ask the firm's calendar."""
APPOINTMENTS: dict[str, Act] = {"appointments": his}
