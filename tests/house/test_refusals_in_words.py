"""Every refusal that somebody at the desk can meet is said in both languages, or deliberately left in the server's English.

Left are three sorts: what only the command line or a starting server says, what only programs meet, and what names the place
of a mistake in its own sentence, which a fixed text would hide.
"""

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| `([\w-]+)` \| (\d+) \|")
CODE = re.compile(r"[\w-]+")
AT_THE_COMMAND_LINE = CODE.findall("""
backup-damaged backup-exists backup-key-wrong backup-newer backup-unreadable data-folder-foreign data-folder-unreachable
database-newer edge-files-there edge-settings-wrong nothing-to-back-up place-not-empty port-taken postgres-account
postgres-missing postgres-not-started postgres-refused postgres-silent postgres-unreachable postgres-version
restore-unfinished socket-folder-foreign turn-wrong unknown-provider wrong-setting
""")
TO_PROGRAMS = CODE.findall("""
answer-too-large bad-hook duplicate-id idempotency-key-reused identity-not-proven invalid-command
invalid-cursor key-too-fast missing-header no-visit not-from-provider not-the-owner origin-refused prompt-language-invalid
too-many-workspaces
unknown-events unknown-parameter unknown-view version-missing voice-sdp workspace-fixed
""")
NAMES_THE_PLACE = CODE.findall("""
address-invalid invalid-account invalid-channel-account invalid-configuration invalid-configuration-file
invalid-dispositions invalid-entry-point invalid-expression invalid-flow invalid-flow-code invalid-hours invalid-sender
invalid-text invalid-widget invalid-workflow
""")


def test_the_desk_has_words_for_every_refusal() -> None:
    rows = [
        found.groups()
        for line in (ROOT / "docs/reference/errors.md").read_text().splitlines()
        if (found := ROW.match(line))
    ]
    gone = {code for code, status in rows if status == "404"}  # said as "it is no longer here"
    codes = {code for code, _ in rows}
    assert len(codes) > 150
    left = {*AT_THE_COMMAND_LINE, *TO_PROGRAMS, *NAMES_THE_PLACE}
    for language in ("en", "fr"):
        words = set(json.loads((ROOT / f"web/apps/desk/src/i18n/{language}/refusals.json").read_text())["refusal"])
        missing = sorted(codes - gone - left - words)
        assert missing == [], f"no words in {language}; write them, or list the code above with the reason"
        assert left & words == set(), f"listed as English, yet said in {language}"
    assert left <= codes, f"no longer refusals: {sorted(left - codes)}"
