"""What can be wrong with an expression: where it is and how to mend it."""

from dataclasses import dataclass

from parlons.kit.errors import Invalid


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake; line and column count from 1."""

    message: str
    line: int
    column: int
    remedy: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.message}. {self.remedy}"


class InvalidExpression(Invalid):
    """The expression is not valid."""

    code = "invalid-expression"

    def __init__(self, problem: Problem, text: str = "") -> None:
        """`text` is the whole expression."""
        self.problem = problem
        super().__init__(str(problem), line=problem.line, column=problem.column, remedy=problem.remedy, expression=text)


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of a character offset."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def refuse(text: str, offset: int, message: str, remedy: str) -> InvalidExpression:
    """The error for a mistake at `offset`."""
    line, column = position(text, offset)
    return InvalidExpression(Problem(message, line, column, remedy), text)
