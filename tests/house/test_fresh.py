"""`make fresh` on a small stand-in for the project: what it hands to make, what it keeps, what it leaves behind."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "tools" / "fresh.sh"
MAKEFILE = """\
demo:
\t@python3 demo.py $(PORT) "$(DATA)"
test:
\t@env > {seen}; {test}
"""
DEMO = """\
import http.server, os, signal, sys, threading

class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/health/ready" else 404)
        self.end_headers()

    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Ready)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
os.makedirs(sys.argv[2], exist_ok=True)
print("Parlons is ready at http://127.0.0.1:" + sys.argv[1], flush=True)
server.serve_forever()
open({stopped!r}, "a").write("stopped\\n")
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A committed project with a demo that becomes ready and tests that write down their environment."""
    return build(tmp_path, test="true")


def build(folder: Path, *, test: str, demo: str | None = None) -> Path:
    home = folder / "project"
    (home / "tools").mkdir(parents=True)
    shutil.copy(SCRIPT, home / "tools")
    (home / "Makefile").write_text(MAKEFILE.format(seen=folder / "environment", test=test))
    (home / "demo.py").write_text(demo or DEMO.format(stopped=str(folder / "stopped")))
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-C", str(home)]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
        subprocess.run([*git, *command], check=True)
    return home


def fresh(project: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    temporary = project.parent / "temporary"
    temporary.mkdir(exist_ok=True)
    # A second round as an ordinary user would make a system user: that is left to `make fresh` itself.
    settings = {"FRESH_USER": "no", "TMPDIR": str(temporary), **environ}
    return subprocess.run(
        ["sh", str(project / "tools/fresh.sh")],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_it_measures_the_demo_and_runs_the_tests_in_a_bare_environment(project: Path) -> None:
    done = fresh(project, SECRET="x", PIP_INDEX_URL="https://mirror.example/simple", UV_CACHE_DIR="/somewhere")
    assert done.returncode == 0, done.stdout + done.stderr
    figures = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert [figure["name"] for figure in figures] == ["demo.cold_s", "demo.warm_s"]
    lines = (project.parent / "environment").read_text().splitlines()
    seen = dict(line.split("=", 1) for line in lines if "=" in line)
    assert seen["PIP_INDEX_URL"] == "https://mirror.example/simple"
    assert not {"SECRET", "UV_CACHE_DIR", "VIRTUAL_ENV", "PYTHONPATH"} & seen.keys()
    assert seen["HOME"].startswith(str(project.parent / "temporary"))
    assert (project.parent / "stopped").read_text() == "stopped\n" * 2, "both demos left gracefully"
    assert not list((project.parent / "temporary").iterdir())


def test_it_fails_when_the_tests_fail(tmp_path: Path) -> None:
    project = build(tmp_path, test="false")
    done = fresh(project)
    assert done.returncode == 1
    assert "make test failed" in done.stdout
    assert not list((tmp_path / "temporary").iterdir())
    assert fresh(project, FRESH_TESTS="no").returncode == 0


def test_it_fails_with_the_words_of_a_demo_that_ends(tmp_path: Path) -> None:
    done = fresh(build(tmp_path, test="true", demo="raise SystemExit('the port is taken')"))
    assert done.returncode == 1
    assert "the port is taken" in done.stdout
    assert "ended before it was ready" in done.stdout


def test_what_is_not_committed_is_left_out_and_said_so(project: Path) -> None:
    (project / "Makefile").write_text("demo:\n\t@exit 1\n")
    done = fresh(project)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "not committed are left out" in done.stdout
