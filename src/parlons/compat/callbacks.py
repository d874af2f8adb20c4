"""Calls to the addresses a program gave: each event of a workspace, and who is to be asked when a worker is reserved.

A durable reader of the journal plans one job for each call, in the transaction that remembers how far it has read; so
nothing is left out when a process dies, and a call may come twice. Events of one workspace go one after the other. An
address that does not answer in time is not tried again, as the API's description names no second try; the list of events has
it all. Calls are signed as the clients' validators expect, with the account's token, and go through the client that refuses
private addresses. No transaction is open while an address takes its time, and one that hangs keeps no other waiting
(`runtime.jobs`).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from parlons.accounts import workspaces as accounts
from parlons.accounts.account_tokens import signing_token
from parlons.compat import led_store
from parlons.compat import shapes_events as shapes
from parlons.compat.errors import ApiError
from parlons.compat.instructions import KINDS, Offer, Redirected, carry_out, contact_of, desk_of, instruction_of
from parlons.compat.led_rooms import Room
from parlons.compat.notes import NOTED, NOTHING, Note, forget_all, notes_of
from parlons.compat.outgoing import ask
from parlons.compat.shapes import date
from parlons.compat.shapes_calls import date as rfc_2822
from parlons.compat.shapes_configured import Unasked
from parlons.compat.shapes_events import Happened, Names
from parlons.compat.telling import CALL_EVENT, CONFERENCE_EVENT, TASK_OVER, WORKSPACE_GONE, call_form, conference_form
from parlons.dispatch import history, queries
from parlons.dispatch.dispatch import Dispatch
from parlons.kit.errors import Refusal
from parlons.routing import commands as c
from parlons.routing import transitions as t
from parlons.runtime.db import Tx
from parlons.runtime.jobs import Errand, Job, enqueue
from parlons.runtime.journal import Entry
from parlons.runtime.log import log
from parlons.runtime.readers import Reader
from parlons.runtime.safe_http import Allowed, SafeHttp
from parlons.voice.calls.errors import VoiceOff
from parlons.voice.calls.voice import Voice, Wish

Json = dict[str, Any]
EVENT, ASSIGNMENT = "compat.event", "compat.assignment"
PATIENCE, DECISION = 15.0, 5.0
"""Seconds an address has to answer, and one that decides of an assignment, after the API's published description."""
_TYPES = shapes.KINDS | {NOTED}


def form_of(data: Mapping[str, Any]) -> dict[str, str]:
    """The fields of an event as a form has them: `task_sid` is `TaskSid`."""
    return {"".join(part.capitalize() for part in name.split("_")): str(value) for name, value in data.items()}


@dataclass(frozen=True, slots=True)
class Asking:
    """A call that is to be made."""

    url: str
    form: Mapping[str, str]
    token: str | None
    """The account's: it signs."""
    method: str = "POST"


class Unheard(Exception):
    """Nobody carries calls at present: tried again as what failed, later and later, and at last no more."""


class Callbacks:
    """Plans and makes the calls; one a process."""

    def __init__(
        self, dispatch: Dispatch, http: SafeHttp, voice: Voice | None = None, allow: Allowed | None = None
    ) -> None:
        """`voice`: carries out instructions that need calls; None: none are."""
        self._dispatch = dispatch
        self._http = http
        self._voice = voice
        self._allow = allow or Allowed()

    def reader(self, workspace_id: str, tenant_id: str) -> Reader:
        """Plans the calls of one workspace; run it as long as this process has a seat there."""

        plan = Plan(workspace_id)
        tail = self._dispatch.tail(workspace_id)
        return Reader(tail, tenant_id, "compat callbacks", _TYPES, plan.handle, wants=plan.wants)

    def events(self) -> dict[str, Errand]:
        """What the worker of event calls needs, and of what is left to do after a removal."""
        return {
            EVENT: self._telling(self._event),
            CALL_EVENT: self._telling(_call_event),
            CONFERENCE_EVENT: self._telling(_conference_event),
            WORKSPACE_GONE: Errand(self._workspace_gone, _settled),
        }

    def assignments(self) -> dict[str, Errand]:
        """What the worker of assignment calls needs."""
        return {ASSIGNMENT: Errand(self._assignment, _settled), TASK_OVER: Errand(self._task_over, _settled)}

    def _telling(self, asking: Callable[[Tx, Job], Awaitable[Asking | None]]) -> Errand:
        """Makes the call that `asking` finds, if any; what is answered is of no interest."""

        async def run(job: Job) -> None:
            async with self._dispatch.db.transaction(job.tenant_id) as tx:
                found = await asking(tx, job)
            if found is not None:
                await self._ask(found, PATIENCE)

        return Errand(run, _settled)

    async def _event(self, tx: Tx, job: Job) -> Asking | None:
        found = await self._happened(tx, job)
        if found is None:
            return None
        one, names, place = found
        note = (await notes_of(tx, place.workspace_id)).get(place.workspace_id, NOTHING)
        url = note.data.get("event_callback_url")
        if not url:
            return None
        task_id = one.about("task_id")
        attributes = await history.attributes_of(tx, place.workspace_id, [task_id] if task_id else [])
        shown = shapes.event(place, one, names, attributes)
        form = form_of(shown["event_data"]) | {
            "AccountSid": place.account,
            "EventType": shown["event_type"],
            "EventDescription": shown["description"],
            "ResourceType": shown["resource_type"],
            "ResourceSid": shown["resource_sid"],
            "Sid": shown["sid"],
            "Timestamp": str(one.told.at // 1000),
            "TimestampMs": str(one.told.at),
        }
        return Asking(url, form, await signing_token(tx, place.account))

    async def _assignment(self, job: Job) -> None:
        async with self._dispatch.db.transaction(job.tenant_id) as tx:
            found = await self._happened(tx, job)
            if found is None:
                return
            one, _, place = found
            note = (await notes_of(tx, place.workspace_id)).get(one.about("workflow_id") or "", NOTHING)
            form = await self._asked(tx, place, one)
            token = await signing_token(tx, place.account)
        for name in ("assignment_callback_url", "fallback_assignment_callback_url"):
            url = note.data.get(name)
            if url and form is not None:
                wish = await self._ask(Asking(url, form, token), DECISION)
                if wish is not None and await self._follow(place.workspace_id, one, wish):
                    return

    async def _asked(self, tx: Tx, place: Unasked, one: Happened) -> dict[str, str] | None:
        """What an assignment call says; None: the offer is over already."""
        worker_id, task_id = one.about("worker_id") or "", one.about("task_id") or ""

        def read(stepper: Any) -> tuple[Json, int, int] | None:
            worker, task = stepper.state.workers.get(worker_id), stepper.state.tasks.get(task_id)
            if worker is None or task is None or one.about("reservation_id") not in stepper.state.reservations:
                return None
            return worker.attributes, task.priority, (self._dispatch.clock() - task.created_at) // 1000

        _, found = await self._dispatch.committed(place.workspace_id, read)
        if found is None:
            return None
        attributes, priority, age = found
        task = (await history.attributes_of(tx, place.workspace_id, [task_id])).get(task_id) or {}
        return {
            "Timestamp": date(one.told.at) or "",
            "AccountSid": place.account,
            "WorkspaceSid": place.workspace_id,
            "WorkflowSid": one.about("workflow_id") or "",
            "TaskQueueSid": one.about("queue_id") or "",
            "WorkerSid": worker_id,
            "WorkerAttributes": msgspec.json.encode(attributes).decode(),
            "TaskSid": task_id,
            "TaskAttributes": msgspec.json.encode(task).decode(),
            "TaskAge": str(age),
            "TaskPriority": str(priority),
            "ReservationSid": one.about("reservation_id") or "",
        }

    async def _follow(self, workspace_id: str, one: Happened, wish: Any) -> bool:
        """Carries out what the address answered; False: it answered nothing that can be carried out."""
        instruction = wish.get("instruction") if isinstance(wish, dict) else None
        reservation_id = one.about("reservation_id") or ""
        if wish in ({}, None) or instruction is None:
            return wish in ({}, None, "")
        if instruction in KINDS:
            return await self._instructed(workspace_id, one, instruction, wish)
        if instruction not in ("accept", "reject"):
            log.warning("compat.instruction_absent", instruction=str(instruction)[:40], workspace_id=workspace_id)
            return False
        activity = wish.get("activity_sid")
        command: c.Command = c.AcceptReservation(reservation_id)
        if instruction == "reject":
            command = c.RejectReservation(reservation_id, activity if isinstance(activity, str) else None)
        try:
            await self._dispatch.send(workspace_id, command, actor="system")
        except Refusal as refusal:
            log.info("compat.instruction_late", code=refusal.code, workspace_id=workspace_id)
        return True

    async def _instructed(self, workspace_id: str, one: Happened, kind: str, wish: Json) -> bool:
        """Calls the worker; False: it cannot be done."""
        worker_id, reservation_id = one.about("worker_id") or "", one.about("reservation_id") or ""
        tenant_id, dispatch = self._dispatch.seat(workspace_id).tenant_id, self._dispatch
        try:
            wanted = instruction_of(kind, {name: value for name, value in wish.items() if name != "instruction"})
            desk_id = await desk_of(dispatch.db, tenant_id)
            _, found = await dispatch.committed(workspace_id, lambda stepper: contact_of(stepper, worker_id))
            offer = Offer(
                tenant_id, desk_id, workspace_id, reservation_id, one.about("task_id") or "", worker_id, found
            )  # fmt: skip

            async def act(verb: str, **values: Any) -> Json:
                return await self._wish(desk_id, verb, values)

            await carry_out(offer, wanted, act, self._allow, dispatch.clock())
            if isinstance(wanted, Redirected) and wanted.accept:
                await dispatch.send(workspace_id, c.AcceptReservation(reservation_id), actor="system")
        except ApiError as error:
            log.warning("compat.instruction_refused", why=error.message[:200], workspace_id=workspace_id)
            return False
        except Refusal as refusal:
            log.warning("compat.instruction_refused", why=refusal.code, workspace_id=workspace_id)
            return False
        return True

    async def _wish(self, desk_id: str, verb: str, values: Json) -> Json:
        """Asks where the account's calls are carried."""
        if self._voice is None:
            raise VoiceOff
        return await self._voice.act(
            desk_id, Wish("script", values.get("call_id", ""), None, None, {"verb": verb, **values})
        )

    async def _task_over(self, job: Job) -> None:
        """The router gave up the task by which a call waits."""
        desk_id = await desk_of(self._dispatch.db, job.tenant_id)
        try:
            await self._wish(desk_id, "unserved", {"task_id": job.payload["task_id"]})
        except VoiceOff:  # a refusal that something is away for now would bring the job back each second, for ever
            raise Unheard from None

    async def _workspace_gone(self, job: Job) -> None:
        """Nothing of a workspace that was removed is left, whoever died meanwhile."""
        await forget_all(self._dispatch.db, job.tenant_id, job.payload["workspace_id"])

    async def _happened(self, tx: Tx, job: Job) -> tuple[Happened, Names, Unasked] | None:
        """What the job is about; None: the workspace or its journal is gone."""
        workspace_id, seq = job.payload["workspace_id"], job.payload["seq"]
        known = {each.id: each.name for each in await accounts.workspaces(tx)}
        entry = await history.entry_at(self._dispatch.db, workspace_id, seq)
        if workspace_id not in known or entry is None:
            return None
        kinds = ("workers", "queues", "workflows", "activities")
        found = {kind: await queries.names(tx, workspace_id, kind) for kind in kinds}
        one = Happened(seq, t.from_wire(entry[0].data), entry[1])
        return one, Names(known[workspace_id], **found), Unasked(job.tenant_id, workspace_id)

    async def _ask(self, asking: Asking, patience: float) -> Any:
        """Calls once; the JSON it answered (empty: {}), None when it did not answer as it should."""
        try:
            answer = await ask(self._http, asking.token, asking.method, asking.url, asking.form, patience=patience)
            if answer.status in (200, 204):
                return msgspec.json.decode(answer.content) if answer.content.strip() else {}
            log.warning("compat.callback_refused", status=answer.status)
        except Refusal as refusal:
            log.warning("compat.callback_failed", code=refusal.code)
        except msgspec.DecodeError:
            log.info("compat.callback_unread")
        return None


async def _call_event(tx: Tx, job: Job) -> Asking | None:
    """What became of a call that a program leads."""
    found = await led_store.find(tx, job.payload["call_id"])
    if found is None or not found.led.told.url:
        return None
    told = found.led.told
    form = call_form(found.led, job.payload, rfc_2822(job.payload["at"]) or "")
    return Asking(told.url, form, await signing_token(tx, job.tenant_id), told.method)


async def _conference_event(tx: Tx, job: Job) -> Asking | None:
    """What happened in a conference."""
    found = await led_store.thing(tx, job.payload["conference_id"])
    if found is None:
        return None
    room = msgspec.convert(found.data, Room)
    form = conference_form(job.tenant_id, room, job.payload, rfc_2822(job.payload["at"]) or "")
    return Asking(room.told.url, form, await signing_token(tx, job.tenant_id), room.told.method)


async def _settled(tx: Tx, job: Job, brought: None) -> None:
    """A call leaves nothing to write down."""


class Plan:
    """Which entries of one workspace lead to calls. Its addresses are read once, and again after each `NOTED`: that event stands
    in the journal behind what was noted, so no entry after it is judged by older addresses."""

    def __init__(self, workspace_id: str) -> None:
        self._workspace_id = workspace_id
        self._notes: dict[str, Note] | None = None
        """None: to be read."""

    def wants(self, entry: Entry) -> bool:
        """Whether an entry leads to a call, as far as is known; a transaction is begun for no other."""
        if entry.type == NOTED:
            self._notes = None
        return self._notes is None or any(self._leads_to(self._notes, entry))

    async def handle(self, tx: Tx, entry: Entry) -> None:
        """One job for each call this entry leads to."""
        notes = self._notes
        if notes is None:
            notes = self._notes = await notes_of(tx, self._workspace_id)
        told_of, asked, over = self._leads_to(notes, entry)
        payload, key = {"workspace_id": self._workspace_id, "seq": entry.seq}, f"{self._workspace_id} {entry.seq}"
        if told_of:
            await enqueue(tx, EVENT, payload, dedupe_key=key, order_key=f"events {self._workspace_id}")
        if asked:
            await enqueue(tx, ASSIGNMENT, payload, dedupe_key=key)
        if over:
            await enqueue(tx, TASK_OVER, {"task_id": entry.data["task_id"]})

    def _leads_to(self, notes: Mapping[str, Note], entry: Entry) -> tuple[bool, bool, bool]:
        """Whether the event goes to the workspace's address, whether a workflow's is asked what to do, and whether a call that
        waits has lost its task."""
        data = notes.get(self._workspace_id, NOTHING).data
        if entry.kind != "transition" or not (data.get("event_callback_url") or entry.type in _ALWAYS):
            return False, False, False
        told = t.from_wire(entry.data)
        wanted = {each.strip() for each in (data.get("events_filter") or "").split(",") if each.strip()}
        led = notes.get(told.workflow_id or "", NOTHING).data if isinstance(told, t.ReservationCreated) else {}
        return (
            bool(data.get("event_callback_url")) and (not wanted or shapes.kind_of(told) in wanted),
            bool(led.get("assignment_callback_url") or led.get("fallback_assignment_callback_url")),
            isinstance(told, t.TaskCanceled) and told.channel == "voice",
        )


_ALWAYS = ("reservation.created", "task.canceled")
"""What may lead to something in a workspace without an address, too."""
