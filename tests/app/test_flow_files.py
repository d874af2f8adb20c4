"""Flows on the command line and in the configuration: checked, played, applied, exported, erased."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from parlons.app.cli import app
from parlons.app.configuration.check import Parsed, Things, check_whole, defaults, merged, parse
from parlons.app.configuration.flows import source_of, thing_of
from parlons.app.configuration.text import InvalidConfigurationFile
from parlons.reception.flow_code import flow_codes
from parlons.reception.flow_rows import FlowRow

GOOD = """
name: Good
start: menu
steps:
  menu: {do: ask, text: Press 1., choices: {1: {next: agent}}, failed: agent}
  agent: {do: queue}
tests:
  - {name: one, answers: ["1"], expect: {steps: [menu, agent], ended: answered}}
"""
FILE = """
firms: [{name: F}]
queues: [{name: Sales}]
workflows: [{name: W, default_queue: Sales}]
flows:
  - name: Menu
    start: a
    fallback: Sales
    steps:
      a: {do: queue, queue: Sales}
  - {name: Claims, python: claims, fallback: Sales}
entry_points:
  - {channel: voice, address: "+331", firm: F, flow: Menu}
"""


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["flow", *words])
    return done.exit_code, done.output


def test_a_good_flow_is_checked_and_played(tmp_path: Path) -> None:
    file = tmp_path / "good.yaml"
    file.write_text(GOOD)
    assert run("check", str(file)) == (0, f"{file}: Good: nothing stands in the way.\n")
    assert run("test", str(file)) == (0, "passed  Good: one\nGood: 2 of 2 ways taken.\n1 cases, 0 failed.\n")


def test_ways_that_no_case_takes_are_listed_and_may_be_too_few(tmp_path: Path) -> None:
    file = tmp_path / "good.yaml"
    file.write_text(GOOD.replace("failed: agent", "failed: bye").replace("tests:", "  bye: {do: end}\ntests:"))
    code, text = run("test", str(file))
    assert (code, "Good: 2 of 4 ways taken." in text) == (0, True)
    assert "not taken: line 5: steps.menu.failed -> bye" in text
    assert run("test", str(file), "--cover", "51")[0] == 1
    assert run("test", str(file), "--cover", "50")[0] == 0


def test_what_differs_is_told_and_the_exit_code_says_so(tmp_path: Path) -> None:
    file = tmp_path / "good.yaml"
    file.write_text(GOOD.replace("ended: answered", "ended: unserved"))
    code, text = run("test", str(file))
    assert code == 1
    assert "failed  Good: one" in text
    assert "ended: expected unserved, was answered" in text
    file.write_text(GOOD.partition("tests:")[0])
    assert run("test", str(file))[0] == 1, "nothing was played"


def test_a_mistake_is_told_with_file_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(GOOD.replace("next: agent", "next: agnt"))
    code, text = run("check", str(file))
    assert code == 1
    assert f"{file}:5:55: there is no step 'agnt'. Did you mean agent?" in text
    assert run("check", str(tmp_path / "none.yaml"))[0] == 1


def test_a_configurations_flows_are_checked_in_their_place(tmp_path: Path) -> None:
    file = tmp_path / "centre.yaml"
    file.write_text(FILE)
    assert run("check", str(file))[0] == 0
    file.write_text(FILE.replace("start: a", "start: b"))
    code, text = run("check", str(file))
    assert (code, f"{file}:7:12: there is no step 'b'" in text) == (1, True)


def test_a_python_flow_is_read_from_its_file(tmp_path: Path) -> None:
    good = "LANGUAGE = 'fr'\nasync def flow(contact):\n    await contact.queue()\nTESTS = [{'expect': {'ended': 'answered'}}]\n"
    (tmp_path / "claims.py").write_text(good)
    (tmp_path / "broken.py").write_text("import nowhere\n")
    (tmp_path / "empty.py").write_text("flow = 1\n")
    assert run("test", str(tmp_path / "claims.py")) == (0, "passed  claims: 1\n1 cases, 0 failed.\n")
    for name in ("broken", "empty"):
        assert run("check", str(tmp_path / f"{name}.py"))[0] == 1
    found = flow_codes(tmp_path)
    assert (list(found), found["claims"].language) == (["claims"], "fr")
    assert flow_codes(tmp_path / "none") == {}


def whole(parsed: Parsed) -> Things:
    """The picture after the file, with the task channels that every workspace has."""
    standard = {name: {"name": name, "optimized": False} for name in ("voice", "chat", "default")}
    return merged({**{kind: {} for kind in parsed.things}, "task_channel": standard}, parsed.things)


def faults(text: str) -> list[str]:
    parsed = parse(text)
    try:
        check_whole(parsed, whole(parsed))
    except InvalidConfigurationFile as error:
        return [str(fault) for fault in error.faults]
    return []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("queue: Sales}\n  -", "queue: Sails}\n  -", "line 10, column 29: flows[1].steps.a.queue: there is no queue 'Sails'."),
        ("fallback: Sales\n", "fallback: X\n", "line 8, column 15: flows[1].fallback: there is no queue 'X'."),
        ("flow: Menu", "flow: Meno", "line 13, column 54: entry_points[1].flow: there is no flow 'Meno'. Did you mean Menu?"),
        ("start: a", "start: b", "line 7, column 12: flows[1].start: there is no step 'b'."),
        ("do: queue,", "do: kueue,", "line 10, column 15: flows[1].steps.a.do: kueue is no kind of step. Did you mean queue?"),
        ("python: claims", "python: claims, start: a", "line 11, column 28: flows[2].python: a flow is written in Python or"),
    ],
)  # fmt: skip
def test_a_configuration_with_a_wrong_flow_is_refused_at_its_place(before: str, after: str, said: str) -> None:
    assert faults(FILE) == []
    assert before in FILE
    found = faults(FILE.replace(before, after, 1))
    assert any(each.startswith(said) for each in found), found


def test_a_stored_flow_comes_back_as_the_file_has_it() -> None:
    parsed = parse(FILE)
    after = whole(parsed)
    assert after["entry_point"]["voice +331"]["task_channel"] == "voice"
    for thing in after["flow"].values():
        row = FlowRow("FW1", "WS1", thing["name"], source_of(thing))
        assert thing_of(row, {}, defaults("flow")) == thing
