"""The instructions of call XML, asked of the call, and what each leads to."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from parlons.compat.call_xml import (
    SCHEMA,
    Conference,
    Dial,
    Enqueue,
    FromQueue,
    Gather,
    Hangup,
    Leave,
    Pause,
    Play,
    Prompt,
    Record,
    Redirect,
    Reject,
    Say,
    Verb,
    XmlRefused,
)
from parlons.compat.call_xml_streams import Connect, Start, Stop, program_of
from parlons.compat.errors import ApiError
from parlons.compat.led import Led
from parlons.voice.calls.script import Outcome, Words
from parlons.voice.media.engine import SilenceSound, Sound

if TYPE_CHECKING:
    from parlons.compat.programs import CallPrograms

RECORDING_ADDRESS = "/_api/2010-04-01/Accounts/{account}/Recordings/{recording}"
REFUSED = {"busy": 486, "rejected": 603}
_WHILE_WAITING = Say | Play | Pause | Gather | Redirect | Hangup | Leave


class Instructions:
    """Carries out what a document says, one instruction at a time."""

    def __init__(self, programs: "CallPrograms") -> None:
        self.programs = programs

    async def perform(self, led: Led, verb: Verb | None) -> None:
        """Asks the call for what an instruction says. Again, it changes nothing."""
        if led.waits is not None and not isinstance(verb, _WHILE_WAITING):
            return await self.programs.fails(led, led.base_url, SCHEMA, "not for those who wait")
        if not isinstance(verb, Reject | Dial):
            await self.programs.answer(led)
        try:
            await self._perform(led, verb)
        except XmlRefused as error:
            await self.programs.fails(led, led.base_url, error.code, error.message)
        return None

    async def _perform(self, led: Led, verb: Verb | None) -> None:
        match verb:
            case Say() | Play() | Pause():
                self._with_sounds(led, (verb,), lambda words: self.programs.verbs.say(led.id, led.key, words))
            case Gather():
                self._with_sounds(led, verb.prompts, lambda words: self._gather(led, verb, words))
            case Record():
                most, silence = verb.max_length * 1000, verb.timeout * 1000
                await self.programs.verbs.take_message(
                    led.id, led.key, max_ms=most, silence_ms=silence, beep=verb.play_beep
                )  # fmt: skip
            case Redirect():
                self.programs.fetch(led, self.programs.absolute(led, verb.url), verb.method, {})
            case Reject():
                await self.programs.becomes(led, "busy" if verb.reason == "busy" else "no-answer")
                await self.programs.verbs.hang_up(led.id, status=REFUSED[verb.reason])
            case Hangup() | None:
                await self.programs.verbs.hang_up(led.id)
            case Dial(to=Conference() as room):
                await self.programs.answer(led)
                await self.programs.rooms.enter(led, room)
            case Dial(to=FromQueue() as queue):
                await self.programs.queues.take(led, queue)
            case Dial(to=tuple() as far):
                await self.programs.dials.dial(led, verb, far)
            case Enqueue():
                await self.programs.queues.enter(led, verb)
            case Connect(stream):
                await self.programs.verbs.programs.connect(led.id, led.key, program_of(stream))
            case Start(stream):
                await self.programs.verbs.programs.listen(led.id, led.key, stream.name, program_of(stream))
                await self.programs.next(led)
            case Stop(name):
                await self.programs.verbs.programs.stop(led.id, name)
                await self.programs.next(led)
            case Leave():
                if led.waits is None:
                    raise XmlRefused("Leave is for those who wait")
                await self.programs.queues.over(led, "leave")

    async def _gather(self, led: Led, verb: Gather, words: list[Words | Sound]) -> None:
        ms = verb.timeout * 1000
        await self.programs.verbs.ask_digits(
            led.id, led.key, words, max_digits=verb.num_digits, terminator=verb.finish_on_key, first_ms=ms, between_ms=ms
        )  # fmt: skip

    def _with_sounds(
        self, led: Led, prompts: tuple[Prompt, ...], act: Callable[[list[Words | Sound]], Awaitable[None]]
    ) -> None:
        """Goes on with what is to be heard, as soon as the sounds of addresses are here."""
        step = led.step

        async def work() -> None:
            try:
                words = await self.heard(led, prompts)
            except ApiError as error:
                refused = error
                self.programs.verbs.lines.later(
                    led.id, lambda: self.programs.fails(led, led.base_url, refused.code, refused.message)
                )
                return
            if led.step == step:
                self.programs.verbs.lines.later(led.id, lambda: act(words))

        self.programs.beside(work)

    async def heard(self, led: Led, prompts: tuple[Prompt, ...]) -> list[Words | Sound]:
        """What is to be heard, in order; raises ApiError for an address without a sound."""
        found: list[Words | Sound] = []
        for one in prompts:
            match one:
                case Say():
                    found += [Words(one.text, one.language)] * one.loop
                case Pause():
                    found.append(SilenceSound(one.length * 1000))
                case Play():
                    found += [
                        await self.programs.around.fetching.sound(led, self.programs.absolute(led, one.url))
                    ] * one.loop
        return found

    async def led_to(self, led: Led, verb: Verb | None, outcome: Outcome) -> None:
        """What an instruction led to brings the next one, or another document."""
        match verb:
            case Gather() if outcome.digits or verb.action_on_empty_result:
                self.programs.fetch(
                    led, self.programs.absolute(led, verb.action), verb.method, {"Digits": outcome.digits}
                )
            case Record() if outcome.ms or outcome.why != "hangup":
                address = self.programs.around.url + RECORDING_ADDRESS.format(
                    account=led.tenant_id, recording=outcome.recording_id
                )
                form = {
                    "RecordingUrl": address,
                    "RecordingSid": outcome.recording_id or "",
                    "RecordingDuration": str(round(outcome.ms / 1000)),
                    "Digits": "hangup" if outcome.why == "hangup" else outcome.digits,
                }
                self.programs.fetch(led, self.programs.absolute(led, verb.action), verb.method, form)
            case Connect() if verb.action:
                self.programs.fetch(led, self.programs.absolute(led, verb.action), verb.method, {})
            case _:
                await self.programs.next(led)

    def goes_on_after(self, led: Led, status: str, other: Led | None = None) -> None:
        """A call goes on when its Dial is over."""
        form = {"DialCallStatus": status}
        if other is not None:
            form |= {"DialCallSid": other.id, "DialBridged": "true" if other.answered_at is not None else "false"}
            if other.answered_at is not None:
                ended = other.ended_at or self.programs.around.clock()
                form["DialCallDuration"] = str(round((ended - other.answered_at) / 1000))

        async def step() -> None:
            verb = self.programs.instruction(led)
            if not led.live or led.member is not None or led.other or led.waits is not None:
                return
            if isinstance(verb, Dial) and verb.action:
                await self.programs.verbs.lines.music(led.id, "none")
                self.programs.fetch(led, self.programs.absolute(led, verb.action), verb.method, form)
            else:
                await self.programs.verbs.lines.music(led.id, "none")
                await self.programs.next(led)

        self.programs.verbs.lines.later(led.id, step)
