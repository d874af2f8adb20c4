"""Scripted contacts on a virtual clock: in the file beside the flow, from the command line and from pytest."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from parlons.flows.code import Coded, Contact
from parlons.flows.files import flows_of
from parlons.flows.rehearsing import Coverage, rehearse, ways_of
from parlons.flows.testing import Caller, Lost
from tests.flows.flow_texts import everything, flow

ORDERS = """
menu: {do: ask, text: "Sales 1, order 2", choices: {1: {label: Sales, next: agent}, 2: {next: order}}, failed: agent, save: what}
order: {do: ask, answer: digits, text: Number, min_digits: 4, max_digits: 8, save: order, next: sure, failed: agent}
sure: {do: ask, answer: yes_no, text: "{order}?", yes: agent, no: menu, failed: agent, chat_seconds: 3600}
agent: {do: queue, queue: Sales, keys: {9: bye}, unserved: bye}
bye: {do: end, text: Bye}
"""
FLOW = flow(ORDERS, start="menu")


def played(*script: dict[str, Any], **case: Any) -> list[str]:
    return rehearse(FLOW, {"script": list(script), **case})


def test_a_script_says_and_looks_line_by_line() -> None:
    script: list[dict[str, Any]] = [
        {"hears": "Sales 1", "step": "menu"},
        {"waits": 5, "hears": ["I did not hear", "Sales 1"]},
        {"presses": "2", "hears": "Number"},
        {"says": "47 11", "hears": "4711?"},
        {"says": "yes", "queue": "Sales", "tells": ["answered what: 2", "answered order: 4711", "answered sure: Yes"]},
        {"end": "answered"},
    ]
    assert played(*script) == []


def test_what_does_not_hold_is_told_with_its_line() -> None:
    assert played({"hears": "Hello"}) == ["script 1: hears: 'Hello' was not heard; it was ['Sales 1, order 2']"]
    assert played({"presses": "1", "queue": "Support"}) == ["script 1: queue: expected Support, was Sales"]
    assert played({"presses": "2"}, {"end": "answered"}) == ["script 2: end: expected answered, was still under way"]
    assert played({"step": "order"}) == ["script 1: step: expected order, was menu"]
    assert played({"presses": "1", "tells": "answered what: Order"})[0].startswith("script 1: tells:")


def test_words_nobody_knows_are_refused() -> None:
    assert played({"sayz": "1"}) == [
        "script 1: sayz is not known here: says, presses, waits, hangs_up, hears, queue, step, tells, end"
    ]
    assert played({"waits": "soon"}) == ["script 1: waits is a time such as 8, 10 min or 3 days"]
    assert "nane is not known here" in rehearse(FLOW, {"nane": "x"})[0]
    assert rehearse(FLOW, {"script": [{"says": "1"}], "answers": ["1"]}) == ["a case has answers or a script"]
    assert rehearse(FLOW, {"expect": {"end": "answered"}})[0].startswith("expect: end is not known here")


def test_waiting_takes_its_time_on_the_clock_of_its_channel() -> None:
    days: list[dict[str, Any]] = [{"waits": "3 days", "step": "menu"}, {"says": "Sales", "queue": "Sales"}]
    assert played(*days, channel="webchat") == []
    hour: list[dict[str, Any]] = [{"says": "2"}, {"says": "4711"}, {"waits": "59 min", "step": "sure"}]
    assert played(*hour, {"waits": "2 min", "hears": "I did not hear"}, channel="webchat") == []
    assert played({"waits": 60, "queue": "Sales"}) == [], "three silences on the telephone"


def test_keys_lead_out_of_a_queue_and_he_may_hang_up_at_each_step() -> None:
    assert played({"presses": "1"}, {"presses": "9", "hears": "Bye", "end": "end"}) == []
    assert played({"presses": "1", "queue": "Sales"}, {"end": "unserved"}, queue="unserved")[0].endswith("was end")
    for before in ([], [{"presses": "2"}], [{"presses": "2"}, {"presses": "4711"}], [{"presses": "1"}]):
        assert played(*before, {"hangs_up": True, "end": "gone"}) == []


def test_a_message_after_the_tone_is_said_or_not() -> None:
    taken = flow("a: {do: voicemail, next: b, empty: c}\nb: {do: end, text: Kept}\nc: {do: end, text: Nothing}")
    assert rehearse(taken, {"script": [{"says": "Call me", "hears": "Kept"}]}) == []
    assert rehearse(taken, {"script": [{"waits": 4, "hears": "Nothing"}]}) == []


def test_the_ways_that_were_taken_are_counted() -> None:
    cover = Coverage()
    assert len(list(ways_of(FLOW))) == 9
    rehearse(FLOW, {"answers": ["1"]}, cover=cover)
    missing = {(name, target) for name, _, target in cover.missing(FLOW)}
    assert ("menu", "agent") not in missing
    assert ("agent", None) not in missing
    assert ("menu", "order") in missing
    for case in ({"answers": ["2", "4711", "2", "2"]}, {"answers": ["2", "4711", "1"]}, {"answers": ["1"], "queue": "9"},
                 {"answers": ["2", "x", "x", "x"]}, {"answers": ["1"], "queue": "unserved"}):  # fmt: skip
        rehearse(FLOW, case, cover=cover)
    assert [(name, target) for name, _, target in cover.missing(FLOW)] == []


def test_a_way_back_from_another_flow_counts() -> None:
    first = flow("a: {do: transfer, flow: Other, come_back: true, next: b}\nb: {do: end}")
    other = flow("a: {do: say, text: there}", name="Other")
    cover = Coverage()
    rehearse(first, {"expect": {"heard": ["there"]}}, {"Other": other}, cover)
    assert [way[0] for way in cover.missing(first)] == []
    assert cover.missing(other) == []


def test_a_flow_that_is_not_over_is_told() -> None:
    with pytest.raises(Lost):
        Caller(everything()).plays(*(["9"] * 5), most=3)


def test_a_python_flow_is_scripted_too() -> None:
    async def claims(contact: Contact) -> None:
        await contact.ask("Number", digits=4)
        await contact.queue("Claims")

    assert (
        rehearse(Coded("claims", claims), {"script": [{"presses": "4711", "queue": "Claims"}, {"end": "answered"}]})
        == []
    )


FILE = """
name: Orders
start: menu
steps:
  menu: {do: ask, text: Press 1, choices: {1: {next: agent}}, failed: bye}
  agent: {do: queue, queue: Sales}
  bye: {do: end, text: Bye}
tests:
  - {name: served, script: [{presses: "1", queue: Sales}, {end: answered}]}
  - {name: wrong, script: [{presses: "1", queue: Support}]}
"""
TESTS = """
pytest_plugins = ["parlons.flows.pytest_plugin"]
"""
CODE = """
from parlons.flows.testing import SILENCE

def test_served(flow_caller):
    call = flow_caller("orders.flow.yaml")
    assert call.lately == ["Press 1"]
    assert call.presses("1").queued == "Sales"
    assert call.finishes().ended == "answered"

def test_python(flow_caller):
    async def hello(contact):
        await contact.say("Hello")
    assert flow_caller(hello).heard == ["Hello"]
"""


def test_pytest_collects_the_cases_and_lists_the_ways_nothing_took(tmp_path: Path) -> None:
    (tmp_path / "orders.flow.yaml").write_text(FILE)
    (tmp_path / "conftest.py").write_text(TESTS)
    (tmp_path / "test_orders.py").write_text(CODE)
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:randomly",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
        "-c",
        "/dev/null",
        str(tmp_path),
    ]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert "1 failed, 3 passed" in done.stdout, done.stdout + done.stderr
    assert "script 1: queue: expected Support, was Sales" in done.stdout
    assert "Orders: 2 of 4 ways taken" in done.stdout
    assert "not taken: line 5: steps.menu.failed -> bye" in done.stdout


def test_a_file_with_a_problem_is_told_with_its_line(tmp_path: Path) -> None:
    assert [fault.line for fault in flows_of(FILE.replace("failed: bye", "failed: by")).grave] == [5]
