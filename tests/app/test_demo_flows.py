"""The demo's ready-made flows: they ask the stand-ins, wherever these serve, and number and chat lead to what is there."""

from typing import Any

import pytest

from parlons.app.demo_flows import SYSTEMS, moved, ready_made
from parlons.app.flow_examples import examples
from parlons.kit.marked import write

PARTS = ready_made(4101)


def test_all_of_them_are_there_and_each_answers_somewhere() -> None:
    assert len(PARTS["flows"]) == len(examples())
    answering = {point["flow"] for point in PARTS["entry_points"]}
    assert {flow["name"] for flow in PARTS["flows"]} == answering
    text = write(PARTS["flows"])
    assert ".example" not in text
    assert "_TOKEN" not in text
    assert SYSTEMS in text


@pytest.mark.parametrize("flow", PARTS["flows"], ids=lambda flow: flow["name"])
def test_where_the_stand_ins_serve_elsewhere_it_follows(flow: dict[str, Any]) -> None:
    assert moved(flow, 4101) is None
    asks = "127.0.0.1" in write(flow)
    (later,) = (one for one in ready_made(4102)["flows"] if one["name"] == flow["name"])
    assert moved(flow, 4102) == (later if asks else None)
