"""Writes web/packages/client/api.d.ts from the API's description; `--check` only says whether it would differ (exit 1).

The description is made without a server: the routes alone are enough.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from parlons.app.main import create_app

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from tools.npm import command  # noqa: E402

TYPES = ROOT / "web/packages/client/api.d.ts"


def generate(target: Path) -> None:
    """One run of openapi-typescript over a description in a temporary file."""
    env = dict(os.environ)
    npm = command(env)
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "openapi.json"
        document.write_text(json.dumps(create_app().openapi(), indent=1, sort_keys=True))
        line = [*npm, "exec", "--no", "--", "openapi-typescript", str(document), "-o", str(target)]
        subprocess.run(line, cwd=ROOT / "web", env=env, check=True, stdout=subprocess.DEVNULL)


def main() -> int:
    """Write, or compare."""
    if "--check" not in sys.argv[1:]:
        generate(TYPES)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "api.d.ts"
        generate(fresh)
        if TYPES.exists() and fresh.read_text() == TYPES.read_text():
            return 0
    print("web/packages/client/api.d.ts is not what the API says; run `make types-client`.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
