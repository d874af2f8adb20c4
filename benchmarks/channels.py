"""The channels' figures: `make bench-channels`, or `python -m benchmarks.channels [--quick] [--only NAME ...]`.

messages: from the providers' wires into routed durable tasks (channels_flow). mail: new mail during a first sync, memory of
a large one (channels_mail). bulk: sends to many, and twenty kill -9 of who sends (channels_bulk). One JSON line a figure with
its bound as `baseline` and the machine's load beside it: what others do on the same cores is in the figure too.
"""

import argparse

import uvloop

from benchmarks import channels_bulk, channels_flow, channels_mail

PARTS = {"messages": channels_flow.measure, "mail": channels_mail.measure, "bulk": channels_bulk.measure}


def main() -> None:
    """Those asked for, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="shorter")
    parser.add_argument("--only", action="append", choices=sorted(PARTS), help="this part; may be given again")
    asked = parser.parse_args()
    for name, part in PARTS.items():
        if asked.only is None or name in asked.only:
            uvloop.run(part(asked.quick))


if __name__ == "__main__":
    main()
