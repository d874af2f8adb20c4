"""What a rule found, and where."""

from typing import NamedTuple


class Found(NamedTuple):
    """One finding; sorts by place."""

    path: str
    line: int
    problem: str
