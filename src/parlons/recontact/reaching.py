"""The job of a rule: somebody who left is written to, or a call to him stands in line, unless something speaks against it.

In order: is he still waiting, was he answered or did he come back, does the rule still hold for him, is it not too late, was he
reached lately, may he be written to at all, and now (hours of his country). The first no settles him with its reason. A message
is one of `outbound` (one to one customer), a callback is a task at his old place in line.
"""

from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from parlons.conversations import afterwards
from parlons.conversations import commands as conversations
from parlons.customers import consent
from parlons.customers import queries as customers
from parlons.customers.merging import one_person
from parlons.customers.model import PHONE
from parlons.kit.clock import Millis, to_datetime
from parlons.outbound import one_commands
from parlons.outbound.feeding import Outbound
from parlons.outbound.hours import country_of, opens_at
from parlons.outbound.model import GIVEN, Text
from parlons.outbound.one_choosing import choose
from parlons.outbound.one_model import NoWayThere, Wanted
from parlons.reception.asking import Wish, ask_for_agent, point_of
from parlons.reception.flow_acts import one_in_line
from parlons.recontact import noting
from parlons.recontact.loading import all_rules
from parlons.recontact.model import (
    FAILED,
    HOUR_MS,
    RECONTACTED,
    REFUSED,
    WAITING,
    Leaver,
    LeaverElsewhere,
    Rule,
    fits,
)
from parlons.recontact.settling import settled
from parlons.recontact.store import change, leavers, read_leavers, settle
from parlons.routing.configuration import Target
from parlons.runtime.db import Tx
from parlons.runtime.jobs import ATTEMPTS, Handler, Job
from parlons.voice.calls import callbacks

BY_ITSELF = "recontact"
VOICE = "voice"
"""Task channel of callbacks, whatever he left."""


@dataclass(frozen=True, slots=True)
class Reaching:
    """What reaching needs of a process."""

    outbound: Outbound

    def handlers(self) -> dict[str, Handler]:
        """What the job worker needs."""
        return {noting.JOB: self.due, afterwards.LEFT_CHAT: noting.left_chat}

    async def due(self, tx: Tx, job: Job) -> None:
        """His moment has come."""
        found = await read_leavers(tx, leavers.c.id == job.payload["id"], lock=True)
        if found and found[0].state == WAITING and job.attempt >= ATTEMPTS:
            await settle(tx, found[0].id, FAILED, "error")
        elif found and found[0].state == WAITING:
            await self.reach(tx, (await settled(tx, found))[0])

    async def reach(self, tx: Tx, one: Leaver) -> None:
        """Carry out his rule, put it off, or settle him with what speaks against it."""
        rule = next((each for each in await all_rules(tx, one.workspace_id) if each.id == one.rule_id), None)
        if one.state != WAITING:
            return
        if rule is None or not fits(rule, one):
            await change(tx, one.id, due_at=None, rule_id=None, rule_name="")
            return
        against = await _against(tx, rule, one)
        if against is not None:
            await settle(tx, one.id, REFUSED, against)
        elif rule.how == "callback":
            await self._call_back(tx, rule, one)
        else:
            await self._write(tx, rule, one)

    async def _write(self, tx: Tx, rule: Rule, one: Leaver) -> None:
        person = await _standing(tx, one.customer_id)
        values = {"waited_minutes": str(max(1, round(one.waited_ms / 60_000)))}
        wanted = Wanted(
            texts_of(rule), customer_id=person, channel=rule.channel, zone=rule.zone, reference=one.id, reason=BY_ITSELF,
            attributes=values,
        )  # fmt: skip
        try:
            way = await choose(tx, self.outbound.post, one.firm_id, person, wanted)
        except NoWayThere:
            await settle(tx, one.id, FAILED, "not-reachable")
            return
        if way.silent:
            await settle(tx, one.id, REFUSED, "opted-out")
        elif not await self._put_off(tx, rule, one, way.kind, way.value):
            single = await one_commands.ask(
                tx, self.outbound, wanted, workspace_id=one.workspace_id, firm_id=one.firm_id, by=rule.name
            )
            state = RECONTACTED if single.state == GIVEN else FAILED
            await settle(tx, one.id, state, single.code, single_id=single.id)

    async def _call_back(self, tx: Tx, rule: Rule, one: Leaver) -> None:
        number = await number_of(tx, one.customer_id)
        if number is None:
            await settle(tx, one.id, FAILED, "no-number")
        elif await consent.opted_out(tx, firm_id=one.firm_id, kind=PHONE, value=number):
            await settle(tx, one.id, REFUSED, "opted-out")
        elif not await self._put_off(tx, rule, one, PHONE, number):
            await call_back(tx, one, number)

    async def _put_off(self, tx: Tx, rule: Rule, one: Leaver, kind: str, value: str) -> bool:
        """Whether he may not be reached at this hour: then at the next that is allowed, if that is not too late."""
        known = await customers.customer(tx, one.customer_id)
        country = str(known.attributes.get("country") or "")[:2] if known else ""
        opens = opens_at(tx.now, country_of(kind, value, country), rule.zone)
        if opens <= tx.now:
            return False
        if opens > one.left_at + rule.within_hours * HOUR_MS:
            await settle(tx, one.id, REFUSED, "quiet-hours")
        else:
            await change(tx, one.id, due_at=to_datetime(opens), code="quiet-hours")
            await noting.plan(tx, one.id, opens)
        return True


def texts_of(rule: Rule) -> dict[str, Text]:
    """The words of a rule, as messages have them."""
    subjects = rule.subjects
    return {
        language: Text(text, subjects.get(language, ""), rule.template, rule.values)
        for language, text in rule.texts.items()
    }


async def number_of(tx: Tx, customer_id: str) -> str | None:
    """By which number he can be called: a proven one first."""
    known = await customers.customer(tx, customer_id)
    numbers = [one for one in known.addresses if one.kind == PHONE] if known and known.erased_at is None else []
    return min(numbers, key=lambda one: not one.verified).value if numbers else None


async def call_back(tx: Tx, one: Leaver, number: str) -> str:
    """A call to him stands in line at his old place; the id of its task. Whoever takes it is connected with him."""
    await one_in_line(tx, one.firm_id, number)
    known = await callbacks.waiting_for(tx, one.firm_id, number)
    if known is not None:
        await settle(tx, one.id, RECONTACTED, callback_task_id=known.task_id)
        return known.task_id
    conversation = await conversations.locked(tx, one.conversation_id)
    if not conversation.live:
        conversation = await conversations.bring_back(tx, one.conversation_id, by="system")
    if conversation.lead_task_id is not None:
        raise LeaverElsewhere
    place = Millis(one.left_at - one.waited_ms)
    target = Target(kind="queue", id=one.queue_id) if one.queue_id is not None else None
    offered: dict[str, Any] = {"callback": True, "callback_number": number}
    point = replace(await point_of(tx, conversation), task_channel=VOICE)
    wish = Wish(offered=offered, target=target, virtual_start=place)
    task_id = await ask_for_agent(
        tx, point, conversation, wish, language=conversation.language, key=f"recontact:{one.id}"
    )
    if task_id is None:
        raise LeaverElsewhere
    await callbacks.ask(
        tx, workspace_id=one.workspace_id, firm_id=one.firm_id, conversation_id=conversation.id,
        customer_id=conversation.customer_id, task_id=task_id, queue_id=one.queue_id, number=number, caller_number="",
        virtual_start=place, why="left",
    )  # fmt: skip
    await settle(tx, one.id, RECONTACTED, callback_task_id=task_id)
    return task_id


async def _against(tx: Tx, rule: Rule, one: Leaver) -> str | None:
    known = await customers.customer(tx, one.customer_id)
    if known is None or known.erased_at is not None:
        return "erased"
    if tx.now > one.left_at + rule.within_hours * HOUR_MS:
        return "quiet-hours" if one.code == "quiet-hours" else "too-late"
    c = leavers.c
    since = to_datetime(tx.now - rule.once_hours * HOUR_MS)
    people = await one_person(tx, one.customer_id)
    reached = sa.and_(c.customer_id.in_(people), c.state == RECONTACTED, c.settled_at > since)
    return "reached-lately" if await read_leavers(tx, reached, limit=1) else None


async def _standing(tx: Tx, customer_id: str) -> str:
    known = await customers.customer(tx, customer_id)
    return known.merged_into or known.id if known is not None else customer_id
