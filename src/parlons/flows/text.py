"""A flow as people write it: YAML to `Flow` and back, with line, column and remedy for what cannot be. Pure.

`flow_of` reads plain data, wherever it stood (a file of its own, a section of a configuration, a row); `parse` a file's text.
"""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

import msgspec

from parlons.flows.model import Flow, Json, Path, Problem, Step
from parlons.flows.vocabulary import STANDARD, Vocabulary
from parlons.kit.marked import Fault, InvalidText, Text, read, write

WORDS = ("name", "start", "language", "languages", "fallback", "variables", "steps")
"""Of a flow, in the order in which a text has them."""
_AT = re.compile(r"^(?P<message>.*?)(?: - at `(?:key in )?\$(?P<path>[^`]*)`)?$", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`")
_MISSING = re.compile(r"Object missing required field `(.*)`")
_PART = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[([0-9]+)\]|(\[\.\.\.\])")
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_ .\-]{0,63}")


class InvalidFlow(InvalidText):
    """The flow is not valid."""

    code = "invalid-flow"


def parse(source: str, vocabulary: Vocabulary = STANDARD) -> tuple[Flow, Text]:
    """The flow of a file, and where everything stands in it; raises InvalidFlow."""
    text = read(source, InvalidFlow)
    flow, problems = flow_of({key: value for key, value in _mapping(text.data).items() if key != "tests"}, vocabulary)
    if flow is None:
        raise InvalidFlow(faults(text, problems))
    return flow, text


def faults(text: Text, problems: Iterable[Problem], below: Path = ()) -> list[Fault]:
    """Problems with their places in a text; `below`: where the flow stands in it."""
    return [
        text.fault(
            (*below, *problem.path),
            problem.message,
            problem.remedy,
            at=problem.at,
            of_key=problem.of_key,
            code=problem.code,
        )
        for problem in problems
    ]


def flow_of(data: Any, vocabulary: Vocabulary = STANDARD, *, flow_id: str = "") -> tuple[Flow | None, list[Problem]]:
    """The flow that plain data say, or what is wrong with their form."""
    flow, problems = readable(data, vocabulary, flow_id=flow_id)
    return (None if problems else flow), problems


def readable(data: Any, vocabulary: Vocabulary = STANDARD, *, flow_id: str = "") -> tuple[Flow, list[Problem]]:
    """What can be read of half-written data, and what is wrong with the form of the rest: steps that cannot be are left out."""
    if not isinstance(data, dict):
        return Flow("", "", {}), [Problem((), "a flow has a name, a start and steps", "Begin with `name:`.")]
    problems = [_unknown((word,), word, WORDS) for word in data if word not in WORDS]
    needed: tuple[tuple[str, type], ...] = (("name", str), ("start", str), ("steps", dict))
    for word, kind in needed:
        if not isinstance(data.get(word), kind) or not data[word]:
            message = f"{word} is missing" if word not in data else f"{word} is not as it must be"
            problems.append(Problem((word,), message, f"Add `{word}: ...` here."))
    for word, kind in _OPTIONAL:
        if data.get(word) is not None and not isinstance(data[word], kind):
            problems.append(Problem((word,), f"{word} is not as it must be", _SHAPES[kind]))
    steps: dict[str, Step] = {}
    for name, each in _mapping(data.get("steps")).items():
        step, found = _step(each, ("steps", name), vocabulary)
        problems += found
        if NAME.fullmatch(name) is None:
            problems.append(Problem(("steps", name), f"{name!r} is no name of a step", "Use letters, digits, - and _."))
        if step is not None:
            steps[name] = step
    wanted = dict((*needed, *_OPTIONAL))
    header = {word: value for word, value in data.items() if word in wanted and isinstance(value, wanted[word])}
    return _flow(header, steps, flow_id), problems


_OPTIONAL: tuple[tuple[str, type], ...] = (
    ("language", str), ("fallback", str), ("variables", dict), ("languages", list)
)  # fmt: skip
_SHAPES: dict[type, str] = {
    str: "Write a text.",
    dict: "Write `name: value` lines.",
    list: "Write a list such as [fr, en].",
}


def _flow(data: Json, steps: dict[str, Step], flow_id: str) -> Flow:
    language = data.get("language") or "en"
    return Flow(
        name=data.get("name", ""),
        start=data.get("start", ""),
        steps=steps,
        language=language,
        languages=tuple(str(each) for each in data.get("languages") or ()),
        fallback=data.get("fallback"),
        variables=data.get("variables") or {},
        id=flow_id,
    )


def data_of(flow: Flow) -> Json:
    """The plain data that `flow_of` reads back to the same flow."""
    data: Json = {"name": flow.name, "start": flow.start, "language": flow.language}
    if flow.languages:
        data["languages"] = list(flow.languages)
    if flow.fallback is not None:
        data["fallback"] = flow.fallback
    if flow.variables:
        data["variables"] = flow.variables
    data["steps"] = {name: msgspec.to_builtins(step) for name, step in flow.steps.items()}
    return data


def dump(flow: Flow) -> str:
    """The YAML that `parse` reads back to the same flow."""
    return write(data_of(flow))


def _step(data: Any, path: Path, vocabulary: Vocabulary) -> tuple[Step | None, list[Problem]]:
    if not isinstance(data, dict) or not isinstance(data.get("do"), str):
        kinds = ", ".join(vocabulary.kinds)
        return None, [Problem(path, "a step says what it does", f"Begin with `do:` and one of {kinds}.")]
    kind = vocabulary.kinds.get(data["do"])
    if kind is None:
        return None, [_unknown((*path, "do"), data["do"], list(vocabulary.kinds), "no kind of step")]
    try:
        return msgspec.convert(data, kind), []
    except msgspec.ValidationError as error:
        return None, [_form(str(error), path, vocabulary.fields(data["do"]))]


def _form(message: str, path: Path, words: list[str]) -> Problem:
    """What msgspec says, at its place and in our words."""
    match = _AT.match(message)
    said, below = (match["message"], match["path"] or "") if match else (message, "")
    place: Path = (*path, *_path(below))
    if unknown := _UNKNOWN.fullmatch(said):
        here = words if not below else []
        return _unknown((*place, unknown[1]), unknown[1], here)
    if missing := _MISSING.fullmatch(said):
        return Problem(place, f"{missing[1]} is missing", f"Add `{missing[1]}: ...` here.")
    remedy = "Put it in quotes." if said.startswith("Expected `str") and "got `int`" in said else ""
    return Problem(place, said[:1].lower() + said[1:].replace("`", ""), remedy or "See docs/reference/flows.md.")


def _path(text: str) -> Path:
    """`.cases[0].next` as a path, up to the first key that msgspec does not name."""
    found: list[str | int] = []
    for word, index, unnamed in _PART.findall(text):
        if unnamed:
            break
        found.append(word or int(index))
    return tuple(found)


def _unknown(path: Path, word: str, known: Iterable[str], what: str = "") -> Problem:
    words = list(known)
    near = get_close_matches(word, words, 1)
    remedy = f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(words)}." if words else "Take it out."
    return Problem(path, f"{word} is {what or 'not known here'}", remedy, of_key=not what)


def _mapping(data: Any) -> Json:
    return data if isinstance(data, dict) else {}
