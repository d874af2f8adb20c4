"""What practice people were promised: one JSON line per act the server acknowledged. Failure tests compare it with the store."""

import time
from pathlib import Path
from typing import IO, Any

import orjson


class Ledger:
    """Appends lines to a file, or forgets them when there is none."""

    def __init__(self, path: Path | None) -> None:
        self._file: IO[bytes] | None = path.open("ab", buffering=0) if path else None
        self.counts: dict[str, int] = {}

    def note(self, act: str, **facts: Any) -> None:
        """The server acknowledged `act` ("message.in", "message.out", "accepted", "closed")."""
        self.counts[act] = self.counts.get(act, 0) + 1
        if self._file is not None:
            self._file.write(orjson.dumps({"act": act, "at": time.time_ns() // 1_000_000, **facts}) + b"\n")

    def close(self) -> None:
        """Nothing more is noted in the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


def read(path: Path) -> list[dict[str, Any]]:
    """All whole lines of a ledger; a line cut short by kill -9 promised nothing and is left out."""
    lines = path.read_bytes().split(b"\n") if path.exists() else []
    return [orjson.loads(line) for line in lines[:-1] if line]
