"""Takes the funding links out of web/package-lock.json: a lock file of this house names no host."""

import json
from pathlib import Path

LOCK = Path(__file__).resolve().parent.parent / "web/package-lock.json"


def main() -> None:
    """Rewrite the lock in npm's own form."""
    lock = json.loads(LOCK.read_text())
    for package in lock["packages"].values():
        package.pop("funding", None)
        if "://" in package.get("resolved", ""):
            del package["resolved"]
    LOCK.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
