"""A trial played before it runs: many simulated customers meet two versions of a flow, and what comes of them is shown as of a
trial. Pure; a virtual clock, no database.

    def hurried(call, luck):
        return {"presses": "1"} if "press 1" in call.heard[-1] else {"waits": 8} if luck.random() < 0.5 else None

    found = rehearsed(live, draft, crowd(500, hurried), percent=10)
    found["differences"]["contained"]["told"]

A customer is on the side on which a trial of that name would have him, and counts as a trial would count him.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from statistics import quantiles
from typing import Any

from parlons.flows.model import Flow
from parlons.flows.simulating import Witness
from parlons.flows.state import FALLS, Effect
from parlons.flows.testing import GONE
from parlons.kit.clock import Millis
from parlons.reception.flow_trials import Side, Trial, side_of
from parlons.reception.flow_trials_figures import SIDES, both_sides
from parlons.reception.flow_trials_outcomes import ENDS, PERSON, Outcome

Json = dict[str, Any]
Behaviour = Callable[[Witness, Random], Mapping[str, Any] | None]
"""What a customer does when it is his turn (an act of `flows.simulating`); None: he hangs up."""
MOST_ACTS = 100
"""Of one customer; then he hangs up."""


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who comes."""

    id: str
    behaves: Behaviour
    seed: int = 0


@dataclass
class _Counted(Witness):
    """A contact of whom is known how he counts in a trial."""

    outcome: Outcome | None = None

    def _take(self, result: Json) -> None:
        effect = self.effect
        if effect is not None:
            self._reached(effect, result)
        super()._take(result)

    def settled(self) -> Outcome:
        """How he ended. Who waits for a person has come to one."""
        effect = self.effect
        if effect is not None and effect.kind == "queue":
            self._reached(effect, None)
        if self.outcome is None:
            ended = self.ended or GONE
            self.outcome = (
                "left" if ended == GONE else "failed" if ended.startswith(FALLS) else ENDS.get(ended, "failed")
            )
        return self.outcome

    def _reached(self, effect: Effect, result: Json | None) -> None:
        if effect.kind == "queue":
            # He stands in line from the moment he is led there, but where the line is full.
            result = {} if (result or {}).get("ended") == "overflow" else None
        if self.outcome is None and effect.kind in PERSON and PERSON[effect.kind](result):
            self.outcome = "transferred"


def crowd(count: int, behaves: Behaviour, *, seed: int = 0) -> Iterator[Customer]:
    """So many customers who behave alike, each with luck of his own."""
    for number in range(count):
        yield Customer(f"CU{number:06d}", behaves, seed * 1_000_003 + number)


def contact(flow: Flow, customer: Customer, **about: Any) -> tuple[Outcome, float]:
    """How his contact ends and the seconds it takes; `about`: the fields of `flows.testing.Caller`."""
    call, luck = _Counted(flow, **about), Random(customer.seed)  # noqa: S311  (a simulation, which must be repeatable)
    call.began = call.now
    call.begins()
    for _ in range(MOST_ACTS):
        if call.ended is not None or (call.effect is not None and call.effect.kind == "queue"):
            break
        call.does(customer.behaves(call, luck) or {"hangs_up": True})
    return call.settled(), (call.now - call.began) / 1000


def rehearsed(
    live: Flow, draft: Flow, customers: Iterable[Customer], *, percent: int = 50, name: str = "rehearsal", **about: Any
) -> Json:
    """Both sides and their differences, in the words of `flow_trials_figures.figures`."""
    trial = Trial(name, "", live.key, 1, 2, percent, Millis(0), "")
    outcomes: dict[Side, Counter[str]] = {side: Counter() for side in SIDES}
    seconds: dict[Side, list[float]] = {side: [] for side in SIDES}
    for customer in customers:
        side = side_of(name, customer.id, percent)
        outcome, took = contact(draft if side == "trial" else live, customer, **about)
        outcomes[side][outcome] += 1
        seconds[side].append(took)
    found: dict[str, Json] = {
        side: {**outcomes[side], "begun": outcomes[side].total(), "seconds": _middle(seconds[side])} for side in SIDES
    }
    return both_sides(trial, found)


def _middle(seconds: list[float]) -> tuple[float, float] | None:
    """Median and 90th percentile."""
    if len(seconds) < 2:
        return (seconds[0], seconds[0]) if seconds else None
    tenths = quantiles(seconds, n=10, method="inclusive")
    return tenths[4], tenths[8]
