"""Flows on the telephone: `CallFlows` fulfils `CallScript`. The state is kept first, then the call is asked, under its key.

A process that takes over asks again for what is outstanding: the same key does nothing twice. The caller who hangs up in the
midst of leaving a message has left it.
"""

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from parlons.conversations import commands as conversations
from parlons.flows.moment import VOICE
from parlons.flows.state import Effect
from parlons.kit.errors import NotFound, Refusal
from parlons.reception.asking import point_at
from parlons.reception.flow_acts import CAME, Json, called_back, keep_message, leave_queue
from parlons.reception.flow_given import tamed
from parlons.reception.flow_instances import Instance, end_of_call, instance_of_call
from parlons.reception.flow_trials_outcomes import left_a_message
from parlons.reception.flow_walk import ANSWERED, NoTelephoneHere, Walker
from parlons.runtime.db import Database, Tx
from parlons.runtime.log import log
from parlons.voice.calls.script import CALL_ME_BACK, CallContact, CallScript, Outcome, Program, Verbs, Words


class NoFlowOfCall(NotFound):
    """No flow leads this call."""

    code = "no-flow-of-call"


class CallFlows(CallScript):
    """The script of one workspace's calls."""

    def __init__(
        self, db: Database, walker: Walker, tenant_id: str, workspace_id: str, header: Callable[[Any], str]
    ) -> None:
        """`header`: the value of a header as a flow has it, its secret looked up."""
        self._db, self._header = db, header
        self._walker = walker
        self._tenant_id = tenant_id
        self._workspace_id = workspace_id
        self._begun: dict[str, Instance] = {}
        """Of calls just stored, until they are asked."""

    def attach(self, verbs: Verbs) -> None:
        """From now on calls are asked here."""
        self._walker.verbs[self._workspace_id] = verbs

    def detach(self) -> None:
        """Another process carries the calls."""
        self._begun.clear()
        self._walker.verbs.pop(self._workspace_id, None)

    async def keeps(self, tx: Tx, contact: CallContact) -> None:
        """A new call's flow begins in the transaction that stores the call."""
        instance = await self._begin(tx, contact)

        def committed() -> None:
            self._begun[contact.call_id] = instance

        tx.after_commit(committed)

    async def begins(self, contact: CallContact) -> None:
        """A new call; told twice, it goes on where it is."""
        begun = self._begun.pop(contact.call_id, None)
        if begun is not None:
            return await self.perform(begun)
        async with self._db.transaction(self._tenant_id) as tx:
            instance = await instance_of_call(tx, contact.call_id)
            if instance is None:
                instance = await self._begin(tx, contact)
        await self.perform(instance)
        return None

    async def _begin(self, tx: Tx, contact: CallContact) -> Instance:
        point = await point_at(tx, VOICE, contact.number, contact.firm_id)
        conversation = await conversations.locked(tx, contact.conversation_id)
        known = {"number": contact.number, "from_number": contact.from_number, "firm_id": contact.firm_id}
        return await self._walker.begin(
            tx,
            point,
            conversation,
            call_id=contact.call_id,
            contact={"from_number": contact.from_number, "language": contact.language, CAME: contact.came},
            variables={**contact.attributes, **known},
            language=contact.language or point.language or None,
        )

    async def goes_on(self, call_id: str, outcome: Outcome) -> None:
        """Takes in what a verb led to; late outcomes change nothing."""
        async with self._db.transaction(self._tenant_id) as tx:
            instance = await self._locked(tx, call_id)
            effect = instance.state.effect
            if instance.status == "ended":
                late = effect if outcome.kind == "recorded" and effect and outcome.key == effect.key else None
                if late is not None and await self._message(tx, instance, late, outcome) is not None:
                    await left_a_message(tx, instance.id)
                return
            if outcome.kind == "gone":
                return await self._walker.over(tx, instance, "gone")
            result = await self._result(tx, instance, effect, outcome)
            if result is None:
                return
            instance.contact.pop(CAME, None)  # from here on callers take their own time: who is ready first is first
            await self._walker.go_on(tx, instance, result)
        await self.perform(instance)

    async def returns(self, call_id: str) -> None:
        """This process took over: what is outstanding is asked again."""
        async with self._db.transaction(self._tenant_id) as tx:
            instance = await self._locked(tx, call_id)
        await self.perform(instance)

    async def ends(self, call_id: str) -> None:
        """The caller is gone, or an agent has him."""
        async with self._db.transaction(self._tenant_id) as tx:
            ended = await end_of_call(tx, call_id)
        if ended is not None:
            log.info("flow.over", instance_id=ended, why="call-ended")

    async def perform(self, instance: Instance) -> None:
        """Asks the call for what is outstanding. Repeating does no harm."""
        call_id = instance.call_id
        verbs = self._walker.verbs.get(self._workspace_id)
        if call_id is None:
            return
        if verbs is None:
            raise NoTelephoneHere
        while instance.status == "running":
            if instance.waiting_kind == "record":
                instance = await self._record(verbs, instance, call_id)
            elif instance.waiting_kind == "queue" and not instance.contact.get(ANSWERED):
                instance = await self._queue(verbs, call_id)
            else:
                break
        if instance.status == "ended":
            if instance.state.ended not in ("answered", "transferred", None):
                await verbs.hang_up(call_id)
            return
        effect = instance.state.effect
        if effect is not None and effect.kind == "voice_bot":
            await self._hand_over(verbs, call_id, effect)
        elif effect is not None:
            await _ask(verbs, call_id, effect)

    async def _hand_over(self, verbs: Verbs, call_id: str, effect: Effect) -> None:
        """To a voice bot; a header whose secret is not there is as good as a bot that is not there."""
        data = effect.data
        try:
            headers = {name: self._header(value) for name, value in data["headers"].items()}
        except Refusal as refusal:
            log.warning("flow.bot-failed", key=effect.key, what=refusal.message)
            return await self.goes_on(call_id, Outcome(effect.key, "streamed", why=refusal.code))
        await verbs.programs.connect(call_id, effect.key, Program(data["url"], headers, data["parameters"]))

    async def _record(self, verbs: Verbs, instance: Instance, call_id: str) -> Instance:
        effect = instance.state.effect
        assert effect is not None
        await verbs.answer(call_id)
        await verbs.record(call_id, bool(effect.data["on"]))
        async with self._db.transaction(self._tenant_id) as tx:
            fresh = await self._locked(tx, call_id)
            if fresh.waiting_key == effect.key:
                await self._walker.go_on(tx, fresh, {})
        return fresh

    async def _queue(self, verbs: Verbs, call_id: str) -> Instance:
        """Answered first, then led to its queue: a caller who is not answered hears no music."""
        await verbs.answer(call_id)
        async with self._db.transaction(self._tenant_id) as tx:
            fresh = await self._locked(tx, call_id)
            if fresh.waiting_kind == "queue" and not fresh.contact.get(ANSWERED):
                await self._walker.carry_out(tx, fresh)
        return fresh

    async def _result(self, tx: Tx, instance: Instance, effect: Effect | None, outcome: Outcome) -> Json | None:
        if effect is None:
            return None
        if effect.kind == "queue":
            if outcome.kind != "digits":
                return None
            if outcome.digits not in effect.data.get("keys", ()):
                ground = await self._walker.ground(tx, instance)
                return await called_back(ground, effect) if outcome.why == CALL_ME_BACK else None
            await leave_queue(await self._walker.ground(tx, instance))
            return {"digits": outcome.digits}
        if outcome.key != effect.key:
            return None
        if outcome.kind == "recorded":
            task_id = await self._message(tx, instance, effect, outcome)
            return {"task_id": task_id, "recording_id": outcome.recording_id, "why": outcome.why}
        if outcome.kind == "streamed":
            return _given_back(outcome)
        return {"digits": outcome.digits, "why": outcome.why} if outcome.kind == "digits" else {"why": outcome.why}

    async def _message(self, tx: Tx, instance: Instance, effect: Effect, outcome: Outcome) -> str | None:
        if outcome.recording_id is None:
            return None
        about = {"recording_id": outcome.recording_id}
        return await keep_message(await self._walker.ground(tx, instance), effect, about)

    async def _locked(self, tx: Tx, call_id: str) -> Instance:
        instance = await instance_of_call(tx, call_id)
        if instance is None:
            raise NoFlowOfCall(call_id=call_id)
        return instance


async def _ask(verbs: Verbs, call_id: str, effect: Effect) -> None:
    """One effect as a verb. `http` is seen to by its job, a wait by who runs the router."""
    data = effect.data
    if not data.get("early"):
        await verbs.answer(call_id)
    match effect.kind:
        case "say":
            await verbs.say(call_id, effect.key, _words(data), stop_on_digit=bool(data.get("stop_on_digit")))
        case "ask":
            await verbs.ask_digits(
                call_id,
                effect.key,
                _words(data),
                max_digits=data["max_digits"],
                terminator=data["terminator"],
                first_ms=data["first_seconds"] * 1000,
                between_ms=data["between_seconds"] * 1000,
            )
        case "take_message":
            times = {"max_ms": data["max_seconds"] * 1000, "silence_ms": data["silence_seconds"] * 1000}
            await verbs.take_message(call_id, effect.key, **times)
        case "dial":
            await verbs.dial_out(
                call_id,
                effect.key,
                data["number"],
                caller_number=data["caller_number"],
                timeout_ms=data["timeout_seconds"] * 1000,
            )


def _given_back(outcome: Outcome) -> Json:
    """Of a voice bot."""
    if outcome.why != "done":
        return {"reply": None, "why": outcome.why}
    try:
        given = tamed(orjson.loads(outcome.given or "{}"))
    except ValueError:  # what one reader of JSON takes another may not
        given = {}
    return {"reply": given if isinstance(given, dict) else {}}


def _words(data: Mapping[str, Any]) -> list[Words]:
    return [Words(one["text"], one["language"], one.get("prompt")) for one in data.get("words", ())]
