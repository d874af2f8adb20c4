"""What a text with variables may contain, and what it says once they are filled. Pure.

Decides which parts of the Liquid language are open to authors: variables of `VARIABLES`, conditions, assignments and filters
that cannot grow a text beyond measure. No loops, no includes, no look at anything that was not handed over. A value is
written as it is and never read as Liquid again. Source: python-liquid 2.3, Shopify's description of Liquid.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TextIO

from liquid import Environment, RenderContext
from liquid.builtin.output import Output, OutputNode
from liquid.exceptions import LiquidError
from liquid.stringify import to_liquid_string
from liquid.template import BoundTemplate

from parlons.kit.errors import Invalid

VARIABLES = (
    "customer.name",
    "customer.first_name",
    "customer.email",
    "customer.phone",
    "customer.language",
    "agent.name",
    "agent.first_name",
    "firm.name",
    "conversation.subject",
)
"""What an author may name; `customer.attributes.ANYTHING` besides."""
ATTRIBUTES = ("customer", "attributes")
MAX_TEXT = 8_000
"""Characters of a source, as of a message."""
_TAGS = ("content", "output", "illegal", "if", "unless", "case", "assign", "comment", "#")
"""The first three are the library's names for plain text, for a variable and for what is neither."""
_FILTERS = ("default", "capitalize", "upcase", "downcase", "strip", "truncate", "append", "prepend", "first", "last")
_BEGIN, _END, _GAP = "\ue000", "\ue001", "\ue002"
_MARKS = str.maketrans("", "", _BEGIN + _END + _GAP)


class InvalidTemplate(Invalid):
    """This text has a mistake in one of its variables or conditions."""

    code = "invalid-template"


class UnknownVariable(Invalid):
    """This text names a variable that does not exist."""

    code = "unknown-variable"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a filled text."""

    text: str
    filled: bool = False
    """It comes from a variable."""
    missing: str | None = None
    """The variable that has no value here; `text` is empty then."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A text with its variables filled, piece by piece in reading order."""

    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """As it will be read."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def missing(self) -> tuple[str, ...]:
        """Variables without a value."""
        return tuple(piece.missing for piece in self.pieces if piece.missing is not None)


class _MarkedNode(OutputNode):
    """Writes a value between marks, so that screens can show what was filled in."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        value = to_liquid_string(self.expression.evaluate(context), context.autoescape).translate(_MARKS)
        return buffer.write(f"{_BEGIN}{value or _GAP + str(self.expression)}{_END}")


class _Marked(Output):
    node_class = _MarkedNode


class _Liquid(Environment):
    block_nesting_limit = 8
    output_stream_limit = 10 * MAX_TEXT
    local_namespace_limit = 10 * MAX_TEXT


def _environment() -> Environment:
    made = _Liquid(strict_filters=True)
    made.add_tag(_Marked)
    made.tags = {name: tag for name, tag in made.tags.items() if name in _TAGS}
    made.filters = {name: call for name, call in made.filters.items() if name in _FILTERS}
    return made


_LIQUID = _environment()


def check(source: str, *, field: str = "text") -> None:
    """Raise InvalidTemplate or UnknownVariable, naming `field` and the line, unless `source` can be filled."""
    if not source.strip() or len(source) > MAX_TEXT:
        raise InvalidTemplate(f"A text has between 1 and {MAX_TEXT:,} characters.", field=field)
    template = _parsed(source, field)
    for name in template.filter_names():
        if name not in _FILTERS:
            raise InvalidTemplate(f"There is no filter “{name}” here; use one of {', '.join(_FILTERS)}.", field=field)
    for segments in template.global_variable_segments():
        names = [str(each) for each in segments]
        if ".".join(names) not in VARIABLES and not (tuple(names[:2]) == ATTRIBUTES and len(names) == 3):
            raise UnknownVariable(field=field, name=".".join(names))
    try:
        template.render({})
    except LiquidError as error:
        raise _invalid(error, field) from None


def fill(source: str, values: Mapping[str, Any]) -> Filled:
    """`source` with `values`; raises InvalidTemplate where `check` would."""
    try:
        marked = _parsed(source, "text").render(values)
    except LiquidError as error:
        raise _invalid(error, "text") from None
    return Filled(tuple(_pieces(marked)))


def _pieces(marked: str) -> "list[Piece]":
    head, *rest = marked.split(_BEGIN)
    pieces = [Piece(head)] if head else []
    for part in rest:
        value, _, plain = part.partition(_END)
        gap = value.startswith(_GAP)
        pieces.append(Piece("", True, value[1:]) if gap else Piece(value, True))
        if plain:
            pieces.append(Piece(plain))
    return pieces


def _parsed(source: str, field: str) -> BoundTemplate:
    try:
        return _template(source.translate(_MARKS))
    except LiquidError as error:
        raise _invalid(error, field) from None


@lru_cache(maxsize=2048)
def _template(source: str) -> BoundTemplate:
    return _LIQUID.from_string(source)


def _invalid(error: LiquidError, field: str) -> InvalidTemplate:
    where = error.context()
    return InvalidTemplate(f"Liquid: {error.message}", field=field, line=where[0] if where else None)
