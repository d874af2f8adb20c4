"""A caller on a virtual clock, for tests of flows: scripted answers in, what was heard and done out. Pure.

    call = Caller(flow, opened=True, http={"https://shop.example/order/7": {"status": 200, "body": {"late": True}}})
    call.plays("1", SILENCE, "7#")
    assert call.heard[-1] == "Your order is late." and call.ended == "answered"

Time passes as on a telephone: words take their length, silence its wait, an agent `answer_seconds`.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from parlons.flows.model import Flow, Json
from parlons.flows.running import Definition, begin, resume
from parlons.flows.state import Effect, State, Turn, state_of
from parlons.kit.clock import Millis

SILENCE = "<silence>"
"""An answer: the caller says nothing."""
MS_PER_CHARACTER = 60
NOON = Millis(1_790_000_000_000)


@dataclass
class Caller:
    """One contact with a flow."""

    flow: Definition
    variables: Json = field(default_factory=dict)
    language: str | None = None
    opened: bool = True
    """What the opening hours say."""
    holiday: bool = False
    customer: Json | None = None
    """Whom a look-up finds."""
    http: Mapping[str, Json] = field(default_factory=dict)
    """Answers by address; any other address gives none."""
    queue: str = "answered"
    """How waiting ends: answered, unserved or overflow; or a key pressed while waiting."""
    dialled: str = "answered"
    voicemail: bool = True
    """Whether the caller says something after the tone."""
    number: str | None = "+33612345678"
    """None: withheld."""
    library: Mapping[str, Flow] = field(default_factory=dict)
    now: Millis = NOON
    heard: list[str] = field(default_factory=list)
    did: list[tuple[str, Json]] = field(default_factory=list)
    """Every effect but words, in order."""
    keys: list[str] = field(default_factory=list)
    trace: list[str] = field(default_factory=list)
    turn: Turn | None = None
    _answers: Iterator[str] = field(default_factory=lambda: iter(()))

    def plays(self, *answers: str, most: int = 1_000) -> "Caller":
        """Calls in, answers one after the other (then is silent) until the flow is over."""
        self._answers = iter(answers)
        known = {"from_number": self.number, **self.variables}
        turn = begin(self.flow, known, instance="call", now=self.now, language=self.language, library=self.library)
        for _ in range(most):
            self._note(turn)
            if turn.effect is None:
                return self
            state = self._stored(turn.state)
            result = self._result(turn.effect)
            turn = resume(self.flow, state, result, now=self.now, library=self.library)
        raise AssertionError(f"the flow is not over after {most} turns")

    @property
    def ended(self) -> str | None:
        """Why it is over."""
        return self.turn.state.ended if self.turn is not None else None

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.now - NOON) / 1000

    def _stored(self, state: State) -> State:
        """Kept as JSON and read again, as a database would."""
        return state_of(json.loads(json.dumps(state.to_json())))

    def _note(self, turn: Turn) -> None:
        self.turn = turn
        self.trace += turn.trace
        effect = turn.effect
        if effect is None:
            return
        self.keys.append(effect.key)
        for words in effect.data.get("words", ()):
            self.heard.append(words["text"])
            self.now = Millis(self.now + len(words["text"]) * MS_PER_CHARACTER)
        if effect.kind != "say":
            self.did.append((effect.kind, {name: value for name, value in effect.data.items() if name != "words"}))

    def _result(self, effect: Effect) -> Json:
        match effect.kind:
            case "ask":
                return self._answer(effect.data)
            case "hours":
                return {"open": self.opened, "holiday": self.holiday, "next_opening_at": None}
            case "lookup_customer":
                return {"found": self.customer is not None, "customer": self.customer}
            case "http":
                return dict(self.http.get(effect.data["url"], {"status": 0, "reason": "no-answer"}))
            case "queue":
                self.now = Millis(self.now + 30_000)
                return {"digits": self.queue} if self.queue in effect.data["keys"] else {"ended": self.queue}
            case "callback":
                number = effect.data["number"] or self.number
                return {"made": bool(number), "task_id": "WT1" if number else None}
            case "take_message":
                return {"task_id": "WT2" if self.voicemail else None}
            case "dial":
                return {"why": self.dialled}
        return {}

    def _answer(self, data: Json) -> Json:
        given = next(self._answers, SILENCE)
        if given == SILENCE:
            self.now = Millis(self.now + data["first_seconds"] * 1000)
            return {"digits": "", "why": "timeout"}
        return {"digits": given.rstrip("#")} if data["answer"] != "text" else {"text": given}


def rehearse(flow: Definition, case: Mapping[str, Any], library: Mapping[str, Flow] | None = None) -> list[str]:
    """Plays one case of a flow's `tests:` and returns what differs from `expect`; empty: as expected.

    A case: `answers`, `open`, `holiday`, `customer`, `http`, `queue`, `variables`, `language`; `expect`: `ended`, `heard` (texts
    that must come, in this order), `did` (kinds of effects that must come, in this order), `steps` (the way taken)."""
    call = Caller(
        flow,
        variables=dict(case.get("variables") or {}),
        language=case.get("language"),
        opened=bool(case.get("open", True)),
        holiday=bool(case.get("holiday", False)),
        customer=case.get("customer"),
        http=dict(case.get("http") or {}),
        queue=str(case.get("queue", "answered")),
        dialled=str(case.get("dialled", "answered")),
        library=library or {},
    )
    call.plays(*(str(each) for each in case.get("answers") or ()))
    expect = case.get("expect") or {}
    wrong = []
    if "ended" in expect and call.ended != expect["ended"]:
        wrong.append(f"ended: expected {expect['ended']}, was {call.ended}")
    kinds = [kind for kind, _ in call.did]
    for word, found in (("heard", call.heard), ("did", kinds), ("steps", call.trace)):
        missing = _missing([str(each) for each in expect.get(word) or ()], found)
        if missing is not None:
            wrong.append(f"{word}: {missing!r} did not come in its place; it was {found}")
    return wrong


def _missing(wanted: list[str], found: list[str]) -> str | None:
    left = iter(found)
    return next((each for each in wanted if not any(each in one for one in left)), None)
