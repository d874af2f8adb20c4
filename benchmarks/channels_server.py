"""The server process of the channels' figures: the whole product, with an account of every text channel and many agents.

Prints `ready DSN` once it serves and all agents are at work. With `PARLONS_BENCH_PROFILE` the event loop's thread is
profiled until the end and the dearest functions are written to that file.

`python -m benchmarks.channels_server DATA PORT CONFIGURATION [KEPT]`
"""

import asyncio
import cProfile
import os
import pstats
import sys
from pathlib import Path

import uvloop

from parlons.app.process import run
from parlons.app.services import Services
from parlons.app.settings import Settings
from parlons.routing.commands import SetActivity
from parlons.runtime.log import configure_logs
from parlons.runtime.safe_http import allowed

KEPT = 4
"""Accounts with a connection of their own, if not told otherwise: the bot, the homeserver, the centre, the mailbox."""


async def _ready(services: Services, kept: int) -> None:
    workspace = services.installation.workspace_id
    state = services.dispatch.state(workspace)
    available = next(one.id for one in state.activities.values() if one.name == "Available")
    workers = [one.id for one in state.workers.values() if one.name.startswith("Agent")]
    await asyncio.gather(*(services.dispatch.send(workspace, SetActivity(worker, available)) for worker in workers))
    standing = services.post.owner.standing
    async with asyncio.timeout(60):
        while len(standing) < kept or any(one.problem for one in standing.values()):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    print(f"ready {services.db.dsn}", flush=True)


def main() -> None:
    """Serve until a signal."""
    data, port, configuration = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    kept = int(sys.argv[4]) if len(sys.argv) > 4 else KEPT
    configure_logs(level="warning")
    settings = Settings(data, port=port, http_allow=allowed(["127.0.0.1"]))
    text = configuration.read_text(encoding="utf-8")
    serving = run(settings, say=lambda _: None, first=lambda _: text, ready=lambda one: _ready(one, kept))
    place = os.environ.get("PARLONS_BENCH_PROFILE")
    if place is None:
        uvloop.run(serving)
        return
    profile = cProfile.Profile()
    profile.enable()
    try:
        uvloop.run(serving)
    finally:
        profile.disable()
        with Path(place).open("w", encoding="utf-8") as file:
            for order in ("cumulative", "tottime"):
                pstats.Stats(profile, stream=file).sort_stats(order).print_stats(70)


if __name__ == "__main__":
    main()
