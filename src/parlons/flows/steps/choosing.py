"""Steps that choose the way without asking anybody: branch, hours, set."""

from collections.abc import Iterator
from typing import Any, ClassVar

from msgspec import Struct

from parlons.expr.checking import check as check_expression
from parlons.expr.compiling import compiled
from parlons.expr.scopes import Scope
from parlons.flows.model import Json, Path, Problem, Step
from parlons.flows.moment import Act, Do, Go, Moment


class Case(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way of a branch."""

    when: str
    """An expression over the flow's variables, `result.<step>` and `language`."""
    next: str


class Branch(Step, frozen=True, kw_only=True, tag="branch"):
    """Takes the first way whose expression holds."""

    LEADS: ClassVar[tuple[str, ...]] = ("otherwise",)
    SAYS: ClassVar[tuple[str, ...]] = ()

    cases: list[Case]
    otherwise: str | None = None

    def enter(self, moment: Moment) -> Act:
        """Chooses."""
        scope = moment.scope
        for case in self.cases:
            if compiled(case.when, Scope.FILTER).test(scope, None, None):
                return Go(case.next)
        return Go(self.otherwise)

    def leads(self) -> Iterator[tuple[Path, str]]:
        """The cases' steps too."""
        for index, case in enumerate(self.cases):
            yield ("cases", index, "next"), case.next
        yield from super().leads()

    def check(self) -> Iterator[Problem]:
        """Every expression can be read."""
        if not self.cases:
            yield Problem(("cases",), "a branch without cases", "Add `- {when: ..., next: ...}`.")
        for index, case in enumerate(self.cases):
            for problem in check_expression(case.when, Scope.FILTER):
                at = (problem.line, problem.column)
                yield Problem(("cases", index, "when"), problem.message, problem.remedy, at=at)


class OpeningHours(Step, frozen=True, kw_only=True, tag="hours"):
    """Goes by the opening hours of the firm."""

    LEADS: ClassVar[tuple[str, ...]] = ("open", "closed")
    SAYS: ClassVar[tuple[str, ...]] = ()

    hours: str | None = None
    """Which, by name; None: those of the entry point, else the firm's usual ones."""
    open: str | None = None
    closed: str | None = None
    holiday: str | None = None
    """On a public holiday; None: as `closed`."""

    def enter(self, moment: Moment) -> Act:
        """Asks what they say now."""
        return Do("hours", {"hours": self.hours})

    def answered(self, moment: Moment, result: Json) -> Act:
        """Chooses, and keeps `hours` and `next_opening_at`."""
        is_open, holiday = bool(result.get("open")), bool(result.get("holiday"))
        moment.variables["hours"] = "open" if is_open else "holiday" if holiday else "closed"
        moment.variables["next_opening_at"] = result.get("next_opening_at")
        if is_open:
            return Go(self.open)
        return Go(self.holiday if holiday and self.holiday is not None else self.closed)

    def leads(self) -> Iterator[tuple[Path, str]]:
        """The holiday's step too."""
        if self.holiday is not None:
            yield ("holiday",), self.holiday
        yield from super().leads()


class Set(Step, frozen=True, kw_only=True, tag="set"):
    """Sets variables."""

    SAYS: ClassVar[tuple[str, ...]] = ()

    values: dict[str, Any]
    """By name; `{other}` alone copies a variable with its kind."""
    next: str | None = None

    def enter(self, moment: Moment) -> Act:
        """Sets them, all from what was before."""
        moment.variables.update(moment.value(self.values))
        return Go(self.next)
