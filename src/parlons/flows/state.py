"""Where a contact stands in its flow: plain JSON, so that it can be kept anywhere and taken up by anybody. Pure values."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
from msgspec import Struct

Json = dict[str, Any]


class Effect(Struct, frozen=True):
    """Something to be done in the world; its result is handed back by `running.resume`."""

    key: str
    """`<instance>/<n>`: the same whenever it is asked again, so that nothing happens twice."""
    kind: str
    """say ask hours language http lookup_customer queue callback take_message dial record ..."""
    data: Json = msgspec.field(default_factory=dict)


class Recorded(Struct, frozen=True):
    """One finished effect of a Python flow."""

    kind: str
    digest: str
    """Of what was asked, words left out."""
    result: Any


What = Literal["answered", "unanswered", "tried", "verified"]
MOST_TOLD = 20
"""Lines that a person is told before he takes over: the last ones."""


class Told(Struct, frozen=True):
    """One thing that the flow has learnt; for the note to whoever takes over."""

    what: What
    label: str
    value: str = ""
    """Empty: it stays hidden."""


def told(before: Sequence[Told], what: What, label: str, value: str = "") -> list[Told]:
    """One line more; the last about one thing stands."""
    line = Told(what, label[:80], value[:200])
    kinds = ("answered", "unanswered") if what in ("answered", "unanswered") else (what,)
    kept = [one for one in before if one.label != line.label or one.what not in kinds]
    return [*kept, line][-MOST_TOLD:]


class State(Struct, frozen=True):
    """All there is to know."""

    instance: str
    flow: str
    """`Flow.key`, or the name of a Python flow."""
    step: str | None = None
    n: int = 0
    """Effects so far."""
    language: str = "en"
    variables: Json = msgspec.field(default_factory=dict)
    local: Json = msgspec.field(default_factory=dict)
    """Of the present step; forgotten when it is left."""
    stack: tuple[tuple[str, str | None], ...] = ()
    """Flows to come back to, and the step there."""
    results: Json = msgspec.field(default_factory=dict)
    """The last result of each step, as `result.<step>` in expressions and texts."""
    entered: int = 0
    """Steps entered so far: a flow that never ends is stopped."""
    quiet: int = 0
    """Results since the contact last answered, or could come to a person: one whom nothing reaches is given to a person."""
    history: tuple[Recorded, ...] = ()
    """Of a Python flow."""
    told: tuple[Told, ...] = ()
    """What a person is told before he takes over."""
    hidden: tuple[str, ...] = ()
    """Variables that leave the flow in its own requests only."""
    effect: Effect | None = None
    """What is outstanding."""
    ended: str | None = None
    """Why it is over: end answered unserved transferred ..., see `Turn.falls`."""

    def to_json(self) -> Json:
        """Plain JSON."""
        data: Json = msgspec.to_builtins(self)
        return data


def state_of(data: Json) -> State:
    """The state that `to_json` wrote."""
    return msgspec.convert(data, State)


FALLS = "falls:"
"""Begins `State.ended` when the flow could not go on: a person is needed, and the reason follows."""


Way = tuple[str, str | None, str | None]
"""Of a flow (`Flow.key`), from a step (None: its beginning, or back from another flow) to a step (None: the end)."""


class Turn(Struct, frozen=True):
    """What one result led to."""

    state: State
    effect: Effect | None
    """To be done now; None: the flow is over."""
    trace: tuple[str, ...] = ()
    """The steps entered in this turn."""
    ways: tuple[Way, ...] = ()
    """How they were come to, and how it ended."""

    @property
    def falls(self) -> str | None:
        """Why the contact must go to the fallback queue; None: it need not."""
        ended = self.state.ended
        return ended.removeprefix(FALLS) if ended is not None and ended.startswith(FALLS) else None
