"""Runs the checks and test tiers in order and prints a table of minutes per tier; exits 1 when any tier failed.

`check` = lint, types, imports, own lints; `quick` = check, pure and room tests (optionally of one room);
`all` = everything.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv/bin"
PURE = ["kit", "expr", "routing", "flows"]
PROCESSES = ["app", "system", "runtime/postgres", "runtime/test_outages.py", "runtime/test_journal.py"]
WIRES = [
    "channels/contract",
    "channels/email",
    "channels/matrix",
    "channels/messaging",
    "channels/meta",
    "channels/sms",
    "channels/telegram",
    "outbound",
    "push",
    "surveys",
    "voice/browser",
    "voice/calls",
    "voice/contract",
    "voice/edge",
    "voice/framework",
    "voice/media",
    "voice/process",
    "voice/sip",
    "simulator",
]
"""Sound, signalling and messages with real peers: SIP, RTP, browsers' media, the voice process, servers of mail and messages."""
WAITING = "4"
"""Workers of a tier that mostly waits for its database: two of them leave both cores half idle."""
LISTENING = "3"
"""Workers of a tier whose peers speak at their own pace."""
DIVIDED = ["channels", "runtime", "voice"]
"""Rooms whose folders belong to several tiers."""
BROWSER = ["journeys"]
APART = ["chaos", "docs", "house"]


@dataclass(frozen=True)
class Tier:
    """One row of the table."""

    name: str
    commands: list[list[str]]


def rooms() -> list[str]:
    """Every folder of tests/ that is neither pure, nor of whole processes, nor a browser tier, nor run apart."""
    apart = {*PURE, *PROCESSES, *WIRES, *BROWSER, *APART, *DIVIDED}
    parts = [f"{room}/{p.name}" for room in DIVIDED for p in (ROOT / "tests" / room).iterdir()]
    found = [p.name for p in (ROOT / "tests").iterdir()] + parts
    return sorted(name for name in found if name not in apart and _has_tests(ROOT / "tests" / name))


def _has_tests(path: Path) -> bool:
    return path.match("test_*.py") or (path.is_dir() and any(path.rglob("test_*.py")))


def pytest(*folders: str, workers: str = "2", divided: str = "worksteal") -> list[str]:
    """One pytest run over folders of tests/. `divided`: how among the workers, as pytest-xdist calls it."""
    present = [f"tests/{folder}" for folder in folders if (ROOT / "tests" / folder).exists()]
    slowest = ["--durations", "8", "--durations-min", "10"]
    return [str(BIN / "python"), "-m", "pytest", "-q", "-n", workers, "--dist", divided, *slowest, *present]


def checks() -> list[Tier]:
    """What needs no database."""
    python = str(BIN / "python")
    lint = [
        [str(BIN / "ruff"), "format", "--check", "-q", "."],
        [str(BIN / "ruff"), "check", "-q", "."],
        [python, "-m", "tools.lints"],
        [str(BIN / "lint-imports")],
    ]
    return [Tier("lint and imports", lint), Tier("types", [[str(BIN / "mypy")]])]


def web() -> Tier:
    """The web client: types, unit tests, and that the generated types are those of the API."""
    npm = [str(BIN / "python"), "tools/npm.py"]
    install = [*npm, "ci", "--ignore-scripts", "--prefer-offline"]
    fresh = (ROOT / "web/node_modules").exists()
    steps = [[*npm, "run", "typecheck"], [*npm, "test"], [str(BIN / "python"), "tools/types_client.py", "--check"]]
    return Tier("web client", steps if fresh else [install, *steps])


def plan(which: str, room: str | None) -> list[Tier]:
    """The tiers of a command."""
    if which == "check":
        return checks()
    pure, real = Tier("pure", [pytest(*PURE)]), Tier("rooms", [pytest(*rooms(), workers=WAITING)])
    if which == "quick":
        os.environ.setdefault("HYPOTHESIS_PROFILE", "quick")
        return [*checks(), Tier(room, [pytest(room)])] if room else [*checks(), pure, real]
    packages = Tier("packages", [[str(BIN / "python"), "tools/packages.py", "ensure"]])
    processes = Tier("whole processes", [pytest(*PROCESSES, workers=LISTENING)])
    wires = Tier("on the wire", [pytest(*WIRES, workers=LISTENING)])
    browser = Tier("journeys in a browser", [pytest(*BROWSER)])
    rest = Tier("documents; chaos, short", [pytest("chaos", "docs", "house", divided="loadfile")])
    return [packages, *checks(), web(), pure, real, processes, wires, browser, rest]


def run(tier: Tier, count: Callable[[str], None]) -> tuple[bool, float]:
    """Run one tier; its output goes through as it comes."""
    began, good = time.monotonic(), True
    print(f"\n== {tier.name}", flush=True)
    for command in tier.commands:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert process.stdout
        for line in process.stdout:
            print(line, end="", flush=True)
            count(line)
        good = process.wait() == 0 and good
    return good, time.monotonic() - began


def main() -> int:
    """Run, then tell: minutes per tier, tests passed and failed in all."""
    which, room = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
    totals = {"passed": 0, "failed": 0, "error": 0, "skipped": 0}

    def count(line: str) -> None:
        if re.search(r"\bin [\d.]+s", line):
            for number, word in re.findall(r"(\d+) (passed|failed|error|skipped)", line):
                totals[word] += int(number)

    results = [(tier.name, *run(tier, count)) for tier in plan(which, room)]
    print("\nminutes  tier")
    for name, good, seconds in results:
        print(f"{seconds / 60:7.1f}  {name}{'' if good else '  FAILED'}")
    print(f"{sum(s for _, _, s in results) / 60:7.1f}  in all")
    bad = totals["failed"] + totals["error"] + sum(not good for _, good, _ in results)
    print(f"\n{totals['passed']} passed, {bad} failed, {totals['skipped']} skipped")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
