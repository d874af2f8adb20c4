"""The page of metrics names those that the code has, all of them, and no other."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_metrics_in_code_and_on_the_page() -> None:
    code = "\n".join(path.read_text() for path in (ROOT / "src/parlons").rglob("*.py"))
    made = re.findall(r'(Counter|Gauge|Histogram)\(\s*"(parlons_\w+)"', code)
    names = {name + ("_total" if kind == "Counter" else "") for kind, name in made}
    page = (ROOT / "docs/reference/metrics-and-logs.md").read_text()
    assert set(re.findall(r"^\| `(parlons_\w+)` \|", page, re.MULTILINE)) == names


def test_log_events_on_the_page_are_logged() -> None:
    code = "\n".join(path.read_text() for path in (ROOT / "src/parlons").rglob("*.py"))
    page = (ROOT / "docs/reference/metrics-and-logs.md").read_text().partition("worth a look")[2]
    rows = [line.partition("|")[2].partition("|")[0] for line in page.splitlines() if line.startswith("| `")]
    events = {event for row in rows for event in re.findall(r"`([a-z_]+\.[a-z_]+)`", row)}
    assert events
    assert {event for event in events if f'"{event}"' not in code} == set()
