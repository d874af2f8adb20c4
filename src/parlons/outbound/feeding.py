"""Recipients who are due become messages, at the pace of their send; the channels' own engine carries them out.

A batch is one transaction: its recipients' conversations, messages and deliveries commit together, so a process that dies
anywhere has made all of them or none. One process makes a send's batches at a time; a second finds that held and goes on to
another send. Whoever pauses a send waits for no batch: it looks at its end whether the send still runs, and is undone if not. No
more than `WINDOW` messages of a send are on their way at a time: a pause finds few, and agents' answers are not behind thousands.

What one recipient cannot be sent (no address of this channel, a closed window, a text that cannot be filled) is counted with
its reason and holds up no other. Quiet hours put a recipient off, to the moment they end for him.
"""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import RowMapping

from parlons.accounts import queries as accounts
from parlons.channels.model import Account
from parlons.channels.outgoing import window_of
from parlons.channels.post import Post
from parlons.conversations import commands as conversations
from parlons.conversations import queries, sent_together
from parlons.conversations.announcing import Announcement, announce
from parlons.conversations.messages import add_message
from parlons.conversations.model import CLOSED, SYSTEM, Conversation, Message, Way
from parlons.customers import commands as customers
from parlons.customers import purposes, segments
from parlons.customers import queries as customer_queries
from parlons.customers.model import EXTERNAL, Customer, InvalidCustomer, customer_json
from parlons.kit.clock import from_datetime, to_datetime
from parlons.kit.errors import Refusal, Unavailable
from parlons.outbound.commands import WAKE
from parlons.outbound.filling import Filled, filled
from parlons.outbound.hours import country_of, opens_at
from parlons.outbound.leaving import Leaving
from parlons.outbound.model import DONE, GIVEN, MARKETING, RUNNING, SKIPPED, WAITING, Send
from parlons.outbound.rows import send_of
from parlons.outbound.store import recipients, sends
from parlons.runtime.db import Database, Tx
from parlons.runtime.log import log
from parlons.runtime.prepared import Prepared

BATCH = 25
"""Recipients of one transaction."""
WINDOW = 100
"""Messages of one send on their way at a time."""
LOOK = 0.25
"""Seconds between two looks while something goes out; `IDLE` when nothing does."""
IDLE = 2.0
_MINE = "SELECT pg_try_advisory_xact_lock(hashtextextended(CAST(:key AS text), 0))"


_SETTLED = ("state", "code", "due_at", "message_id", "customer_id")


class Stopped(Exception):
    """The send was paused, cancelled or removed while a batch was made: the batch is undone."""


class Skip(Exception):
    """This recipient gets nothing."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(slots=True)
class Outbound:
    """Sends of a process."""

    db: Database
    post: Post
    leaving: Leaving
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Feed for ever; any number of processes may."""
        disown = self.db.signals.own(WAKE, self._woken.set)
        try:
            while True:
                self._woken.clear()
                pause = IDLE
                with contextlib.suppress(Unavailable):
                    pause = LOOK if await self.round() is not None else IDLE
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._woken.wait()
        finally:
            disown()

    async def round(self) -> int | None:
        """Each running send as far as it may go now, a batch of each in turn, so that none waits for a longer one to end; how
        many recipients that settled, None: nothing runs."""
        count, running = 0, False
        while True:
            due = await self._due()
            running = running or bool(due)
            fed = [await self._feed_quietly(row["tenant_id"], row["id"]) for row in due]
            if not any(fed):
                return count if running else None
            count += sum(fed)

    async def _due(self) -> list[RowMapping]:
        async with self.db.system() as tx:
            query = sa.select(sends.c.id, sends.c.tenant_id, sends.c.starts_at).where(sends.c.state == RUNNING)
            rows = await tx.fetch_all(query.order_by(sends.c.id))
        now = self.db.clock()
        return [row for row in rows if row["starts_at"] is None or from_datetime(row["starts_at"]) <= now]

    async def _feed_quietly(self, tenant_id: str, send_id: str) -> int:
        """One batch; when it cannot be made whole, its recipients one by one, so that one bad one costs itself only."""
        try:
            return await self.feed(tenant_id, send_id)
        except Unavailable:
            raise
        except Stopped:
            return 0
        except Exception as error:
            log.warning("outbound.batch_failed", send_id=send_id, error=type(error).__name__)
        tried: list[int] = []
        try:
            return await self.feed(tenant_id, send_id, most=1, tried=tried)
        except Unavailable:
            raise
        except Stopped:
            return 0
        except Exception:
            log.exception("outbound.recipient_failed", send_id=send_id, recipient_id=tried[:1])
            if not tried:
                return 0
            async with self.db.transaction(tenant_id) as tx:
                await _settle(tx, tried[0], state=SKIPPED, code="error")
            return 1

    async def feed(self, tenant_id: str, send_id: str, *, most: int = BATCH, tried: list[int] | None = None) -> int:
        """One batch of one send; how many recipients it settled or put off. Raises Stopped."""
        async with self.db.transaction(tenant_id) as tx:
            running = sa.select(sends).where(sends.c.tenant_id == tenant_id, sends.c.id == send_id)
            row = await tx.fetch_one(running.where(sends.c.state == RUNNING))
            if row is None or not await tx.scalar(_MINE, {"key": f"send\n{send_id}"}):
                return 0
            under_way = await sent_together.under_way(tx, send_id)
            paced = from_datetime(row["paced_at"])
            room = min(most, WINDOW - under_way, _allowed(row["per_second"], paced, tx.now))
            if room <= 0:
                return 0
            send, account = send_of(row), await self.post.accounts.by_id(row["account_id"])
            batch = await _due(tx, send, room)
            if not batch:
                if not under_way:
                    await _end_if_empty(tx, send_id)
                return 0
            if account is None:
                await _skip_all(tx, send_id, "account-removed")
                return 1
            dealing = _Dealing(self, tx, send, account, await accounts.firm_name(tx, send.firm_id))
            if tried is not None:
                tried[:] = [one["id"] for one in batch]
            await _still_running(tx, send, paced, await dealing.deal(batch))
            return len(batch)

    async def trial(self, tx: Tx, send: Send, account: Account, kind: str, value: str, language: str | None) -> Message:
        """One message to one address now, whatever the hour: not counted. Raises Skip."""
        assert tx.tenant_id is not None
        owner = segments.owner(tx.tenant_id, send.firm_id, sa.literal(kind), sa.literal(value))
        row = {"tenant_id": tx.tenant_id, "send_id": send.id, "kind": kind, "value": value, "customer_id": owner}
        values = {**row, "trial": True, "language": language, "state": GIVEN}
        found = (await tx.fetch_all(recipients.insert().values(values).returning(recipients)))[0]
        dealing = _Dealing(self, tx, send, account, await accounts.firm_name(tx, send.firm_id))
        return (await dealing.send(found))[0]

    async def one(self, tx: Tx, send: Send, account: Account, row: RowMapping) -> tuple[Message, str]:
        """The message for one recipient who stands in no list, now, whatever the hour, and the customer. Raises Skip."""
        return await _Dealing(self, tx, send, account, await accounts.firm_name(tx, send.firm_id)).send(row)


class _Dealing:
    """The recipients of one batch."""

    def __init__(self, outbound: Outbound, tx: Tx, send: Send, account: Account, firm_name: str) -> None:
        self.outbound, self.tx, self.own, self.account, self.firm_name = outbound, tx, send, account, firm_name
        self.channel = outbound.post.channels[account.channel]
        self.able = self.channel.capabilities(account)

    async def deal(self, batch: Sequence[RowMapping]) -> int:
        """Settle recipients or put them off; how many messages were made."""
        known = await self._known(batch)
        refused = await self._refusing(known)
        present = await self._present(known)
        made: list[tuple[RowMapping, str, Message | Announcement]] = []
        settled: list[dict[str, Any]] = []
        for one in batch:
            until = self._quiet_until(one)
            if until > self.tx.now:
                settled.append({**_row(one), "due_at": to_datetime(until), "code": "quiet-hours"})
                continue
            try:
                if one["silent"] or one["customer_id"] in refused:
                    raise Skip("opted-out")
                customer_id, message = await self._made_for(one, known.get(one["customer_id"]), present)
                made.append((one, customer_id, message))
            except Skip as skip:
                settled.append({**_row(one), "state": SKIPPED, "code": skip.code})
        for (one, customer_id, _), message in zip(made, await self._written([each for *_, each in made]), strict=True):
            fresh = {"state": GIVEN, "code": "", "message_id": message.id, "customer_id": customer_id}
            settled.append({**_row(one), **fresh})
        await self.tx.run_each(_SETTLE, [_bound(one) for one in settled])
        return len(made)

    async def send(self, one: RowMapping) -> tuple[Message, str]:
        """His conversation with its message, queued, and the customer. Raises Skip."""
        known = await self._known([one])
        if await self._refusing(known):
            raise Skip("opted-out")
        present = await self._present(known)
        customer_id, message = await self._made_for(one, known.get(one["customer_id"]), present)
        return (await self._written([message]))[0], customer_id

    async def _known(self, batch: Sequence[RowMapping]) -> dict[str, Customer]:
        """The customers of these recipients, by the id they were laid down with; who was merged is who he is now."""
        found = await customer_queries.by_ids(self.tx, {one["customer_id"] for one in batch if one["customer_id"]})
        while merged := {one.merged_into for one in found.values() if one.merged_into is not None}:
            into = await customer_queries.by_ids(self.tx, merged)
            found = {name: into[one.merged_into] if one.merged_into else one for name, one in found.items()}
        return found

    async def _refusing(self, known: Mapping[str, Customer]) -> set[str]:
        """Ids of recipients who want no advertising, as they were laid down; service messages reach them."""
        if self.own.purpose != MARKETING:
            return set()
        return await purposes.refusing(self.tx, known, purposes.MARKETING)

    async def _present(self, known: Mapping[str, Customer]) -> dict[str, Conversation]:
        """The matters these customers were in last, where that matters: a mail is always a matter of its own."""
        if self.able.subject and self.able.reply_window is None:
            return {}
        his = list({one.id for one in known.values()})
        return await queries.latest_of_customers(self.tx, his, self.account.firm_id) if his else {}

    async def _made_for(
        self, one: RowMapping, known: Customer | None, present: Mapping[str, Conversation]
    ) -> tuple[str, Message | Announcement]:
        """The customer, and his message: written into the matter he is in, or still to be announced. Raises Skip."""
        to = self.channel.reach(self.account, one["kind"], one["value"])
        if to is None:
            raise Skip("not-reachable")
        if known is not None and known.erased_at is not None:
            raise Skip("erased")
        if known is None and one["kind"] == EXTERNAL:
            raise Skip("not-reachable")
        text = self._text(one, known)
        customer = known or await self._made(one)
        way, account = Way(self.account.channel, self.account.id, to), self.account
        notice, carried = {"code": "send", "send_id": self.own.id}, self._content(one, to, text)
        goes_on = await self._open_one(present.get(customer.id), text)
        if goes_on is None:
            return customer.id, Announcement(
                account.workspace_id, account.firm_id, customer.id, way, text.language, text.subject, text.text, notice, carried
            )  # fmt: skip
        await conversations.go_on(self.tx, goes_on.id, way)
        return customer.id, await add_message(
            self.tx, goes_on.id, direction="out", author=SYSTEM, text=text.text, channel=account.channel, notice=notice,
            content=carried,
        )  # fmt: skip

    async def _written(self, made: Sequence[Message | Announcement]) -> list[Message]:
        fresh = [one for one in made if isinstance(one, Announcement)]
        announced = iter(await announce(self.tx, fresh) if fresh else ())
        return [next(announced) if isinstance(one, Announcement) else one for one in made]

    def _quiet_until(self, one: RowMapping) -> int:
        if self.own.purpose != MARKETING:
            return self.tx.now
        return opens_at(self.tx.now, country_of(one["kind"], one["value"], one["country"]), self.own.zone)

    def _text(self, one: RowMapping, known: Customer | None) -> Filled:
        shown = customer_json(known) if known else listed(one)
        shown = {**shown, "attributes": {**shown["attributes"], **one["attributes"]}}
        languages = (one["language"], known.language if known else None)
        try:
            text = filled(self.own, shown, self.firm_name, languages, self._leave(one))
        except Refusal:
            raise Skip("text-not-filled") from None
        if not text.text or (text.template and not all(text.template["values"])):
            raise Skip("text-not-filled")
        if self.able.text is not None and len(text.text) > self.able.text:
            raise Skip("text-too-long")
        return text

    def _leave(self, one: RowMapping) -> str:
        assert self.tx.tenant_id is not None
        wanted = self.able.subject and self.own.purpose == MARKETING
        return self.outbound.leaving.link(self.tx.tenant_id, one["id"]) if wanted else ""

    def _content(self, one: RowMapping, to: str, text: Filled) -> dict[str, Any]:
        content = {
            "account_id": self.account.id,
            "to": to,
            "send": "" if one["trial"] else self.own.id,
            "subject": text.subject,
            "template": text.template,
            "unsubscribe": self._leave(one),
        }
        return {name: value for name, value in content.items() if value}

    async def _made(self, one: RowMapping) -> Customer:
        """Somebody this firm does not know yet."""
        own = self.own
        try:
            return await customers.find_or_create_by_address(
                self.tx, workspace_id=own.workspace_id, firm_id=own.firm_id, kind=one["kind"], value=one["value"],
                verified=False, name=one["name"], language=(one["language"] or "")[:2] or None,
            )  # fmt: skip
        except InvalidCustomer:
            raise Skip("not-reachable") from None

    async def _open_one(self, present: Conversation | None, text: Filled) -> Conversation | None:
        """The matter he is in on this account, if it is open: his answer will be read there. None: it takes a new one; a mail is
        always a matter of its own. Raises Skip."""
        mine = present is not None and present.account_id == self.account.id
        if self.able.reply_window is not None and text.template is None:
            last = await queries.last_by_account(self.tx, present.id, self.account.id) if present and mine else None
            until = window_of(self.able.reply_window, last.at if last else None)
            if until is not None and until <= self.tx.now:
                raise Skip("reply-window-closed")
        if present is not None and mine and present.status != CLOSED and not self.able.subject:
            return present
        return None


def listed(one: RowMapping) -> dict[str, Any]:
    """Somebody of a list as texts know customers."""
    return {
        "name": one["name"],
        "language": one["language"],
        "attributes": one["attributes"],
        "addresses": [{"kind": one["kind"], "value": one["value"]}],
    }


def _allowed(per_second: float | None, paced: int, now: int) -> int:
    """How many may go now: what has gathered since `paced`, at most one second's worth, or one."""
    return BATCH if per_second is None else int((now - _since(per_second, paced, now)) * per_second / 1000)


def _since(per_second: float, paced: int, now: int) -> float:
    return max(paced, now - max(1000, 1000 / per_second))


async def _still_running(tx: Tx, send: Send, paced: int, made: int) -> None:
    """The last statement of a batch: who pauses the send comes before it, and undoes the batch, or after its commit."""
    rate = send.per_second
    since = round(_since(rate, paced, tx.now) + made * 1000 / rate) if rate is not None else paced
    mine = (sends.c.tenant_id == tx.tenant_id, sends.c.id == send.id, sends.c.state == RUNNING)
    statement = sends.update().where(*mine).values(paced_at=to_datetime(since)).returning(sends.c.id)
    if await tx.scalar(statement) is None:
        raise Stopped


async def _due(tx: Tx, send: Send, many: int) -> list[RowMapping]:
    assert tx.tenant_id is not None
    c = recipients.c
    silent = segments.wants_none(tx.tenant_id, send.firm_id, c.kind, c.value).label("silent")
    query = sa.select(recipients, silent).where(c.tenant_id == tx.tenant_id, c.send_id == send.id, c.state == WAITING)
    query = query.where(c.due_at <= to_datetime(tx.now)).order_by(c.due_at, c.id).limit(many)
    return await tx.fetch_all(query.with_for_update(of=recipients))


_SETTLE = Prepared(
    sa.update(recipients)
    .where(recipients.c.tenant_id == sa.bindparam("of_tenant_id"), recipients.c.id == sa.bindparam("of_id"))
    .values({name: sa.bindparam(f"to_{name}", type_=recipients.c[name].type) for name in _SETTLED})
)


def _row(one: RowMapping) -> dict[str, Any]:
    """What settling writes of a recipient, unchanged yet."""
    return {name: one[name] for name in ("tenant_id", "id", *_SETTLED)}


def _bound(row: Mapping[str, Any]) -> dict[str, Any]:
    return {f"of_{name}" if name in ("tenant_id", "id") else f"to_{name}": value for name, value in row.items()}


async def _settle(tx: Tx, recipient_id: int, **values: Any) -> None:
    where = (recipients.c.tenant_id == tx.tenant_id, recipients.c.id == recipient_id)
    await tx.execute(recipients.update().where(*where).values(**values))


async def _skip_all(tx: Tx, send_id: str, code: str) -> None:
    where = (recipients.c.tenant_id == tx.tenant_id, recipients.c.send_id == send_id, recipients.c.state == WAITING)
    await tx.execute(recipients.update().where(*where).values(state=SKIPPED, code=code))


async def _end_if_empty(tx: Tx, send_id: str) -> None:
    c = recipients.c
    waiting = sa.select(sa.literal(1)).where(c.tenant_id == tx.tenant_id, c.send_id == send_id, c.state == WAITING)
    if await tx.scalar(waiting.limit(1)) is None:
        mine = (sends.c.tenant_id == tx.tenant_id, sends.c.id == send_id)
        values = {"state": DONE, "ended_at": to_datetime(tx.now), "version": sends.c.version + 1}
        await tx.execute(sends.update().where(*mine).values(**values))
