"""Sending: deliveries that are due are taken in hand, given to their channel, and settled; in one process at a time (`owning`).

Not jobs of `runtime.jobs`, whose handler holds a transaction: here `sending` is committed before anything leaves, no
transaction is open while a provider is waited for, and what stood as `sending` when a process died is known. A repeatable
channel is then sent the same again; for any other the message stands as `unsure`, and a person decides.

Order is kept in a conversation on an account: a message that waits for its next try holds back those after it. At most
`AT_ONCE` a time for an account, and no faster than its `per_second`.
"""

import asyncio
import contextlib
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from parlons.channels.accounts import WAKE as ACCOUNTS_CHANGED
from parlons.channels.accounts import Accounts
from parlons.channels.model import Account, Outgoing
from parlons.channels.outgoing import Packing, Refused
from parlons.channels.plugin import Channel, Failed, TryLater, Unsure
from parlons.conversations import deliveries
from parlons.conversations.deliveries import Claimed, Taken
from parlons.kit.clock import Millis
from parlons.kit.errors import Unavailable
from parlons.runtime.db import Database
from parlons.runtime.log import log
from parlons.runtime.metrics import CHANNEL_SENDS

Done = TypeVar("Done")
AT_ONCE = 8
"""Messages of one account in the provider's hands at a time."""
LONGEST = 60.0
"""Seconds a channel may take for one message."""
GIVE_UP = 24 * 3_600_000
"""Milliseconds after which a message that never could be sent has failed."""
FIRST_PAUSE, LONGEST_PAUSE, LONGEST_ASKED = 2_000, 300_000, 3_600_000
"""Milliseconds between tries: the first, doubled each time up to the second; what a provider may ask for at most."""
PARTING = 6.0
"""Seconds that messages in a provider's hands are given when this process ends."""
TOGETHER = 0.02
"""Seconds in which messages that have left are gathered, to be settled by one transaction."""
LOOK_ANYWAY = 1.0
"""Seconds between two looks when nobody wakes the sender."""


@dataclass(slots=True)
class Pace:
    """How fast an account may send: a bucket of one second's worth."""

    tokens: float = 1.0
    at: int = 0
    busy: int = 0

    def free(self, per_second: float | None, now: int) -> int:
        """How many may go now."""
        room = AT_ONCE - self.busy
        if per_second is None:
            return room
        most = max(1.0, per_second)
        if self.at:
            self.tokens = min(most, self.tokens + per_second * max(0, now - self.at) / 1000)
        else:
            self.tokens = most
        self.at = now
        return max(0, min(room, int(self.tokens)))

    def wait(self, per_second: float | None) -> float | None:
        """Seconds until the next may go; None: it need not wait."""
        if per_second is None or self.tokens >= 1:
            return None
        return (1 - self.tokens) / per_second


@dataclass(slots=True)
class Sender:
    """Sends what is due, for ever. One over all processes."""

    db: Database
    channels: Mapping[str, Channel]
    accounts: Accounts
    packing: Packing
    _paces: dict[str, Pace] = field(default_factory=dict)
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)
    _left: "dict[str, list[tuple[Taken, asyncio.Future[None]]]]" = field(default_factory=dict)
    """By tenant: what providers have taken and is still to be settled."""
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Until cancelled. What is in a provider's hands then stands as `sending`, and is settled by whoever comes next."""
        disown = [self.db.signals.own(name, self._woken.set) for name in (deliveries.WAKE, ACCOUNTS_CHANGED)]
        try:
            await self.recover()
            while True:
                self._woken.clear()
                if not await self._round_quietly():
                    await self._wait()
        finally:
            for each in disown:
                each()
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=PARTING)
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self._left.clear()

    async def run_due(self) -> int:
        """Send everything that is due now and wait for it; how many tries that made. For tests and tools."""
        count = 0
        while started := await self._round():
            count += started
            while self._tasks:
                await asyncio.gather(*self._tasks)
        return count

    async def recover(self) -> None:
        """Settle what a process that is no more had in hand."""
        async with self.db.system() as tx:
            found = await deliveries.in_flight(tx)
        for one in found:
            account = await self.accounts.by_id(one.account_id)
            async with self.db.transaction(one.tenant_id) as tx:
                if account is not None and self._repeatable(account):
                    await deliveries.put_off(tx, one.id, tx.now, code="process-ended", reason="")
                else:
                    await deliveries.not_sent(tx, one.id, code="process-ended", reason="", unsure=True)

    async def _round_quietly(self) -> int:
        try:
            return await self._round()
        except Unavailable as refusal:
            log.warning("channels.sending_waits", code=refusal.code)
            return 0

    async def _round(self) -> int:
        """Take in hand what is due, as much as pace allows; how many."""
        now = self.db.clock()
        accounts = {one.id: one for one in await self.accounts.all()}
        hands: list[tuple[Account, Pace, list[Claimed]]] = []
        async with self.db.system() as tx:
            for account_id in await deliveries.with_work(tx, list(accounts)):
                account, pace = accounts[account_id], self._paces.setdefault(account_id, Pace())
                if (free := pace.free(account.per_second, now)) > 0:
                    hands.append((account, pace, await deliveries.claim(tx, account_id, free)))
        for account, pace, claimed in hands:
            if claimed:
                pace.tokens -= len(claimed) if account.per_second is not None else 0
                pace.busy += len(claimed)
                self._start(account, claimed, pace)
        return sum(len(claimed) for *_, claimed in hands)

    def _start(self, account: Account, claimed: Sequence[Claimed], pace: Pace) -> None:
        """They are made ready together, and go each by itself."""
        packed = self._keep(self.packing.pack_all(account, claimed), f"pack {account.channel}")

        def ended(_: asyncio.Task[Any]) -> None:
            pace.busy -= 1
            self._woken.set()

        for one in claimed:
            self._keep(self._carry(account, one, packed), f"send {account.channel}").add_done_callback(ended)

    def _keep(self, work: Coroutine[Any, Any, Done], name: str) -> "asyncio.Task[Done]":
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _wait(self) -> None:
        pauses = [
            pause
            for account in await self._known()
            if (pace := self._paces.get(account.id)) and (pause := pace.wait(account.per_second)) is not None
        ]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min([LOOK_ANYWAY, *(max(0.005, pause) for pause in pauses)])):
                await self._woken.wait()

    async def _known(self) -> list[Account]:
        try:
            return await self.accounts.all()
        except Unavailable:
            return []

    async def _carry(
        self, account: Account, one: Claimed, packed: "asyncio.Task[dict[str, Outgoing | Exception]]"
    ) -> None:
        """Give one message to its channel and settle it. Whatever cannot be settled now (no database) stands as `sending`."""
        outcome = "sent"
        try:
            try:
                message = (await asyncio.shield(packed))[one.id]
                if isinstance(message, Exception):
                    raise message
                async with asyncio.timeout(LONGEST):
                    sent = await self.channels[account.channel].send(account, message)
            except Refused as error:
                outcome = "refused"
                await self._settle(one, deliveries.not_sent, code=error.code, reason="")
            except TryLater as error:
                outcome = "later"
                await self._later(one, error.code, error.reason, error.after)
            except Failed as error:
                outcome = "failed"
                await self._settle(one, deliveries.not_sent, code=error.code, reason=error.reason)
            except Unavailable as error:
                outcome = "later"
                await self._later(one, error.code, "", None)
            except Unsure as error:
                outcome = "unsure"
                await self._doubt(account, one, error.code, error.reason)
            except TimeoutError:
                outcome = "unsure"
                await self._doubt(account, one, "no-answer", "")
            except Exception as error:
                outcome = "error"
                log.exception("channel.send_failed", channel=account.channel, delivery_id=one.id)
                await self._doubt(account, one, "channel-error", type(error).__name__)
            else:
                await self._settle_sent(
                    one.tenant_id, Taken(one.id, sent.ids, sent.state, sent.parts, sent.cost, sent.data)
                )
        except Unavailable as refusal:
            log.warning("channels.not_settled", delivery_id=one.id, code=refusal.code)
            await self._settle_at_last(account, one)
        CHANNEL_SENDS.labels(account.channel, outcome).inc()

    async def _settle_sent(self, tenant_id: str, taken: Taken) -> None:
        """With others that left in the same moment, in one transaction."""
        waiting, done = self._left.setdefault(tenant_id, []), asyncio.get_running_loop().create_future()
        waiting.append((taken, done))
        if len(waiting) == 1:
            self._keep(self._settle_all(tenant_id), "settle")
        await done

    async def _settle_all(self, tenant_id: str) -> None:
        await asyncio.sleep(TOGETHER)
        waiting = self._left.pop(tenant_id)
        try:
            await self._write_sent(tenant_id, [taken for taken, _ in waiting])
        except Unavailable as refusal:
            outcomes: list[Exception | None] = [refusal] * len(waiting)
        except Exception:
            outcomes = [await self._write_one(tenant_id, taken) for taken, _ in waiting]
        else:
            outcomes = [None] * len(waiting)
        for (_, done), outcome in zip(waiting, outcomes, strict=True):
            if done.done():
                continue
            if outcome is None:
                done.set_result(None)
            else:
                done.set_exception(outcome)

    async def _write_sent(self, tenant_id: str, taken: Sequence[Taken]) -> None:
        async with self.db.transaction(tenant_id) as tx:
            await deliveries.sent(tx, taken)

    async def _write_one(self, tenant_id: str, taken: Taken) -> Exception | None:
        """One of those that could not be written together (two receipts that waited for each other): by itself."""
        try:
            await self._write_sent(tenant_id, [taken])
        except Exception as error:
            return error
        return None

    async def _settle(self, one: Claimed, settle: Any, *args: Any, **values: Any) -> None:
        async with self.db.transaction(one.tenant_id) as tx:
            await settle(tx, one.id, *args, **values)

    async def _settle_at_last(self, account: Account, one: Claimed) -> None:
        """The database was away when the outcome was known: settled like what a dead process left, once it answers again."""
        while True:
            await asyncio.sleep(LOOK_ANYWAY)
            with contextlib.suppress(Unavailable):
                if self._repeatable(account):
                    await self._settle(one, deliveries.put_off, self.db.clock(), code="process-ended", reason="")
                else:
                    await self._settle(one, deliveries.not_sent, code="process-ended", reason="", unsure=True)
                return

    async def _later(self, one: Claimed, code: str, reason: str, after: float | None) -> None:
        now = self.db.clock()
        if now - one.asked_at >= GIVE_UP:
            await self._settle(one, deliveries.not_sent, code=code, reason=reason)
            return
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(one.tries - 1, 10))
        if after is not None:
            pause = min(LONGEST_ASKED, max(int(after * 1000), 100))
        gives_up = Millis(one.asked_at + GIVE_UP)
        await self._settle(one, deliveries.put_off, now + pause, code=code, reason=reason, gives_up=gives_up)

    async def _doubt(self, account: Account, one: Claimed, code: str, reason: str) -> None:
        if self._repeatable(account):
            await self._later(one, code, reason, None)
        else:
            await self._settle(one, deliveries.not_sent, code=code, reason=reason, unsure=True)

    def _repeatable(self, account: Account) -> bool:
        return self.channels[account.channel].capabilities(account).repeatable
