"""The durable reader "surveys": after a conversation that an agent served has closed, its customer may be asked once.

In order: is there a survey for such a conversation, is this one in its share, was the customer asked lately, did he ask for
silence, is there a way to him on which he may be written to now. The first no ends it, and nothing is said. The question goes
out in the transaction that notes it, so it is put once, whatever dies between. Nothing is put in public, and nothing where
only an approved template may be sent.
"""

from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from parlons.channels.outgoing import known_addresses
from parlons.channels.ways import Reach, Ways
from parlons.conversations import commands as conversations
from parlons.conversations.messages import add_message
from parlons.conversations.model import CLOSED, SYSTEM, Conversation
from parlons.customers import consent, purposes
from parlons.customers import queries as customers
from parlons.customers.merging import one_person
from parlons.kit.clock import Millis, from_datetime
from parlons.kit.ids import INVITATION
from parlons.runtime.db import Tx
from parlons.runtime.journal import Entry
from parlons.runtime.readers import Reader, Tail
from parlons.runtime.signed_ids import SignedLinks
from parlons.surveys import rules, texts
from parlons.surveys.loading import all_surveys
from parlons.surveys.model import Invitation, Survey, language_of
from parlons.surveys.store import columns, invitations

NAME = "surveys"
TYPES = frozenset({"conversation.closed"})
FRESH_MS = 3_600_000
"""A closing older than this, read late, asks nobody any more."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What asking needs of a process."""

    ways: Ways
    links: SignedLinks

    def reader(self, tail: Tail, tenant_id: str) -> Reader:
        """The reader of one workspace; `run` it for ever."""
        return Reader(tail, tenant_id, NAME, TYPES, self.carry)

    async def carry(self, tx: Tx, entry: Entry) -> None:
        """Asks after one closing, or does not."""
        if tx.now - entry.at <= FRESH_MS:
            await self.ask(tx, entry.data["conversation"]["id"])

    async def ask(self, tx: Tx, conversation_id: str) -> Invitation | None:
        """Put the question after this conversation, unless something speaks against it."""
        conversation = await conversations.locked(tx, conversation_id)
        if conversation.status != CLOSED or conversation.previous_user_id is None:
            return None
        survey = rules.chosen(await all_surveys(tx, conversation.workspace_id), conversation)
        if survey is None or not rules.in_share(survey, conversation.id):
            return None
        if await asked_lately(tx, survey, conversation) or await _silent(tx, conversation):
            return None
        reach = await self._reach(tx, conversation)
        return await self._put(tx, survey, conversation, reach) if reach is not None else None

    async def _reach(self, tx: Tx, conversation: Conversation) -> Reach | None:
        """The way it came, if it is open still; a caller is written to by what reaches him, the channel he prefers
        first, then text messages."""
        ways = [one for one in await self.ways.of(tx, conversation) if _open(one, tx.now)]
        if conversation.channel == rules.VOICE:
            written = [one for one in ways if one.account is not None and one.capabilities.starts]
            customer = await customers.customer(tx, conversation.customer_id)
            order = (customer.preferred_channel if customer is not None else None, "sms")
            return min(
                written, key=lambda one: (one.way.channel != order[0], one.way.channel != order[1]), default=None
            )
        present = await conversations.present_way(tx, conversation)
        same = (present.channel, present.account_id)
        return next((one for one in ways if (one.way.channel, one.way.account_id) == same), None)

    async def _put(self, tx: Tx, survey: Survey, conversation: Conversation, reach: Reach) -> Invitation:
        words, able = survey.words, reach.capabilities
        language = language_of(words, conversation.language)
        labels = texts.labels(survey.kind, words, language)
        subject = able.subject or reach.account is None
        how = rules.how_put(survey.kind, words, labels, subject=subject, buttons=able.buttons)
        now = Millis(tx.now)
        one = Invitation(
            id=tx.new_id(INVITATION),
            workspace_id=survey.workspace_id,
            survey_id=survey.id,
            survey_name=survey.name,
            kind=survey.kind,
            words=words,
            firm_id=conversation.firm_id,
            conversation_id=conversation.id,
            customer_id=conversation.customer_id,
            queue_id=conversation.queue_id,
            user_id=conversation.previous_user_id,
            channel=reach.way.channel,
            language=language,
            how=how,
            message_number=conversation.message_count,
            disposition_id=conversation.disposition_id,
            asked_at=now,
            expires_at=Millis(now + survey.rule.valid_days * rules.DAY_MS),
        )
        number = await self._say(tx, conversation, reach, one)
        one = replace(one, message_number=number)
        await tx.execute(invitations.insert().values(tenant_id=tx.tenant_id, **columns(one)))
        return one

    async def _say(self, tx: Tx, conversation: Conversation, reach: Reach, one: Invitation) -> int:
        """The message that asks; its number."""
        called = conversation.channel == rules.VOICE
        if called:
            await conversations.go_on(tx, conversation.id, reach.way)
        url = self.links.url(one.id) if one.how == "page" else ""
        choices = texts.choices(one.kind, one.words, one.language)
        buttons = [{"label": label, "payload": rules.payload(one.id, score)} for score, label in choices]
        content: dict[str, Any] = {"buttons": buttons} if one.how == "buttons" else {}
        if reach.account is not None:
            content |= {"account_id": reach.account.id, "to": reach.way.address}
            if reach.capabilities.subject and conversation.subject:
                content["subject"] = conversation.subject
        message = await add_message(
            tx,
            conversation.id,
            direction="out",
            author=SYSTEM,
            text=texts.asked(one.kind, one.words, one.language, how=one.how, url=url),
            notice={"code": rules.ASKED},
            client_id=f"system:{one.id}",
            content=content or None,
        )
        if called:
            await conversations.end_leg(tx, conversation.id, reach.way.channel, by="system")
        return message.number


def _open(reach: Reach, now: int) -> bool:
    """Whether free text may be sent there now, to him alone."""
    waits = reach.open_until is not None and reach.open_until <= now
    return reach.refusal is None and not waits and not reach.capabilities.public


async def asked_lately(tx: Tx, survey: Survey, conversation: Conversation) -> bool:
    """Whether he, or who he was before two were found to be one, was asked lately, or after this conversation already."""
    people = await one_person(tx, conversation.customer_id)
    known = sa.and_(invitations.c.tenant_id == tx.tenant_id, invitations.c.customer_id.in_(people))
    last = await tx.scalar(sa.select(sa.func.max(invitations.c.asked_at)).where(known))
    if last is not None and rules.rests(survey, from_datetime(last), tx.now):
        return True
    same = sa.and_(invitations.c.tenant_id == tx.tenant_id, invitations.c.conversation_id == conversation.id)
    return await tx.scalar(sa.select(invitations.c.id).where(same)) is not None


async def _silent(tx: Tx, conversation: Conversation) -> bool:
    """Whether he wants no messages at any address of his, or no questions: then none is put."""
    if purposes.SURVEYS in await purposes.refused_by(tx, conversation.customer_id):
        return True
    for kind, value in await known_addresses(tx, conversation.customer_id):
        if await consent.opted_out(tx, firm_id=conversation.firm_id, kind=kind, value=value):
            return True
    return False
