"""Takes the funding links out of the package-lock.json files: a lock file of this house names no host."""

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = (ROOT / "web/package-lock.json", ROOT / "tests/app/node_clients/package-lock.json")


def main() -> None:
    """Rewrite the locks in npm's own form."""
    for path in LOCKS:
        lock = json.loads(path.read_text())
        for package in lock["packages"].values():
            package.pop("funding", None)
            if "://" in package.get("resolved", ""):
                del package["resolved"]
        path.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
