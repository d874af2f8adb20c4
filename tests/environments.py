"""Programs that tests need and the product must not have: each in an environment of its own under `.tools`, made once."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


class NotInstalled(Exception):
    """It cannot be had on this machine."""


def environment(name: str, packages: list[str], *, exactly: bool = False) -> Path:
    """The Python of an environment with these packages. `name` has their versions in it; `exactly`: without what they ask for."""
    home = ROOT / ".tools" / name
    python = home / "bin/python"
    home.parent.mkdir(exist_ok=True)
    with (home.parent / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (home / "ready").exists():
            return python
        uv = _first_program(ROOT / ".tools/bin/uv", ROOT / ".venv/bin/uv")
        more = ["--no-deps"] if exactly else []
        steps = (
            [[uv, "venv", "-q", "--clear", "--python", sys.executable, str(home)],
             [uv, "pip", "install", "-q", "--python", str(python), *more, *packages]]
            if uv
            else [[sys.executable, "-m", "venv", "--clear", str(home)],
                  [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *more, *packages]]
        )  # fmt: skip
        for step in steps:
            done = subprocess.run(step, capture_output=True, text=True, check=False)
            if done.returncode:
                raise NotInstalled(f"{name} cannot be installed: {done.stderr[-300:]}")
        (home / "ready").touch()
    return python


def _first_program(*places: Path) -> str | None:
    """The first of these programs that is there."""
    return next((str(each) for each in places if os.access(each, os.X_OK)), None)
