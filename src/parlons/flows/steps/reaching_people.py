"""Steps that lead to a person: queue, callback, voicemail, transfer."""

from collections.abc import Iterator
from typing import Any, ClassVar

import msgspec

from parlons.flows.model import Json, Path, Problem, Step
from parlons.flows.moment import Act, Do, End, Go, Jump, Moment, lead
from parlons.flows.words import Texts


class Queue(Step, frozen=True, kw_only=True, tag="queue"):
    """Waits for an agent. When one takes the contact, the flow is over."""

    LEADS: ClassVar[tuple[str, ...]] = ("unserved", "overflow")
    PERSON: ClassVar[bool] = True
    WAITS: ClassVar[bool] = True

    queue: str | None = None
    """By name; None: the workflow finds it."""
    workflow: str | None = None
    """By name; None: that of the entry point."""
    priority: int | None = None
    attributes: dict[str, Any] = msgspec.field(default_factory=dict)
    """Given to the task, for filters and targets; with variables."""
    text: Texts | None = None
    """Said before."""
    keys: dict[str, str] = msgspec.field(default_factory=dict)
    """Keys that leave the queue for a step, such as `"1": call_back`; the place is kept for a callback."""
    max_waiting: int | None = None
    """With so many waiting for `queue` already, `overflow` is gone to instead."""
    overflow: str | None = None
    unserved: str | None = None
    """Nobody took it in its time; None: the contact is told so, and the flow is over."""

    def enter(self, moment: Moment) -> Act:
        """Says something, where there is something to say, and waits."""
        if self.text is not None:
            return moment.say(moment.words(self.text))
        return self._wait(moment)

    def answered(self, moment: Moment, result: Json) -> Act:
        """Over when somebody answered; else on by what happened."""
        if "waiting" not in moment.local:
            return self._wait(moment)
        if "called_back" in moment.local:
            return End("callback")
        tried = "left" if result.get("digits") in self.keys else str(result.get("ended"))
        if tried in ("left", "overflow", "unserved"):
            moment.tell("tried", self.queue or self.workflow or moment.step, tried)
        if tried == "left":
            return Go(self.keys[str(result["digits"])])
        match result.get("ended"):
            case "answered":
                return End("answered", close=False)
            case "overflow":
                return Go(self.overflow) if self.overflow is not None else End("unserved")
            case "unserved":
                return Go(self.unserved) if self.unserved is not None else End("unserved", close=False)
            case "callback":
                return _keeps_place(moment, result)
        return self._wait(moment)

    def ends(self) -> bool:
        """An agent ends it."""
        return True

    def leads(self) -> Iterator[tuple[Path, str]]:
        """The keys' steps too."""
        for key, target in self.keys.items():
            yield ("keys", key), target
        yield from super().leads()

    def check(self) -> Iterator[Problem]:
        """What belongs together stands together."""
        if self.max_waiting is not None and self.queue is None:
            yield Problem(("max_waiting",), "max_waiting counts who waits for a queue", "Name the `queue` too.")
        if self.max_waiting is not None and self.overflow is None:
            yield Problem(("max_waiting",), "nothing is said of the overflow", "Add `overflow:` and a step.")

    def _wait(self, moment: Moment) -> Do:
        moment.local["waiting"] = True
        return Do(
            "queue",
            {
                "queue": self.queue,
                "workflow": self.workflow,
                "priority": self.priority,
                "attributes": moment.value(self.attributes),
                "keys": sorted(self.keys),
                "max_waiting": self.max_waiting,
            },
        )


def _keeps_place(moment: Moment, result: Json) -> Act:
    """He took the callback that the queue's own settings offer: said, then the call ends."""
    moment.local["called_back"] = True
    return moment.say(moment.default("callback-known" if result.get("known") else "callback"))


class Callback(Step, frozen=True, kw_only=True, tag="callback"):
    """Calls back instead of letting wait: the place in line is kept; who asks twice keeps his first place."""

    LEADS: ClassVar[tuple[str, ...]] = ("next",)
    PERSON: ClassVar[bool] = True

    number: str | None = None
    """E.164, such as `{number}`; None: the one he calls from."""
    queue: str | None = None
    workflow: str | None = None
    text: Texts | None = None
    """Said when it is kept; None: our own words."""
    next: str | None = None
    withheld: str | None = None
    """There is no number that can be called; None: to the fallback queue."""

    def enter(self, moment: Moment) -> Act:
        """Keeps it."""
        number = moment.text(self.number) if self.number is not None else None
        return Do("callback", {"number": number, "queue": self.queue, "workflow": self.workflow})

    def answered(self, moment: Moment, result: Json) -> Act:
        """Says so and goes on."""
        if moment.local.get("said"):
            return Go(self.next)
        if not result.get("made") and not result.get("known"):
            return lead("no-number", self.withheld)
        moment.local["said"] = True
        if result.get("known"):
            return moment.say(moment.default("callback-known"))
        return moment.say(moment.words(self.text) if self.text is not None else moment.default("callback"))

    def leads(self) -> Iterator[tuple[Path, str]]:
        """The step without a number too."""
        if self.withheld is not None:
            yield ("withheld",), self.withheld
        yield from super().leads()


class Voicemail(Step, frozen=True, kw_only=True, tag="voicemail"):
    """Takes a message, which becomes a task. In a chat it is the next message."""

    SAYS: ClassVar[tuple[str, ...]] = ("text", "thanks")
    PERSON: ClassVar[bool] = True
    WAITS: ClassVar[bool] = True

    text: Texts | None = None
    """Before the tone; None: our own words."""
    prompt: str | None = None
    thanks: Texts | None = None
    max_seconds: int = 120
    silence_seconds: int = 4
    queue: str | None = None
    workflow: str | None = None
    """None: the offline workflow of the entry point, else its workflow."""
    next: str | None = None
    empty: str | None = None
    """Nothing was said; None: as `next`."""

    def enter(self, moment: Moment) -> Act:
        """Says what to do."""
        words = moment.words(self.text, self.prompt) if self.text is not None else moment.default("voicemail")
        return moment.say(words)

    def answered(self, moment: Moment, result: Json) -> Act:
        """Takes it, thanks, goes on."""
        match moment.local.setdefault("at", "words"):
            case "words":
                moment.local["at"] = "message"
                wait = {"max_seconds": self.max_seconds, "silence_seconds": self.silence_seconds}
                return Do("take_message", {**wait, "queue": self.queue, "workflow": self.workflow})
            case "message":
                if not result.get("task_id"):
                    return Go(self.empty if self.empty is not None else self.next)
                moment.local["at"] = "thanks"
                thanks = moment.words(self.thanks) if self.thanks is not None else moment.default("voicemail-thanks")
                return moment.say(thanks)
        return Go(self.next)

    def leads(self) -> Iterator[tuple[Path, str]]:
        """The step after nothing too."""
        if self.empty is not None:
            yield ("empty",), self.empty
        yield from super().leads()


class Transfer(Step, frozen=True, kw_only=True, tag="transfer"):
    """Hands over: to a queue, to another flow, or to an outside number."""

    LEADS: ClassVar[tuple[str, ...]] = ("next",)
    WAITS: ClassVar[bool] = True

    text: Texts | None = None
    queue: str | None = None
    flow: str | None = None
    come_back: bool = False
    """After the other flow, go on at `next`."""
    number: str | None = None
    """E.164, or a variable."""
    caller_number: str | None = None
    timeout_seconds: int = 30
    next: str | None = None
    """After the other flow, when a queue did not serve, or when the number was not reached."""
    failed: str | None = None
    """The number was busy, did not answer or refused; None: as `next`."""

    def enter(self, moment: Moment) -> Act:
        """Says something, where there is something to say, and hands over."""
        if self.text is not None:
            return moment.say(moment.words(self.text))
        return self._over(moment)

    def answered(self, moment: Moment, result: Json) -> Act:
        """Goes on where the other side is done."""
        if "over" not in moment.local:
            return self._over(moment)
        if self.queue is not None:
            if "called_back" in moment.local:
                return End("callback")
            if result.get("ended") == "answered":
                return End("answered", close=False)
            if result.get("ended") == "callback":
                return _keeps_place(moment, result)
            return Go(self.next) if self.next is not None else End("unserved", close=False)
        if result.get("why") == "answered":
            return End("transferred", close=False)
        moment.tell("tried", moment.text(self.number or ""), str(result.get("why") or "refused"))
        return Go(self.failed if self.failed is not None else self.next)

    def ends(self) -> bool:
        """Whoever is handed over to ends it."""
        return self.next is None or not (self.flow and self.come_back)

    def leads(self) -> Iterator[tuple[Path, str]]:
        """The step after failure too."""
        if self.failed is not None:
            yield ("failed",), self.failed
        yield from super().leads()

    def check(self) -> Iterator[Problem]:
        """To one place."""
        if sum(each is not None for each in (self.queue, self.flow, self.number)) != 1:
            yield Problem((), "a transfer goes to one place", "Name `queue`, `flow` or `number`, one of them.")

    def _over(self, moment: Moment) -> Act:
        moment.local["over"] = True
        if self.flow is not None:
            return Jump(self.flow, self.come_back, self.next)
        if self.queue is not None:
            return Do("queue", {"queue": self.queue, "workflow": None, "priority": None, "attributes": {}, "keys": []})
        return Do(
            "dial",
            {
                "number": moment.text(self.number or ""),
                "caller_number": moment.text(self.caller_number) if self.caller_number else None,
                "timeout_seconds": self.timeout_seconds,
            },
        )
