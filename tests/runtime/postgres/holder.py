"""A process that uses a server until told to leave: `python holder.py DATA`; one JSON line once ready, leaves at end of input.

Standard library only, so that it runs under any Python an ordinary user can reach.
"""

import json
import sys
from pathlib import Path

from parlons.kit.errors import Refusal
from parlons.runtime.postgres import processes
from parlons.runtime.postgres.supervisor import ensure_server, release_server


def main() -> None:
    said: list[str] = []
    try:
        server = ensure_server(Path(sys.argv[1]), say=said.append, for_tests=True)
    except Refusal as refusal:
        print(json.dumps({"code": refusal.code, "message": refusal.message, "said": said}), flush=True)
        return
    assert server.data is not None
    pid = processes.live_postmaster(server.data / "postgres")
    print(json.dumps({"dsn": server.dsn, "started": server.started, "pid": pid, "said": said}), flush=True)
    sys.stdin.read()
    release_server(server)


if __name__ == "__main__":
    main()
