"""The house's own promises: locks name no host, versions agree, documents' links lead somewhere."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

import parlons

ROOT = Path(__file__).resolve().parents[2]
LOCKS = [*sorted((ROOT / "requirements").glob("*.lock")), ROOT / "web/package-lock.json"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_file_names_no_host(lock: Path) -> None:
    text = lock.read_text()
    assert len(text) > 100
    assert re.findall(r"(?:https?|git)://", text) == []


def test_every_requirement_is_pinned_with_hashes() -> None:
    for lock in LOCKS[:-1]:
        logical = lock.read_text().replace("\\\n", " ").splitlines()
        lines = [line for line in logical if line.strip() and not line.startswith("#")]
        assert lines
        for line in lines:
            assert "==" in line, line
            assert "--hash=sha256:" in line, line


def test_the_version_stands_once_in_truth() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == parlons.__version__


def test_links_between_documents_lead_somewhere() -> None:
    broken = []
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text()):
            if not re.match(r"[a-z]+:", target) and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)} -> {target}")
    assert broken == []


def test_nothing_generated_or_third_party_is_tracked() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    wrong = [path for path in tracked if re.search(r"(^|/)(node_modules|dist|_web|vendor|third_party)/|\.min\.", path)]
    assert wrong == []
