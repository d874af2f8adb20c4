"""Agents read why a message did not leave, and what came instead of text, in their language: all our codes have words."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
CHANNELS = ROOT / "src/parlons/channels"
OURS = (
    CHANNELS / "calling.py",
    *(file for name in ("telegram", "meta", "matrix", "x") for file in (CHANNELS / name).rglob("*.py")),
)
RAISED = re.compile(r'(?:TryLater|Failed|Unsure)\(\s*"([a-z-]+)"')
TABLED = re.compile(r'^    \w+: "([a-z-]+)",$|^    "M_\w+": "([a-z-]+)",$', re.M)
SEEN = re.compile(r'return "(edit|deleted|encrypted|unsupported|sticker|location|contact|reaction|system|start)"')


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_code_has_words(language: str) -> None:
    words = json.loads((ROOT / f"web/apps/desk/src/i18n/{language}/channels.json").read_text())["channels"]
    texts = [file.read_text() for file in OURS]
    raised = {code for text in texts for code in RAISED.findall(text)}
    tabled = {first or second for text in texts for first, second in TABLED.findall(text)}
    assert len(raised) >= 15
    assert "blocked-by-customer" in tabled
    assert raised | tabled <= set(words["fault"]), sorted((raised | tabled) - set(words["fault"]))
    kinds = {kind for text in texts for kind in SEEN.findall(text)} | {
        "edit",
        "venue",
        "poll",
        "dice",
        "start",
        "share",
    }
    assert kinds <= set(words["kind"]), sorted(kinds - set(words["kind"]))
