"""A flow as a picture: boxes and the lines between them, and back to plain data without loss. Pure.

A picture is made of plain data, not of a `Flow`: what is half written has one too. `fields` are the truth; lines and titles
are derived from them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from parlons.flows.kinds import Kind, kind_of, matches
from parlons.flows.model import FARTHEST, Json, Path
from parlons.flows.vocabulary import STANDARD, Vocabulary
from parlons.flows.words import chosen

LONGEST_TITLE = 80


@dataclass(frozen=True, slots=True)
class Node:
    """A step. Of what is no step at all `kind` is None and `fields` are empty, unless it is a mapping without a kind."""

    name: str
    kind: str | None
    fields: Json
    """What the text says of it, but its kind and place."""
    at: tuple[int, int] | None = None
    raw: Any = None
    """What stands there instead of a step."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A way from a step to another."""

    step: str
    path: Path
    """Where the target is written, below the step."""
    to: str
    exists: bool

    @property
    def port(self) -> str:
        """The same place as one word."""
        return port_of(self.path)


@dataclass(frozen=True, slots=True)
class Picture:
    """A flow drawn."""

    header: Json
    """Everything but the steps."""
    nodes: tuple[Node, ...]


def picture_of(data: Json) -> Picture:
    """The picture of what a text says."""
    steps = data.get("steps")
    header = {word: value for word, value in data.items() if word != "steps"}
    if steps is not None and not isinstance(steps, dict):
        return Picture({**header, "steps": steps}, ())
    return Picture(header, tuple(_node(name, step) for name, step in (steps or {}).items()))


def data_of_picture(picture: Picture) -> Json:
    """What a text says that has this picture. Names must stand once."""
    data = dict(picture.header)
    if picture.nodes or "steps" not in data:
        data["steps"] = {node.name: _step(node) for node in picture.nodes}
    return data


def without_places(data: Json) -> tuple[Json, Json]:
    """What a flow does, and beside it where its boxes stand, by step."""
    steps = data.get("steps")
    if not isinstance(steps, dict):
        return data, {}
    places = {
        name: list(step["at"]) for name, step in steps.items() if isinstance(step, dict) and _place(step.get("at"))
    }
    bare = {name: _bare(step) if name in places else step for name, step in steps.items()}
    return ({**data, "steps": bare} if places else data), places


def with_places(data: Json, places: Json) -> Json:
    """Both in one, as a text has it."""
    steps = data.get("steps")
    if not places or not isinstance(steps, dict):
        return data
    return {
        **data,
        "steps": {name: {**step, "at": places[name]} if name in places else step for name, step in steps.items()},
    }


def edges_of(picture: Picture, vocabulary: Vocabulary = STANDARD) -> Iterator[Edge]:
    """The lines, box by box, in the order in which a kind's ways are told."""
    names = {node.name for node in picture.nodes}
    for node in picture.nodes:
        kind = _kind(node, vocabulary)
        for pattern in kind.ways if kind is not None else ():
            for path, target in matches(node.fields, pattern):
                if isinstance(target, str):
                    yield Edge(node.name, path, target, target in names)


def title_of(node: Node, language: str, vocabulary: Vocabulary = STANDARD) -> str:
    """What tells this box from others of its kind: its first words, else what it names, else nothing."""
    kind = _kind(node, vocabulary)
    if kind is None:
        return ""
    for pattern in kind.words:
        for _, texts in matches(node.fields, pattern):
            if isinstance(texts, str):
                return _short(texts)
            if isinstance(texts, dict):
                words = {word: text for word, text in texts.items() if isinstance(text, str)}
                return _short(chosen(words, language, language)[0])
    leads = {pattern[0] for pattern in kind.ways}
    told = (field.name for field in kind.fields if field.name not in leads and field.type in _TELLING)
    return next((_short(node.fields[name]) for name in told if isinstance(node.fields.get(name), str)), "")


def port_of(path: Path) -> str:
    """`choices.1.next`."""
    return ".".join(str(part) for part in path)


_TELLING = frozenset({"queue", "workflow", "flow", "hours", "language", "text"})


def _node(name: str, step: Any) -> Node:
    if not isinstance(step, dict):
        return Node(name, None, {}, raw=step)
    kind = step.get("do") if isinstance(step.get("do"), str) else None
    place = _place(step.get("at"))
    hidden = {"do"} if kind is not None else set()
    hidden |= {"at"} if place is not None else set()
    return Node(name, kind, {word: value for word, value in step.items() if word not in hidden}, place)


def _step(node: Node) -> Any:
    if node.kind is None and not node.fields and node.raw is not None:
        return node.raw
    step = {word: value for word, value in node.fields.items() if word != "do" or node.kind is None}
    if node.kind is not None:
        step = {"do": node.kind, **step}
    if node.at is not None:
        step["at"] = list(node.at)
    return step


def _bare(step: Json) -> Json:
    return {word: value for word, value in step.items() if word != "at"}


def _place(value: Any) -> tuple[int, int] | None:
    """A place; None: none, or one that cannot be, which stays with the other fields and is told as a problem."""
    if not isinstance(value, list | tuple) or len(value) != 2:
        return None
    if not all(type(each) is int and abs(each) <= FARTHEST for each in value):
        return None
    return value[0], value[1]


def _kind(node: Node, vocabulary: Vocabulary) -> Kind | None:
    found = vocabulary.kinds.get(node.kind) if node.kind is not None else None
    return kind_of(found) if found is not None else None


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST_TITLE else flat[: LONGEST_TITLE - 1] + "…"
