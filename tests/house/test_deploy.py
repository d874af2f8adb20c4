"""The files for an operator: systemd finds nothing wrong with the units, and they name what the product really reads."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted(path.name for path in DEPLOY.glob("parlons*.*"))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")
@pytest.mark.parametrize("name", UNITS)
def test_systemd_takes_the_unit(name: str, tmp_path: Path) -> None:
    """Verified as it is, but for the program: it must be there, and that of a clone is."""
    for unit in UNITS:
        text = (DEPLOY / unit).read_text().replace("/opt/parlons/.venv/bin/parlons", "/bin/true")
        (tmp_path / unit).write_text(text.replace("WorkingDirectory=/opt/parlons", "WorkingDirectory=/"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / name)], capture_output=True, text=True, check=False
    )
    ours = [line for line in done.stderr.splitlines() if "parlons" in line]
    assert (done.returncode, ours) == (0, []), done.stderr


def test_the_unit_does_what_the_document_says() -> None:
    text = (DEPLOY / "parlons.service").read_text()
    for line in ("KillMode=process", "KillSignal=SIGTERM", "Restart=always", "LimitNOFILE=65536"):
        assert line in text.splitlines()
    assert int(re.findall(r"TimeoutStopSec=(\d+)", text)[0]) > 8 + 10


def test_what_the_files_set_is_read() -> None:
    known = (ROOT / "docs/reference/command-line.md").read_text()
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    named = set(compose["services"]["parlons"]["environment"])
    named |= set(re.findall(r"(?m)^Environment=(\w+)=", (DEPLOY / "parlons.service").read_text()))
    assert {name for name in named if f"`{name}" not in known} == set()
    assert "nobody has run it" in (DEPLOY / "compose.yaml").read_text()
