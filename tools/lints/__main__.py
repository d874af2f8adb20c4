"""Runs every rule over the tree; prints `path:line: what is wrong and what to do`; exit code 1 when anything was found."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.lints import sizes, tenants, times
from tools.lints.found import Found

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ("src", "tests", "tools", "benchmarks", "migrations")
WEB = (".ts", ".tsx", ".css")
PASSED_BY = {"node_modules", "dist", "_web", "__pycache__"}


def files(folder: str, *endings: str) -> Iterator[Path]:
    """The files of a folder that people write."""
    for path in sorted((ROOT / folder).rglob("*")):
        if path.suffix in endings and not PASSED_BY & set(path.relative_to(ROOT).parts):
            yield path


def main() -> int:
    """All rules over all files."""
    found: list[Found] = []
    for folder in PYTHON:
        for path in files(folder, ".py"):
            text, name = path.read_text(), path.relative_to(ROOT).as_posix()
            tree = ast.parse(text, name)
            for rule in (sizes.python, times.naive, tenants.tables, tenants.transactions):
                found += rule(name, text, tree)
    for path in files("web", *WEB):
        found += sizes.web(path.relative_to(ROOT).as_posix(), path.read_text())
    for one in sorted(found):
        print(f"{one.path}:{one.line}: {one.problem}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
