"""What a reservation does with calls: dequeue, call, redirect and conference, by an assignment callback's answer or by a request.

The worker is called at his `contact_uri` unless another address is given; his answer accepts the reservation. `supervise`, by a
request alone, calls a supervisor into the worker's conference.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import Struct

from parlons.accounts.workspaces import workspaces
from parlons.compat.call_xml import into_conference
from parlons.compat.errors import ApiError
from parlons.compat.led import Hook, Led, Told
from parlons.dispatch.stepper import Stepper
from parlons.kit.ids import CALL, new_id
from parlons.runtime.db import Database
from parlons.runtime.safe_http import Allowed, check_address

Json = dict[str, Any]
Wish = Callable[..., Awaitable[Json]]
"""(verb, **values): asks where calls are carried."""


class _Instruction(Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """What several have."""

    to: str = ""
    from_: str = ""
    timeout: int = 60
    status_callback_url: str = ""
    status_callback_events: str = ""


class Dequeue(_Instruction, frozen=True):
    """The worker is called, and joined with the call that waits."""

    post_work_activity_sid: str = ""


class CallWorker(_Instruction, frozen=True):
    """The worker is called, and a document leads his call."""

    url: str = ""
    accept: bool = False


class Confer(_Instruction, frozen=True):
    """The worker and the call that waits meet in a conference, named after the task."""

    muted: bool = False
    beep: str = "true"
    start_conference_on_enter: bool = True
    end_conference_on_exit: bool = True
    end_conference_on_customer_exit: bool = True
    post_work_activity_sid: str = ""
    conference_status_callback: str = ""
    conference_status_callback_event: str = ""


class Redirected(Struct, frozen=True, forbid_unknown_fields=True):
    """A call is led by another document."""

    call_sid: str = ""
    url: str = ""
    accept: bool = False


Instruction = Dequeue | CallWorker | Confer | Redirected
MODES = ("monitor", "whisper", "barge")
"""How a supervisor takes part: nobody hears him, the worker alone, all."""
KINDS: dict[str, type[Instruction]] = {
    "dequeue": Dequeue,
    "call": CallWorker,
    "conference": Confer,
    "redirect": Redirected,
}


@dataclass(frozen=True, slots=True)
class Offer:
    """The reservation it is about."""

    account: str
    desk_id: str
    """The workspace whose telephone carries the account's calls."""
    workspace_id: str
    id: str
    task_id: str
    worker_id: str
    contact: str
    """The worker's `contact_uri`."""


async def desk_of(db: Database, account: str) -> str:
    """The workspace whose telephone carries the account's calls."""
    async with db.transaction(account) as tx:
        return next(each.id for each in await workspaces(tx) if each.is_default)


def contact_of(stepper: Stepper, worker_id: str) -> str:
    """Where a worker is called; empty: nowhere."""
    worker = stepper.state.workers.get(worker_id)
    return str(worker.attributes.get("contact_uri") or "") if worker is not None else ""


def instruction_of(kind: str, given: Mapping[str, Any]) -> Instruction:
    """What was asked; raises ApiError for what is not known, not answered or missing."""
    try:
        found = msgspec.convert(dict(given), KINDS[kind], strict=False)
    except msgspec.ValidationError as error:
        raise ApiError(f"The instruction {kind} is not understood: {str(error)[:100]}") from None
    if isinstance(found, CallWorker | Redirected) and not found.url:
        raise ApiError(f"The instruction {kind} needs a url")
    if isinstance(found, Redirected) and not found.call_sid.startswith(CALL):
        raise ApiError("The instruction redirect needs the call_sid of a call")
    return found


async def carry_out(offer: Offer, wanted: Instruction, wish: Wish, allow: Allowed, now: int) -> None:
    """Does it; returns when the worker is being called. Raises ApiError, or what forbids it."""
    to = getattr(wanted, "to", "") or offer.contact
    if not to and not isinstance(wanted, Redirected):
        raise ApiError("The worker has no contact_uri")
    for name in ("url", "status_callback_url", "conference_status_callback"):
        if url := getattr(wanted, name, ""):
            await check_address(url, allow)
    if isinstance(wanted, Redirected):
        await wish("redirect", call_id=wanted.call_sid, hook=msgspec.to_builtins(Hook(wanted.url)))
        return
    work = (offer.workspace_id, offer.id, offer.task_id)
    hook = Hook(wanted.url if isinstance(wanted, CallWorker) else "")
    led = Led(
        new_id(CALL, now), offer.account, offer.desk_id, "outbound-api", to, wanted.from_, "queued", now, hook,
        Told(wanted.status_callback_url, events=tuple(wanted.status_callback_events.split(",")) or ("completed",)),
        reservation=work, accepts=not isinstance(wanted, CallWorker) or wanted.accept,
    )  # fmt: skip
    more: Json = {}
    if isinstance(wanted, Confer):
        led.hook.xml = _room(wanted, offer, wanted.end_conference_on_exit, muted=wanted.muted)
        more["caller_xml"] = _room(wanted, offer, wanted.end_conference_on_customer_exit)
    if not isinstance(wanted, CallWorker) and wanted.post_work_activity_sid:
        led.after_work = (offer.worker_id, wanted.post_work_activity_sid)
    await wish(
        "work", call_id=led.id, led=msgspec.to_builtins(led), task_id=offer.task_id, timeout=wanted.timeout,
        serves=not isinstance(wanted, CallWorker), **more,
    )  # fmt: skip


async def supervise(offer: Offer, supervisor: str, mode: str, wish: Wish, now: int) -> None:
    """Calls a supervisor into the conference in which the reservation's worker talks; raises ApiError when he is in none."""
    led = Led(new_id(CALL, now), offer.account, offer.desk_id, "outbound-api", supervisor, "", "queued", now, Hook())
    await wish("supervise", call_id=led.id, led=msgspec.to_builtins(led), reservation_id=offer.id, mode=mode)


def _room(wanted: Confer, offer: Offer, ends: bool, *, muted: bool = False) -> str:
    attributes = {
        "beep": wanted.beep, "endConferenceOnExit": str(ends).lower(), "muted": str(muted).lower(),
        "startConferenceOnEnter": str(wanted.start_conference_on_enter).lower(),
    }  # fmt: skip
    if wanted.conference_status_callback:
        attributes["statusCallback"] = wanted.conference_status_callback
        attributes["statusCallbackEvent"] = wanted.conference_status_callback_event.replace(",", " ")
    return into_conference(offer.task_id, attributes)
