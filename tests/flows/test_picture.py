"""A flow and its picture are one thing: through either form and back it is the same, and every line of it is a way."""

import json
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from parlons.flows.drafts import draft_of_picture, draft_of_text
from parlons.flows.model import Path
from parlons.flows.picture import Node, Picture, data_of_picture, edges_of, picture_of, title_of
from parlons.flows.text import flow_of
from parlons.flows.validate import check, grave
from parlons.kit.marked import write
from tests.flows.drawn_flows import PLAIN, TEXTS, drawn
from tests.flows.flow_texts import EVERY_STEP, everything

Json = dict[str, Any]
FEW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


@FEW
@given(drawn())
def test_any_valid_flow_goes_through_both_forms_and_back(data: Json) -> None:
    flow, problems = flow_of(data)
    assert flow is not None, problems
    assume(not grave(check(flow)))
    text = write(data)
    first = draft_of_text(text)
    assert first.picture is not None
    assert first.flow == flow, "the text means the flow"
    again = draft_of_picture(first.picture)
    assert again.picture == first.picture, "picture -> YAML -> picture"
    assert again.flow == first.flow, "YAML -> picture -> YAML"
    assert draft_of_text(again.text).text == again.text
    assert list(again.data["steps"]) == list(data["steps"]), "steps keep their order"


@FEW
@given(drawn())
def test_the_lines_of_a_picture_are_the_ways_of_its_flow(data: Json) -> None:
    flow, _ = flow_of(data)
    assert flow is not None
    drawn_ways = [(edge.step, edge.path, edge.to) for edge in edges_of(picture_of(data))]
    ways: list[tuple[str, Path, str]] = [(name, *way) for name, step in flow.steps.items() for way in step.leads()]
    assert sorted(drawn_ways, key=str) == sorted(ways, key=str)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(TEXTS, PLAIN, max_size=3),
    st.dictionaries(TEXTS, st.one_of(PLAIN, st.dictionaries(st.sampled_from(["do", "at", "text", "next"]), PLAIN)), max_size=4),
)  # fmt: skip
def test_what_is_no_flow_yet_has_a_picture_and_loses_nothing(header: Json, steps: Json) -> None:
    data = {**header, "steps": steps}
    assert data_of_picture(picture_of(data)) == {
        **header,
        "steps": {name: step if step is not None else {} for name, step in steps.items()},
    }
    list(edges_of(picture_of(data)))
    draft = draft_of_picture(picture_of(data))
    assert draft.found
    assert json.loads(json.dumps(draft.data)) == draft.data


def test_a_box_is_called_by_its_first_words_or_by_what_it_names() -> None:
    picture = draft_of_text(EVERY_STEP).picture
    assert picture is not None
    titles = {node.name: title_of(node, "fr") for node in picture.nodes}
    assert (titles["hello"], titles["wait"], titles["english"]) == ("Bonjour, {brand}", "Sales", "en")
    assert titles["order"] == "https://shop.example/{file}"
    assert len(title_of(Node("a", "say", {"text": "word " * 90}), "fr")) == 80
    assert title_of(Node("a", "nonsense", {"text": "x"}), "fr") == ""


def test_a_place_that_cannot_be_stays_in_its_step_and_is_told() -> None:
    data = {"name": "F", "start": "a", "steps": {"a": {"do": "queue", "at": [1, "b"]}}}
    picture = picture_of(data)
    assert (picture.nodes[0].at, picture.nodes[0].fields) == (None, {"at": [1, "b"]})
    assert [(each.problem.code, each.port) for each in draft_of_picture(picture).found] == [("invalid-step", "at.1")]


def test_two_boxes_of_one_name_are_two_steps_in_the_text() -> None:
    boxes = (Node("a", "queue", {}), Node("a 2", "queue", {}), Node("a", "say", {"text": "x"}))
    draft = draft_of_picture(Picture({"name": "F", "start": "a"}, boxes))
    assert list(draft.data["steps"]) == ["a", "a 2", "a 3"]
    assert [each.problem.code for each in draft.found] == ["duplicate-step", "unreachable-step", "unreachable-step"]


def test_where_it_stands_means_nothing_to_whoever_walks_it() -> None:
    moved = {name: {**step, "at": [1, 2]} for name, step in draft_of_text(EVERY_STEP).data["steps"].items()}
    flow, _ = flow_of({**draft_of_text(EVERY_STEP).data, "steps": moved})
    assert flow is not None
    assert check(flow) == check(everything())
