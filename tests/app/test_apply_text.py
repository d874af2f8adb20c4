"""Reading a configuration file: every mistake is told with its line, its column and how to mend it."""

import pytest

from parlons.app.configuration.check import check_whole, merged, parse
from parlons.app.configuration.text import InvalidConfigurationFile, read, write

EMPTY: dict[str, dict[str, dict[str, object]]] = {
    kind: {}
    for kind in (
        "workspace", "firm", "hours", "activity", "task_channel", "queue", "workflow", "user", "widget", "channel", "entry_point"
    )
}  # fmt: skip


def faults_of(source: str) -> list[tuple[int, int, str, str]]:
    """Line, column, message and remedy of each fault of `source`, as if nothing were configured yet."""
    try:
        parsed = parse(source)
        check_whole(parsed, merged(EMPTY, parsed.things))
    except InvalidConfigurationFile as refusal:
        return [(fault.line, fault.column, fault.message, fault.remedy) for fault in refusal.faults]
    return []


@pytest.mark.parametrize(
    "text",
    ["yes", "no", "on", "2026-12-24", "12:30", "0x1F", "1e3", "true", "012", "1_000", "~", "=", "<<", "-", "12", "1.5",
     "line\nline", "a: b", "+1", ".5", "#1a2b3c", "", " x ", "é"],
)  # fmt: skip
def test_a_text_reads_back_as_it_was(text: str) -> None:
    assert read(write({"key": text, "list": [text]})).data == {"key": text, "list": [text]}


def test_words_of_older_yaml_stay_texts() -> None:
    assert read("a: no\nb: 2026-12-24\nc: 12:30\nd: true\ne: 7\n").data == {
        "a": "no", "b": "2026-12-24", "c": "12:30", "d": True, "e": 7
    }  # fmt: skip


@pytest.mark.parametrize(
    ("source", "line", "column", "message", "remedy"),
    [
        ("queues:\n  - name: Sales\n   order: FIFO\n", 3, 4, "indicator", "indentation"),
        ("queues:\n  - name: Sales\n    ordr: FIFO\n", 3, 5, "ordr is not known here", "order"),
        ("queue:\n  - name: Sales\n", 1, 1, "queue is not known here", "queues"),
        ("queues:\n  - workers: 1==1\n", 2, 5, "name is missing", "name:"),
        ("queues:\n  - name: Sales\n    order: SOONEST\n", 3, 12, "FIFO", ""),
        ("queues:\n  - name: Sales\n    max_reserved: 99\n", 3, 19, "50", ""),
        ("queues:\n  - name: A\n  - name: A\n", 3, 5, "A stands here twice", "Keep one"),
        ("queues:\n  - name: A\n    name: B\n", 3, 5, "this name stands here twice", "Keep one"),
        ("queues:\n  - name: A\n    workers: skills HAZ 'x'\n", 3, 21, "", ""),
        ("queues:\n  - name: A\n    workers: \"skills HAS\"\n", 3, 25, "", ""),
        ("queues:\n  - name: A\n    firm: North\n", 3, 11, "there is no firm 'North'", "firms"),
        ("firms:\n  - name: A\n    hours:\n      x: {zone: Paris}\n", 4, 17, "'Paris' is no time zone", ""),
        ("firms:\n  - name: A\n    hours:\n      x:\n        zone: UTC\n        week: {monday: []}\n", 6, 15, "monday", ""),
        ("firms:\n  - name: A\n    hours:\n      x:\n        zone: UTC\n        week: {mon: ['9-12']}\n", 6, 21, "9-12", ""),
        ("firms:\n  - name: A\n    hours:\n      x: {zone: UTC, days: {24.12.: []}}\n", 4, 37, "no day", ""),
        ("firms:\n  - name: A\n    hours:\n      x: {zone: UTC, holidays: XX}\n", 4, 32, "no calendar", ""),
        ("firms:\n  - name: A\n    colour: red\n", 3, 13, "#rrggbb", ""),
        ("users:\n  - email: nobody\n    name: N\n", 2, 12, "no e-mail", ""),
        ("users:\n  - {email: a@b.c, name: N, firms: [North]}\n", 2, 37, "there is no firm", ""),
        ("users:\n  - {email: a@b.c, name: N, channels: {chta: 1}}\n", 2, 46, "there is no task channel", ""),
        ("users:\n  - {email: a@b.c, name: N, password: x}\n", 2, 29, "password is not known here", "Known here"),
        ("workspace: {frame_origins: [http://crm.example]}\n", 1, 29, "write an origin", ""),
        ("workspace: {frame_origins: ['https://a.example; script-src *']}\n", 1, 29, "write an origin", ""),
        ("workspace: {frame_origins: ['https://*']}\n", 1, 29, "write an origin", ""),
        ("workspace: {timeout_activity: Missed}\n", 1, 31, "there is no activity", "activities"),
        ("- a\n- b\n", 1, 1, "list of sections", "queues:"),
        ("a: &a [*a]\n", 1, 4, "too much", "aliases"),
    ],
)  # fmt: skip
def test_a_fault_names_its_place_and_the_remedy(source: str, line: int, column: int, message: str, remedy: str) -> None:
    found = faults_of(source)
    assert found, "nothing was found"
    assert found[0][:2] == (line, column), found
    assert message in found[0][2]
    assert remedy in found[0][3]


WORKFLOW = """
queues: [{name: Sales}]
workflows:
  - name: Shop
    filters:
      - name: gold
        when: type == 'ticket'
        targets:
          - queue: Sales
            expression: task.lang IN worker.languages
            timeout_seconds: 30
          - {queue: Sales, skip_if: workers.available == 0}
    default_queue: Sales
"""


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("type == 'ticket'", "type === 'ticket'", (7, 22)),
        ("task.lang IN worker.languages", "lang IN worker.languages", (10, 25)),
        ("queue: Sales\n            expression", "expression", (9, 13)),
        ("default_queue: Sales", "default_queue: Sale", (13, 20)),
        ("workers.available == 0", "worker.available == 0", (12, 37)),
    ],
)
def test_a_fault_in_a_workflow_is_told_where_it_stands_in_the_file(old: str, new: str, place: tuple[int, int]) -> None:
    assert faults_of(WORKFLOW) == []
    found = faults_of(WORKFLOW.replace(old, new))
    assert [fault[:2] for fault in found] == [place], found


def test_all_faults_are_told_at_once_in_order() -> None:
    found = faults_of("queues:\n  - name: A\n    ordr: x\n  - nam: B\nusers: 7\n")
    assert [fault[0] for fault in found] == [3, 4, 4, 5]


def test_depth_and_size_are_bounded() -> None:
    for deep in (
        "[" * 400 + "]" * 400,
        "[" * 1_000_000,
        "a:\n" + "- " * 1_000_000,
        "\n".join(" " * i + "a:" for i in range(1000)),
    ):
        assert "deep" in faults_of(deep)[0][2] or "too much" in faults_of(deep)[0][2]
    bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{new}: &{new} [{','.join(['*' + old] * 10)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert "too much" in faults_of(bomb)[0][2]
