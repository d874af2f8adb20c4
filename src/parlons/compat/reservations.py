"""Reservations, under their task or their worker: listed, accepted, rejected, wrapped up, completed.

The instructions dequeue, call, redirect and conference call the worker, supervise a supervisor (`instructions`).
"""

from typing import Any

import msgspec

from parlons.compat import shapes_work as shapes
from parlons.compat.call import Call
from parlons.compat.errors import ApiError
from parlons.compat.etags import check_match, tagged
from parlons.compat.instructions import (
    KINDS,
    MODES,
    Offer,
    Redirected,
    carry_out,
    contact_of,
    desk_of,
    instruction_of,
    supervise,
)
from parlons.compat.pages import Page, page_of
from parlons.dispatch import listing
from parlons.dispatch.listing import Held
from parlons.dispatch.views import reservation_mark
from parlons.routing import commands as c

Json = dict[str, Any]
STATUSES = ("pending", "accepted", "rejected", "timeout", "canceled", "rescinded", "wrapping", "completed")
_PREFIX = {"dequeue": "Dequeue", "call": "Call", "redirect": "Redirect", "conference": ""}


def _under(call: Call) -> str:
    return "Tasks" if "TaskSid" in call.ids else "Workers"


async def _held(call: Call, **wanted: str | None) -> list[Held]:
    async with call.db.transaction(call.account) as tx:
        return await listing.held(
            tx, call.workspace_id, task_id=call.ids.get("TaskSid"), worker_id=call.ids.get("WorkerSid"), **wanted
        )


async def _owner_shown(call: Call) -> None:
    """Whose reservations these are must be there: a worker, or a task that is open or ended lately."""
    from parlons.compat import tasks, workers

    if "TaskSid" in call.ids:
        await tasks.shown(call, call.ids["TaskSid"])
    else:
        await workers.shown(call, call.ids["WorkerSid"])


async def reservations(call: Call) -> Json:
    """The reservations of a task or a worker."""
    page, status = Page(call), call.one_of("ReservationStatus", STATUSES)
    worker = call.sid("WorkerSid", "WK") if _under(call) == "Tasks" else None
    call.done()
    await _owner_shown(call)
    found = [each for each in await _held(call, status=status) if worker in (None, each.worker_id)]
    return page_of(
        call, page, "reservations", found, lambda each: [each.created_at, each.id],
        lambda each: shapes.reservation(call, each, _under(call)),
    )  # fmt: skip


async def _one(call: Call) -> Held:
    found = await _held(call, reservation_id=call.ids["Sid"])
    if not found or (found[0].ended_at is not None and call.clock() - found[0].ended_at > shapes.SHOWN_MS):
        raise call.missing()
    return found[0]


async def reservation(call: Call) -> Json:
    """One reservation."""
    call.done()
    return _tagged(call, await _one(call))


def _tagged(call: Call, found: Held) -> Json:
    return tagged(call, shapes.reservation(call, found, _under(call)), reservation_mark(found.status))


async def change_reservation(call: Call) -> Json:
    """What the worker answers: a status, or the instruction that means it."""
    before = await _one(call)
    check_match(call, before.id, reservation_mark(before.status))
    instruction = (call.text("Instruction") or "").lower()
    if instruction == "supervise":
        return await _supervised(call, before)
    if instruction in KINDS:
        return await _instructed(call, before, instruction)
    status = call.text("ReservationStatus") or {"accept": "accepted", "reject": "rejected"}.get(instruction)
    activity = call.sid("WorkerActivitySid", "WA")
    call.done()
    if instruction and instruction not in ("accept", "reject"):
        raise ApiError(f"Instruction is one of accept, reject, {', '.join(KINDS)}, supervise")
    await call.send(_command(before, status, activity))
    return _tagged(call, await _one(call))


async def _instructed(call: Call, before: Held, kind: str) -> Json:
    """Calls the worker; the reservation is accepted when he answers."""
    given: Json = {}
    for field in (one.encode_name for one in msgspec.structs.fields(KINDS[kind])):
        name = _PREFIX[kind] + "".join(part.capitalize() for part in field.split("_"))
        if field == "status_callback_events":
            values = call.every(name.removesuffix("s"))
        elif field == "status_callback_url" and kind == "conference":
            values = call.every("StatusCallback")
        else:
            values = call.every(name)
        if values:
            given[field] = ",".join(values)
    call.done()
    _check(before, "accepted", "pending")
    wanted = instruction_of(kind, given)

    offer = await _offer(call, before, before.worker_id)
    await carry_out(offer, wanted, call.wish, call.allow, call.clock())
    if isinstance(wanted, Redirected) and wanted.accept:
        await call.send(c.AcceptReservation(before.id))
    return _tagged(call, await _one(call))


async def _offer(call: Call, before: Held, contact: str) -> Offer:
    """The reservation, with the address of the worker `contact`."""
    call.desk_id = call.desk_id or await desk_of(call.db, call.account)
    return Offer(
        call.account, call.desk_id, call.workspace_id, before.id, before.task_id, before.worker_id,
        await call.look(lambda stepper: contact_of(stepper, contact)),
    )  # fmt: skip


async def _supervised(call: Call, before: Held) -> Json:
    """Calls a supervisor, by his address or by the one of a worker, into the conference of who has the reservation."""
    supervisor = call.needed("Supervisor", longest=320)
    mode = call.one_of("SupervisorMode", MODES) or MODES[0]
    call.done()
    _check(before, "supervised", "accepted")
    offer = await _offer(call, before, supervisor)
    await supervise(offer, offer.contact or supervisor, mode, call.wish, call.clock())
    return _tagged(call, before)


def _command(before: Held, status: str | None, activity: str | None) -> c.Command:
    if activity is not None and status != "rejected":
        raise ApiError("WorkerActivitySid is for a reservation that is rejected")
    match status:
        case "accepted":
            _check(before, status, "pending")
            return c.AcceptReservation(before.id)
        case "rejected":
            _check(before, status, "pending")
            return c.RejectReservation(before.id, activity)
        case "wrapping":
            _check(before, status, "accepted")
            return c.WrapReservation(before.id)
        case "completed":
            _check(before, status, "accepted", "wrapping")
            return c.CompleteReservation(before.id)
        case _:
            raise ApiError("ReservationStatus is one of accepted, rejected, wrapping, completed")


def _check(before: Held, status: str, *fitting: str) -> None:
    if before.status not in fitting:
        raise ApiError(f"Cannot update a reservation from {before.status} to {status}")
