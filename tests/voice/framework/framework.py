"""A public framework of voice bots, `pipecat-ai` (BSD-2-Clause), in an environment of its own, and a bot made with it.

It is installed without what its models would ask for (numba, onnxruntime and the like: 350 MB): the bot has none.
"""

import contextlib
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from parlons.testing.processes import free_port
from tests.environments import environment

VERSION = "1.14.0"
PACKAGES = f"""
    pipecat-ai=={VERSION} aiofiles==25.1.0 aiohappyeyeballs==2.7.1 aiohttp==3.14.5 aiosignal==1.4.0 annotated-doc==0.0.7
    annotated-types==0.8.0 anyio==4.16.0 attrs==26.1.0 click==8.5.1 docstring_parser==0.18.0 fastapi==0.165.0 frozenlist==1.8.0
    h11==0.16.0 idna==3.20 loguru==0.7.3 loudness==0.2.0 multidict==7.2.1 numpy==2.4.6 opentelemetry-api==1.45.2 pillow==13.0.0
    propcache==0.5.4 pydantic==2.14.3 pydantic_core==2.50.4 sentencex==1.0.32 sniffio==1.3.1 soxr==1.0.0 starlette==1.10.0
    typing-inspection==0.4.5 typing_extensions==4.16.0 uvicorn==0.54.0 wait_for2==0.4.1 websockets==17.4 yarl==1.25.1
""".split()
PATIENCE = 120.0
"""Seconds until it listens: the first time its modules are compiled."""


@contextlib.contextmanager
def bot(sound: Path) -> Iterator[str]:
    """The address of a bot that has this WAV file to say."""
    python, port = environment(f"pipecat-{VERSION}", PACKAGES, exactly=True), free_port()
    with tempfile.TemporaryFile() as said:
        script = str(Path(__file__).with_name("bot.py"))
        process = subprocess.Popen([str(python), script, str(port), str(sound)], stdout=said, stderr=said)
        try:
            _listens(process, port)
            yield f"ws://127.0.0.1:{port}/calls"
        except BaseException:
            said.seek(0)
            print(said.read().decode(errors="replace")[-3_000:])
            raise
        finally:
            process.terminate()
            process.wait()


def _listens(process: "subprocess.Popen[bytes]", port: int) -> None:
    """Waits until it takes connections."""
    for _ in range(int(PATIENCE * 10)):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            raise AssertionError(f"the bot ended with {process.wait(0.1)}")
    raise AssertionError("the bot does not listen")
