"""compat 1.4: mistakes are named with line, column and remedy; order_by is checked, too."""

import pytest

from parlons.expr.checking import check
from parlons.expr.compiling import compiled
from parlons.expr.ordering import compiled_order
from parlons.expr.problems import InvalidExpression
from parlons.expr.scopes import Scope

MISTAKES = [
    ("skill-level > 3", 1, 6, "cannot contain '-'", "skill_level"),
    ("", 1, 1, "empty", "1==1"),
    ("a ==", 1, 5, "value is missing", "string in quotes"),
    ("a = = 1", 1, 5, "value is missing", "string in quotes"),
    ("a 1", 1, 3, "operator is missing", "CONTAINS"),
    ("a", 1, 2, "operator is missing before the end", "NOT IN"),
    ("a NOT b", 1, 3, "NOT stands only before IN", "NOT IN"),
    ("NOT a == 1", 1, 1, "there is no NOT", "!="),
    ("!a", 1, 1, "'!' means nothing", "NOT IN"),
    ("a == 1 && b == 2", 1, 8, "'&' means nothing", "AND"),
    ("a == 1 || b == 2", 1, 8, "'|' means nothing", "OR"),
    ("a == 1 b == 2", 1, 8, "not expected", "AND or OR"),
    ("(a == 1", 1, 8, ") is missing", "Close"),
    ("a == 1)", 1, 7, "closes nothing", "Remove"),
    ("a == 'x", 1, 6, "no end", "Close it with '"),
    ('a == "x', 1, 6, "no end", 'Close it with "'),
    ("a IN [1, b]", 1, 10, "a list holds", "]"),
    ("a IN [1 2]", 1, 9, "comma", "commas"),
    ("a IN [1", 1, 8, "comma", "commas"),
    ("a. == 1", 1, 4, "after the dot", "a.b"),
    ("a[x] == 1", 1, 3, "index", "a[0]"),
    ("a[1 == 1", 1, 5, "] is missing", "a[0]"),
    ("a == 1 AND\n  b ~ 2", 2, 5, "'~' means nothing", "quotes"),
    ("AND == 1", 1, 1, "value is missing", "name"),
    ("(" * 60 + "a == 1" + ")" * 60, 1, 51, "brackets deep", "flatter"),
    ("a == '" + "x" * 20_000 + "'", 1, 16_385, "longer than", "Divide"),
]


@pytest.mark.parametrize(
    ("text", "line", "column", "message", "remedy"), MISTAKES, ids=[each[0][:30] for each in MISTAKES]
)
def test_a_mistake_is_named(text: str, line: int, column: int, message: str, remedy: str) -> None:
    problem = check(text, Scope.QUEUE)[0]
    assert (problem.line, problem.column) == (line, column)
    assert message in problem.message
    assert remedy in problem.remedy
    with pytest.raises(InvalidExpression) as caught:
        compiled(text, Scope.QUEUE)
    assert caught.value.code == "invalid-expression"
    assert caught.value.details["line"] == line


def test_names_out_of_place() -> None:
    """compat 1.4: a target expression must be prefixed task. or worker."""
    problems = check("lang == 'fr' AND worker.a == other", Scope.TARGET)
    assert [(each.column, each.remedy) for each in problems] == [
        (1, "Write task.lang or worker.lang."),
        (30, "Write task.other or worker.other."),
    ]
    assert "workers.available" in check("available == 0", Scope.SKIP)[0].remedy
    assert check("anything == 1", Scope.FILTER) == []


@pytest.mark.parametrize(
    ("text", "column"),
    [("level DESC", 1), ("worker.a UP", 1), ("worker.a DESC, task.b", 16), ("", 1), ("worker.a-b", 1)],
)
def test_order_by_mistakes(text: str, column: int) -> None:
    with pytest.raises(InvalidExpression) as caught:
        compiled_order(text)
    assert caught.value.problem.column == column


def test_order_by_keys() -> None:
    """compat 1.2: order_by on whole numbers; missing after those who have it, whatever the direction."""
    order = compiled_order("worker.a DESC, worker.b.c, worker.channel.chat.assigned_tasks ASC")
    facts = {"channel": {"chat": {"assigned_tasks": 2}}}
    key = order.key({"a": -4, "b": {"c": "x"}}, facts)
    assert key == ((0, 4), (1, 0), (0, 2))
    assert order.values(key) == (-4, None, 2)
    assert order.volatile
    assert order.key({"a": True}, {})[0] == (1, 0)


def test_a_text_cannot_break_out_of_the_compiled_function() -> None:
    """Whatever the author writes is a constant of the function, never its source."""
    text = "a == \"') or __import__('os').getcwd() or ('\""
    assert compiled(text, Scope.QUEUE).test(None, {"a": "') or __import__('os').getcwd() or ('"}, None)
    assert not compiled(text, Scope.QUEUE).test(None, {"a": "x"}, None)
