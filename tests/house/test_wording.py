"""Other people's names describe and nothing else: none in a name of ours, and a line of no affiliation wherever one is said."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
IMITATED = ("twilio", "twiml", "taskrouter")
"""Of whom we answer an interface: in no name of ours at all."""
SPOKEN_WITH = (
    "hubspot", "salesforce", "odoo", "telegram", "whatsapp", "messenger", "instagram", "facebook", "meta", "matrix",
)  # fmt: skip
"""What our adapters speak with: only the adapter, its stand-in and its tests are called so."""
ADAPTERS = (
    "src/parlons/channels/", "src/parlons/customers/lookups/", "src/parlons/simulator/providers/",
    "tests/channels/", "tests/customers/lookups/",
)  # fmt: skip
LINE = re.compile(r"not affiliated with|with whom Parlons is not affiliated")
SAID = re.compile(r"\b(Twilio|TwiML|HubSpot|Salesforce|Odoo|Telegram|WhatsApp|Instagram|Facebook)\b")
SECTIONS = {"channel": "channel", "lookup": "system"}
"""Kinds of the settings that offer others' services by name, and the field that does."""


def tracked(*under: str) -> list[Path]:
    """Files of the house."""
    listed = subprocess.run(["git", "ls-files", *under], cwd=ROOT, capture_output=True, text=True, check=True)
    return [Path(line) for line in listed.stdout.splitlines()]


def words(name: str) -> set[str]:
    """The words a name is made of."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def test_no_file_or_folder_is_named_after_what_we_imitate() -> None:
    assert [str(path) for path in tracked() if any(mark in str(path).lower() for mark in IMITATED)] == []


def test_only_adapters_are_named_after_what_they_speak_with() -> None:
    wrong = [
        str(path)
        for path in tracked("src", "web", "tools", "benchmarks", "tests", "deploy")
        if words(str(path)) & set(SPOKEN_WITH) and not str(path).startswith(ADAPTERS)
    ]
    assert wrong == []


def test_no_package_or_command_of_ours_bears_a_mark() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = [project["name"], *project["scripts"], *project["optional-dependencies"]]
    names += [json.loads((ROOT / path).read_text())["name"] for path in tracked("web") if path.name == "package.json"]
    assert len(names) > 5
    assert [name for name in names if words(name) & {*IMITATED, *SPOKEN_WITH}] == []


def test_no_class_or_function_is_named_after_what_we_imitate() -> None:
    named = re.compile(r"\b(?:class|def|function|interface)\s+(\w+)")
    wrong = [
        f"{path}: {name}"
        for path in tracked("src", "web/apps", "web/packages", "tools")
        if path.suffix in (".py", ".ts", ".tsx")
        for name in named.findall((ROOT / path).read_text())
        if any(mark in name.lower() for mark in IMITATED)
    ]
    assert wrong == []


def test_every_page_that_says_a_mark_says_that_we_are_not_affiliated() -> None:
    pages = [path for path in tracked("*.md") if SAID.search((ROOT / path).read_text())]
    assert len(pages) > 5
    assert [str(path) for path in pages if not LINE.search((ROOT / path).read_text())] == []


def test_every_part_of_the_source_that_says_a_mark_says_so_too() -> None:
    def covered(path: Path) -> bool:
        above = [path, *(folder / "__init__.py" for folder in path.parents)]
        return any(LINE.search(file.read_text()) for each in above if (file := ROOT / each).is_file())

    said = [path for path in tracked("src") if path.suffix == ".py" and SAID.search((ROOT / path).read_text())]
    assert [str(path) for path in said if not covered(path)] == []


@pytest.mark.parametrize(("language", "line"), [("en", "not affiliated"), ("fr", "n’a pas de lien")])
def test_the_settings_that_offer_services_by_name_say_so(language: str, line: str) -> None:
    text = (ROOT / f"web/apps/desk/src/i18n/{language}/settings.json").read_text()
    fields = json.loads(text)["settings"]["field"]
    for kind, field in SECTIONS.items():
        assert line in fields[kind][field]["why"], kind
