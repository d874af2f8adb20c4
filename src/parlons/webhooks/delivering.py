"""Sends what is due: one job a webhook, so one address is told one thing at a time and none keeps another waiting.

A message that is not taken comes again after a pause (pausing.py); meanwhile the address rests a little and later messages
go on. What was sent and not written down, because a process died, is sent again with the same id: at least once.
Source: Standard Webhooks 1.0.0.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from parlons.kit.clock import to_datetime
from parlons.kit.errors import Refusal
from parlons.runtime.db import Database, Tx
from parlons.runtime.jobs import Errand, Job, hasten
from parlons.runtime.log import log
from parlons.runtime.safe_http import Response, SafeHttp
from parlons.webhooks import queries
from parlons.webhooks.commands import JOB, drop_waiting, tell_changed
from parlons.webhooks.model import FAILING, GONE, Attempt, Due, Webhook
from parlons.webhooks.pausing import GIVE_UP, next_try, rest
from parlons.webhooks.signing import signed
from parlons.webhooks.store import deliveries, messages, webhooks

PATIENCE = 15.0
"""Seconds an address has to answer."""
ENOUGH = 20.0
"""Seconds after which a job begins no other message; with the last one's patience it stays within the lease."""
BATCH = 20
"""Messages of one job: so many come twice at most when a process dies."""
AT_ONCE = 32
"""Addresses that are told something at the same moment."""
KEPT_DAYS = 30
NO_MORE = 410
Tell = Callable[[Tx, Webhook, str], Awaitable[None]]
"""Tells people that a webhook was switched off, and why."""


class Deliverer:
    """Sends; one a process."""

    def __init__(self, db: Database, http: SafeHttp, tell: Tell, *, draw: Callable[[], float] = random.random) -> None:
        self._db, self._http, self._tell, self._draw = db, http, tell, draw

    def handlers(self) -> dict[str, Errand]:
        """What the worker of these jobs needs."""
        return {JOB: Errand(self._run, self._settle)}

    async def _run(self, job: Job) -> list[Attempt]:
        async with self._db.transaction(job.tenant_id) as tx:
            one = await queries.by_id(tx, job.payload["webhook_id"])
            if one is None or not one.wanted.active or (one.rests_until or 0) > tx.now:
                return []
            due = await queries.due(tx, one.id, BATCH)
        attempts: list[Attempt] = []
        begun = asyncio.get_running_loop().time()
        for each in due:
            attempts.append(await self._attempt(one, each))
            if not attempts[-1].taken or asyncio.get_running_loop().time() - begun > ENOUGH:
                break
        return attempts

    async def _attempt(self, one: Webhook, due: Due) -> Attempt:
        at, body, loop = self._db.clock(), due.body.encode(), asyncio.get_running_loop()
        headers = {"content-type": "application/json", **signed(due.message_id, at // 1000, body, one.secrets(at))}
        begun = loop.time()

        def after(**outcome: Any) -> Attempt:
            return Attempt(due, at, round((loop.time() - begun) * 1000), **outcome)

        try:
            url = one.wanted.url
            answer = await self._http.request("POST", url, headers=headers, body=body, timeout_seconds=PATIENCE)
        except Refusal as refusal:
            return after(error=refusal.code)
        return after(status=answer.status, retry_after_seconds=_retry_after(answer))

    async def _settle(self, tx: Tx, job: Job, attempts: Sequence[Attempt]) -> None:
        one = await queries.by_id(tx, job.payload["webhook_id"], lock=True)
        if one is None:
            return
        if not one.wanted.active:  # the journal's reader may have planned a message meanwhile
            return await drop_waiting(tx, one.id, "switched-off")
        given_up = False
        for each in attempts:
            given_up = await self._write(tx, one, each) or given_up
        rests_until = one.rests_until or 0
        if attempts:
            last = attempts[-1]
            since = None if last.taken else (last.at if len(attempts) > 1 else one.failing_since or last.at)
            failures = 0 if last.taken else (1 if len(attempts) > 1 else one.failures + 1)
            rests_until = 0 if last.taken else tx.now + rest(failures, last.retry_after_seconds)
            values = {"failures": failures, "failing_since": _time(since), "rests_until": _time(rests_until or None)}
            await tx.execute(_one(tx, one).values(values))
            why = GONE if last.status == NO_MORE else FAILING if given_up and _too_long(since, tx.now) else None
            if why is not None:
                return await self._disable(tx, one, why)
        following = await queries.next_due(tx, one.id)
        if following is not None:
            await hasten(tx, JOB, {one.id: (job.payload, max(following, rests_until, tx.now))})

    async def _write(self, tx: Tx, one: Webhook, made: Attempt) -> bool:
        """Writes down one attempt; True: it was the message's last, and in vain."""
        count = made.due.attempts + 1
        again = None if made.taken else next_try(count, tx.now, self._draw)
        state = "delivered" if made.taken else "failed" if again is None else "waiting"
        values = {"state": state, "attempts": count, "attempted_at": to_datetime(made.at), "status": made.status,
                  "duration_ms": made.duration_ms, "error": made.error}  # fmt: skip
        if again is not None:
            values["next_at"] = to_datetime(again)
        mine = (deliveries.c.tenant_id == tx.tenant_id, deliveries.c.webhook_id == one.id)
        await tx.execute(
            deliveries.update().where(*mine, deliveries.c.message_id == made.due.message_id).values(values)
        )
        return state == "failed"

    async def _disable(self, tx: Tx, one: Webhook, why: str) -> None:
        values = {"active": False, "disabled_at": _time(tx.now), "disabled_why": why, "version": one.version + 1}
        await tx.execute(_one(tx, one).values(values))
        await drop_waiting(tx, one.id, "switched-off")
        tell_changed(tx, one.workspace_id, one.id)
        await self._tell(tx, one, why)
        log.warning("webhook.disabled", webhook_id=one.id, why=why)


async def forget_old_webhook_messages(db: Database) -> None:
    """What is older than KEPT_DAYS goes, with its log. Repeatable."""
    async with db.system() as tx:
        before = to_datetime(tx.now) - timedelta(days=KEPT_DAYS)
        await tx.execute(messages.delete().where(messages.c.created_at < before))


def _one(tx: Tx, one: Webhook) -> sa.Update:
    return webhooks.update().where(webhooks.c.tenant_id == tx.tenant_id, webhooks.c.id == one.id)


def _time(at: int | None) -> Any:
    return None if at is None else to_datetime(at)


def _too_long(since: int | None, now: int) -> bool:
    return since is not None and now - since >= GIVE_UP


def _retry_after(answer: Response) -> int:
    """Of one that asks to be let alone for a while; dates are passed over."""
    asked = answer.headers.get("retry-after", "")
    return int(asked) if answer.status in (429, 502, 503, 504) and asked.isdigit() and len(asked) < 7 else 0
