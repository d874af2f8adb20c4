"""The official JavaScript clients, unmodified, in one node process: the REST client's whole cycle, then a worker's day."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from parlons.compat.bridge import COMMANDS
from tests.app.conftest import Centre
from tests.app.existing_client import Keys
from tools.compatibility import BROWSER, JAVASCRIPT, asked, check_ran
from tools.npm import command

HERE = Path(__file__).parent / "node_clients"
PATIENCE = 300


def test_the_javascript_clients_run_whole_cycles(shared: Centre, keys: Keys, tmp_path: Path) -> None:
    place = tmp_path / "clients"
    shutil.copytree(HERE, place, ignore=shutil.ignore_patterns("node_modules"))
    environ = dict(os.environ)
    npm = command(environ)
    install = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    subprocess.run(install, env=environ, check=True, cwd=place, timeout=PATIENCE)
    run = ["node", "cycle.mjs", shared.server.url, json.dumps(keys)]
    done = subprocess.run(run, env=environ, cwd=place, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    seen = json.loads(done.stdout.splitlines()[-1])
    check_ran(JAVASCRIPT, map(tuple, seen["twilio"]))
    check_ran(BROWSER, map(tuple, seen["twilio-taskrouter"]))
    reached = {f"{method} {template}" for method, template in COMMANDS}
    assert set(asked(map(tuple, seen["twilio-taskrouter"]))) == reached, (
        "each command of the bridge is asked by the SDK"
    )
