"""compat 1.4: what expressions mean, quirks included; explanation and index agree with it."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parlons.expr.compiling import compiled
from parlons.expr.explaining import false_parts
from parlons.expr.scopes import Scope
from tests.routing.oracle_words import holds_for_worker

WORKER: dict[str, Any] = {
    "skills": ["sales", "support"], "levels": {"sales": 8, "list": [1, 2]}, "languages": ["fr"], "level": 3, "name":
    "Ann", "on": True,
    "empty": [], "ratio": 2.5, "ten": "10", "$x_1": "y", "null_like": None, "numbers": [1, 2],
}  # fmt: skip

CASES = [
    ('skills HAS "sales"', True, "HAS: array contains value"),
    ("skills HAS 'nothing'", False, "HAS: not in it"),
    ('level HAS "x"', False, "HAS on a number is accepted and never matches"),
    ('name HAS "A"', False, "array operator on two scalars is false"),
    ("numbers HAS 1", True, "HAS with a number"),
    ("numbers HAS '1'", False, "types are not mixed inside arrays"),
    ("numbers HAS true", False, "true is not 1"),
    ('"fr" IN languages', True, "IN: scalar in array"),
    ("'de' IN languages", False, "IN: not in it"),
    ("name IN ['Ann', 'Bob']", True, "IN a literal list"),
    ("level IN [1, 2, 3]", True, "IN a list of numbers"),
    ("name IN name", False, "IN with two scalars is false"),
    ("skills IN ['sales']", False, "IN with an array on the left is false"),
    ("'de' NOT IN languages", True, "NOT IN"),
    ("'fr' NOT IN languages", False, "NOT IN: it is in it"),
    ("name NOT IN name", False, "NOT IN with two scalars is false"),
    ("missing NOT IN languages", True, "NULL is in no array"),
    ("missing IN ['x']", False, "NULL is in no array"),
    ("'x' IN missing", False, "a missing array is NULL"),
    ("'x' NOT IN missing", False, "a missing array is NULL, a scalar"),
    ("name CONTAINS 'nn'", True, "CONTAINS: substring"),
    ("name CONTAINS 'x'", False, "CONTAINS: not in it"),
    ("skills CONTAINS 'sales'", False, "CONTAINS on an array is false"),
    ("level CONTAINS 3", False, "CONTAINS on numbers is false"),
    ("name == 'Ann'", True, "=="),
    ("name = 'Ann'", True, "single = is accepted"),
    ("name != 'Bob'", True, "!="),
    ("skills == 'sales'", False, "scalar operator on an array is false"),
    ("skills != 'sales'", False, "!= on an array is false, too"),
    ("levels == 1", False, "an object is no scalar"),
    ("level > 2", True, ">"),
    ("level >= 3 AND level <= 3", True, ">= and <="),
    ("level < 3", False, "<"),
    ("3 < 4", True, "two literals"),
    ("1==1", True, "always"),
    ("ratio > 2", True, "a fraction"),
    ("level > 2.9e0", True, "a number with exponent"),
    ("name > 'Al'", True, "strings are ordered"),
    ("ten > 9", False, "a string is not a number"),
    ("ten == 10", False, "types are not mixed"),
    ("on == true", True, "true"),
    ("on == TRUE AND on != false", True, "TRUE"),
    ("on == 1", False, "true is not 1"),
    ("on > 0", False, "true has no order"),
    ("levels.sales == 8", True, "path"),
    ("levels.list[1] == 2", True, "index"),
    ("levels.list[9] == 2", False, "index beyond the end is NULL"),
    ("levels.none.deep == 2", False, "a missing key is NULL"),
    ("skills[0] == 'sales'", True, "index of an array"),
    ("missing == missing", True, "NULL equals NULL"),
    ("missing != 'x'", True, "NULL is unequal to a value"),
    ("missing > 0", False, "NULL is not greater"),
    ("null_like == missing", True, "a JSON null is NULL"),
    ("$x_1 == 'y'", True, "names with $ and _"),
    ("level > -1", True, "a negative number"),
    ("name == 'A' OR level == 3 AND on == true", True, "AND binds before OR"),
    ("(name == 'A' OR level == 3) AND on == false", False, "brackets"),
    ("name has 'x' or Skills HAS 'x' or skills has 'sales'", True, "words of the language in any case, names not"),
    (r'name != "An\"n"', True, "a quote inside a string"),
    ("  level\n>\n2 ", True, "white space"),
    ("'x' IN []", False, "an empty list"),
    ("worker.level == 3", True, "queue scope: the worker's prefix is tolerated"),
]


@pytest.mark.parametrize(
    ("text", "holds"), [pytest.param(text, holds, id=f"compat 1.4: {why}: {text}") for text, holds, why in CASES]
)
def test_meaning(text: str, holds: bool) -> None:
    expression = compiled(text, Scope.QUEUE)
    assert expression.test(None, WORKER, {}) is holds
    assert (false_parts(expression, None, WORKER, {}) == []) is holds


def test_scopes() -> None:
    """compat 1.4: TargetWorkers bare worker attributes, filter bare task attributes, target must be prefixed."""
    task, worker = {"lang": "fr", "n": 2}, {"langs": ["fr"], "n": 3, "channel": {"own": 1}}
    assert compiled("lang == 'fr'", Scope.FILTER).test(task, None, None)
    target = compiled("task.lang IN worker.langs AND worker.n > task.n", Scope.TARGET)
    assert target.test(task, worker, None)
    assert target.task_paths == (("lang",), ("n",))
    assert target.projection(task) != target.projection(task | {"n": 9})
    assert target.projection(task) == target.projection(task | {"other": 9})
    assert compiled("workers.available > 0 AND workers.WA1 == 2", Scope.SKIP).test(
        None, None, {"available": 1, "WA1": 2}
    )
    facts = {"sid": "WK1", "channel": {"chat": {"assigned_tasks": 1}}}
    reads = compiled(
        "worker.channel.chat.assigned_tasks == 1 AND worker.sid == 'WK1' AND worker.channel.own == 1", Scope.TARGET
    )
    assert reads.test(task, worker, facts)
    assert (reads.facts, reads.volatile) == (True, True)
    assert (compiled("sid == 'x'", Scope.QUEUE).facts, compiled("sid == 'x'", Scope.QUEUE).volatile) == (True, False)


TOKENS = [
    ('skills HAS "a"', (("skills", "a"),)),
    ("team == 'x' AND skills HAS 'a'", (("team", "x"),)),
    ("team IN ['x', 'y'] AND level > 3 AND skills HAS 'a'", (("skills", "a"),)),
    ("team IN ['x', 'y']", (("team", "x"), ("team", "y"))),
    ("team == 'x' OR skills HAS 'a'", (("team", "x"), ("skills", "a"))),
    ("team == 'x' OR level > 1", None),
    ("level > 1", None),
    ("team != 'x'", None),
    ("levels.sales == 'x'", None),
    ("sid == 'x'", None),
    ("1==1", None),
]


@pytest.mark.parametrize(("text", "tokens"), TOKENS)
def test_required_tokens(text: str, tokens: Any) -> None:
    assert compiled(text, Scope.QUEUE).tokens == tokens


def test_false_parts_are_the_authors_words() -> None:
    expression = compiled("skills HAS 'sales' AND (level > 5 OR name == 'Bob') AND on == false", Scope.QUEUE)
    assert false_parts(expression, None, WORKER, {}) == ["level > 5", "name == 'Bob'", "on == false"]


NAMES = st.sampled_from(["skills", "level", "name", "team", "levels.sales", "missing"])
LITERALS = st.sampled_from(["'a'", "'sales'", "3", "0", "true", "['a', 'b']", "[1, 3]", "[]", "level", "skills"])
OPS = st.sampled_from(["==", "=", "!=", ">", ">=", "<", "<=", "HAS", "IN", "NOT IN", "CONTAINS"])
LEAVES = st.builds(lambda *parts: " ".join(parts), NAMES | LITERALS, OPS, NAMES | LITERALS)
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.builds(lambda a, joint, b: f"({a} {joint} {b})", inner, st.sampled_from(["AND", "OR"]), inner),
    max_leaves=6,
)
VALUES = st.sampled_from(
    ["a", "sales", "b", 3, 0, True, ["a"], ["sales", "a"], [1, 3], [], None, {"sales": 3}, {"sales": "a"}]
)
WORKERS = st.dictionaries(st.sampled_from(["skills", "level", "name", "team", "levels"]), VALUES)


@settings(max_examples=400, derandomize=True)
@given(EXPRESSIONS, WORKERS)
def test_compiled_walked_and_explained_agree(text: str, worker: dict[str, Any]) -> None:
    """Three evaluations, one of them written apart; and the index never hides a worker for whom it holds."""
    expression = compiled(text, Scope.QUEUE)
    holds = expression.test(None, worker, {})
    assert holds == holds_for_worker(text, worker)
    assert (false_parts(expression, None, worker, {}) == []) is holds
    if holds and expression.tokens is not None:
        has = {
            (name, item)
            for name, value in worker.items()
            for item in (value if isinstance(value, list) else [value])
            if isinstance(item, str)
        }
        assert set(expression.tokens) & has
