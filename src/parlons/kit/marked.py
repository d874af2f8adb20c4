"""Files that people write: read with the place of every value, so that a mistake is told by line and column; and written.

Only the plain part of YAML 1.2 is meant: true and false are the only booleans (`no` is Norwegian here), days and times of
day stay texts, keys are texts and stand once. Knows nothing of what the values mean. Source: YAML 1.2.2, 10.2 (JSON schema).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from math import isfinite
from typing import Any

import yaml

from parlons.kit.errors import Invalid

Path = tuple[str | int, ...]
"""The way to a value: keys and list positions from the top."""

LARGEST = 32 * 1024 * 1024
"""Characters of a file: 6,000 firms with hours and queues take about 6 million."""
_MOST_VALUES = 1_000_000
_DEEPEST = 40
_BRACKET = re.compile(r"[\[\]{}]")
_INDENTED = re.compile(r"^[ \t?:-]{200}", re.MULTILINE)
_INT = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?[0-9]{1,18}\.[0-9]{1,18}")
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake in a file; line and column count from 1, 0 when it belongs to the file as a whole."""

    line: int
    column: int
    path: str
    message: str
    remedy: str
    code: str = ""
    """Names the kind of mistake, where programs may ask for it."""

    def __str__(self) -> str:
        place = f"line {self.line}, column {self.column}: " if self.line else ""
        where = f"{self.path}: " if self.path else ""
        return f"{place}{where}{self.message}. {self.remedy}".rstrip()

    def as_json(self) -> dict[str, Any]:
        """As the API answers it."""
        return {
            "line": self.line,
            "column": self.column,
            "path": self.path,
            "message": self.message,
            "remedy": self.remedy,
            **({"code": self.code} if self.code else {}),
        }


class InvalidText(Invalid):
    """The file is not valid."""

    code = "invalid-text"

    def __init__(self, faults: Iterable[Fault], message: str | None = None) -> None:
        """`faults` are shown in the order of the file."""
        self.faults = sorted(faults, key=lambda fault: (fault.line, fault.column))
        super().__init__(message, faults=[fault.as_json() for fault in self.faults])

    def __str__(self) -> str:
        return "\n".join([self.message, *map(str, self.faults)])


@dataclass(slots=True)
class Text:
    """A file that was read: its data, and where each part of it stands."""

    data: Any
    values: dict[Path, tuple[int, int]] = field(default_factory=dict)
    """Line and column of the first character of each value."""
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)
    texts: dict[Path, tuple[int, int] | None] = field(default_factory=dict)
    """Where the characters of a text begin; None: it is folded or escaped, so they cannot be counted."""

    def fault(
        self, path: Path, message: str, remedy: str = "", *, of_key: bool = False, at: tuple[int, int] | None = None,
        code: str = "",
    ) -> Fault:  # fmt: skip
        """A fault at `path`, or at the nearest part above it that stands in the file. `at`: line and column, from 1, inside
        the text there."""
        line, column = self._place(path, of_key=of_key)
        begin = self.texts.get(path)
        if at is not None and begin is not None:
            line, column = begin[0] + at[0] - 1, (begin[1] if at[0] == 1 else 1) + at[1] - 1
        return Fault(line, column, shown(path), message.rstrip("."), remedy, code)

    def _place(self, path: Path, *, of_key: bool) -> tuple[int, int]:
        if of_key and path in self.keys:
            return self.keys[path]
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, (0, 0))


def shown(path: Path) -> str:
    """`queues[3].workers`: list positions count from 1, as people do."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def read(text: str, error: type[InvalidText] = InvalidText) -> Text:
    """The data of a file with its places; raises `error`."""
    node = compose(text, error)
    reader = _Reader(error)
    data = {} if node is None else reader.value(node, ())
    if reader.faults:
        raise error(reader.faults)
    reader.text.data = data
    return reader.text


def compose(text: str, error: type[InvalidText] = InvalidText) -> yaml.Node | None:
    """The nodes of a file; None: it is empty. Raises `error`."""
    if len(text) > LARGEST:
        raise error([Fault(0, 0, "", "the file is too large", f"At most {LARGEST} characters.")])
    _check_depth(text, error)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        node: yaml.Node | None = yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as found:
        mark = found.problem_mark or found.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        what = found.problem or "this is no YAML"
        raise error([Fault(*place, "", what, "Check indentation, quotes and colons here.")]) from None
    except yaml.YAMLError as found:
        raise error([Fault(0, 0, "", "this is no YAML", str(found))]) from None
    return node


def _check_depth(text: str, error: type[InvalidText]) -> None:
    """Refuse before parsing what would exhaust the C stack of the YAML library, which does not defend itself."""
    depth = deepest = 0
    for bracket in _BRACKET.finditer(text):
        depth = depth + 1 if bracket.group() in "[{" else max(0, depth - 1)
        deepest = max(deepest, depth)
    if deepest > 500 or _INDENTED.search(text):
        raise error([Fault(0, 0, "", "the file is nested too deeply", "No configuration needs that.")])


class _Reader:
    """Walks the nodes of one document."""

    def __init__(self, error: type[InvalidText]) -> None:
        self.error = error
        self.text = Text(None)
        self.faults: list[Fault] = []
        self._count = 0

    def value(self, node: yaml.Node, path: Path) -> Any:
        self._count += 1
        place = (node.start_mark.line + 1, node.start_mark.column + 1)
        self.text.values[path] = place
        if self._count > _MOST_VALUES or len(path) > _DEEPEST:
            raise self.error([Fault(*place, "", "the file holds too much", "Write it without so many aliases.")])
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode)
        self.text.texts[path] = _begin(node)
        return scalar_of(node)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            place = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if not isinstance(key_node, yaml.ScalarNode):
                self.faults.append(Fault(*place, shown(path), "a name must be a text", "Write `name: value`."))
                continue
            key = str(key_node.value)
            if key in found:
                self.faults.append(
                    Fault(*place, shown((*path, key)), "this name stands here twice", "Keep one of them.")
                )
                continue
            self.text.keys[(*path, key)] = place
            found[key] = self.value(value_node, (*path, key))
        return found


def _begin(node: yaml.ScalarNode) -> tuple[int, int] | None:
    mark, length = node.start_mark, node.end_mark.index - node.start_mark.index
    if not node.style and length == len(node.value):
        return mark.line + 1, mark.column + 1
    if node.style in ("'", '"') and length == len(node.value) + 2:
        return mark.line + 1, mark.column + 2
    return None


def scalar_of(node: yaml.ScalarNode) -> Any:
    """The value of one node."""
    text: str = node.value
    if node.style:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Writes short lists of plain values on one line, as people do."""


def _represent_list(dumper: yaml.SafeDumper, items: list[Any]) -> yaml.Node:
    flat = all(isinstance(item, str | int | float) and len(str(item)) <= 40 for item in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=flat)


def _represent_float(dumper: yaml.SafeDumper, number: float) -> yaml.Node:
    """Without an exponent, which `read` takes for a text."""
    plain = f"{Decimal(repr(number)):f}" if isfinite(number) else ""
    plain = plain if "." in plain else f"{plain}.0"
    if _FLOAT.fullmatch(plain) is None:
        return dumper.represent_float(number)
    return dumper.represent_scalar("tag:yaml.org,2002:float", plain)


_Dumper.add_representer(list, _represent_list)
_Dumper.add_representer(tuple, _represent_list)
_Dumper.add_representer(float, _represent_float)


def write(data: Any) -> str:
    """The text that `read` reads back to the same data."""
    text: str = yaml.dump(
        data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110, default_flow_style=False
    )
    return text
