"""Who has left the page before he read an answer is sent it by his next channel, once, after the widget's minutes.

Which: one of his addresses that he has proven and at which he did not ask for silence, where free text may be sent now; the
channel he prefers first, then text messages, then whatever else there is. Notifications are none of them: they only say that
there is an answer. The conversation goes on there: what he answers comes to the same people, and when he is back on the page it
goes on here. Nothing is sent while he is on the site, or once he has read.

The clock is a job that begins with the first unread answer, so it survives a restart; the reader is durable too.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from parlons.channels.push.browsers import CHANNEL as PUSH
from parlons.channels.ways import Reach, Ways
from parlons.channels.webchat.model import CHANNEL
from parlons.channels.webchat.store import visitors, widgets
from parlons.conversations import commands as conversations
from parlons.conversations import queries
from parlons.conversations.messages import add_message
from parlons.conversations.model import CLOSED, SYSTEM, Conversation
from parlons.customers import queries as customers
from parlons.runtime.db import Tx
from parlons.runtime.jobs import Handler, Job, enqueue
from parlons.runtime.journal import Entry
from parlons.runtime.readers import Reader, Tail

NAME = "webchat away"
TYPES = frozenset({"message.added"})
KIND = "webchat.away"
NOTICE = "away"
FIRST = ("sms", "whatsapp", "email")


@dataclass(frozen=True, slots=True)
class Away:
    """What it needs of a process."""

    ways: Ways

    def reader(self, tail: Tail, tenant_id: str) -> Reader:
        """The reader of one workspace; `run` it for ever."""
        return Reader(tail, tenant_id, NAME, TYPES, self.heard, wants=_answers)

    def handlers(self) -> dict[str, Handler]:
        """What the job worker needs."""
        return {KIND: self.carry}

    async def heard(self, tx: Tx, entry: Entry) -> None:
        """An answer in the chat: its clock begins, unless one runs."""
        message = entry.data["message"]
        minutes = await _minutes(tx, message["conversation_id"])
        if minutes is not None:
            conversation_id = message["conversation_id"]
            await enqueue(
                tx,
                KIND,
                {"conversation_id": conversation_id},
                run_at=tx.now + minutes * 60_000,
                dedupe_key=f"away:{conversation_id}",
            )

    async def carry(self, tx: Tx, job: Job) -> None:
        """The time is over: send what he has not read, or do nothing."""
        conversation = await conversations.locked(tx, job.payload["conversation_id"])
        unread = await _unread(tx, conversation)
        if not unread or conversation.channel != CHANNEL:
            return
        card = (await customers.cards(tx, [conversation.customer_id])).get(conversation.customer_id)
        reach = await self._next(tx, conversation) if card is not None and card.lives_on is None else None
        if reach is None or reach.account is None:
            return
        text = "\n\n".join(unread)
        closed, able = conversation.status == CLOSED, reach.capabilities
        await conversations.go_on(tx, conversation.id, reach.way)
        content = {"account_id": reach.account.id, "to": reach.way.address or ""}
        if able.subject:
            content["subject"] = conversation.subject
        await add_message(
            tx, conversation.id, direction="out", author=SYSTEM, channel=reach.way.channel, notice={"code": NOTICE},
            text=text[: able.text] if able.text else text, content=content, client_id=f"system:away:{job.id}",
        )  # fmt: skip
        if closed:
            await conversations.end_leg(tx, conversation.id, reach.way.channel, by="system")

    async def _next(self, tx: Tx, conversation: Conversation) -> Reach | None:
        """His next channel, if there is one by which he may be written to."""
        customer = await customers.customer(tx, conversation.customer_id)
        if customer is None or customer.erased_at is not None:
            return None
        proven = [(one.kind, one.value) for one in customer.addresses if one.verified]
        found = []
        for one in await self.ways.of(tx, conversation):
            account = one.account
            if account is None or one.way.channel == PUSH or one.capabilities.public or one.refusal is not None:
                continue
            if one.open_until is not None and one.open_until <= tx.now:
                continue
            channel = self.ways.channels[account.channel]
            if one.way.address in [channel.reach(account, *each) for each in proven]:
                found.append(one)
        order = (customer.preferred_channel, *FIRST)
        return min(
            found,
            key=lambda one: order.index(one.way.channel) if one.way.channel in order else len(order),
            default=None,
        )


def _answers(entry: Entry) -> bool:
    message = entry.data["message"]
    answers = message["direction"] == "out" and message["author"]["kind"] in ("agent", "bot")
    return bool(answers and message["channel"] == CHANNEL)


async def _minutes(tx: Tx, conversation_id: str) -> int | None:
    """How long the widget of this conversation's page waits; None: it does not, or there is no such page."""
    query = sa.select(widgets.c.away_minutes).join(visitors, visitors.c.widget_id == widgets.c.id)
    here = visitors.c.tenant_id == tx.tenant_id, visitors.c.conversation_id == conversation_id
    found: int | None = await tx.scalar(query.where(*here).limit(1))
    return found


async def _unread(tx: Tx, conversation: Conversation) -> list[str]:
    """What agents and bots said and he has not read, oldest first."""
    later = await queries.later(tx, conversation.id, conversation.customer_read_number)
    said = [one for one in later if one.direction == "out" and one.author.kind in ("agent", "bot") and one.text]
    return [one.text for one in said if one.channel == CHANNEL]
