"""Whether a flow holds together: targets that exist, no circle without a way out, a way to a person, every language. Pure.

Grave problems keep a flow from being stored; the others are told and allowed. Each has a code that never changes (`CODES`).
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from difflib import get_close_matches

from parlons.flows.model import Flow, Path, Problem, Step
from parlons.flows.steps.reaching_people import Transfer

NO_STEP, NO_WORDS, NO_NAME = "no-such-step", "missing-language", "no-such-name"
UNREACHABLE, NO_WAY_OUT, IDLE, SILENT, NO_PERSON = (
    "unreachable-step", "no-way-out", "idle-circle", "silent-circle", "no-person"
)  # fmt: skip
CODES = ("invalid-step", NO_STEP, NO_WORDS, NO_NAME, UNREACHABLE, NO_WAY_OUT, IDLE, SILENT, NO_PERSON)


def check(flow: Flow, *, flows: Collection[str] | None = None, queues: Collection[str] | None = None,
          workflows: Collection[str] | None = None) -> list[Problem]:  # fmt: skip
    """All problems, in the order of the flow. The names that exist elsewhere are checked where they are given."""
    problems = list(_targets(flow))
    for name, step in flow.steps.items():
        for problem in step.check():
            path: Path = ("steps", name, *problem.path)
            problems.append(replace(problem, path=path))
    problems += _languages(flow)
    problems += _names(flow, flows, queues, workflows)
    if not any(problem.grave for problem in problems):
        problems += _ways(flow)
    return problems


def grave(problems: Collection[Problem]) -> list[Problem]:
    """Those that keep a flow from being used."""
    return [problem for problem in problems if problem.grave]


def _targets(flow: Flow) -> Iterator[Problem]:
    if flow.start not in flow.steps:
        yield _no_step(("start",), flow.start, flow)
    for name, step in flow.steps.items():
        for path, target in step.leads():
            if target not in flow.steps:
                yield _no_step(("steps", name, *path), target, flow)


def _no_step(path: Path, name: str, flow: Flow) -> Problem:
    near = get_close_matches(name, flow.steps, 1)
    remedy = f"Did you mean {near[0]}?" if near else "Add it under steps."
    return Problem(path, f"there is no step {name!r}", remedy, code=NO_STEP)


def _languages(flow: Flow) -> Iterator[Problem]:
    for name, step in flow.steps.items():
        for path, texts in step.says():
            if isinstance(texts, dict):
                for language in flow.languages:
                    if language not in texts:
                        place: Path = ("steps", name, *path)
                        message = f"the words in {language} are missing"
                        yield Problem(place, message, f"Add `{language}: ...`.", code=NO_WORDS)
                if not texts:
                    yield Problem(("steps", name, *path), "no words", "Write a text.", code=NO_WORDS)


def _names(
    flow: Flow, flows: Collection[str] | None, queues: Collection[str] | None, workflows: Collection[str] | None
) -> Iterator[Problem]:
    known = {"flow": flows, "queue": queues, "workflow": workflows}
    for word, names in known.items():
        for path, name in _named(flow, word):
            if names is not None and name not in names:
                near = get_close_matches(name, list(names), 1)
                remedy = f"Did you mean {near[0]}?" if near else "Name one that exists."
                yield Problem(path, f"there is no {word} {name!r}", remedy, code=NO_NAME)


def _named(flow: Flow, word: str) -> Iterator[tuple[Path, str]]:
    for name, step in flow.steps.items():
        value = getattr(step, word, None)
        if isinstance(value, str):
            yield ("steps", name, word), value
    if word == "queue" and flow.fallback is not None:
        yield ("fallback",), flow.fallback


def _ways(flow: Flow) -> Iterator[Problem]:
    """What can be reached, whether there is a way out of every circle, and whether a person is to be had."""
    ways = {name: {target for _, target in step.leads()} for name, step in flow.steps.items()}
    reached = _from({flow.start}, ways)
    for name in flow.steps:
        if name not in reached:
            remedy = "Name it somewhere, or take it out."
            yield Problem(("steps", name), "no way leads to this step", remedy, grave=False, code=UNREACHABLE)
    backwards: dict[str, set[str]] = {name: set() for name in flow.steps}
    for name, targets in ways.items():
        for target in targets:
            backwards[target].add(name)
    out = _from({name for name, step in flow.steps.items() if _is_way_out(step)}, backwards)
    stuck = [name for name in flow.steps if name in reached and name not in out]
    for name in stuck[:1]:
        remedy = "Let one of its steps lead to `end`, `queue` or another way out."
        yield Problem(("steps", name), "from here nothing leads out again", remedy, code=NO_WAY_OUT)
    yield from _idle_circles(flow, ways, reached) or _silent_circles(flow, reached)
    if not any(flow.steps[name].PERSON or _hands_over(flow.steps[name]) for name in reached):
        remedy = "Add a `queue`, `callback` or `voicemail`."
        yield Problem(("steps",), "nobody can reach a person", remedy, grave=False, code=NO_PERSON)


def _silent_circles(flow: Flow, reached: set[str]) -> list[Problem]:
    """Who says nothing, or cannot, is led round for ever and comes to nobody."""
    quiet = {name: set(flow.steps[name].silent()) for name in reached}
    backwards: dict[str, set[str]] = {}
    for name, targets in quiet.items():
        for target in targets - {None}:
            backwards.setdefault(target or "", set()).add(name)
    out = {
        name for name, ways in quiet.items() if None in ways or flow.steps[name].PERSON or _hands_over(flow.steps[name])
    }
    stuck = [name for name in flow.steps if name in reached - _from(out, backwards)]
    remedy = "Let `failed` or `no_input` of one of its steps lead to a person or to the end."
    return [
        Problem(("steps", name), "who says nothing is led round from here for ever", remedy, code=SILENT)
        for name in stuck[:1]
    ]


def _idle_circles(flow: Flow, ways: dict[str, set[str]], reached: set[str]) -> list[Problem]:
    """A circle in which nobody has to do anything turns for ever, whatever other ways it has."""
    idle = {name for name in reached if not flow.steps[name].WAITS}
    inner = {name: ways[name] & idle for name in idle}
    for name in flow.steps:
        if name in idle and name in _from(inner[name], inner):
            remedy = "Let an `ask` stand in the circle, or lead out of it."
            message = "this step comes back to itself without anybody being asked"
            return [Problem(("steps", name), message, remedy, code=IDLE)]
    return []


def _from(begin: set[str], ways: dict[str, set[str]]) -> set[str]:
    found, open_ends = set(begin), list(begin)
    while open_ends:
        for target in ways.get(open_ends.pop(), ()):
            if target not in found:
                found.add(target)
                open_ends.append(target)
    return found


def _is_way_out(step: Step) -> bool:
    return step.ends()


def _hands_over(step: Step) -> bool:
    return isinstance(step, Transfer)
