"""Queues: calls that wait by name for whoever asks for the next, or for the worker whom a workflow's router chooses.

While a call waits it hears music, or the document of its own address, again and again. For a workflow it waits by a task: in
the desk's own workspace the desk rings its agent; in another one the program says what the reservation does with the call.
"""

from functools import partial
from typing import TYPE_CHECKING, Any

from parlons.compat import led_store
from parlons.compat.call_xml import Enqueue, FromQueue, XmlRefused
from parlons.compat.led import Asked, Hook, Led, Waits
from parlons.compat.led_store import Thing
from parlons.dispatch.dispatch import submit
from parlons.kit.errors import Refusal
from parlons.kit.ids import TASK, new_id
from parlons.routing import commands as c
from parlons.runtime.db import Tx
from parlons.runtime.log import log
from parlons.voice.calls import queries as calls

if TYPE_CHECKING:
    from parlons.compat.programs import CallPrograms

Json = dict[str, Any]
QUEUE = "QU"
MOST = 1000
AGAIN_MS = 1000
"""A document that is heard while waiting is not asked for more often."""


async def queue_of(tx: Tx, name: str, now: int) -> Thing:
    """The queue of this name or id, made when there is none."""
    found = await led_store.thing(tx, name) if name.startswith(QUEUE) else None
    known = [found] if found is not None else await led_store.things(tx, QUEUE, name)
    if known:
        return known[0]
    made = new_id(QUEUE, now)
    await led_store.put(tx, made, name, {"max_size": MOST})
    return Thing(made, name, {"max_size": MOST}, now, now)


class Queues:
    """The queues of one workspace's calls."""

    def __init__(self, programs: "CallPrograms") -> None:
        self.programs = programs

    def members(self, queue_id: str) -> list[Led]:
        """Who waits in a queue, the first first."""
        found = [
            one for one in self.programs.led.values() if one.waits and one.waits.queue_id == queue_id and not one.other
        ]
        return sorted(found, key=lambda one: (one.waits.since if one.waits else 0, one.id))

    # --- coming ---

    async def enter(self, led: Led, verb: Enqueue) -> None:
        """A call begins to wait; again, it waits on."""
        programs, now = self.programs, self.programs.around.clock()
        await programs.answer(led)
        if led.waits is not None:
            return await self._hears(led)
        async with programs.around.db.transaction(programs.tenant_id) as tx:
            queue = await queue_of(tx, verb.workflow_sid or verb.name, now)
        action = Asked(programs.named(led, verb.action), verb.method)
        led.waits = Waits(queue.id, now, action, back=(led.document, led.base_url, led.at))
        if verb.wait_url:
            led.waits.hears = Asked(programs.absolute(led, verb.wait_url), verb.wait_url_method)
        if len(self.members(queue.id)) > queue.data["max_size"]:
            return await self.over(led, "queue-full")
        if verb.workflow_sid:
            await self._for_workflow(led, verb)
            if led.waits.workspace_id == programs.workspace_id:
                return None
        await programs.keep(led)
        if verb.wait_url != "":
            await self._hears(led)
        return None

    async def _hears(self, led: Led) -> None:
        """Music, or the next round of the document."""
        waits, now = led.waits, self.programs.around.clock()
        if waits is None or led.other:
            return
        if waits.hears is None or now - waits.heard_at < AGAIN_MS:
            return await self.programs.verbs.lines.music(led.id, "music")
        waits.heard_at = now
        ahead = [one.id for one in self.members(waits.queue_id)]
        form = {
            "QueueSid": waits.queue_id,
            "QueuePosition": str(ahead.index(led.id) + 1 if led.id in ahead else 1),
            "QueueTime": str((now - waits.since) // 1000),
            "AvgQueueTime": "0",
            "CurrentQueueSize": str(len(ahead)),
        }
        self.programs.fetch(led, waits.hears.url, waits.hears.method, form)
        return None

    async def again(self, led: Led, *, failed: bool = False) -> None:
        """The document was heard, or cannot be had."""
        if failed and led.waits is not None:
            led.waits.hears = None
        await self._hears(led)

    async def _for_workflow(self, led: Led, verb: Enqueue) -> None:
        """The task by which the call waits."""
        programs, waits = self.programs, led.waits
        workspace_id = await self._workspace_of(verb.workflow_sid)
        assert waits is not None
        waits.workspace_id, waits.task_id = workspace_id, new_id(TASK, programs.around.clock())
        about = {
            "call_sid": led.id, "account_sid": led.tenant_id, "from": led.from_, "to": led.to, "caller": led.from_,
            "called": led.to, "direction": led.direction, "call_status": led.status, "api_version": "2010-04-01",
        }  # fmt: skip
        async with programs.around.db.transaction(programs.tenant_id) as tx:
            known = await calls.call(tx, led.id)
            task = c.CreateTask(
                waits.task_id, {**about, **verb.attributes}, verb.workflow_sid, channel="voice", priority=verb.priority,
                ttl_seconds=verb.timeout, conversation_id=known.conversation_id if known is not None else None,
                firm_id=known.firm_id if known is not None and workspace_id == programs.workspace_id else None,
            )  # fmt: skip
            await submit(tx, workspace_id, task, key=f"compat:{led.id}:{led.step}")
            await led_store.keep(tx, led)
            if workspace_id == programs.workspace_id:
                await programs.verbs.wait_in_queue(tx, led.id, waits.task_id, None)

    async def _workspace_of(self, workflow_id: str) -> str:
        dispatch = self.programs.around.dispatch
        for workspace_id in dispatch.workspaces():
            if dispatch.seat(workspace_id).tenant_id != self.programs.tenant_id:
                continue
            _, there = await dispatch.committed(workspace_id, lambda stepper: workflow_id in stepper.state.workflows)
            if there:
                return workspace_id
        raise XmlRefused(f"There is no workflow {workflow_id[:40]}")

    # --- going ---

    async def over(self, led: Led, result: str, more: Json | None = None) -> None:
        """The call waits no more and goes on after its Enqueue."""
        programs, waits = self.programs, led.waits
        if waits is None:
            return
        led.waits, led.step = None, led.step + 1
        led.document, led.base_url, led.at = waits.back
        await self._release(waits, result)
        await programs.verbs.lines.music(led.id, "none")
        seconds = (programs.around.clock() - waits.since) // 1000
        if not waits.action.url:
            await programs.next(led)
            return
        form = {"QueueResult": result, "QueueSid": waits.queue_id, "QueueTime": str(seconds), **(more or {})}
        programs.fetch(led, waits.action.url, waits.action.method, form)

    async def served(self, led: Led, by: Led) -> None:
        """The talk with whoever took the call is over."""
        await self.programs.verbs.lines.leave(led.id)
        self.programs.verbs.lines.later(led.id, lambda: self.over(led, "bridged"))

    async def gone(self, led: Led) -> None:
        """A call is over, or goes another way: its task ends, or the reservation that it had answered."""
        waits, led.waits = led.waits, None
        if waits is not None:
            await self._release(waits, "hangup")
        if led.reservation is not None and led.accepts:
            workspace_id, reservation_id, _ = led.reservation
            command: c.Command = c.WrapReservation(reservation_id)
            if not led.accepted:
                command = c.RejectReservation(reservation_id)
            led.reservation = None
            await self._tell_router(workspace_id, command)
            if led.after_work is not None and led.accepted:
                await self._tell_router(workspace_id, c.SetActivity(*led.after_work))

    async def _release(self, waits: Waits, result: str) -> None:
        if waits.task_id and not waits.reservation_id and waits.workspace_id != self.programs.workspace_id:
            await self._tell_router(waits.workspace_id, c.CancelTask(waits.task_id, result))

    async def _tell_router(self, workspace_id: str, command: c.Command) -> None:
        try:
            await self.programs.around.dispatch.send(workspace_id, command, actor="system")
        except Refusal as refusal:
            log.info("compat.router_refused", code=refusal.code, workspace_id=workspace_id)

    async def unserved(self, task_id: str) -> None:
        """The router gave a call's task up."""
        for led in list(self.programs.led.values()):
            if led.waits is not None and led.waits.task_id == task_id and not led.other:
                led.waits.task_id = ""
                self.programs.verbs.lines.later(led.id, partial(self.over, led, "error"))

    # --- taking ---

    async def take(self, led: Led, wanted: FromQueue) -> None:
        """Joins a call with who waits first, or with the call of a reservation."""
        programs = self.programs
        await programs.answer(led)
        if wanted.reservation_sid:
            found = await self._of_reservation(led, wanted.reservation_sid)
        else:
            async with programs.around.db.transaction(programs.tenant_id) as tx:
                queue = await queue_of(tx, wanted.name, programs.around.clock())
            found = self.members(queue.id)
        if not found:
            programs.instructions.goes_on_after(led, "no-answer")
            return
        found[0].step += 1
        await programs.dials.join(led, found[0])

    async def _of_reservation(self, worker: Led, reservation_id: str) -> list[Led]:
        """The call of a worker's own reservation, which is accepted by this."""
        if worker.reservation is None or worker.reservation[1] != reservation_id:
            return []
        worker.accepts = True
        waiting = self._waiting(worker.reservation[2])
        return waiting if await self.answered(worker) else []

    def _waiting(self, task_id: str) -> list[Led]:
        """The call that waits by a task."""
        return [
            one for one in self.programs.led.values() if one.waits and one.waits.task_id == task_id and not one.other
        ]

    async def answered(self, worker: Led) -> bool:
        """A worker who was called answered: he has the reservation, when it still stands; else he is let go (False)."""
        if worker.reservation is None or not worker.accepts or worker.accepted:
            return True
        workspace_id, reservation_id, task_id = worker.reservation
        try:
            command = c.AcceptReservation(reservation_id)
            await self.programs.around.dispatch.send(workspace_id, command, actor="system")
        except Refusal as refusal:
            log.info("compat.instruction_late", code=refusal.code, workspace_id=workspace_id)
            worker.reservation = None
            await self.programs.verbs.hang_up(worker.id)
            return False
        worker.accepted = True
        for led in self._waiting(task_id):
            assert led.waits is not None
            led.waits.reservation_id = reservation_id
            if worker.caller_xml and worker.serves == led.id:
                meet = partial(self.programs.redirect, led, Hook(xml=worker.caller_xml))
                self.programs.verbs.lines.later(led.id, meet)
        return True

    async def reached(self, worker: Led) -> None:
        """The worker for whom a call waits is there."""
        led, programs = self.programs.led.get(worker.serves), self.programs
        if led is None or led.waits is None or led.other:
            await programs.verbs.hang_up(worker.id)
            return
        led.step += 1
        await programs.dials.join(led, worker)
