"""The figures of floor and office: `make bench-office`. One JSON line each.

Those of a supervisor's floor are measured by office_floor.py, in a process of its own, so that one does not warm the other.
"""

import asyncio
import subprocess
import sys

from benchmarks import office_grid

ELSEWHERE = ("benchmarks.office_floor",)


def main() -> None:
    """All figures; a part that fails does not keep the others from being measured, but it fails the whole."""
    failed = [name for name in ELSEWHERE if subprocess.run([sys.executable, "-m", name], check=False).returncode]
    asyncio.run(office_grid.main())
    if failed:
        sys.exit(f"these could not be measured: {', '.join(failed)}")


if __name__ == "__main__":
    main()
