"""The telephone's figures: `make bench-voice`, or `python -m benchmarks.voice [--quick] [--only NAME ...]`.

legs: one voice process on one core (sip_legs, late, gap, delay, memory). browsers: legs of browsers, by the process itself and
through rtpengine. setup: calls to a menu. centre: the whole product with its database: queued_per_s, queue_to_ring, and an
agent who becomes free to his next offer. One JSON line a figure, the machine's load beside it.
"""

import argparse
import asyncio
import resource

from benchmarks import voice_browser, voice_centre, voice_legs, voice_setup

PARTS = {
    "legs": voice_legs.measure,
    "browsers": voice_browser.measure,
    "rtpengine": voice_browser.measure_rtpengine,
    "setup": voice_setup.measure,
    "centre": voice_centre.measure,
}


def main() -> None:
    """Those asked for, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="shorter, one try each")
    parser.add_argument("--only", action="append", choices=sorted(PARTS), help="this part; may be given again")
    asked = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    for name, part in PARTS.items():
        if asked.only is None or name in asked.only:
            asyncio.run(part(asked.quick))


if __name__ == "__main__":
    main()
