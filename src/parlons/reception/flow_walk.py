"""Runs flows: each result is taken in once, under the lock of its instance, with all it does to the centre, in one transaction.

What a step asks of the world outside (sound, an address) is done after the commit, and again by whoever takes over, under the
same key; an outcome that is not of the outstanding key is late, and changes nothing. A flow that cannot go on (an error, a
Python flow that diverged, a queue that is gone) leads to its fallback queue, says so to the contact, and leaves a note.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from parlons.conversations import commands as conversations
from parlons.conversations import sidework
from parlons.conversations.model import CLOSED, Conversation
from parlons.flows.code import Diverged
from parlons.flows.model import Flow
from parlons.flows.running import Definition, begin, resume
from parlons.flows.state import FALLS, Effect, State, Turn
from parlons.flows.text import data_of
from parlons.kit.clock import Millis
from parlons.kit.errors import Refusal, Unavailable
from parlons.reception import flow_trials_outcomes as trials
from parlons.reception import texts
from parlons.reception.asking import point_of
from parlons.reception.flow_acts import ACTS, Act, Ground, NoSuchQueue
from parlons.reception.flow_builtin import fallback_flow, last_words, plain_flow
from parlons.reception.flow_instances import INSTANCE, Instance, add_instance, keep_instance
from parlons.reception.flow_rows import FlowShelf, UnknownFlow, definition, flow_by_id, library
from parlons.reception.flow_steps_appointments import APPOINTMENTS, WORK
from parlons.reception.flow_steps_articles import ARTICLES
from parlons.reception.flow_steps_survey import SURVEYS
from parlons.reception.flow_traffic import Traffic
from parlons.reception.model import EntryPoint
from parlons.reception.points import remember_point
from parlons.runtime.db import Tx
from parlons.runtime.jobs import enqueue
from parlons.runtime.log import log
from parlons.voice.calls.script import Verbs

Json = dict[str, Any]
MOST_AT_ONCE = 100
"""Results that are there at once, one after the other: more is a flow that turns in circles."""
OUTSIDE = "flows.outside"
"""Kind of the job that sees to an effect outside the centre."""
OUTSIDE_KINDS = frozenset({"http", "bot", "understand", "articles", *WORK})
"""What takes time that no transaction waits for."""
_HERE: Mapping[str, Act] = ACTS | SURVEYS | APPOINTMENTS | ARTICLES
ANSWERED = "answered"
"""Of an instance's contact: the call was answered before it was led to a queue."""


class NoTelephoneHere(Unavailable):
    """This process does not carry the workspace's calls; another one does."""

    code = "no-telephone-here"


@dataclass(slots=True)
class Walker:
    """What flows need to be run in this process."""

    shelf: FlowShelf = field(default_factory=FlowShelf)
    verbs: dict[str, Verbs] = field(default_factory=dict)
    """Of the telephone, by workspace; filled by who carries calls."""
    media: Mapping[str, Act] = field(default_factory=dict)
    """What a chat does with say, ask ..., by kind of effect."""
    beyond: dict[str, Act] = field(default_factory=dict)
    """What rooms above carry out, by kind of effect; filled when they are there."""
    traffic: Traffic = field(default_factory=Traffic)
    """Which ways contacts took here, until it is written."""

    async def begin(
        self, tx: Tx, point: EntryPoint, conversation: Conversation, *, call_id: str | None, contact: Json,
        variables: Json, language: str | None,
    ) -> Instance:  # fmt: skip
        """A contact enters the flow of its entry point."""
        instance = Instance(
            id=tx.new_id(INSTANCE),
            workspace_id=point.workspace_id,
            conversation_id=conversation.id,
            state=State(instance="", flow=""),
            call_id=call_id,
            entry_point_id=point.id,
            contact=contact,
        )
        row = await flow_by_id(tx, point.flow_id) if point.flow_id is not None else None
        if row is not None:
            instance.flow_id, instance.flow_version = row.id, row.version
            if row.trial is not None:
                instance.flow_version = trials.enter(tx, row.trial, instance, conversation.customer_id)
        else:
            instance.source = data_of(plain_flow(point))
        brought = {**point.attributes, **variables, "channel": point.channel, "entry": point.address}
        instance.state = State(instance=instance.id, flow="", language=language or "", variables=brought)
        await add_instance(tx, instance)
        await remember_point(tx, conversation.id, point.id)
        await self._walk(self._ground(tx, instance, point), None)
        return instance

    async def go_on(self, tx: Tx, instance: Instance, result: Json) -> None:
        """Takes in the result of the outstanding effect; the instance is locked by `tx`."""
        if instance.status != "running" or instance.state.effect is None:
            return
        ground = await self.ground(tx, instance)
        await self._walk(ground, result)

    async def carry_out(self, tx: Tx, instance: Instance) -> None:
        """Carries out the outstanding effect which waited for the call to be answered."""
        instance.contact[ANSWERED] = True
        await self._walk(await self.ground(tx, instance), None, known=Turn(instance.state, instance.state.effect))

    async def ground(self, tx: Tx, instance: Instance) -> Ground:
        """Where its effects are carried out; raises NoTelephoneHere for a call of another process."""
        conversation = await conversations.locked(tx, instance.conversation_id)
        return self._ground(tx, instance, await point_of(tx, conversation))

    def _ground(self, tx: Tx, instance: Instance, point: EntryPoint) -> Ground:
        verbs = self.verbs.get(instance.workspace_id)
        if instance.call_id is not None and verbs is None:
            raise NoTelephoneHere
        return Ground(tx, instance, point, verbs if instance.call_id is not None else None)

    async def over(self, tx: Tx, instance: Instance, why: str) -> None:
        """The contact needs its flow no more."""
        instance.status, instance.task_id = "ended", None
        trials.settle(tx, instance, "left")
        await keep_instance(tx, instance)
        log.info("flow.over", instance_id=instance.id, why=why)

    # -- one walk ------------------------------------------------------------------------------------------------------

    async def _walk(self, ground: Ground, result: Json | None, *, known: Turn | None = None) -> None:
        """From a result (None: the beginning) to what has to come from outside, or to the end; kept at its end. `known`: the
        turn to begin with."""
        instance = ground.instance
        fallback: str | None = None
        if result is not None and instance.state.effect is not None:
            trials.settle_result(ground.tx, instance, instance.state.effect.kind, result)
        for _ in range(MOST_AT_ONCE):
            if known is None:
                turn, fallback = await self._turn(ground, result)
            else:
                turn, known, fallback = known, None, await self._fallback(ground)
            instance.state = turn.state
            self.traffic.count(ground.tx, turn.ways)
            if turn.effect is not None:
                result, failed = await self._carry_out(ground, turn.effect)
                if failed is None:
                    if result is None:
                        break
                    continue
                turn = Turn(_ended(instance.state, FALLS + failed), None)
            following = await self._after(ground, turn, fallback)
            if following is None:
                await self._end(ground, turn)
                break
            self._switch(instance, following)
            result = None
        await keep_instance(ground.tx, instance)

    async def _turn(self, ground: Ground, result: Json | None) -> tuple[Turn, str | None]:
        """What the flow says to `result`, and its fallback queue. An error of the flow is an end."""
        tx, instance = ground.tx, ground.instance
        state, fallback = instance.state, None
        try:
            flow = await self._definition(tx, instance)
            fallback = flow.fallback
            known = await self._library(tx, instance, flow)
            now = Millis(tx.now)
            if result is not None:
                return resume(flow, state, result, now=now, library=known), fallback
            language = state.language or None
            key = instance.contact.get("key") or instance.id
            return begin(flow, state.variables, instance=key, now=now, language=language, library=known), fallback
        except (Unavailable, AssertionError):
            raise
        except Diverged as error:
            log.error("flow.diverged", instance_id=instance.id, flow_id=instance.flow_id, what=str(error))
            return Turn(_ended(state, FALLS + "diverged"), None), fallback
        except Exception as error:
            log.exception("flow.failed", instance_id=instance.id, flow_id=instance.flow_id, step=state.step)
            why = error.code if isinstance(error, Refusal) else "error"
            return Turn(_ended(state, FALLS + why), None), fallback

    async def _definition(self, tx: Tx, instance: Instance) -> Definition:
        if instance.flow_id is not None and instance.flow_version is not None:
            return await definition(tx, self.shelf, instance.flow_id, instance.flow_version)
        return self.shelf.read(instance.source or {}, "")

    async def _fallback(self, ground: Ground) -> str | None:
        try:
            return (await self._definition(ground.tx, ground.instance)).fallback
        except UnknownFlow:
            return None

    async def _library(self, tx: Tx, instance: Instance, flow: Definition) -> dict[str, Flow]:
        if instance.flow_id is None:
            return {}
        keys = {instance.state.flow, *(key for key, _ in instance.state.stack)}
        return await library(tx, self.shelf, instance.workspace_id, flow, keys)

    async def _carry_out(self, ground: Ground, effect: Effect) -> tuple[Json | None, str | None]:
        """The result, None when it comes later; or why it cannot be done."""
        if effect.kind in OUTSIDE_KINDS:
            payload = {"instance_id": ground.instance.id, "key": effect.key}
            await enqueue(ground.tx, OUTSIDE, payload, dedupe_key=effect.key, cancel_key=effect.key)
            return None, None
        if effect.kind == "queue" and ground.verbs is not None:
            # `wait_in_queue` answers it, once this is committed, before any music.
            ground.instance.contact[ANSWERED] = True
        act = _HERE.get(effect.kind) or self.beyond.get(effect.kind)
        if act is None and ground.instance.call_id is None:
            act = self.media.get(effect.kind)
        if act is None:
            return ({}, None) if ground.instance.call_id is None else (None, None)
        try:
            result = await act(ground, effect)
            trials.settle_result(ground.tx, ground.instance, effect.kind, result)
            return result, None
        except NoSuchQueue as error:
            log.error("flow.lost", instance_id=ground.instance.id, what=str(error))
            return None, "no-such-queue"
        except Unavailable:
            raise
        except Refusal as refusal:
            log.error("flow.refused", instance_id=ground.instance.id, kind=effect.kind, code=refusal.code)
            return None, refusal.code

    async def _after(self, ground: Ground, turn: Turn, fallback: str | None) -> Flow | None:
        """What follows a flow that is over: the fallback queue, last words, or nothing."""
        instance, call = ground.instance, ground.instance.call_id is not None
        falls = instance.contact.get("falls", 0)
        if turn.falls is not None:
            trials.settle(ground.tx, instance, "failed")
        if turn.falls is not None and falls < 2:
            # A fallback queue that is gone too: the second time the entry point's own workflow is asked.
            instance.contact["falls"] = falls + 1
            await self._note(ground, turn.falls)
            return fallback_flow(ground.point, fallback if falls == 0 else None, call=call)
        if turn.state.ended == "unserved" and call and not instance.contact.get("told"):
            instance.contact["told"] = True
            return last_words(ground.point, texts.NOT_SERVED_CALL)
        return None

    def _switch(self, instance: Instance, flow: Flow) -> None:
        """Goes on in a flow made for this contact; keys never come twice."""
        count = instance.contact["switched"] = instance.contact.get("switched", 0) + 1
        instance.contact["key"] = f"{instance.id}.{count}"
        instance.flow_id, instance.flow_version, instance.task_id = None, None, None
        instance.source = data_of(flow)
        before = instance.state
        instance.state = State(
            instance=instance.contact["key"], flow="", language=before.language, variables=before.variables,
            told=before.told, hidden=before.hidden,
        )  # fmt: skip

    async def _end(self, ground: Ground, turn: Turn) -> None:
        instance = ground.instance
        instance.status, instance.task_id = "ended", None
        trials.settle_end(ground.tx, instance, turn.state.ended)
        closes = turn.state.variables.get("close", True) and turn.state.ended == "end"
        if instance.call_id is None and closes:
            conversation = await ground.conversation()
            if conversation.status != CLOSED and conversation.lead_task_id is None:
                await conversations.close(ground.tx, conversation.id, by="system")

    async def _note(self, ground: Ground, why: str) -> None:
        """Colleagues see what happened."""
        conversation = await ground.conversation()
        await sidework.add_note(
            ground.tx,
            conversation.id,
            author_user_id=None,
            author_name="",
            text=texts.staff_line(
                texts.TROUBLE, conversation.language, flow=ground.instance.flow_id or "-", reason=why
            ),
        )


def _ended(state: State, why: str) -> State:
    return State(
        instance=state.instance, flow=state.flow, step=state.step, n=state.n, language=state.language,
        variables=state.variables, told=state.told, hidden=state.hidden, ended=why,
    )  # fmt: skip
