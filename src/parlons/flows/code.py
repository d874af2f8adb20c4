"""Flows in Python: `async def flow(contact)`, replayed from its recorded results. Pure.

At each result the function is run again from its beginning; what it asked before is answered at once from the record, so it
arrives where it was, in any process, after any time. Therefore it may learn of time, chance and the world through `contact`
only. One that asks for something else than the record holds has diverged (it was changed, or looked elsewhere): `Diverged`.
"""

import hashlib
import json
import random
from collections.abc import Callable, Coroutine, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from parlons.flows.answers import Order
from parlons.flows.model import Flow, Json, Step
from parlons.flows.moment import Do, Moment
from parlons.flows.state import FALLS, Effect, Recorded, State, Told, Turn, What, told
from parlons.flows.steps.articles import Articles
from parlons.flows.steps.asking import Ask
from parlons.flows.steps.booking import Book, BookAct
from parlons.flows.steps.sending import SendMessage
from parlons.flows.steps.surveying import SurveyStep
from parlons.flows.steps.understanding import Meaning, Understand
from parlons.flows.words import DEFAULT, Texts, chosen, filled
from parlons.kit.clock import Millis

_ANSWER = "_answer"
MOST = 400
"""Effects of one contact: each replays those before it."""


class Diverged(Exception):
    """A Python flow asked for something else than its record holds."""


class _Ended(BaseException):
    """Leaves the function; not an Exception, so that a flow's own `except Exception` does not catch it."""

    def __init__(self, why: str, *, close: bool) -> None:
        self.why, self.close = why, close


@dataclass(frozen=True, slots=True)
class Asked:
    """What an `await` of a flow hands to whoever runs it."""

    kind: str
    data: Json

    def __await__(self) -> Generator["Asked", Any, Any]:
        result = yield self
        return result


@dataclass(frozen=True, slots=True)
class Answer:
    """Of an address that was called."""

    status: int
    """0: there was no answer."""
    body: Any

    @property
    def good(self) -> bool:
        """From 200 to 299: a redirect is not followed."""
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Understood:
    """What free words mean."""

    intent: str
    entities: Json
    """What they name; None: it is not named."""


class Contact:
    """All that a Python flow may ask. Each method that is awaited is recorded."""

    def __init__(self, state: State, default_language: str) -> None:
        self.variables: Json = json.loads(json.dumps(state.variables))
        """What the contact brings: `number`, `from_number`, `channel`, `firm`, the entry point's attributes."""
        self.language = state.variables.get("language") or default_language
        self._default = default_language
        self.told: list[Told] = []
        """What a person is told before he takes over."""
        self._chance = random.Random(state.instance)  # noqa: S311  (the same again at each replay, and no secret)

    def random(self) -> float:
        """Chance from 0 to 1, the same at each replay."""
        return self._chance.random()

    async def now(self) -> Millis:
        """The time, as it was when this was first reached."""
        return Millis(await Asked("now", {}))

    async def say(self, texts: Texts, *, prompt: str | None = None, **values: Any) -> None:
        """Says a text, one for all languages or one for each."""
        await Asked("say", {"words": [self._words(texts, prompt, values)]})

    async def ask(
        self, texts: Texts, *, digits: int | None = None, choices: Mapping[str, Texts] | None = None, tries: int = 3,
        prompt: str | None = None, chat_seconds: int | None = None, note: str = "", secret: bool = False, **values: Any,
    ) -> str | None:  # fmt: skip
        """Asks for up to `digits` keys, for one of `choices` (by key), or for free words; None: no answer in `tries`. `note`: its
        name in the note to whoever takes over; none: it is not told. A `secret` answer is never in it."""
        kind = "choice" if choices else "digits" if digits else "text"
        longest = max((len(key) for key in choices), default=1) if choices else digits or 32
        again: str | None = None
        for _ in range(tries):
            words = [self._words(texts, prompt, values)]
            if again is not None:
                words.insert(0, self._words(dict(DEFAULT[again]), None, {}))
            shown = [
                {"key": key, "label": self._words(label, None, {})["text"]} for key, label in (choices or {}).items()
            ]
            result = await Asked(
                "ask",
                {"words": words, "answer": kind, "choices": shown, "max_digits": longest, "terminator": "#",
                 "first_seconds": 5, "between_seconds": 3, "chat_seconds": chat_seconds, **({"secret": True} if secret else {})},
            )  # fmt: skip
            given = str(result.get("digits") or result.get("text") or "").strip()
            answer = _matching(given, choices) if choices else given
            if answer and (kind != "digits" or answer.isdecimal()):
                self._tell("answered", note, "" if secret else answer)
                return answer
            again = "invalid" if given else "silence"
        self._tell("unanswered", note)
        return None

    async def ask_date(
        self, texts: Texts, *, earliest: str | None = None, latest: str | None = None, order: Order = "dmy", tries: int = 3,
        note: str = "", **values: Any,
    ) -> str | None:  # fmt: skip
        """A day such as 2026-11-05; None: no answer in `tries`. `order`: as it is keyed and written."""
        ask = Ask(text=texts, answer="date", earliest=earliest, latest=latest, order=order, tries=tries, save=_ANSWER)
        answer: str | None = await self._asked(ask, note, values)
        return answer

    async def ask_number(
        self, texts: Texts, *, minimum: float | None = None, maximum: float | None = None, tries: int = 3, note: str = "",
        **values: Any,
    ) -> int | float | None:  # fmt: skip
        """A number; None: no answer in `tries`."""
        ask = Ask(text=texts, answer="number", minimum=minimum, maximum=maximum, tries=tries, save=_ANSWER)
        answer: int | float | None = await self._asked(ask, note, values)
        return answer

    async def ask_yes_no(self, texts: Texts, *, tries: int = 3, note: str = "", **values: Any) -> bool | None:
        """Yes or no, by 1 and 2 on the telephone; None: no answer in `tries`."""
        ask = Ask(text=texts, answer="yes_no", tries=tries, save=_ANSWER)
        answer: bool | None = await self._asked(ask, note, values)
        return answer

    async def understand(
        self, texts: Texts, intents: Mapping[str, Texts], *, first: str = "", entities: Mapping[str, str] | None = None,
        languages: Sequence[str] = (), tries: int = 2, note: str = "",
    ) -> Understood | None:  # fmt: skip
        """What is meant, of `intents` (by name, with what each is called where it is offered); None: nothing in `tries`.

        `first`: what is understood before anything is asked. What is written in another of `languages` goes on in that one."""
        labels = {name: Meaning(label=label) for name, label in intents.items()}
        step = Understand(
            text=texts, intents=labels, first="{_first}", entities=dict(entities or {}), tries=tries, save=_ANSWER
        )
        moment = self._moment({"_first": first})
        moment.flow = replace(moment.flow, languages=tuple(languages))
        await _through(step, moment)
        self.language = moment.language
        self._take_over(moment, note)
        if not moment.answered:
            return None
        return Understood(moment.variables[_ANSWER], {name: moment.variables.get(name) for name in step.entities})

    def _moment(self, values: Mapping[str, Any]) -> Moment:
        return Moment(Flow("", "", {}, self._default), self.language, {**self.variables, **values}, {}, {})

    async def _asked(self, step: Ask, note: str, values: Mapping[str, Any]) -> Any:
        moment = self._moment(values)
        await _through(step, moment)
        if not moment.answered:
            self._tell("unanswered", note)
            return None
        self._tell("answered", note, moment.told[-1].value)
        return moment.variables[_ANSWER]

    def _take_over(self, moment: Moment, called: str) -> None:
        """What a step has told; `called`: of what it saved."""
        for line in moment.told:
            self._tell(line.what, called if line.label == _ANSWER else line.label, line.value)

    def tell(self, label: str, value: str = "", *, verified: bool = False) -> None:
        """One more line for whoever takes over; `verified`: this was proven."""
        self._tell("verified" if verified else "answered", label, value)

    def _tell(self, what: What, label: str, value: str = "") -> None:
        if label:
            self.told = told(self.told, what, label, value)

    async def speak(self, language: str) -> None:
        """From here on another language is spoken."""
        self.language = language
        await Asked("language", {"language": language})

    async def hours(self, name: str | None = None) -> bool:
        """Whether the firm is open."""
        return bool((await Asked("hours", {"hours": name})).get("open"))

    async def http(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, Any] | None = None,
        body: Any = None,
        timeout_seconds: int = 5,
    ) -> Answer:
        """Calls an address; asked again after a crash it carries the same `Idempotency-Key`."""
        data = {"method": method.upper(), "url": url, "headers": dict(headers or {}), "body": body}
        result = await Asked("http", {**data, "timeout_seconds": timeout_seconds})
        return Answer(int(result.get("status") or 0), result.get("body"))

    async def lookup_customer(self, by: str = "caller", value: str = "", *, journey: int = 0) -> Json | None:
        """A customer of the firm: `id`, `name`, `language`, `attributes`; with so many of his last touches as `journey`."""
        wanted = {"by": by, "value": value}
        result = await Asked("lookup_customer", {**wanted, "journey": journey} if journey else wanted)
        return result.get("customer") if result.get("found") else None

    async def send(
        self, texts: Texts, *, subject: Texts | None = None, channel: str | None = None, to: str | None = None, **values: Any
    ) -> bool:  # fmt: skip
        """Sends one message by another way; False: he cannot be reached there, or wants none."""
        step = SendMessage(text=texts, subject=subject, channel=channel, to=to)
        act = step.enter(self._moment(values))
        assert isinstance(act, Do)
        return bool((await Asked(act.kind, act.data)).get("sent"))

    async def survey(self, survey: str) -> bool:
        """Puts a survey now, by its name; whether it was answered."""
        step, moment = SurveyStep(survey=survey), self._moment({})
        act, kept = step.enter(moment), False
        while isinstance(act, Do):
            result = await Asked(act.kind, act.data)
            kept = kept or bool(result.get("kept"))
            act = step.answered(moment, result)
        return kept

    async def book(
        self, texts: Texts | None = None, *, act: BookAct = "book", about: str | None = None, earliest: str | None = None,
    ) -> Json | None:  # fmt: skip
        """Books a free time, or moves or cancels one of his: `id`, `starts_at`, `when`; None: it came to nothing."""
        moment = self._moment({})
        await _through(Book(act=act, text=texts, about=about, earliest=earliest, save=_ANSWER), moment)
        self._take_over(moment, "appointment")
        found: Json | None = moment.variables.get(_ANSWER)
        return found

    async def articles(self, about: str) -> bool | None:
        """Shows articles for these words; whether they helped, None: there was none, or no answer."""
        moment = self._moment({"about": about})
        await _through(Articles(about="{about}"), moment)
        self._take_over(moment, "")
        helped: bool | None = moment.local.get("helped")
        return helped

    async def queue(
        self, queue: str | None = None, *, workflow: str | None = None, priority: int | None = None,
        attributes: Json | None = None, keys: Sequence[str] = (), max_waiting: int | None = None,
    ) -> str:  # fmt: skip
        """Waits for an agent: does not return when one takes the contact. Else `unserved`, `overflow` or the key pressed."""
        data = {"queue": queue, "workflow": workflow, "priority": priority, "attributes": attributes or {}}
        result = await Asked("queue", {**data, "keys": sorted(keys), "max_waiting": max_waiting})
        if result.get("ended") == "answered":
            raise _Ended("answered", close=False)
        return str(result.get("digits") or result.get("ended") or "unserved")

    async def callback(
        self, number: str | None = None, *, queue: str | None = None, workflow: str | None = None
    ) -> bool:
        """Keeps the place and calls back; False: there is no number to call."""
        result = await Asked("callback", {"number": number, "queue": queue, "workflow": workflow})
        return bool(result.get("made") or result.get("known"))

    async def voicemail(self, *, max_seconds: int = 120, queue: str | None = None, workflow: str | None = None) -> bool:
        """Takes a message, which becomes a task; False: nothing was said."""
        data = {"max_seconds": max_seconds, "silence_seconds": 4, "queue": queue, "workflow": workflow}
        return bool((await Asked("take_message", data)).get("task_id"))

    async def transfer(self, number: str, *, timeout_seconds: int = 30) -> str:
        """Joins with an outside number: answered busy no-answer refused."""
        data = {"number": number, "caller_number": None, "timeout_seconds": timeout_seconds}
        return str((await Asked("dial", data)).get("why") or "refused")

    async def record(self, on: bool = True) -> None:
        """Records everything from here on, or stops."""
        await Asked("record", {"on": on})

    def end(self, *, close: bool = True) -> None:
        """The contact is over."""
        raise _Ended("end", close=close)

    def _words(self, texts: Texts, prompt: str | None, values: Mapping[str, Any]) -> Json:
        text, language = chosen(texts, self.language, self._default)
        return {"text": filled(text, {**self.variables, **values}), "language": language, "prompt": prompt}


@dataclass(frozen=True, slots=True)
class Coded:
    """A Python flow."""

    name: str
    function: Callable[[Contact], Coroutine[Any, Any, Any]]
    language: str = "en"
    fallback: str | None = None
    id: str = field(default="")

    @property
    def key(self) -> str:
        """What a state remembers it by."""
        return self.id or self.name


async def _through(step: Step, moment: Moment) -> None:
    """Asks what the step asks, until it leads on."""
    act = step.enter(moment)
    while isinstance(act, Do):
        act = step.answered(moment, await Asked(act.kind, act.data))


def begin_coded(flow: Coded, variables: Json, *, instance: str, now: Millis, language: str | None = None) -> Turn:
    """The first turn."""
    known = {**variables, **({"language": language} if language else {})}
    state = State(instance=instance, flow=flow.key, language=language or flow.language, variables=known)
    return _replay(flow, state, now)


def resume_coded(flow: Coded, state: State, result: Json, *, now: Millis) -> Turn:
    """The turn that `result` leads to; raises Diverged."""
    if state.effect is None or state.ended is not None:
        return Turn(state, None)
    done = Recorded(state.effect.kind, digest(state.effect.kind, state.effect.data), result)
    return _replay(flow, msgspec.structs.replace(state, history=(*state.history, done), effect=None), now)


def digest(kind: str, data: Json) -> str:
    """What is asked, without its words: a wording may be mended while contacts are under way."""
    asked = {name: value for name, value in data.items() if name not in ("words", "choices")}
    keys = sorted(choice["key"] for choice in data.get("choices", ()))
    body = json.dumps([kind, asked, keys], sort_keys=True, default=str)
    return hashlib.blake2b(body.encode(), digest_size=8).hexdigest()


def _replay(flow: Coded, state: State, now: Millis) -> Turn:
    contact = Contact(state, flow.language)
    history = list(state.history)
    running = flow.function(contact)
    at, answer = 0, None
    try:
        while True:
            asked = running.send(answer)
            if not isinstance(asked, Asked):
                raise Diverged(f"waited for {type(asked).__name__}: only what `contact` offers may be awaited")
            if at < len(history):
                if history[at].digest != digest(asked.kind, asked.data):
                    raise Diverged(f"step {at + 1} was {history[at].kind} and is {asked.kind} now, or asks otherwise")
            elif asked.kind == "now":
                history.append(Recorded("now", digest("now", {}), now))
            else:
                return _waiting(state, contact, history, asked)
            answer = history[at].result
            at += 1
    except StopIteration:
        return _over(state, contact, history, at, "end", close=True)
    except _Ended as end:
        return _over(state, contact, history, at, end.why, close=end.close)
    finally:
        running.close()


def _waiting(state: State, contact: Contact, history: list[Recorded], asked: Asked) -> Turn:
    if len(history) >= MOST:
        return Turn(msgspec.structs.replace(state, ended=FALLS + "no-end", effect=None), None)
    effect = Effect(f"{state.instance}/{len(history) + 1}", asked.kind, asked.data)
    n = len(history) + 1
    return Turn(
        msgspec.structs.replace(
            state, n=n, history=tuple(history), effect=effect, language=contact.language, told=tuple(contact.told)
        ),
        effect,
    )


def _over(state: State, contact: Contact, history: list[Recorded], at: int, why: str, *, close: bool) -> Turn:
    if at < len(history):
        raise Diverged(f"ended after {at} of {len(history)} recorded steps")
    ended = msgspec.structs.replace(
        state, history=tuple(history), effect=None, ended=why, language=contact.language, told=tuple(contact.told),
        variables={**state.variables, "close": close},
    )  # fmt: skip
    return Turn(ended, None)


def _matching(given: str, choices: Mapping[str, Texts]) -> str | None:
    if given in choices:
        return given
    wanted = given.casefold()
    for key, label in choices.items():
        labels = label.values() if isinstance(label, dict) else (label,)
        if any(each.casefold() == wanted for each in labels if each):
            return key
    return None
