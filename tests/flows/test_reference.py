"""The page of flows: every example is a whole flow that holds together and goes as its cases say; every word stands there."""

from pathlib import Path

import pytest

from parlons.flows.model import Step
from parlons.flows.rehearsing import rehearse
from parlons.flows.text import parse
from parlons.flows.validate import check, grave
from parlons.flows.vocabulary import STANDARD
from tests.docs.blocks import DOCS, Block, blocks

PAGE = DOCS / "reference/flows.md"
EXAMPLES = [block for block in blocks(PAGE) if block.language == "yaml"]


@pytest.mark.parametrize("block", EXAMPLES, ids=lambda block: str(block.line))
def test_an_example_goes_as_it_says(block: Block) -> None:
    flow, text = parse(block.text)
    assert grave(check(flow)) == []
    cases = text.data["tests"]
    assert cases
    assert [rehearse(flow, case) for case in cases] == [[]] * len(cases)


def test_every_kind_of_step_has_a_section_with_an_example_of_it() -> None:
    text = PAGE.read_text()
    shown = {step.__struct_config__.tag for block in EXAMPLES for step in parse(block.text)[0].steps.values()}
    assert shown == set(STANDARD.kinds)
    assert [kind for kind in STANDARD.kinds if f"\n## {kind}\n" not in text] == []


def test_every_word_of_a_step_stands_in_its_section() -> None:
    sections = dict(part.split("\n", 1) for part in Path(PAGE).read_text().split("\n## ")[1:])
    missing = [
        f"{kind}.{word}" for kind in STANDARD.kinds for word in STANDARD.fields(kind)
        if word not in ("do", *Step.__struct_fields__) and f"`{word}" not in sections[kind]
    ]  # fmt: skip
    assert missing == []
    assert all(f"`{word}: " in Path(PAGE).read_text() for word in Step.__struct_fields__)


def test_a_case_that_goes_otherwise_is_told() -> None:
    flow, _ = parse(EXAMPLES[1].text)
    wrong = rehearse(flow, {"expect": {"ended": "answered", "heard": ["Nothing"], "steps": ["bye", "closed"]}})
    assert len(wrong) == 3
