"""What flows wait for from outside the centre: addresses that answer, words to be understood, silence that lasts, tasks
that nobody took.

An address is called after the commit that decided it, with the effect's key as `Idempotency-Key`. A job stands behind each
call: when the process dies, another calls again, with the same key. Nothing waits in a transaction for an address.
"""

import asyncio
from collections.abc import Coroutine, Mapping
from functools import partial
from typing import Any

from parlons.flows.state import Effect
from parlons.intents.understanding import Understanding
from parlons.kit.errors import Refusal, Unavailable
from parlons.reception.flow_bots import Bots
from parlons.reception.flow_calls import CallFlows
from parlons.reception.flow_chats import SILENCE
from parlons.reception.flow_given import tamed
from parlons.reception.flow_instances import TASK_OVER, Instance, instance_by_id, instance_of_task
from parlons.reception.flow_rows import UnknownFlow
from parlons.reception.flow_steps_appointments import WORK
from parlons.reception.flow_steps_articles import Help
from parlons.reception.flow_understanding import After, nothing, understand
from parlons.reception.flow_walk import OUTSIDE, NoTelephoneHere, Walker
from parlons.runtime.db import Database, Tx
from parlons.runtime.jobs import Handler, Job, cancel, enqueue
from parlons.runtime.log import log
from parlons.runtime.safe_http import SafeHttp

Json = dict[str, Any]
AGAIN_AFTER = 30_000
"""Milliseconds after which a call that nobody finished is made again: longer than any may take."""
AT_ONCE = 40
_KEPT = 20_000
"""Characters of an answer that a flow gets as a text."""


class Outside:
    """Carries effects out in this process. Close it."""

    def __init__(
        self, db: Database, walker: Walker, http: SafeHttp, *, secrets: Mapping[str, str],
        understanding: Understanding | None = None,
    ) -> None:  # fmt: skip
        """`secrets`: values that headers name, such as the environment. `understanding`: None understands by words alone."""
        self.walker = walker
        self._db, self._http, self._secrets = db, http, secrets
        self.understanding = understanding or Understanding(db, None)
        self.help: Help | None = None
        """The articles; None: there are none here."""
        self._scripts: dict[str, CallFlows] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._under_way: set[str] = set()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._bots = Bots(http)

    def script(self, tenant_id: str, workspace_id: str) -> CallFlows:
        """The script of a workspace's calls; always the same one."""
        known = self._scripts.get(workspace_id)
        if known is None:
            known = self._scripts[workspace_id] = CallFlows(
                self._db, self.walker, tenant_id, workspace_id, self._header
            )
        return known

    async def _perform(self, instance: Instance) -> None:
        """Asks the call for what is outstanding; of a chat all was in the transaction."""
        script = self._scripts.get(instance.workspace_id)
        if instance.call_id is not None and script is not None:
            await script.perform(instance)

    def handlers(self) -> dict[str, Handler]:
        """What the job worker needs."""
        return {OUTSIDE: self._call_job, SILENCE: self._silence, TASK_OVER: self._task_over}

    async def close(self) -> None:
        """Ends calls under way; whoever takes over makes them again."""
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._bots.close()

    async def settled(self) -> None:
        """Returns when nothing is under way. For tests."""
        while self._running:
            await asyncio.gather(*self._running, return_exceptions=True)

    # -- jobs ----------------------------------------------------------------------------------------------------------

    async def _call_job(self, tx: Tx, job: Job) -> None:
        instance_id, key = job.payload["instance_id"], job.payload["key"]
        instance = await instance_by_id(tx, instance_id)
        if instance is None or instance.waiting_key != key or instance.state.effect is None:
            return
        if instance.call_id is not None and instance.workspace_id not in self.walker.verbs:
            raise NoTelephoneHere
        again = {"run_at": tx.now + AGAIN_AFTER, "dedupe_key": key, "cancel_key": key}
        await enqueue(tx, OUTSIDE, dict(job.payload), **again)
        effect = instance.state.effect
        tx.after_commit(lambda: self._start(key, self._call(job.tenant_id, instance, effect)))

    async def _silence(self, tx: Tx, job: Job) -> None:
        """The customer has not answered in the time the flow gave him."""
        instance = await instance_by_id(tx, job.payload["instance_id"])
        if instance is not None and instance.waiting_key == job.payload["key"]:
            await self.walker.go_on(tx, instance, {"text": "", "why": "timeout"})

    async def _task_over(self, tx: Tx, job: Job) -> None:
        instance = await instance_of_task(tx, job.payload["task_id"])
        if instance is None:
            return
        instance.task_id = None
        await self.walker.go_on(tx, instance, {"ended": "unserved", "reason": job.payload["reason"]})
        if instance.call_id is not None:
            name = f"perform {instance.id}"
            tx.after_commit(lambda: self._start(name, self._perform(instance)))

    # -- addresses -----------------------------------------------------------------------------------------------------

    async def _call(self, tenant_id: str, known: Instance, effect: Effect) -> None:
        after: After = nothing
        async with self._places:
            if effect.kind == "understand":
                result, after = await understand(self.understanding, tenant_id, known, effect)
            elif effect.kind == "articles":
                if self.help is None:
                    result = {"articles": []}
                else:
                    result, after = await self.help.find(tenant_id, known, effect)
            elif (work := WORK.get(effect.kind)) is not None:
                result, after = await work(self._db, self._http, tenant_id, known, effect)
            elif effect.kind == "http":
                result = await self._answer(effect)
            else:
                result = await self._bot(known.id, effect)
        async with self._db.transaction(tenant_id) as tx:
            instance = await instance_by_id(tx, known.id)
            if instance is None or instance.waiting_key != effect.key:
                return
            await cancel(tx, effect.key)
            await after(tx)
            await self.walker.go_on(tx, instance, result)
        await self._perform(instance)

    async def _answer(self, effect: Effect) -> Json:
        data = effect.data
        try:
            response = await self._http.request(
                data["method"],
                data["url"],
                headers={name: self._header(value) for name, value in data["headers"].items()},
                body=data["body"],
                timeout_seconds=data["timeout_seconds"],
                idempotency_key=effect.key,
            )
        except Refusal as refusal:
            log.warning("flow.http-failed", key=effect.key, code=refusal.code, reason=refusal.details.get("reason"))
            return {"status": 0, "reason": refusal.code, "body": None}
        body = tamed(response.json())
        return {"status": response.status, "body": body[:_KEPT] if isinstance(body, str) else body}

    async def _bot(self, instance_id: str, effect: Effect) -> Json:
        data = effect.data
        try:
            headers = {name: self._header(value) for name, value in data["headers"].items()}
        except UnknownFlow as refusal:
            log.warning("flow.bot-failed", key=effect.key, what=refusal.message)
            return {"reply": None, "why": refusal.code}
        message = {"contact": instance_id, "key": effect.key, **data["message"]}
        found = await self._bots.exchange(instance_id, data["url"], headers, message, seconds=data["timeout_seconds"])
        return {**found, "reply": tamed(found["reply"])}

    def _header(self, value: Any) -> str:
        if isinstance(value, Mapping):
            secret = self._secrets.get(value["secret"])
            if not secret:
                raise UnknownFlow(f"The secret {value['secret']} is not set in the environment.")
            return secret
        return str(value)

    def _start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        if name in self._under_way:
            work.close()
            return
        self._under_way.add(name)
        task = asyncio.get_running_loop().create_task(_guarded(work), name=f"flow {name}")
        self._running.add(task)
        task.add_done_callback(partial(self._done, name))

    def _done(self, name: str, task: asyncio.Task[None]) -> None:
        self._under_way.discard(name)
        self._running.discard(task)


async def _guarded(work: Coroutine[Any, Any, None]) -> None:
    """A failure is logged; the job behind it tries again."""
    try:
        await work
    except Unavailable as refusal:
        log.warning("flow.waits", code=refusal.code)
    except Exception:
        log.exception("flow.outside-failed")
