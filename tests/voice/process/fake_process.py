"""A voice process that carries the fake engine: `python -m tests.voice.process.fake_process --data DIR`."""

import os
import sys

from parlons.testing.fake_engine import FakeEngine
from parlons.voice.process.__main__ import run
from parlons.voice.process.attendance import Limits


class Running(FakeEngine):
    """With the start and stop of an engine that has sockets."""

    sip_port = 0

    async def start(self) -> None:
        if os.environ.get("PARLONS_VOICE_TEST_BREAKS"):
            raise OSError("the port is taken")

    async def stop(self) -> None:
        pass


if __name__ == "__main__":
    alone, drain = (float(os.environ.get(f"PARLONS_VOICE_TEST_{name}", "60")) for name in ("ALONE", "DRAIN"))
    sys.exit(run(lambda _data: Running(), limits=Limits(alone=alone, drain=drain, alone_with_legs=1800)))
