"""`python -m parlons.voice.process --data DIR`: carries the calls of one data folder. `parlons serve` starts it by itself.

PARLONS_SIP_HOST (127.0.0.1) and PARLONS_SIP_PORT (5060; 0: any free one) say where it answers SIP.
"""

import argparse
import asyncio
import os
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
    """The built-in engine, where the environment says."""
    from parlons.voice.media.builtin.engine import BuiltinEngine
    from parlons.voice.media.engine import EngineConfig

    host = os.environ.get("PARLONS_SIP_HOST", "127.0.0.1")
    return BuiltinEngine(EngineConfig(), host=host, sip_port=int(os.environ.get("PARLONS_SIP_PORT", "5060")))


if __name__ == "__main__":
    sys.exit(run(builtin))
