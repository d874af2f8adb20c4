"""A flow in the making: its picture, its text and what is wrong with it, however much is missing. Pure.

What is wrong is found in what can be read; a step that cannot be read is told, and counts as one that is there.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any

from parlons.flows.model import Flow, Json, Path, Problem
from parlons.flows.picture import Picture, data_of_picture, picture_of, port_of
from parlons.flows.text import InvalidFlow, faults, readable
from parlons.flows.validate import NO_STEP, check
from parlons.flows.vocabulary import STANDARD, Vocabulary
from parlons.kit.errors import Invalid
from parlons.kit.marked import Fault, Text, read, write

LONGEST, MOST_STEPS, DEEPEST, MOST_PROBLEMS = 1_000_000, 2_000, 30, 200
"""Characters, steps and levels of a draft; problems that are told at once."""
UNREADABLE, TWICE = "unreadable", "duplicate-step"
_BESIDE = ("tests", "firm")
"""Words of a file or a configuration that stand beside a flow's own."""


class DraftTooLarge(Invalid):
    """This draft is larger or deeper than any flow."""

    code = "draft-too-large"


@dataclass(frozen=True, slots=True)
class Names:
    """What exists outside the flow; None: not known, so not checked."""

    flows: Collection[str] | None = None
    queues: Collection[str] | None = None
    workflows: Collection[str] | None = None


NOWHERE = Names()


@dataclass(frozen=True, slots=True)
class Found:
    """A problem with its place in the text."""

    problem: Problem
    fault: Fault

    @property
    def step(self) -> str | None:
        """The step it belongs to; None: the flow as a whole."""
        path = self.problem.path
        return str(path[1]) if len(path) > 1 and path[0] == "steps" else None

    @property
    def port(self) -> str | None:
        """Where below the step."""
        return port_of(self.problem.path[2:]) if self.step is not None and len(self.problem.path) > 2 else None


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as it was understood."""

    text: str
    data: Json
    flow: Flow
    """As far as it can be read."""
    found: tuple[Found, ...]
    picture: Picture | None
    """None: the text is no YAML, or nothing that has words."""

    @property
    def valid(self) -> bool:
        """It could be used as it is."""
        return not any(each.problem.grave for each in self.found)


def draft_of_text(text: str, names: Names = NOWHERE, vocabulary: Vocabulary = STANDARD) -> Draft:
    """What a text says; raises DraftTooLarge."""
    if len(text) > LONGEST:
        raise DraftTooLarge(limit=LONGEST)
    try:
        known = read(text, InvalidFlow)
    except InvalidFlow as error:
        found = tuple(Found(Problem((), each.message, each.remedy, code=UNREADABLE), each) for each in error.faults)
        return Draft(text, {}, Flow("", "", {}), found, None)
    if not isinstance(known.data, dict):
        problem = Problem((), "a flow has a name, a start and steps", "Begin with `name:`.", code=UNREADABLE)
        return Draft(text, {}, Flow("", "", {}), (Found(problem, faults(known, [problem])[0]),), None)
    _check_size(known.data)
    flow, problems = examined(known.data, names, vocabulary)
    return Draft(text, known.data, flow, _placed(known, problems), picture_of(known.data))


def draft_of_picture(picture: Picture, names: Names = NOWHERE, vocabulary: Vocabulary = STANDARD) -> Draft:
    """The same of a picture. What the answer shows is what its text says. Raises DraftTooLarge."""
    if len(picture.nodes) > MOST_STEPS:
        raise DraftTooLarge(limit=MOST_STEPS)
    single, renamed = _named_once(picture)
    data = data_of_picture(single)
    _check_size(data)
    draft = draft_of_text(write(data), names, vocabulary)
    twice = [
        Problem(("steps", name), "two steps had this name", "Give it another.", grave=False, code=TWICE)
        for name in renamed
    ]
    extra = tuple(Found(problem, Fault(0, 0, "", problem.message, problem.remedy)) for problem in twice)
    return replace(draft, found=(*extra, *draft.found))


def examined(data: Json, names: Names, vocabulary: Vocabulary = STANDARD) -> tuple[Flow, list[Problem]]:
    """What can be read of the data, and what is wrong with them, grave first, at most MOST_PROBLEMS."""
    if isinstance(data.get("python"), str):
        return Flow(str(data.get("name") or ""), "", {}), []
    flow, problems = readable({word: value for word, value in data.items() if word not in _BESIDE}, vocabulary)
    found = check(flow, flows=names.flows, queues=names.queues, workflows=names.workflows)
    unread = {name for name in _steps(data) if name not in flow.steps}
    problems += [each for each in found if not (each.code == NO_STEP and _unknown_yet(data, each.path, unread))]
    problems.sort(key=lambda each: not each.grave)
    return flow, problems[:MOST_PROBLEMS]


def value_at(data: Any, path: Path) -> Any:
    """What stands at a place of plain data; None: nothing."""
    for part in path:
        if isinstance(data, dict):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int) and 0 <= part < len(data):
            data = data[part]
        else:
            return None
    return data


def _unknown_yet(data: Json, path: Path, unread: set[str]) -> bool:
    """It leads to a step that is there and cannot be read, or is the start that was told to be missing."""
    return value_at(data, path) in unread or (path == ("start",) and not data.get("start"))


def _placed(text: Text, problems: list[Problem]) -> tuple[Found, ...]:
    return tuple(Found(problem, faults(text, [problem])[0]) for problem in problems)


def _steps(data: Json) -> Json:
    steps = data.get("steps")
    return steps if isinstance(steps, dict) else {}


def _check_size(data: Json) -> None:
    if len(_steps(data)) > MOST_STEPS:
        raise DraftTooLarge(limit=MOST_STEPS)
    check_depth(data)


def check_depth(data: Any) -> None:
    """Raise DraftTooLarge for what is nested deeper than anything in a flow."""
    level: list[Any] = [data]
    for _ in range(DEEPEST):
        level = [below for each in level for below in _below(each)]
        if not level:
            return
    raise DraftTooLarge(limit=DEEPEST)


def _below(value: Any) -> Iterator[Any]:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return (part for part in parts if isinstance(part, dict | list))


def _named_once(picture: Picture) -> tuple[Picture, list[str]]:
    """The same with every name once, and the names that had to be made."""
    names, nodes, made = {node.name for node in picture.nodes}, [], []
    taken: set[str] = set()
    for node in picture.nodes:
        name, number = node.name, 2
        while name in taken or (name != node.name and name in names):
            name, number = f"{node.name} {number}", number + 1
        taken.add(name)
        made += [name] if name != node.name else []
        nodes.append(node if name == node.name else replace(node, name=name))
    return Picture(picture.header, tuple(nodes)), made
