"""A contact on a virtual clock, for tests of flows: what he does in, what was heard and done out. Pure.

    call = Caller(flow, opened=True, http={"https://shop.example/order/7": {"status": 200, "body": {"late": True}}})
    call.begins().presses("1").waits(8).says("7")
    assert call.heard[-1] == "Your order is late." and call.queued == "Sales"

`plays` does a whole contact at once. Time passes as on a telephone: words take their length, silence its wait, an agent
`answer_seconds`. In writing (`channel="webchat"`) words take none, and silence lasts unless the flow limits it.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from parlons.flows.model import Flow, Json
from parlons.flows.moment import VOICE
from parlons.flows.running import Definition, begin, resume
from parlons.flows.state import Effect, State, Turn, Way, state_of
from parlons.kit.clock import Millis, from_datetime, to_datetime, to_iso

SILENCE = "<silence>"
"""An answer: the caller says nothing."""
MS_PER_CHARACTER = 60
NOON = Millis(1_790_000_000_000)
NUMBER = "+33612345678"
TRIES = 5
"""Of a PIN, until it is locked."""
GONE = "gone"
"""How a contact ended that hung up."""
TODAY = "2026-09-21"
"""The day of NOON."""
ZONE = "Europe/Paris"
"""Of the firm."""
_HIS = frozenset({"ask", "take_message", "queue"})
"""Effects that wait for the contact, or for an agent."""


class Lost(AssertionError):
    """The flow is not over after more turns than any contact makes."""


@dataclass
class Caller:
    """One contact with a flow."""

    flow: Definition
    variables: Json = field(default_factory=dict)
    language: str | None = None
    channel: str = VOICE
    opened: bool | Collection[str] = True
    """What the opening hours say; or those that are open, by name."""
    holiday: bool = False
    customer: Json | None = None
    """Whom a look-up finds."""
    http: Mapping[str, Json] = field(default_factory=dict)
    """Answers by address; any other address gives none."""
    intents: Mapping[str, str] = field(default_factory=dict)
    """What free words mean: intents by text, in whatever letters; any other text is not understood."""
    queue: str = "answered"
    """How waiting ends: answered, unserved or overflow; or a key pressed while waiting."""
    dialled: str = "answered"
    voicemail: bool = True
    """Whether the caller says something after the tone."""
    code: str = "123456"
    """The one-time code that is sent to him."""
    reached: bool = True
    """Whether a message by another way can be sent to him."""
    bot: Sequence[Json] = ()
    """What a bot answers, one message after the other (a voice bot: what it gives back); then it is silent."""
    surveyed: bool = True
    """Whether a survey is put to him: a scale from 1 to 5."""
    slots: Sequence[str] | None = None
    """The firm's free times, such as 2026-11-24T09:00:00+01:00; None: some of the next days."""
    appointments: Sequence[str] = ()
    """Those he has."""
    taken: Sequence[str] = ()
    """Times that somebody else takes while he chooses."""
    articles: Sequence[Json] = ()
    """Those that fit what he says: `title`, `summary`, `url`."""
    number: str | None = NUMBER
    """None: withheld."""
    library: Mapping[str, Flow] = field(default_factory=dict)
    most: int = 1_000
    """Turns of one contact."""
    now: Millis = NOON
    heard: list[str] = field(default_factory=list)
    did: list[tuple[str, Json]] = field(default_factory=list)
    """Every effect but words, in order."""
    keys: list[str] = field(default_factory=list)
    trace: list[str] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)
    turn: Turn | None = None
    gone: bool = False
    _turns: int = 0
    _tried: int = 0
    _asked_bot: int = 0
    _late: bool = False
    """Somebody else was faster."""
    _mark: int = 0
    _since: int = 0
    """When what is outstanding was asked."""

    # -- a whole contact ---------------------------------------------------------------------------------------------------

    def plays(self, *answers: str, most: int = 1_000) -> "Caller":
        """Calls in, answers one after the other (then is silent) until the flow is over."""
        self.most = most
        self.begins()
        given = iter(answers)
        while self.effect is not None:
            self._take(self._result(self.effect, given))
        return self

    # -- step by step ------------------------------------------------------------------------------------------------------

    def begins(self) -> "Caller":
        """Calls in; everything up to the first question happens."""
        known = {"from_number": self.number, "channel": self.channel, **self.variables}
        turn = begin(self.flow, known, instance="call", now=self.now, language=self.language, library=self.library)
        self._note(turn)
        return self._until_his_turn()

    def says(self, text: str) -> "Caller":
        """Says or writes something."""
        return self._gives({"text": text}, text)

    def presses(self, keys: str) -> "Caller":
        """Presses keys; of several that lead out of a queue the whole is one."""
        return self._gives({"digits": keys.rstrip("#")}, keys)

    def waits(self, seconds: float) -> "Caller":
        """Does nothing for a while."""
        until = Millis(self.now + int(seconds * 1000))
        self._mark = len(self.heard)
        while (effect := self.effect) is not None and (patience := self._patience(effect)) is not None:
            if self._since + patience > until:
                break
            self.now = Millis(self._since + patience)
            self._take({"digits": "", "task_id": None, "why": "timeout"})
            self._until_his_turn()
        self.now = Millis(max(self.now, until))
        return self

    def hangs_up(self) -> "Caller":
        """Leaves; nothing of the flow happens any more."""
        self.gone = True
        return self

    def finishes(self) -> "Caller":
        """Waiting ends as `queue` says; nothing else is done."""
        while not self.gone and self.effect is not None and self.effect.kind == "queue":
            self._take(self._result(self.effect, iter(())))
            self._until_his_turn()
        return self

    # -- what came of it ---------------------------------------------------------------------------------------------------

    @property
    def effect(self) -> Effect | None:
        """What is outstanding."""
        return self.turn.effect if self.turn is not None and not self.gone else None

    @property
    def ended(self) -> str | None:
        """Why it is over."""
        if self.gone:
            return GONE
        return self.turn.state.ended if self.turn is not None else None

    @property
    def queued(self) -> str | None:
        """Where he waits now: the queue, else the workflow, else an empty text for that of the entry point."""
        effect = self.effect
        if effect is None or effect.kind != "queue":
            return None
        return str(effect.data.get("queue") or effect.data.get("workflow") or "")

    @property
    def lately(self) -> list[str]:
        """What was heard since he last did something."""
        return self.heard[self._mark :]

    @property
    def told(self) -> list[str]:
        """What a person would be told before he takes over, a line each."""
        told = self.turn.state.told if self.turn is not None else ()
        return [f"{one.what} {one.label}: {one.value}".rstrip(": ") for one in told]

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.now - NOON) / 1000

    # -- turns -------------------------------------------------------------------------------------------------------------

    def _gives(self, result: Json, given: str) -> "Caller":
        effect = self.effect
        self._mark = len(self.heard)
        if effect is None:
            return self
        if effect.kind == "ask":
            self._take(result)
        elif effect.kind == "take_message":
            self._take({"task_id": "WT2"})
        elif given in effect.data["keys"]:
            self._take({"digits": given})
        return self._until_his_turn()

    def _patience(self, effect: Effect) -> int | None:
        """Milliseconds until silence is an answer; None: it may last."""
        word = {"ask": "first_seconds", "take_message": "silence_seconds"}.get(effect.kind, "")
        seconds = effect.data.get(word if self.channel == VOICE else "chat_seconds")
        return None if seconds is None else int(seconds * 1000)

    def _until_his_turn(self) -> "Caller":
        while (effect := self.effect) is not None and effect.kind not in _HIS:
            self._take(self._result(effect, iter(())))
        return self

    def _take(self, result: Json) -> None:
        assert self.turn is not None
        self._turns += 1
        if self._turns > self.most:
            raise Lost(f"the flow is not over after {self.most} turns")
        state = self._stored(self.turn.state)
        self._note(resume(self.flow, state, result, now=self.now, library=self.library))

    def _stored(self, state: State) -> State:
        """Kept as JSON and read again, as a database would."""
        return state_of(json.loads(json.dumps(state.to_json())))

    def _note(self, turn: Turn) -> None:
        self.turn = turn
        self.trace += turn.trace
        self.ways += turn.ways
        effect = turn.effect
        if effect is None:
            return
        self.keys.append(effect.key)
        for words in effect.data.get("words", ()):
            self.heard.append(words["text"])
            if self.channel == VOICE:
                self.now = Millis(self.now + len(words["text"]) * MS_PER_CHARACTER)
        self._since = self.now
        if effect.kind != "say":
            self.did.append((effect.kind, {name: value for name, value in effect.data.items() if name != "words"}))

    def _result(self, effect: Effect, answers: Iterator[str]) -> Json:
        match effect.kind:
            case "ask":
                return self._answer(effect.data, answers)
            case "hours":
                return {"open": self._open(effect.data["hours"]), "holiday": self.holiday, "next_opening_at": None}
            case "lookup_customer":
                return {"found": self.customer is not None, "customer": self.customer}
            case "understand":
                return {"intent": self._meant(effect.data["text"]), "today": TODAY}
            case "http":
                return dict(self.http.get(effect.data["url"], {"status": 0, "reason": "no-answer"}))
            case "attempt":
                self._tried = 0 if effect.data.get("right") else self._tried + 1
                return {"allowed": self._tried <= TRIES}
            case "bot" | "voice_bot":
                reply = self.bot[self._asked_bot] if self._asked_bot < len(self.bot) else None
                self._asked_bot += 1
                return {"reply": reply, "why": None if reply is not None else "no-answer"}
            case "articles":
                known = [{"id": f"AR{at}", **one} for at, one in enumerate(self.articles)]
                return {"articles": known[: effect.data["most"]]}
            case "slots":
                return self._slots(effect.data)
            case "appointments":
                his = [{"id": f"AP{at}", "starts_at": at, "zone": ZONE} for at in map(_time, self.appointments)]
                return {"appointments": his}
            case "book":
                return self._booked(effect.data)
            case "survey":
                words = {"text": f"{effect.data['survey']}: 1 - 5", "thanks": "Thank you.", "language": None}
                return {"asked": self.surveyed, "id": "SI1", "limits": [1, 5], **words}
            case "survey_answer":
                return {"kept": True}
            case "send":
                return {"sent": True} if self.reached else {"sent": False, "why": "not-reachable"}
            case "send_code":
                until = self.now + effect.data["valid_minutes"] * 60_000
                return {"sent": True, "until": until} if self.reached else {"sent": False, "why": "not-reachable"}
            case "check_code":
                return self._judged(effect.data)
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

    def _slots(self, data: Json) -> Json:
        """Of the firm's free times those that are asked for."""
        first = max(self.now, (data["after"] or 0) + 1)
        if data["earliest"] is not None:
            first = max(first, _time(data["earliest"]))
        free = [_time(one) for one in self.slots] if self.slots is not None else _some_days(self.now)
        gone = {_time(one) for one in self.taken} if self._late else set()
        return {
            "slots": [at for at in free if at >= first and at not in gone][: data["most"]],
            "zone": ZONE,
            "today": TODAY,
        }

    def _booked(self, data: Json) -> Json:
        at = data["starts_at"]
        if data["act"] != "cancel" and at in map(_time, self.taken):
            self._late = True
            return {"done": False, "why": "slot-taken"}
        return {"done": True, "id": data["appointment"] or "AP1", "starts_at": at, "zone": ZONE, "at": to_iso(at)}

    def _open(self, hours: str | None) -> bool:
        return self.opened if isinstance(self.opened, bool) else hours in self.opened

    def _judged(self, data: Json) -> Json:
        """Of a one-time code: counted, then looked at."""
        self._tried += 1
        if self._tried > TRIES:
            return {"right": False, "why": "locked"}
        right = data["given"] == self.code and self.now < data["until"]
        self._tried = 0 if right else self._tried
        return {"right": right}

    def _meant(self, text: str) -> str | None:
        known = {given.casefold().strip(): intent for given, intent in self.intents.items()}
        return known.get(text.casefold().strip())

    def _answer(self, data: Json, answers: Iterator[str]) -> Json:
        given = next(answers, SILENCE)
        if given == SILENCE:
            self.now = Millis(self.now + data["first_seconds"] * 1000)
            return {"digits": "", "why": "timeout"}
        return {"digits": given.rstrip("#")} if data["answer"] != "text" else {"text": given}


def caller_of(flow: Definition, case: Mapping[str, Any], library: Mapping[str, Flow] | None = None) -> Caller:
    """The contact that a case describes."""
    opened = case.get("open", True)
    return Caller(
        flow,
        number=None if case.get("withheld") else NUMBER,
        variables=dict(case.get("variables") or {}),
        language=case.get("language"),
        channel=str(case.get("channel", VOICE)),
        opened=opened if isinstance(opened, list) else bool(opened),
        holiday=bool(case.get("holiday", False)),
        customer=case.get("customer"),
        http=dict(case.get("http") or {}),
        intents={str(text): str(intent) for text, intent in (case.get("intents") or {}).items()},
        queue=str(case.get("queue", "answered")),
        dialled=str(case.get("dialled", "answered")),
        voicemail=bool(case.get("voicemail", True)),
        code=str(case.get("code", "123456")),
        bot=list(case.get("bot") or ()),
        surveyed=bool(case.get("surveyed", True)),
        slots=[str(one) for one in case["slots"]] if "slots" in case else None,
        appointments=[str(one) for one in case.get("appointments") or ()],
        articles=list(case.get("articles") or ()),
        taken=[str(one) for one in case.get("taken") or ()],
        reached=bool(case.get("reached", True)),
        library=library or {},
    )


def _time(text: str) -> Millis:
    """A moment, or a day, on the firm's clocks where nothing else is said."""
    at = datetime.fromisoformat(text)
    return from_datetime(at if at.tzinfo is not None else at.replace(tzinfo=ZoneInfo(ZONE)))


def _some_days(now: Millis) -> list[Millis]:
    """Half past nine, eleven and three of the next days."""
    morning = to_datetime(now).astimezone(ZoneInfo(ZONE)).replace(hour=0, minute=0, second=0, microsecond=0)
    return [
        from_datetime((morning + timedelta(days=day)).replace(hour=hour, minute=minute))
        for day in range(1, 6)
        for hour, minute in ((9, 30), (11, 0), (15, 0))
    ]
