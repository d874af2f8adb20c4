"""`python -m parlons.voice.process --data DIR`: carries the calls of one data folder. `parlons serve` starts it by itself.

PARLONS_SIP_HOST (127.0.0.1) and PARLONS_SIP_PORT (5060, or any when it is taken; 0: any) say where it answers SIP.
"""

import argparse
import asyncio
import os
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from parlons.runtime.log import configure_logs
from parlons.voice.process.attendance import Limits
from parlons.voice.process.life import AlreadyRuns, RunningEngine, live

ALREADY = 0
"""Exit code when another process carries the folder's calls: nothing is wrong."""


def run(
    engine: Callable[[], RunningEngine], arguments: Sequence[str] | None = None, *, limits: Limits = Limits()
) -> int:
    """The process from its arguments to its exit code."""
    parser = argparse.ArgumentParser(prog="python -m parlons.voice.process", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the data folder")
    data = parser.parse_args(arguments).data
    configure_logs(level=os.environ.get("PARLONS_LOG", "info"))
    try:
        asyncio.run(live(data, engine, limits=limits))
    except AlreadyRuns:
        return ALREADY
    return 0


def builtin() -> RunningEngine:
    """The built-in engine, where the environment says. Without a word about the port, 5060, or any when that is taken."""
    from parlons.voice.media.builtin.engine import BuiltinEngine
    from parlons.voice.media.engine import EngineConfig

    host, port = os.environ.get("PARLONS_SIP_HOST", "127.0.0.1"), os.environ.get("PARLONS_SIP_PORT")
    if port is None:
        port = "5060" if _free(host, 5060) else "0"
    return BuiltinEngine(EngineConfig(), host=host, sip_port=int(port))


def _free(host: str, port: int) -> bool:
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                return False
    return True


if __name__ == "__main__":
    sys.exit(run(builtin))
