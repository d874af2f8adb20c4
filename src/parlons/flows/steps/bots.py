"""Steps that hand the contact to a company's own program over a WebSocket: a bot, asked in words; a voice bot, which hears the
caller and speaks to him itself."""

from collections.abc import Iterator
from typing import Any, ClassVar

import msgspec

from parlons.flows.model import Json, Problem, Step
from parlons.flows.moment import Act, Do, Go, Moment, lead
from parlons.flows.steps.asking_systems import Http, Secret
from parlons.flows.words import Texts

MOST_SILENT = 3
"""Silences after each other: then nobody is there."""
MOST_TURNS = 200
"""Messages to a bot for one contact."""
_LONGEST = 4_000
_STATE = 8_000
_ANSWERS = ("text", "digits", "choice")


class Bot(Step, frozen=True, kw_only=True, tag="bot"):
    """Gives the contact to a bot, turn by turn: what it says is said, what it asks is asked, until it is done. What it answers
    wrong, late or not at all leads to `failed`."""

    LEADS: ClassVar[tuple[str, ...]] = ("next", "failed")
    SAYS: ClassVar[tuple[str, ...]] = ()
    WAITS: ClassVar[bool] = True

    url: str
    """Begins with wss:// or ws://; variables in it are escaped."""
    headers: dict[str, str | Secret] = msgspec.field(default_factory=dict)
    data: dict[str, Any] = msgspec.field(default_factory=dict)
    """What it is told at the beginning; it gets nothing else of the flow."""
    timeout_seconds: int = 5
    """For one answer of the bot."""
    save: str | None = None
    """Variable of the data with which it gives the contact back."""
    next: str | None = None
    failed: str | None = None
    """None: to the fallback queue."""

    def enter(self, moment: Moment) -> Act:
        """The first message."""
        return self._message(moment, "begin", data=moment.value(self.data))

    def answered(self, moment: Moment, result: Json) -> Act:
        """What the bot answers, or the contact."""
        match moment.local["at"]:
            case "bot":
                return self._replied(moment, result.get("reply"), str(result.get("why") or "no-answer"))
            case "ask":
                return self._given(moment, result)
            case "said":
                return self._message(moment, "said")
        return Go(self.next)

    def kept(self, result: Json) -> Json:
        """Nothing: what it gives back stands under `save`."""
        return {"why": result["why"]} if result.get("why") else {}

    def ends(self) -> bool:
        """What fails leads to a person at the latest."""
        return self.next is None

    def silent(self) -> Iterator[str | None]:
        """Where silence leads; without such a step, to a person."""
        yield self.failed

    def check(self) -> Iterator[Problem]:
        """As of `http`, but for the first letters of the address."""
        yield from _check(self.url, self.headers, self.timeout_seconds)

    def _message(self, moment: Moment, kind: str, **more: Any) -> Act:
        turn = moment.local["turn"] = moment.local.get("turn", 0) + 1
        if turn > MOST_TURNS:
            return _fails(moment, self.failed, "no-end")
        moment.local["at"] = "bot"
        known = {"channel": moment.variables.get("channel"), "language": moment.language}
        message = {"type": kind, "turn": turn, **known, "state": moment.local.get("state"), **more}
        about = _place(moment, self.url, self.headers)
        return Do("bot", {**about, "timeout_seconds": self.timeout_seconds, "message": message})

    def _replied(self, moment: Moment, reply: Any, why: str) -> Act:
        if not isinstance(reply, dict):
            return _fails(moment, self.failed, why)
        say, ask, done = reply.get("say"), reply.get("ask"), reply.get("done")
        if (
            not isinstance(say, str | None)
            or ask not in (None, *_ANSWERS)
            or not (say or done is True)
            or (ask and done)
        ):
            return _fails(moment, self.failed, "wrong-answer")
        if len(str(reply.get("state"))) > _STATE or len(say or "") > _LONGEST:
            return _fails(moment, self.failed, "wrong-answer")
        moment.local["state"] = reply.get("state")
        words = {"text": say or "", "language": moment.language, "prompt": None}
        if ask:
            moment.local["at"] = "ask"
            return _question(words, ask, reply)
        if done:
            _take_back(moment, self.save, reply)
        moment.local["at"] = "over" if done else "said"
        return moment.say(words) if say else Go(self.next)

    def _given(self, moment: Moment, result: Json) -> Act:
        given = str(result.get("digits") or result.get("text") or "").strip()
        if given:
            moment.answered, moment.local["silent"] = True, 0
            return self._message(moment, "answer", text=given)
        moment.local["silent"] = moment.local.get("silent", 0) + 1
        if moment.local["silent"] >= MOST_SILENT:
            return _fails(moment, self.failed, "no-answer")
        return self._message(moment, "silence")


class VoiceBot(Step, frozen=True, kw_only=True, tag="voice_bot"):
    """Gives the caller to a program that hears him and speaks to him, until it is done. Where it cannot be reached or breaks off,
    or the contact is not on the telephone: `failed`."""

    LEADS: ClassVar[tuple[str, ...]] = ("next", "failed")
    WAITS: ClassVar[bool] = True

    text: Texts | None = None
    """Said before."""
    url: str
    """Begins with wss:// or ws://; variables in it are escaped."""
    headers: dict[str, str | Secret] = msgspec.field(default_factory=dict)
    parameters: dict[str, str] = msgspec.field(default_factory=dict)
    """What it is told at the beginning; it gets nothing else of the flow."""
    save: str | None = None
    """Variable of the data with which it gives the caller back."""
    next: str | None = None
    failed: str | None = None
    """None: to the fallback queue."""

    def enter(self, moment: Moment) -> Act:
        """Says something, where there is something to say, and hands over."""
        if not moment.by_telephone:
            return _fails(moment, self.failed, "no-call")
        return moment.say(moment.words(self.text)) if self.text is not None else self._over(moment)

    def answered(self, moment: Moment, result: Json) -> Act:
        """What it gives back, or why it does not."""
        if "over" not in moment.local:
            return self._over(moment)
        reply = result.get("reply")
        if not isinstance(reply, dict):
            return _fails(moment, self.failed, str(result.get("why") or "no-answer"))
        moment.answered = True
        _take_back(moment, self.save, reply)
        return Go(self.next)

    def kept(self, result: Json) -> Json:
        """Nothing: what it gives back stands under `save`."""
        return {"why": result["why"]} if result.get("why") else {}

    def ends(self) -> bool:
        """What fails leads to a person at the latest."""
        return self.next is None

    def silent(self) -> Iterator[str | None]:
        """Where it leads when nobody does anything."""
        yield self.failed

    def check(self) -> Iterator[Problem]:
        """As of `http`, but for the first letters of the address."""
        yield from _check(self.url, self.headers)

    def _over(self, moment: Moment) -> Act:
        moment.local["over"] = True
        parameters = {name: moment.text(value) for name, value in self.parameters.items()}
        return Do("voice_bot", {**_place(moment, self.url, self.headers), "parameters": parameters})


def _check(url: str, headers: dict[str, str | Secret], timeout_seconds: int = 5) -> Iterator[Problem]:
    if not url.startswith(("ws://", "wss://")):
        yield Problem(("url",), "a bot's address begins with wss:// or ws://", "Write it whole.")
    else:
        yield from Http(url="http" + url.removeprefix("ws"), headers=headers, timeout_seconds=timeout_seconds).check()


def _place(moment: Moment, url: str, headers: dict[str, str | Secret]) -> Json:
    """Where it is, and what opens the door."""
    sent = {
        name: {"secret": value.secret} if isinstance(value, Secret) else moment.text(value)
        for name, value in headers.items()
    }
    return {"url": moment.text(url, in_url=True), "headers": sent}


def _take_back(moment: Moment, save: str | None, reply: Json) -> None:
    if save is not None:
        moment.variables[save] = reply.get("data")
    tell = reply.get("tell")
    for label, value in tell.items() if isinstance(tell, dict) else ():
        moment.tell("answered", str(label), str(value))
    verified = reply.get("verified")
    for label in verified if isinstance(verified, list) else ():
        moment.tell("verified", str(label))


def _fails(moment: Moment, failed: str | None, why: str) -> Act:
    moment.tell("tried", moment.step, why)
    return lead(why, failed)


def _question(words: Json, ask: str, reply: Json) -> Do:
    choices = reply.get("choices")
    listed = (
        [{"key": str(key)[:8], "label": str(label)[:80]} for key, label in choices.items()]
        if isinstance(choices, dict)
        else []
    )
    digits = reply.get("max_digits")
    longest = (
        digits
        if isinstance(digits, int) and 1 <= digits <= 32
        else max((len(one["key"]) for one in listed), default=32)
    )
    return Do(
        "ask",
        {
            "words": [words], "answer": "choice" if listed else ask, "choices": listed[:20], "max_digits": longest,
            "terminator": "#", "first_seconds": 5, "between_seconds": 3, "chat_seconds": None,
            **({"secret": True} if reply.get("secret") is True else {}),
        },
    )  # fmt: skip
