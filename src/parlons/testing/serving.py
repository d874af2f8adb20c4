"""`python -m parlons.testing.serving serve|demo --data DIR --port N --clock FILE`: a server whose clock a test can set.

The same composition as `parlons serve` and `parlons demo` without practice people; only the clock is another one.
"""

import argparse
import os
import sys
from pathlib import Path

from parlons.app import demo
from parlons.app.process import invitation_line, run, run_blocking, say_plainly, text_of
from parlons.app.services import Services
from parlons.app.settings import read_settings
from parlons.runtime.log import configure_logs
from parlons.testing.clocks import SharedClock


def main(arguments: list[str]) -> int:
    """Serves until a signal; exit code of the process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("play", choices=["serve", "demo"])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--clock", type=Path, required=True)
    told = parser.parse_args(arguments)
    configure_logs(level=os.environ.get("PARLONS_LOG", "warning"))
    clock = SharedClock(told.clock)
    settings = read_settings(os.environ, data=told.data, port=told.port, demo=told.play == "demo")
    if told.play == "demo":
        quiet = {**os.environ, "PARLONS_DEMO_ACTORS": "none"}
        return run_blocking(demo.play(settings, say=say_plainly, environ=quiet, clock=clock))

    async def ready(services: Services) -> None:
        if line := invitation_line(services):
            say_plainly(line)
        say_plainly(f"Parlons is ready at {services.settings.url}")

    def first(_data: Path) -> str:
        return text_of("first_start.yaml")

    return run_blocking(run(settings, say=say_plainly, first=first, ready=ready, clock=clock))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
