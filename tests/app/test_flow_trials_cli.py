"""`parlons flow versions`, `try` and `rollback` against a running server."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from parlons.testing.processes import Running, data_folder
from tests.app.test_flow_trials_http import FILE, SHORT

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """With one flow."""
    with data_folder() as data, Running(data) as running:
        yield running


def parlons(server: Running, *words: str) -> tuple[int, str]:
    """Exit code and all that was said."""
    environ = {**os.environ, "PARLONS_URL": server.url, "PARLONS_KEY": server.operator_key()}
    command = [sys.executable, "-m", "parlons.app.cli", "flow", *words]
    done = subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_trial_from_the_command_line(server: Running) -> None:
    headers = {"Authorization": f"Bearer {server.operator_key()}"}
    with httpx.Client(base_url=f"{server.url}/api/v1", headers=headers, timeout=60) as api:
        assert api.post("/configuration", content=FILE).status_code == 200
        (flow,) = api.get("/flows").json()["items"]
        kept = api.post(f"/flows/{flow['id']}/versions", json={"text": SHORT, "note": "No greeting"})
        assert kept.status_code == 201, kept.text
    code, said = parlons(server, "versions", "Front")
    assert code == 0, said
    latest, first = said.splitlines()
    assert latest.startswith("2  ")
    assert latest.endswith("No greeting")
    assert first.endswith("live")
    assert parlons(server, "rollback", "Front")[0] == 1
    told = parlons(server, "try", "Front", "--version", "2", "--percent", "10")
    assert told == (0, "Version 2 answers 10 % of the customers, version 1 the others.\n")
    assert parlons(server, "versions", "Front")[1].splitlines()[0].endswith("on trial, 10 %")
    code, said = parlons(server, "try", "Front", "--version", "2", "--percent", "10")
    assert code == 1
    assert "trial-runs" in said
    assert parlons(server, "rollback", "Front") == (0, "Version 1 answers everybody again.\n")
    assert parlons(server, "versions", "Nothing")[0] == 1
    assert parlons(server, "try", "Front", "--version", "2", "--percent", "100")[0] == 2
