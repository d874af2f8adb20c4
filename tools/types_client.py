"""Writes web/packages/client/api.d.ts from the API's description; `--check` only says whether it would differ (exit 1).

The description is made without a server: the routes alone are enough. The types are those that the web client names
(`Api["Task"]`), and what they are made of; which route takes what stands in docs/reference/api.md, which a test holds to the
routes. A name that is new there needs `make types-client`; until then the type check fails.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from parlons.app.main import create_app

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from tools.npm import command  # noqa: E402

TYPES = ROOT / "web/packages/client/api.d.ts"
_NAMED = re.compile(r'(?:\bApi|components\["schemas"\])\["(\w+)"\]')
_MADE_OF = re.compile(r'"#/components/schemas/([\w.-]+)"')


def named() -> set[str]:
    """The types that the web client's own files name."""
    files = [path for folder in ("apps", "packages") for path in (ROOT / "web" / folder).rglob("*.ts*")]
    own = [path for path in files if "node_modules" not in path.parts and path != TYPES]
    return {name for path in own for name in _NAMED.findall(path.read_text())}


def what_is_read(document: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """The description of these types and of what they are made of; without routes, and without titles, which only say the names
    again."""
    every, kept, open_ = document["components"]["schemas"], dict[str, Any](), sorted(names)
    while open_:
        name = open_.pop()
        if name in every and name not in kept:
            kept[name] = _untitled(every[name])
            open_ += _MADE_OF.findall(json.dumps(every[name]))
    return {**document, "paths": {}, "components": {"schemas": kept}}


def _untitled(part: Any) -> Any:
    if isinstance(part, list):
        return [_untitled(each) for each in part]
    if not isinstance(part, dict):
        return part
    # A title is a text; a property that is called so has a schema.
    return {word: _untitled(value) for word, value in part.items() if word != "title" or not isinstance(value, str)}


def generate(target: Path) -> None:
    """One run of openapi-typescript over a description in a temporary file."""
    env = dict(os.environ)
    npm = command(env)
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "openapi.json"
        document.write_text(json.dumps(what_is_read(create_app().openapi(), named()), indent=1, sort_keys=True))
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
