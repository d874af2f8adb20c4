"""`parlons new`: what it makes passes its contract at once, in an empty folder; nothing is ever written over."""

import hashlib
import hmac
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from parlons.app.cli import app
from parlons.app.new.making import KINDS
from tests.docs.blocks import ROOT


@pytest.mark.parametrize("kind", KINDS)
def test_what_it_makes_keeps_its_contract_at_once(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = CliRunner().invoke(app, ["new", kind, "demo"])
    assert made.exit_code == 0, made.output
    line = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider"]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"^(\d+) passed in", done.stdout, re.MULTILINE)
    assert passed, f"something was skipped: {done.stdout}"
    assert int(passed.group(1)) >= 20
    tidy = [str(Path(sys.executable).parent / "ruff"), "check", "--config", str(ROOT / "pyproject.toml")]
    said = subprocess.run([*tidy, "--ignore", "S,D,I", "."], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout


def test_the_call_in_the_channels_readme_is_signed_as_the_channel_checks_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(app, ["new", "channel", "pigeon"]).exit_code == 0
    lines = [line.strip() for line in (tmp_path / "pigeon" / "README.md").read_text().splitlines()]
    said = [next(line for line in lines if line.startswith(word)) for word in ("body=", "mac=", "curl ")]
    assert "/hooks/pigeon/shop" in said[2]
    script = "\n".join([*said[:2], 'printf "%s\\n%s" "$mac" "$body"'])
    done = subprocess.run(["sh", "-c", script], env={**os.environ, "PROVIDER_KEY": "k"}, capture_output=True, text=True)
    mac, _, body = done.stdout.partition("\n")
    assert mac == hmac.new(b"k", body.encode(), hashlib.sha256).hexdigest(), done.stderr
    assert json.loads(body)["text"] == "Hello"


@pytest.mark.parametrize(("name", "said"), [("Demo-1", "lower-case letters"), ("taken", "already")])
def test_a_wrong_name_or_a_folder_in_use_is_refused(
    name: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "work.txt").write_text("mine")
    refused = CliRunner().invoke(app, ["new", "channel", name])
    assert refused.exit_code == 1
    assert said in refused.output
    assert [one.name for one in tmp_path.rglob("*") if one.is_file()] == ["work.txt"]
