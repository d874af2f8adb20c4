"""A script leads a call: its verbs are carried out here, and their outcomes told back to it, in order for each call.

The script runs in a lane of its own, so that a verb may wait for the call's lane. What a verb began is kept with the call by
its key, so a script that asks again after a takeover hears of what goes on already, and nothing is done twice.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from parlons.dispatch.contacts import Contact
from parlons.kit.clock import Millis
from parlons.kit.errors import Refusal
from parlons.kit.ids import RECORDING
from parlons.routing.commands import CancelTask
from parlons.runtime.db import Tx
from parlons.runtime.log import log
from parlons.voice.calls import callbacks
from parlons.voice.calls.floor import Floor
from parlons.voice.calls.limits import check_machine
from parlons.voice.calls.model import Call, Party
from parlons.voice.calls.numbers import normal_number
from parlons.voice.calls.placing import Placing
from parlons.voice.calls.prompts_shipped import say as shipped
from parlons.voice.calls.recording import Recording
from parlons.voice.calls.script import CALL_ME_BACK, CallContact, CallScript, Outcome, Progress, Words
from parlons.voice.calls.streaming import Streaming
from parlons.voice.calls.talking import Talking
from parlons.voice.calls.waiting import CALLBACK_KEY, Waiting
from parlons.voice.media.engine import Caller, NumberTarget, Sound
from parlons.voice.media.events import Gathered, PlayEnded, RecordingEnded

AT_ONCE = 4
"""Scripts that take a step at the same time: each needs connections of the database for a moment."""


class Keys:
    """Keys of a web caller's page while a gather runs: the engine hears only what comes over the sound."""

    def __init__(self, most: int, terminator: str) -> None:
        self.most, self.terminator, self.pressed = most, terminator, ""


class Scripting:
    """Fulfils `script.Verbs`, and tells the script."""

    def __init__(
        self, floor: Floor, script: CallScript, waiting: Waiting, talking: Talking, recording: Recording
    ) -> None:
        self.floor = floor
        self.script = script
        self.waiting = waiting
        self.talking = talking
        self.recording = recording
        self.programs = Streaming(self)
        self._keys: dict[str, Keys] = {}
        self._places = asyncio.Semaphore(AT_ONCE)
        recording.messages = self.message_taken
        self.lines = Placing(self)

    # --- telling the script ---

    def begins(self, call: Call, contact: CallContact) -> None:
        """The call's script begins."""
        call.script = True
        self.tell(call, lambda: self.script.begins(contact))

    def returns(self, call: Call) -> None:
        """This process took the call over."""
        self.tell(call, lambda: self.script.returns(call.id))

    def ends(self, call: Call) -> None:
        """The script's part is over, once."""
        if call.script:
            call.script = False
            self.programs.let_go(call)
            call.outstanding = {key: kind for key, kind in call.outstanding.items() if kind.startswith("message ")}
            self._keys.pop(call.id, None)
            self.floor.lanes.post(f"script {call.id}", lambda: self.script.ends(call.id))

    def over(self, call: Call) -> None:
        """Nothing of the call is left to do."""
        at = Millis(call.ended_at or self.floor.now())
        self.floor.lanes.post(f"script {call.id}", lambda: self.script.over(call.id, at))

    def unserved(self, call: Call, task_id: str) -> None:
        """Nobody came for a call that a script leads."""
        self.tell(call, lambda: self.script.unserved(call.id, task_id))

    def progress(self, call: Call, what: Progress) -> None:
        """What becomes of a call that the script placed."""
        self.tell(call, lambda: self.script.progress(call.id, what))

    def tell(self, call: Call, step: Callable[[], Awaitable[None]]) -> None:
        async def told() -> None:
            try:
                async with self._places:
                    await step()
            except Exception as error:
                if isinstance(error, Refusal):
                    log.warning("call.script_refused", call_id=call.id, code=error.code)
                else:
                    log.exception("call.script_failed", call_id=call.id)
                await self.floor.lanes.run(call.id, lambda: self._without_script(call))

        self.floor.lanes.post(f"script {call.id}", told)

    async def _without_script(self, call: Call) -> None:
        """The script cannot go on: the caller goes to the queue of his number, else he hears that it does not work."""
        if not call.live or call.state == "waiting":
            return
        if call.direction != "in":
            return await self.talking.end(call, "failed")
        if call.conversation_id is None:
            return
        self.ends(call)
        floor = self.floor
        try:
            await self._answer(call)
            async with floor.db.transaction(call.tenant_id) as tx:
                contact = Contact(
                    call.tenant_id, call.workspace_id, "voice", call.number, call.customer_id or "",
                    call.conversation_id, floor.now(), f"call:{call.id}", call.firm_id, call.language,
                )  # fmt: skip
                decided = await floor.handler.new_contact(tx, contact)
                if decided.kind == "task" and decided.task_id is not None:
                    await self._waits(tx, call, decided.task_id, None)
            if decided.kind != "task":
                await self._last(call, "closed" if decided.kind == "closed" else "trouble")
        except Refusal as refusal:
            log.warning("call.no_fallback", call_id=call.id, code=refusal.code)
            await self._last(call, "trouble")

    async def no_task(self, call: Call, task_id: str) -> None:
        """The router would not have the call's task (a configuration that does not fit): said, and the call ends."""
        if task_id != call.task_id or call.direction != "in" or not call.live:
            return
        self.floor.by_task.pop(task_id, None)
        call.task_id = None
        self.waiting.over(call)
        self.ends(call)
        await self.talking.quiet(call)
        await self._last(call, "trouble")

    async def _last(self, call: Call, prompt: str) -> None:
        """A last word, then the end."""
        play_id = await self.floor.say(call, [shipped(prompt, call.language)], "last")
        if play_id is None:
            await self.talking.end(call, "failed")
        else:
            self.floor.after(call, "last", 20_000, lambda: self.talking.end(call, "failed"))

    def outcome(self, call: Call, outcome: Outcome) -> None:
        """A verb ended: once, and only to the script that asked."""
        if call.outstanding.pop(outcome.key, None) is None or not call.script:
            return
        self.floor.changed(call)
        self.tell(call, lambda: self.script.goes_on(call.id, outcome))

    async def asked(self, call_id: str, key: str, kind: str, act: Callable[[Call], Awaitable[None]]) -> None:
        """Carries a keyed verb out in the call's lane; one that goes on already is left alone."""

        async def step() -> None:
            call = self.floor.calls.get(call_id)
            if call is None or not call.live or not call.script:
                self.floor.lanes.post(f"script {call_id}", lambda: self.script.goes_on(call_id, Outcome(key, "gone")))
                return
            if key in call.outstanding:  # after a takeover `takeover` removes what the engine has not any more
                return
            call.outstanding[key] = kind
            self.floor.changed(call)
            await act(call)

        await self.floor.lanes.run(call_id, step)

    async def act(self, call_id: str, act: Callable[[Call], Awaitable[None]]) -> None:
        """Does something in the lane of a call that lives."""

        async def step() -> None:
            call = self.floor.calls.get(call_id)
            if call is not None and call.live:
                await act(call)

        await self.floor.lanes.run(call_id, step)

    # --- verbs ---

    async def ring(self, call_id: str) -> None:
        """See `script.Verbs`."""

        async def act(call: Call) -> None:
            async with self.floor.quietly():
                await self.floor.engine.ring(call.leg_id)

        await self.act(call_id, act)

    async def answer(self, call_id: str) -> None:
        """See `script.Verbs`."""
        await self.act(call_id, self._answer)

    async def _answer(self, call: Call) -> None:
        if call.answered_at is not None and call.state != "ringing":
            return
        async with self.floor.quietly():
            if call.web_line is None:
                await self.floor.engine.answer(call.leg_id)
        # A page's sound flows before its script answers.
        call.answered_at = call.answered_at or self.floor.now()
        if call.state == "ringing":
            call.state = "menu"
        party = call.customer()
        if party is not None:
            party.state, party.answered_at = "talking", call.answered_at
        self.floor.changed(call)

    async def _audible(self, call: Call) -> None:
        """Sound before the answer needs early media."""
        if call.answered_at is None and call.web_line is None:
            async with self.floor.quietly():
                await self.floor.engine.ring(call.leg_id, early_media=True)

    async def say(self, call_id: str, key: str, words: Sequence[Words | Sound], *, stop_on_digit: bool = False) -> None:
        """See `script.Verbs`."""

        async def act(call: Call) -> None:
            await self._audible(call)
            if not await self._play(call, f"{call.id}/say/{key}", words, stop_on_digit):
                self.outcome(call, Outcome(key, "said"))

        await self.asked(call_id, key, "say", act)

    async def _play(self, call: Call, play_id: str, words: Sequence[Words | Sound], stop_on_digit: bool) -> bool:
        for one in words:
            if isinstance(one, Words):
                call.hears(one.text)
        sounds = await self.lines.sounds(call, words)
        if not sounds:
            return False
        return await self.floor.play(call, play_id, call.leg_id, sounds, stop_on_digit=stop_on_digit)

    async def ask_digits(
        self,
        call_id: str,
        key: str,
        words: Sequence[Words | Sound],
        *,
        max_digits: int,
        terminator: str = "#",
        first_ms: int = 5_000,
        between_ms: int = 3_000,
    ) -> None:
        """See `script.Verbs`."""

        async def act(call: Call) -> None:
            await self._audible(call)
            await self.recording.gathering(call, True)
            await self._play(call, f"{call.id}/ask/{key}", words, True)
            self._keys[call.id] = Keys(max_digits, terminator)
            async with self.floor.quietly():
                await self.floor.engine.gather(
                    f"{call.id}/gather/{key}", call.leg_id, max_digits=max_digits, terminator=terminator,
                    first_ms=first_ms, between_ms=between_ms,
                )  # fmt: skip

        await self.asked(call_id, key, "ask", act)

    async def take_message(
        self, call_id: str, key: str, *, max_ms: int = 120_000, silence_ms: int = 4_000, beep: bool = True
    ) -> None:
        """See `script.Verbs`."""

        async def act(call: Call) -> None:
            await self._answer(call)
            recording_id = RECORDING + call.id[2:14] + self.floor.fresh(RECORDING)[14:]
            call.outstanding[key] = f"message {recording_id}"
            self.floor.changed(call)  # whoever takes over finds the call of the recording by it
            if beep:
                await self._play(call, f"{call.id}/beep/{key}", [shipped("beep", call.language)], False)
            await self.recording.take_message(call, recording_id, max_ms, silence_ms)

        await self.asked(call_id, key, "message", act)

    async def record(self, call_id: str, on: bool) -> None:
        """See `script.Verbs`."""

        async def act(call: Call) -> None:
            call.record = on
            if on and call.agent() is not None:
                await self.recording.start(call)
            elif not on:
                await self.recording.stop(call)
            self.floor.changed(call)

        await self.act(call_id, act)

    async def wait_in_queue(self, tx: Tx, call_id: str, task_id: str, queue_id: str | None) -> None:
        """See `script.Verbs`."""
        call = self.floor.calls.get(call_id)
        if call is not None:
            await self._waits(tx, call, task_id, queue_id)

    async def _waits(self, tx: Tx, call: Call, task_id: str, queue_id: str | None) -> None:
        """The row names the task in the same transaction; memory, the moment it is committed, before the router can offer it."""
        await self.floor.ledger.names_task(tx, call.id, task_id)

        def committed() -> None:
            self.floor.by_task[task_id] = call.id
            if call.live and call.ended_at is None:  # one that is being ended has told the router already
                call.task_id = task_id
            self.floor.post(call, step)

        async def step() -> None:
            if call.live:
                await self.waits(call, task_id, queue_id)
            elif call.task_id != task_id:  # he hung up while his task was being stored
                self.floor.by_task.pop(task_id, None)
                self.floor.router.tell(CancelTask(task_id, "hangup"))

        tx.after_commit(committed)

    async def waits(self, call: Call, task_id: str, queue_id: str | None) -> None:
        """Its task is stored: the caller is answered, then waits."""
        await self._answer(call)
        await self.waiting.begins(call, task_id, queue_id)

    async def call_back(self, tx: Tx, call_id: str, task_id: str, number: str) -> None:
        """See `script.Verbs`."""
        call = self.floor.calls.get(call_id)
        if call is None:
            return
        await callbacks.ask(
            tx,
            workspace_id=call.workspace_id,
            firm_id=call.firm_id,
            conversation_id=call.conversation_id or "",
            customer_id=call.customer_id or "",
            task_id=task_id,
            queue_id=call.queue_id,
            number=number,
            caller_number=call.number if call.number.startswith("+") else "",
            virtual_start=call.queued_at or call.started_at,
        )
        tx.after_commit(lambda: self.floor.post(call, lambda: self._waits_no_more(call, task_id)))

    async def _waits_no_more(self, call: Call, task_id: str) -> None:
        """He will be called: what is said to him now is the script's, and the line is free to end."""
        self.waiting.over(call)
        for known in (task_id, call.task_id or ""):
            self.floor.by_task.pop(known, None)
        call.task_id = None
        if call.state == "waiting":
            call.state = "menu"
            await self.talking.quiet(call)
        self.floor.changed(call)

    async def dial_out(
        self, call_id: str, key: str, number: str, *, caller_number: str | None, timeout_ms: int
    ) -> None:
        """See `script.Verbs`."""

        async def act(call: Call) -> None:
            await self._answer(call)
            floor = self.floor
            trunks = tuple(row.id for row in floor.configured.trunks)
            leg_id = floor.fresh("LG")
            call.outstanding[key] = f"dial {leg_id}"
            try:
                target = normal_number(number, floor.configured.country())
                await check_machine(floor, target)
                call.parties = [
                    *call.parties,
                    Party(leg_id, "outside", target, via="number", state="ringing", since=floor.now()),
                ]
                floor.on_leg(leg_id, call)
                await self.talking.ringback(call, call.leg_id)
                caller = Caller(caller_number or (call.number if call.number.startswith("+") else ""))
                await floor.engine.dial(leg_id, NumberTarget(target, trunks), caller=caller, timeout_ms=timeout_ms)
                floor.changed(call)
            except Refusal as refusal:
                log.info("call.not_dialled", call_id=call.id, code=refusal.code)
                await self.dial_ended(call, leg_id, "refused")

        await self.asked(call_id, key, "dial", act)

    async def dial_ended(self, call: Call, leg_id: str, why: str) -> None:
        """A number the script dialled answered, or did not."""
        call.parties = [one for one in call.parties if one.leg_id != leg_id or why == "answered"]
        await self.talking.quiet(call)
        key = next((key for key, kind in call.outstanding.items() if kind == f"dial {leg_id}"), None)
        if key is not None:
            word = why if why in ("answered", "busy", "no-answer") else "refused"
            self.outcome(call, Outcome(key, "dialled", why=word))

    async def hang_up(self, call_id: str, *, status: int = 486, text: str = "") -> None:
        """See `script.Verbs`."""

        async def act(call: Call) -> None:
            if call.answered_at is None and call.web_line is None:
                async with self.floor.quietly():
                    await self.floor.engine.reject(call.leg_id, status=status, text=text)
            await self.talking.end(call, "script")

        await self.act(call_id, act)

    # --- what the engine tells ---

    async def play_ended(self, call: Call, event: PlayEnded) -> None:
        """A play is over."""
        _, what, key = event.play_id.split("/", 2)
        self.floor.played(event.play_id)
        if what == "say":
            self.outcome(call, Outcome(key, "said", why=event.why))
        elif what == "notice":
            await self.recording.noticed(call)
        elif what == "last":
            if call.conversation_id is None:
                async with self.floor.quietly():
                    await self.floor.engine.hang_up(call.leg_id)
                self.floor.forget(call)
            else:
                await self.talking.end(call, "failed")

    async def gathered(self, call: Call, event: Gathered) -> None:
        """Digits are in, or are not."""
        await self.recording.gathering(call, False)
        key = event.gather_id.split("/", 2)[2]
        keys = self._keys.pop(call.id, None)
        pressed = (keys.pressed if keys is not None else "") + event.digits
        if event.why != "leg-ended":
            why = "full" if pressed and event.why == "stopped" else event.why
            self.outcome(call, Outcome(key, "digits", digits=pressed, why=why))

    async def page_keys(self, call: Call, digits: str) -> None:
        """Keys of the caller's page."""
        if call.state == "waiting":
            for digit in digits:
                self.key(call, digit)
            return
        keys = self._keys.get(call.id)
        key = next((key for key, kind in call.outstanding.items() if kind == "ask"), None)
        if keys is None or key is None:
            return
        for digit in digits:
            if digit == keys.terminator or len(keys.pressed) + 1 >= keys.most:
                keys.pressed += "" if digit == keys.terminator else digit
                async with self.floor.quietly():
                    await self.floor.engine.stop_gather(f"{call.id}/gather/{key}")
                return
            keys.pressed += digit

    async def message_taken(self, call: Call, recording_id: str, event: RecordingEnded, why: str) -> None:
        """A voicemail is stored."""
        key = next((key for key, kind in call.outstanding.items() if kind == f"message {recording_id}"), None)
        if key is not None and call.outstanding.pop(key, None) is not None:  # also of a caller who hung up meanwhile
            outcome = Outcome(key, "recorded", why=why, ms=event.ms, recording_id=recording_id)
            if call.live:
                self.floor.changed(call)
            self.tell(call, lambda: self.script.goes_on(call.id, outcome))

    def key(self, call: Call, digit: str) -> None:
        """A key pressed while he waits: a script may let him leave the queue by it."""
        if call.state == "waiting" and call.script:
            asks = call.callback_offered and digit == CALLBACK_KEY
            outcome = Outcome("", "digits", digits=digit, why=CALL_ME_BACK if asks else "")
            self.tell(call, lambda: self.script.goes_on(call.id, outcome))

    async def web_answer(self, call: Call) -> Any:
        """A page's call is answered by connecting it."""
        await self._answer(call)
