"""The ready-made flows, and those of the demo: they hold together, go as their cases say, and leave nobody alone."""

from pathlib import Path
from typing import Any

import pytest

from parlons.flows.files import Found, flows_of
from parlons.flows.rehearsing import Coverage, rehearse
from parlons.flows.testing import Caller

APP = Path(__file__).parents[2] / "src/parlons/app"
READY = {
    file.stem: flows_of(file.read_text())
    for file in sorted((APP / "flow_examples").glob("*.yaml"))
    if file.stem != "index"
}
DEMO = flows_of((APP / "demo.yaml").read_text())


@pytest.mark.parametrize("name", READY)
def test_it_goes_as_its_cases_say_and_they_take_every_way(name: str) -> None:
    found = READY[name]
    assert (found.grave, found.light) == ([], [])
    cover = Coverage()
    for case in found.cases[0]:
        assert rehearse(found.flows[0], case, cover=cover) == [], case["name"]
    assert [missing for _, _, missing in found.covered(cover)] == [[]]
    assert found.flows[0].languages == ("en", "fr")


CASES: list[dict[str, Any]] = [
    {
        "script": [
            {"presses": "2", "tells": "answered Demande: Un financement"},
            {"presses": "1", "hears": "Nous vous rappelons"},
        ]
    },
    {"script": [{"presses": "9", "hears": "Delmas Automobiles, hello"}, {"presses": "3"}, {"end": "answered"}]},
    {"script": [{"waits": 60, "step": "sales"}, {"end": "answered"}]},
    {"script": [{"presses": "1"}, {"presses": "2"}, {"says": "Rappelez-moi", "hears": "Merci", "end": "end"}]},
    {"queue": "unserved", "answers": ["1"], "expect": {"steps": ["sales", "message", "bye"], "ended": "end"}},
]


@pytest.mark.parametrize("case", CASES)
def test_the_demo_s_telephone_leads_to_a_person(case: dict[str, Any]) -> None:
    assert DEMO.grave == []
    assert rehearse(DEMO.flows[0], case, DEMO.library()) == []


@pytest.mark.parametrize("found", [*READY.values(), DEMO], ids=[*READY, "demo"])
def test_whoever_hangs_up_or_keys_nonsense_at_any_step_is_no_trouble(found: Found) -> None:
    for before in (["1"], ["2"], ["1", "1"], ["1", "1", "12345678"], ["1", "3", "12345678", "4711"]):
        call = Caller(found.flows[0], library=found.library()).begins()
        for keys in before:
            call.presses(keys)
        for noise in ("", "#", "*" * 40, "9" * 40, "\u0661"):
            call.says(noise)
        call.waits(600)
        assert call.hangs_up().ended == "gone"
