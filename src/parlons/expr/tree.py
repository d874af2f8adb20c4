"""The tree of an expression. Values only."""

from dataclasses import dataclass

Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Literal:
    """A string, a number, true or false."""

    value: Scalar


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of literals."""

    values: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Path:
    """A name, steps by key (str) or index (int); `offset` in the text."""

    parts: tuple[str | int, ...]
    offset: int


Operand = Literal | ListOf | Path


@dataclass(frozen=True, slots=True)
class Compare:
    """`left op right`; `text` is its own source, for explanations. `op` is one of == != > >= < <= CONTAINS HAS IN NOT-IN."""

    left: Operand
    op: str
    right: Operand
    text: str


@dataclass(frozen=True, slots=True)
class AllOf:
    """Parts joined by AND."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Parts joined by OR."""

    parts: tuple["Node", ...]


Node = Compare | AllOf | AnyOf


def comparisons(node: Node) -> list[Compare]:
    """All comparisons, from left to right."""
    if isinstance(node, Compare):
        return [node]
    return [leaf for part in node.parts for leaf in comparisons(part)]


def paths(node: Node) -> list[Path]:
    """All paths, from left to right."""
    return [side for leaf in comparisons(node) for side in (leaf.left, leaf.right) if isinstance(side, Path)]
