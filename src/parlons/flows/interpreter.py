"""Walks a flow: from a state and the result of its outstanding effect to the next state and effect. Pure.

Nothing here takes time or touches the world; the same state and result give the same turn. An effect's key counts up in the
instance, so who asks again after a crash asks under the same key.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from parlons.flows.model import Flow, Json, Step
from parlons.flows.moment import Act, Do, End, Go, Jump, Moment
from parlons.flows.state import FALLS, Effect, State, Turn, Way

Library = Mapping[str, Flow]
"""Flows that a transfer may name, by name and by key."""

MOST_AT_ONCE, MOST = 200, 5_000
"""Steps without anybody having to do something, and steps in all: more is a flow that turns in circles."""
MOST_QUIET = 100
"""Results without an answer of the contact or a way to a person: questions nobody answers, an address that is tried again."""
RESULT_KEPT = 8_000
"""Characters of a result that a state keeps under `result.<step>`."""


def begin(
    flow: Flow, variables: Json, *, instance: str, language: str | None = None, library: Library | None = None
) -> Turn:
    """The first turn. `variables`: what the contact brings; `instance` begins every key."""
    state = State(
        instance=instance,
        flow=flow.key,
        language=language or flow.language,
        variables={**flow.variables, **variables},
    )
    return _Walk(flow, library or {}, state).to(flow.start)


def resume(flow: Flow, state: State, result: Json, *, library: Library | None = None) -> Turn:
    """The turn that `result`, of the outstanding effect, leads to. `flow`: the one the contact began with."""
    if state.effect is None or state.ended is not None:
        return Turn(state, None)
    walk = _Walk(flow, library or {}, state)
    step = walk.flow.steps.get(state.step or "")
    if step is None:
        return walk.over(End("flow-changed", falls=True))
    walk.moment.results[state.step or ""] = _kept(step.kept(result))
    act = step.answered(walk.moment, result)
    walk.quiet = 0 if walk.moment.answered or step.PERSON else state.quiet + 1
    return walk.on(act if walk.quiet <= MOST_QUIET else End("no-answer", falls=True))


class _Walk:
    """One turn in the making."""

    def __init__(self, first: Flow, library: Library, state: State) -> None:
        self.library = library
        self.first = first
        self.flow = self._find(state.flow) or first
        self.state = state
        self.trace: list[str] = []
        self.ways: list[Way] = []
        self.quiet = state.quiet
        self.stack = list(state.stack)
        self.step = state.step
        self.moment = Moment(
            self.flow, state.language, _copy(state.variables), _copy(state.local), _copy(state.results),
            state.step or "", list(state.told), list(state.hidden),
        )  # fmt: skip

    def to(self, name: str | None) -> Turn:
        """Enters a step, and goes on until something is to be done."""
        return self._enter(name) or self._turn(None, FALLS + "no-end")

    def on(self, act: Act) -> Turn:
        """Goes on from what a step answered."""
        return self._act(act) or self._turn(None, FALLS + "no-end")

    def over(self, end: End) -> Turn:
        """The flow is over."""
        self.moment.variables["close"] = end.close
        if not end.falls:
            self._took(None)
        return self._turn(None, FALLS + end.why if end.falls else end.why)

    def _enter(self, name: str | None) -> Turn | None:
        return self._act(Go(name))

    def _act(self, act: Act) -> Turn | None:
        """Until an effect or the end; None: more steps at once than any contact needs."""
        for _ in range(MOST_AT_ONCE):
            match act:
                case Do(kind, data):
                    effect = Effect(f"{self.state.instance}/{self.state.n + 1}", kind, data)
                    return self._turn(effect, None)
                case End():
                    return self.over(act)
                case Jump(flow, come_back, back_to):
                    other = self._find(flow)
                    if other is None:
                        return self.over(End("no-such-flow", falls=True))
                    if come_back:
                        self.stack.append((self.flow.key, back_to))
                    else:
                        self._took(None)
                    act = self._begin(other)
                case Go(None):
                    if not self.stack:
                        return self.over(End())
                    self._took(None)
                    key, back_to = self.stack.pop()
                    self._speak(self._find(key) or self.first)
                    self.step = None
                    act = Go(back_to)
                case Go(name):
                    entered = self._step(name)
                    if entered is None:
                        return self.over(End("no-such-step", falls=True))
                    act = entered.enter(self.moment)
        return None

    def _begin(self, other: Flow) -> Act:
        self._speak(other)
        self.step = None
        self.moment.variables = {**other.variables, **self.moment.variables}
        return Go(other.start)

    def _speak(self, flow: Flow) -> None:
        self.flow = self.moment.flow = flow

    def _took(self, to: str | None) -> None:
        self.ways.append((self.flow.key, self.step, to))

    def _step(self, name: str | None) -> Step | None:
        self._took(name)
        self.step = name
        self.moment.step = name or ""
        self.trace.append(name or "")
        self.moment.local.clear()
        if self.state.entered + len(self.trace) > MOST:
            return None
        return self.flow.steps.get(name or "")

    def _find(self, key: str) -> Flow | None:
        if key == self.first.key:
            return self.first
        return self.library.get(key)

    def _turn(self, effect: Effect | None, ended: str | None) -> Turn:
        state = msgspec.structs.replace(
            self.state,
            flow=self.flow.key,
            step=self.step,
            n=self.state.n + (effect is not None),
            language=self.moment.language,
            variables=self.moment.variables,
            local=self.moment.local,
            results=self.moment.results,
            stack=tuple(self.stack),
            told=tuple(self.moment.told),
            hidden=tuple(self.moment.hidden),
            quiet=self.quiet,
            entered=self.state.entered + len(self.trace),
            effect=effect,
            ended=ended,
        )
        return Turn(state, effect, tuple(self.trace), tuple(self.ways))


def _copy(value: Any) -> Any:
    """Deep: a turn never changes the state it came from."""
    if isinstance(value, dict):
        return {key: _copy(each) for key, each in value.items()}
    return [_copy(each) for each in value] if isinstance(value, list) else value


def _kept(result: Json) -> Json:
    return result if len(str(result)) <= RESULT_KEPT else {**result, "body": None}
