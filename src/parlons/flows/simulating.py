"""What a contact with a draft would be like: everything said, asked and done with its time, the ways taken and why. Pure.

The whole story is played anew each time from what the contact did, on the virtual clock of `testing.Caller`: nothing is kept.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from parlons.expr.compiling import compiled
from parlons.expr.scopes import Scope
from parlons.expr.values import lookup
from parlons.flows.model import Flow, Json, Path, Step
from parlons.flows.moment import VOICE, Act, Moment
from parlons.flows.picture import port_of
from parlons.flows.state import FALLS, Effect, Turn
from parlons.flows.steps.choosing import Branch
from parlons.flows.testing import GONE, MS_PER_CHARACTER, Caller, Lost
from parlons.kit.clock import Millis, to_iso

MOST_EVENTS, MOST_TURNS = 3_000, 1_000
"""Of one simulation; what goes on longer is cut."""
WAITED = 30_000
"""Milliseconds in a queue until somebody is free, or nobody is."""
_ENDINGS = {"nobody_free": "unserved", "agent_answers": "answered", "queue_full": "overflow"}
ACTS = ("says", "presses", "waits", "hangs_up", *_ENDINGS)


@dataclass(slots=True)
class Told:
    """What came of it."""

    events: list[Json]
    path: list[Json]
    ended: str | None
    falls: bool
    cut: bool
    seconds: float
    state: Json
    variables: Json
    told: list[Json]


class _Cut(Exception):
    """More than anybody reads."""


class _Watched(Branch, frozen=True, kw_only=True, tag="branch"):
    """A branch that says why it went its way."""

    seen: list[Json]

    def enter(self, moment: Moment) -> Act:
        """Chooses, and notes what it compared."""
        act = super().enter(moment)
        cases, taken = [], "otherwise"
        for index, case in enumerate(self.cases):
            test = compiled(case.when, Scope.FILTER)
            held = test.test(moment.scope, None, None)
            values = {".".join(map(str, path)): lookup(moment.scope, path) for path in test.task_paths}
            hidden = {name: None for name in values if name.partition(".")[0] in moment.hidden}
            cases.append({"when": case.when, "held": held, "values": {**values, **hidden}})
            if held:
                taken = f"cases.{index}.next"
                break
        self.seen.append({"step": moment.step, "cases": cases, "took": taken})
        return act


@dataclass
class Witness(Caller):
    """A contact of which everything is written down."""

    events: list[Json] = field(default_factory=list)
    path: list[Json] = field(default_factory=list)
    branches: list[Json] = field(default_factory=list)
    """What branches noted since the last turn."""
    began: int = 0
    act: int = 0
    """How many things the contact has done."""
    given: str = ""
    """What he said or keyed last."""

    def tell(self, event: str, at: int | None = None, **more: Any) -> None:
        """One thing that happened, now or then."""
        if len(self.events) >= MOST_EVENTS:
            raise _Cut
        moment = Millis(self.now if at is None else at)
        seconds = (moment - self.began) / 1000
        self.events.append({"event": event, "seconds": seconds, "at": to_iso(moment), "act": self.act, **more})

    def does(self, act: Mapping[str, Any]) -> None:
        """One act of the contact, or of those he waits for; what cannot be done now changes nothing."""
        self.act += 1
        ((word, value),) = act.items()
        if self.ended is not None or self.effect is None:
            return
        secret = bool(self.effect.data.get("secret"))
        self.tell("contact", does=word, value=None if secret and word in ("says", "presses") else value)
        match word:
            case "says" | "presses":
                self.given = str(value)
                (self.says if word == "says" else self.presses)(str(value))
            case "waits":
                self.given = ""
                self.waits(float(value))
            case "hangs_up":
                self.hangs_up()
                self.tell("end", step=self._step(), why=GONE, falls=False)
            case _:
                self._served(_ENDINGS[word])

    def waiting(self) -> Json:
        """What the contact can do now."""
        effect = self.effect
        if effect is None:
            return {"at": "over", "step": self._step(), "keys": [], "choices": [], "queue": None, "workflow": None,
                    "silence_seconds": None, "secret": False}  # fmt: skip
        patience = self._patience(effect)
        choices = effect.data.get("choices") or []
        return {
            "at": effect.kind,
            "step": self._step(),
            "keys": effect.data.get("keys") or [choice["key"] for choice in choices],
            "choices": choices,
            "queue": effect.data.get("queue"),
            "workflow": effect.data.get("workflow"),
            "silence_seconds": None if patience is None else patience / 1000,
            "secret": bool(effect.data.get("secret")),
        }

    # -- what the contact of a test does not tell -----------------------------------------------------------------------

    def _note(self, turn: Turn) -> None:
        for key, came, to in turn.ways:
            self._went(key, came, to)
        self.branches.clear()
        begin, step = self.now, turn.state.step
        super()._note(turn)
        effect = turn.effect
        if effect is None:
            why = turn.state.ended or ""
            self.tell("end", step=step, why=why.removeprefix(FALLS), falls=why.startswith(FALLS))
            return
        for words in effect.data.get("words", ()):
            self.tell("said", begin, step=step, **words)
            if self.channel == VOICE:
                begin = Millis(begin + len(words["text"]) * MS_PER_CHARACTER)
        about = {word: effect.data.get(word) for word in _ASKED.get(effect.kind, ())}
        if effect.kind == "ask":
            self.tell("asked", step=step, **about, secret=bool(effect.data.get("secret")))
        elif effect.kind in _ASKED:
            self.tell("waiting", step=step, kind=effect.kind, **about)

    def _result(self, effect: Effect, answers: Iterator[str]) -> Json:
        result = super()._result(effect, answers)
        if effect.kind != "say":
            data = {word: value for word, value in effect.data.items() if word != "words"}
            self.tell("did", step=self._step(), kind=effect.kind, data=data, result=result)
        return result

    def _take(self, result: Json) -> None:
        if result.get("why") == "timeout" and self.effect is not None and self.effect.kind in ("ask", "take_message"):
            self.tell("contact", does="silence", value=None)
        super()._take(result)

    def _served(self, how: str) -> None:
        if self.effect is not None and self.effect.kind == "queue":
            self.now, self.given = Millis(self.now + (0 if how == "overflow" else WAITED)), how
            self._take({"ended": how})
            self._until_his_turn()

    def _went(self, key: str, came: str | None, to: str | None) -> None:
        ports = self._ports(key, came, to)
        port = ports[0] if len(ports) == 1 else None
        line: Json = {"flow": self._flow(key).name, "from": came, "port": port, "ports": ports}
        self.path.append({**line, "to": to})
        if to is not None:
            step = self._flow(key).steps.get(to)
            self.tell("step", step=to, kind=None if step is None else _kind(step), **line)

    def _ports(self, key: str, came: str | None, to: str | None) -> list[str]:
        """Where in the step it came from the way may be written."""
        if self.branches and self.branches[0]["step"] == came:
            noted = self.branches.pop(0)
            self.tell("branch", **noted)
            return [noted["took"]]
        step = self._flow(key).steps.get(came or "")
        if step is None or to is None:
            return []
        paths: list[Path] = [path for path, target in step.leads() if target == to]
        own = [path for path in paths if self.given and self.given.rstrip("#") in path]
        return [port_of(path) for path in (own or paths)]

    def _flow(self, key: str) -> Flow:
        assert isinstance(self.flow, Flow)
        return self.flow if key == self.flow.key else self.library.get(key) or _by_key(self.library, key) or self.flow

    def _step(self) -> str | None:
        return self.turn.state.step if self.turn is not None else None


_ASKED: Mapping[str, tuple[str, ...]] = {
    "ask": ("answer", "choices"), "queue": ("queue", "workflow", "keys"), "take_message": ("max_seconds",)
}  # fmt: skip


def simulate(flow: Flow, acts: Sequence[Mapping[str, Any]] = (), **about: Any) -> Told:
    """The story of a contact that does these things; `about`: the fields of `testing.Caller`. A draft that cannot go on ends as a
    flow does, with the reason."""
    witness = Witness(flow, most=MOST_TURNS, **about)
    witness.flow = _watched(flow, witness.branches)
    witness.library = {key: _watched(other, witness.branches) for key, other in witness.library.items()}
    witness.began = witness.now
    cut, broke = False, False
    try:
        witness.begins()
        for act in acts:
            witness.does(act)
    except (_Cut, Lost):
        cut = True
    except Exception:
        # An expression or a pattern that cannot be read: a live contact would be led to the fallback queue.
        broke = True
        witness.events.append({**_last(witness), "event": "end", "why": "error", "falls": True})
    ended = witness.ended or ("error" if broke else None)
    state = witness.turn.state if witness.turn is not None else None
    hidden = set(state.hidden) if state is not None else set()
    variables = state.variables if state is not None else {}
    return Told(
        events=witness.events,
        path=witness.path,
        ended=ended.removeprefix(FALLS) if ended is not None else None,
        falls=broke or bool(ended and ended.startswith(FALLS)),
        cut=cut,
        seconds=(witness.now - witness.began) / 1000,
        state=witness.waiting(),
        variables={name: None if name in hidden else value for name, value in variables.items()},
        told=[msgspec.to_builtins(line) for line in state.told] if state is not None else [],
    )


def _watched(flow: Flow, seen: list[Json]) -> Flow:
    steps: dict[str, Step] = {
        name: _Watched(**msgspec.structs.asdict(step), seen=seen) if type(step) is Branch else step
        for name, step in flow.steps.items()
    }
    return replace(flow, steps=steps)


def _by_key(library: Mapping[str, Flow], key: str) -> Flow | None:
    return next((flow for flow in library.values() if flow.key == key), None)


def _kind(step: Step) -> str:
    return str(type(step).__struct_config__.tag)


def _last(witness: Witness) -> Json:
    seconds = (witness.now - witness.began) / 1000
    return {"seconds": seconds, "at": to_iso(witness.now), "act": witness.act, "step": witness.waiting()["step"]}
