"""The desk reads expressions itself, to show them as sentences at every key: both readers agree on the same cases."""

import json
from pathlib import Path
from typing import Any

import pytest

from parlons.expr.parsing import parsed
from parlons.expr.problems import InvalidExpression
from parlons.expr.tree import AllOf, Compare, ListOf, Literal, Node, Operand

CASES = Path(__file__).resolve().parents[2] / "web/apps/desk/src/routing/expressions.json"


def _operand(operand: Operand) -> dict[str, Any]:
    if isinstance(operand, Literal):
        return {"value": operand.value}
    return {"list": list(operand.values)} if isinstance(operand, ListOf) else {"path": list(operand.parts)}


def _tree(node: Node) -> dict[str, Any]:
    if isinstance(node, Compare):
        return {"left": _operand(node.left), "op": node.op.replace("-", " "), "right": _operand(node.right)}
    return {"all" if isinstance(node, AllOf) else "any": [_tree(part) for part in node.parts]}


@pytest.mark.parametrize("case", json.loads(CASES.read_text()), ids=lambda case: case["text"][:30])
def test_the_server_reads_it_so(case: dict[str, Any]) -> None:
    try:
        found: dict[str, Any] | None = _tree(parsed(case["text"]))
    except InvalidExpression:
        found = None
    assert found == case["tree"]
