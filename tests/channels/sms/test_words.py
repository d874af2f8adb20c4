"""Agents read why a text did not leave, or did not arrive, in their language: every code of this channel has words."""

import json
import re
from pathlib import Path

import pytest

from parlons.channels.sms import outgoing, receipts

ROOT = Path(__file__).resolve().parents[3]
RAISED = re.compile(r'(?:TryLater|Failed|Unsure)\(\s*"([a-z-]+)"|problem="([a-z-]+)"')


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_code_has_words(language: str) -> None:
    words = json.loads((ROOT / f"web/apps/desk/src/i18n/{language}/channels.json").read_text())["channels"]
    texts = [file.read_text() for file in (ROOT / "src/parlons/channels/sms").glob("*.py")]
    codes = {first or second for text in texts for first, second in RAISED.findall(text)}
    assert len(codes) >= 6
    codes |= {outgoing.verdict(status)[1] for status in range(1, 256)}
    codes |= {receipts.failure(word) for word in ("EXPIRED", "DELETED", "REJECTD", "UNDELIV 034")}
    assert codes <= set(words["fault"]), sorted(codes - set(words["fault"]))
    assert "binary" in words["kind"]
