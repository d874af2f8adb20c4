"""What would put a problem of a flow right: changes that a person may take by one key. Pure.

Candidates are guesses by the kind of problem; only those are offered that, tried on a copy, do away with the problem and make
nothing else worse.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Any, Literal

from parlons.flows.drafts import Names, examined, value_at
from parlons.flows.kinds import kind_of
from parlons.flows.model import Flow, Json, Path, Problem, Step
from parlons.flows.validate import NO_NAME, NO_PERSON, NO_STEP, NO_WAY_OUT, SILENT, UNREACHABLE
from parlons.flows.vocabulary import STANDARD, Vocabulary

MOST_OFFERS, MOST_TRIED, MOST_OF_ONE = 3, 40, 12
"""Offers for one problem; candidates tried for a whole draft, and for one problem."""
PERSON_STEP = "agent"


@dataclass(frozen=True, slots=True)
class Offer:
    """One change."""

    offer: Literal["connect", "start", "remove", "unset", "set", "add"]
    step: str | None = None
    """Whose field; None: the flow's own."""
    path: Path = ()
    """The field, below the step."""
    to: str | None = None
    """The step to lead to, or to begin with."""
    value: Any = None
    """Of `set`."""
    kind: str | None = None
    """Of `add`: of the new step, which is called `to`."""

    def as_json(self) -> Json:
        """As the API answers it."""
        same = {"connect": ("step", "path", "to"), "start": ("to",), "remove": ("step",), "unset": ("step", "path"),
                "set": ("step", "path", "value"), "add": ("kind", "to", "step", "path")}  # fmt: skip
        found = {word: getattr(self, word) for word in same[self.offer]}
        return {"offer": self.offer, **{word: list(v) if isinstance(v, tuple) else v for word, v in found.items()}}


def offers_for(
    data: Json, flow: Flow, problems: list[Problem], names: Names, vocabulary: Vocabulary = STANDARD
) -> list[list[Offer]]:
    """For each problem what would put it right, best first; few or none where there are many problems."""
    left, before = MOST_TRIED, _weights(problems)
    found: list[list[Offer]] = []
    for problem in problems:
        good: list[Offer] = []
        for offer in islice(_candidates(data, flow, problem, names), min(left, MOST_OF_ONE)):
            left -= 1
            if _helps(data, offer, problem, before, names, vocabulary):
                good.append(offer)
            if len(good) == MOST_OFFERS:
                break
        found.append(good)
    return found


def applied(data: Json, offer: Offer) -> Json:
    """The data with an offer taken."""
    new: Json = deepcopy(data)
    steps = new.setdefault("steps", {})
    if offer.offer == "start":
        new["start"] = offer.to
    elif offer.offer == "remove":
        steps.pop(offer.step, None)
    elif offer.offer == "unset":
        _put(new, offer, None, away=True)
    elif offer.offer == "set":
        _put(new, offer, offer.value)
    else:
        if offer.offer == "add":
            steps[offer.to] = {"do": offer.kind}
        if offer.step is not None:
            _put(new, offer, offer.to)
    return new


# -- guesses ------------------------------------------------------------------------------------------------------------


def _candidates(data: Json, flow: Flow, problem: Problem, names: Names) -> Iterator[Offer]:
    path = problem.path
    step = str(path[1]) if len(path) > 1 and path[0] == "steps" else None
    inside = path[2:] if step is not None else path
    match problem.code:
        case _ if path == ("start",):
            yield from (Offer("start", to=name) for name in _near(value_at(data, path), flow.steps))
            yield from (Offer("start", to=name) for name in islice(_first(flow), 2))
        case code if code == NO_STEP:
            wanted = value_at(data, path)
            yield from (Offer("connect", step, inside, name) for name in _near(wanted, flow.steps))
            if isinstance(wanted, str):
                yield Offer("add", None, (), wanted, kind="queue")
            yield Offer("unset", step, inside)
        case code if code == NO_NAME:
            known = {"queue": names.queues, "workflow": names.workflows, "flow": names.flows, "fallback": names.queues}
            there = list(known.get(str(path[-1])) or ())
            yield from (Offer("set", step, inside, value=name) for name in _near(value_at(data, path), there))
            yield Offer("unset", step, inside)
        case code if code == UNREACHABLE and step is not None:
            yield from _to(flow, step, _reached(flow))
            yield Offer("remove", step)
        case code if code in (NO_WAY_OUT, SILENT) and step is not None:
            yield from _to_person(flow, [step, *_below(flow, step)])
        case code if code == NO_PERSON:
            yield from _to_person(flow, _reached(flow))
        case _ if inside:
            yield Offer("unset", step, inside)


def _to(flow: Flow, target: str, among: list[str]) -> Iterator[Offer]:
    """From ways that lead nowhere yet; the last steps first, for that is where one goes on."""
    for name in reversed(among):
        for path in _open(flow.steps[name]):
            if name != target:
                yield Offer("connect", name, path, target)


def _to_person(flow: Flow, among: list[str]) -> Iterator[Offer]:
    people = [name for name, step in flow.steps.items() if step.PERSON]
    for name in among:
        for path in sorted(_open(flow.steps[name]), key=lambda each: each != ("failed",)):
            yield from (Offer("connect", name, path, person) for person in people[:1] if person != name)
            if not people and PERSON_STEP not in flow.steps:
                yield Offer("add", name, path, PERSON_STEP, kind="queue")


def _open(step: Step) -> list[Path]:
    """Its own ways that lead nowhere yet, in the order in which the kind tells them."""
    found: list[Path] = []
    for field in kind_of(type(step)).fields:
        if field.type == "step" and getattr(step, field.name) is None:
            word, values = field.only_when or ("", ())
            if not word or getattr(step, word) in values:
                found.append((field.name,))
    leads = step.LEADS
    return sorted(found, key=lambda path: leads.index(str(path[0])) if path[0] in leads else len(leads))


def _first(flow: Flow) -> Iterator[str]:
    """Steps that nothing leads to, else any: one of them is where it begins."""
    led = {target for step in flow.steps.values() for _, target in step.leads()}
    yield from (name for name in flow.steps if name not in led)
    yield from flow.steps


def _reached(flow: Flow) -> list[str]:
    return [name for name in (flow.start, *_below(flow, flow.start)) if name in flow.steps]


def _below(flow: Flow, step: str) -> list[str]:
    found, todo = [step], [step]
    while todo:
        here = flow.steps.get(todo.pop(0))
        for _, target in here.leads() if here is not None else ():
            if target not in found and target in flow.steps:
                found.append(target)
                todo.append(target)
    return found[1:]


def _near(word: Any, names: Any) -> list[str]:
    return get_close_matches(word, list(names), 2) if isinstance(word, str) else []


# -- tried --------------------------------------------------------------------------------------------------------------


def _helps(
    data: Json, offer: Offer, problem: Problem, before: tuple[int, int], names: Names, vocabulary: Vocabulary
) -> bool:
    try:
        _, problems = examined(applied(data, offer), names, vocabulary)
    except (KeyError, IndexError, TypeError, AttributeError):
        # What is half written has no such place.
        return False
    if any(each.code == problem.code and each.path == problem.path for each in problems):
        return False
    # A step that can be read again shows what else is wrong with it: that is no new harm.
    return offer.offer == "unset" or _weights(problems) < before


def _weights(problems: list[Problem]) -> tuple[int, int]:
    grave = sum(problem.grave for problem in problems)
    return grave, len(problems)


def _put(data: Json, offer: Offer, value: Any, *, away: bool = False) -> None:
    place: Path = offer.path if offer.step is None else ("steps", offer.step, *offer.path)
    holder: Any = data
    for part in place[:-1]:
        holder = holder[part]
    if away:
        del holder[place[-1]]
    else:
        holder[place[-1]] = value
