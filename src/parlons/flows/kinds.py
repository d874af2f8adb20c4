"""What forms need to know of a kind of step, read from the kind itself: its fields and their types, ways, words, limits. Pure.

Types come from the fields' annotations. What an annotation does not say is asked of the kind: a text is the name of a step where
`leads` gives it back, a number has the limits and a field the condition that `check` enforces. So a new kind needs nothing here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect

from parlons.flows.model import Json, Path, Step

Pattern = tuple[str, ...]
"""A path in which `*` stands for every key or position."""
_NAMED = frozenset({"queue", "workflow", "flow", "hours", "prompt", "firm", "language"})
"""Texts that name a thing outside the flow are called as it is."""
_CALLED = {"save": "variable", "when": "expression"}
_COMMON = frozenset(Step.__struct_fields__)
"""Fields of every step, which are no matter of its kind."""
_MARK = "the-marked-step"
_SAMPLES = ("1", "{x}", "2026-01-01", "https://x")
_TRIED = range(-1, 102)
"""Numbers among which the limits of a field are looked for."""


@dataclass(frozen=True, slots=True)
class Field:
    """A word that a step may have."""

    name: str
    type: str
    """words text step choice number duration boolean mapping list group either expression variable value, or what it names."""
    required: bool = False
    null: bool = False
    default: Any = None
    values: tuple[str, ...] = ()
    """Of a choice."""
    whole: bool = False
    """Of a number: no fractions."""
    minimum: float | None = None
    maximum: float | None = None
    of: "Field | None" = None
    """What a mapping or a list holds."""
    fields: tuple["Field", ...] = ()
    """Of a group."""
    options: tuple["Field", ...] = ()
    """Of what may have one of several forms."""
    only_when: tuple[str, tuple[str, ...]] | None = None
    """Another field, and the values of it with which this one may stand."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of step."""

    name: str
    category: str
    """The module in which it stands."""
    person: bool
    waits: bool
    fields: tuple[Field, ...]
    ways: tuple[Pattern, ...]
    """Where it names steps, in the order of its fields."""
    words: tuple[Pattern, ...]


@cache
def kind_of(kind: type[Step]) -> Kind:
    """What there is to know of it."""
    about = inspect.type_info(kind)
    assert isinstance(about, inspect.StructType)
    asked = _Asked(kind, about)
    fields = tuple(asked.field(each) for each in about.fields if each.name not in _COMMON)
    return Kind(
        name=str(about.tag),
        category=kind.__module__.rpartition(".")[2],
        person=kind.PERSON,
        waits=kind.WAITS,
        fields=fields,
        ways=tuple(_of_type(fields, "step")),
        words=tuple(_of_type(fields, "words")),
    )


def matches(data: Any, pattern: Pattern) -> Iterator[tuple[Path, Any]]:
    """The values that stand where a pattern says, with their places; what has another form is passed over."""
    if not pattern:
        yield (), data
        return
    first, rest = pattern[0], pattern[1:]
    parts: Iterable[tuple[str | int, Any]] = ()
    if first != "*":
        parts = [(first, data[first])] if isinstance(data, dict) and first in data else []
    elif isinstance(data, dict | list):
        parts = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in parts:
        for path, found in matches(value, rest):
            yield (key, *path), found


def _of_type(fields: Iterable[Field], wanted: str) -> Iterator[Pattern]:
    for field in fields:
        if field.type == wanted:
            yield (field.name,)
        for below in _of_type(field.fields, wanted):
            yield (field.name, *below)
        if field.of is not None:
            # The one entry has no name of its own: its place is `*`.
            for below in _of_type((field.of,), wanted):
                yield (field.name, "*", *below[1:])


# -- what annotations say, and what the kind is asked ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Asked:
    """A kind under examination."""

    kind: type[Step]
    about: inspect.StructType

    def field(self, each: inspect.Field) -> Field:
        """One field of the kind itself."""
        found = self._of(each, (each.encode_name,))
        if found.type in ("number", "duration") and found.minimum is None and found.maximum is None:
            found = self._limited(found)
        return replace(found, only_when=self._condition(found))

    def _of(self, each: inspect.Field, pattern: Pattern) -> Field:
        default = each.default if each.default_factory is msgspec.NODEFAULT else each.default_factory()
        default = None if default is msgspec.NODEFAULT else msgspec.to_builtins(default)
        return replace(self._typed(each.type, pattern), required=each.required, default=default)

    def _typed(self, kind: inspect.Type, pattern: Pattern) -> Field:
        name = pattern[-1]
        match kind:
            case inspect.UnionType():
                return self._union(kind, pattern)
            case inspect.BoolType():
                return Field(name, "boolean")
            case inspect.IntType() | inspect.FloatType():
                form = "duration" if name.endswith("_seconds") else "number"
                return Field(name, form, whole=isinstance(kind, inspect.IntType), minimum=kind.ge, maximum=kind.le)
            case inspect.LiteralType():
                return Field(name, "choice", values=tuple(str(value) for value in kind.values))
            case inspect.DictType():
                return Field(name, "mapping", of=self._typed(kind.value_type, (*pattern, "*")))
            case inspect.ListType():
                return Field(name, "list", of=self._typed(kind.item_type, (*pattern, "*")))
            case inspect.StructType():
                return Field(name, "group", fields=tuple(self._of(e, (*pattern, e.encode_name)) for e in kind.fields))
            case inspect.StrType():
                return Field(name, self._text(pattern))
        return Field(name, "value")

    def _union(self, kind: inspect.UnionType, pattern: Pattern) -> Field:
        forms = [form for form in kind.types if not isinstance(form, inspect.NoneType)]
        null = len(forms) < len(kind.types)
        if {type(form) for form in forms} == {inspect.StrType, inspect.DictType}:
            return Field(pattern[-1], "words", null=null)
        if len(forms) == 1:
            return replace(self._typed(forms[0], pattern), null=null)
        return Field(pattern[-1], "either", null=null, options=tuple(self._typed(form, pattern) for form in forms))

    def _text(self, pattern: Pattern) -> str:
        """What a text is for."""
        step = self._made(pattern, _MARK)
        if step is not None and any(target == _MARK for _, target in step.leads()):
            return "step"
        return pattern[-1] if pattern[-1] in _NAMED else _CALLED.get(pattern[-1], "text")

    def _limited(self, field: Field) -> Field:
        allowed = [number for number in _TRIED if self._may(field.name, number)]
        if not allowed:
            return field
        low, high = min(allowed), max(allowed)
        return replace(
            field, minimum=low if low > _TRIED[0] else None, maximum=high if high < _TRIED[-1] else None
        )  # fmt: skip

    def _condition(self, field: Field) -> tuple[str, tuple[str, ...]] | None:
        for other in self.about.fields:
            if isinstance(other.type, inspect.LiteralType) and other.encode_name != field.name and not field.required:
                values = tuple(str(value) for value in other.type.values)
                with_it = tuple(v for v in values if self._may_with(field, {other.encode_name: v}))
                if with_it and with_it != values:
                    return other.encode_name, with_it
        return None

    def _may_with(self, field: Field, more: Json) -> bool:
        samples: tuple[Any, ...] = _SAMPLES
        if field.type in ("mapping", "list"):
            about = next(each for each in self.about.fields if each.encode_name == field.name)
            samples = (_built(about.type, ("*",), _inner(about.type)),)
        elif field.type in ("number", "duration"):
            samples = (1,)
        elif field.type in ("boolean", "choice"):
            return True
        return any(self._may(field.name, sample, more) for sample in samples)

    def _may(self, name: str, value: Any, more: Json | None = None) -> bool:
        """Whether the kind has nothing against this value of a field."""
        step = self._made((name,), value, more)
        return step is not None and not any(problem.path[:1] == (name,) for problem in step.check())

    def _made(self, pattern: Pattern, value: Any, more: Json | None = None) -> Step | None:
        """A step with this value at that place, and of everything else no more than is needed."""
        data = {**_built(self.about, pattern, value), **(more or {})}
        try:
            return msgspec.convert(data, self.kind)
        except msgspec.ValidationError:
            return None


def _built(kind: inspect.Type, pattern: Pattern, value: Any) -> Any:
    """Plain data of a type with `value` at a place below it."""
    if isinstance(kind, inspect.UnionType):
        kind = next(form for form in kind.types if not isinstance(form, inspect.NoneType))
    below: Any = None
    match kind:
        case inspect.StructType():
            below = {each.encode_name: _sample(each.type) for each in kind.fields if each.required}
            if kind.tag_field is not None:
                below[kind.tag_field] = kind.tag
            for each in kind.fields:
                if pattern and each.encode_name == pattern[0]:
                    below[each.encode_name] = _built(each.type, pattern[1:], value) if pattern[1:] else value
            return below
        case inspect.DictType():
            below = kind.value_type
        case inspect.ListType():
            below = kind.item_type
        case _:
            return value
    one = _built(below, pattern[1:], value) if pattern[1:] else value
    return {"1": one} if isinstance(kind, inspect.DictType) else [one]


def _inner(kind: inspect.Type) -> Any:
    """A sample of what a mapping or a list holds."""
    below = kind.value_type if isinstance(kind, inspect.DictType) else getattr(kind, "item_type", None)
    return None if below is None else _sample(below)


def _sample(kind: inspect.Type) -> Any:
    match kind:
        case inspect.UnionType():
            return _sample(kind.types[0])
        case inspect.LiteralType():
            return kind.values[0]
        case inspect.StructType():
            return _built(kind, (), None)
        case inspect.DictType():
            return {}
        case inspect.ListType():
            return []
        case inspect.IntType() | inspect.FloatType():
            return 1
        case inspect.BoolType():
            return True
        case inspect.StrType():
            return "1"
    return None
