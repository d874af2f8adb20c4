"""`python -m parlons.voice.process --data DIR`: carries the calls of one data folder. `parlons serve` starts it by itself.

PARLONS_SIP_HOST (127.0.0.1) and PARLONS_SIP_PORT (5060, or any when it is taken; 0: any) say where it answers SIP. A port that
was any is kept from one start to the next where it is free: phones know it.
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
from parlons.voice.process.life import AlreadyRuns, RunningEngine, live, sip_port

ALREADY = 0
"""Exit code when another process carries the folder's calls: nothing is wrong."""


def run(
    engine: Callable[[Path], RunningEngine], arguments: Sequence[str] | None = None, *, limits: Limits = Limits()
) -> int:
    """The process from its arguments to its exit code."""
    parser = argparse.ArgumentParser(prog="python -m parlons.voice.process", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the data folder")
    data = parser.parse_args(arguments).data
    configure_logs(level=os.environ.get("PARLONS_LOG", "info"))
    try:
        asyncio.run(live(data, lambda: engine(data), limits=limits))
    except AlreadyRuns:
        return ALREADY
    return 0


def builtin(data: Path) -> RunningEngine:
    """The built-in engine, where the environment says."""
    from parlons.voice.media.builtin.engine import BuiltinEngine
    from parlons.voice.media.config import EngineConfig

    host, given = os.environ.get("PARLONS_SIP_HOST", "127.0.0.1"), os.environ.get("PARLONS_SIP_PORT")
    wanted = [sip_port(data)] if given == "0" else [5060, sip_port(data)] if given is None else []
    port = next((port for port in wanted if port and _free(host, port)), int(given or 0))
    return BuiltinEngine(EngineConfig(), host=host, sip_port=port)


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
