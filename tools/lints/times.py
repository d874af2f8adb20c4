"""No instant without a time zone: not in Python, not in a column, not in a migration's SQL."""

import ast
import re
from collections.abc import Iterator

from tools.lints.found import Found

NAKED = re.compile(r"\bTIMESTAMP\b(?!\s*(\(\d\)\s*)?WITH TIME ZONE)(?!TZ)", re.IGNORECASE)


def naive(path: str, text: str, tree: ast.Module) -> Iterator[Found]:
    """Calls and columns that make an instant without a time zone."""
    if path.startswith("tools/lints/"):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            problem = _call(node)
            if problem:
                yield Found(path, node.lineno, problem)
        elif path.startswith("migrations/") and isinstance(node, ast.Constant) and _naked_column(node.value):
            yield Found(path, node.lineno, "a column TIMESTAMP without time zone: use TIMESTAMPTZ")


def _naked_column(text: object) -> bool:
    return isinstance(text, str) and "CREATE TABLE" in text.upper() and NAKED.search(text) is not None


def _call(node: ast.Call) -> str | None:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    given = len(node.args) + len(node.keywords)
    of_datetime = isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value).rpartition(".")[2] == "datetime"
    if name in ("utcnow", "utcfromtimestamp") or (of_datetime and name == "today"):
        return f"{name}() has no time zone: take a Clock, or datetime.now(UTC)"
    if of_datetime and name == "now" and given == 0:
        return "datetime.now() has no time zone: take a Clock, or datetime.now(UTC)"
    if of_datetime and name == "fromtimestamp" and given < 2:
        return "fromtimestamp() without a time zone: kit.clock.to_datetime"
    if name in ("DateTime", "TIMESTAMP") and not any(word.arg == "timezone" for word in node.keywords):
        return "a column without time zone: DateTime(timezone=True)"
    return None
