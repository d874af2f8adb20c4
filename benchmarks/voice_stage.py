"""What the figures of the telephone share: a real voice process on a core of its own, what it uses, and how a figure is said.

Each line names the machine's load at its time: what others do on the same cores is in the figure too.
"""

import asyncio
import contextlib
import json
import multiprocessing as mp
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parlons.voice.media.config import EngineConfig, SipLimits, Trunk
from parlons.voice.media.remote import RemoteEngine
from parlons.voice.process.keeper import Keeper
from parlons.voice.process.life import port_path, run_folder, socket_path

NUMBER, MENU = "+33155500000", "+33155500001"
TICKS = os.sysconf("SC_CLK_TCK")


def line(name: str, value: float, unit: str, baseline: float | None = None, note: str = "") -> None:
    """Print one figure."""
    ratio = None if not baseline else round(value / baseline, 3)
    shown: dict[str, Any] = {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "baseline": None if baseline is None else round(baseline, 3),
        "ratio": ratio,
        "load": round(os.getloadavg()[0], 1),
    }
    if note:
        shown["note"] = note
    print(json.dumps(shown), flush=True)


def cores() -> tuple[int, int]:
    """The core of what is measured, and that of the load; the same one where there is but one."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[-1]


def there(program: str) -> bool:
    """Whether a program of the machine is installed."""
    return Path(program).exists()


def percentile(values: list[float], part: float) -> float:
    """Of a hundred; 0 without values."""
    return sorted(values)[min(len(values) - 1, int(len(values) * part / 100))] if values else 0.0


@dataclass
class Use:
    """What a process has used so far."""

    cpu: float
    """Seconds."""
    waited: float
    """Seconds its main thread was ready to run while another had the core."""
    kb: float
    """Resident now."""


def use(pid: int) -> Use:
    """Of a process, all threads."""
    at = Path(f"/proc/{pid}")
    fields = (at / "stat").read_text().rsplit(")", 1)[1].split()
    waited = int((at / "schedstat").read_text().split()[1]) / 1e9
    return Use((int(fields[11]) + int(fields[12])) / TICKS, waited, int((at / "statm").read_text().split()[1]) * 4.0)


def child(what: Any, *arguments: Any) -> tuple[Any, Any]:
    """A process and our end of its pipe; reading raises EOFError once it died."""
    spawn = mp.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=what, args=(theirs, *arguments), daemon=True)
    process.start()
    theirs.close()
    return process, ours


async def receive(pipe: Any) -> Any:
    """What the other end says; the event loop goes on meanwhile."""
    return await asyncio.to_thread(pipe.recv)


@dataclass
class Voice:
    """A voice process and its engine."""

    engine: RemoteEngine
    pid: int
    sip_port: int
    folder: Path


@contextlib.asynccontextmanager
async def voice_process(core: int | None) -> AsyncIterator[Voice]:
    """The product's own process, alone; any call from this machine is let in as a trunk's."""
    base = Path(tempfile.mkdtemp(prefix="parlons-bench-"))
    environ = {**os.environ, "PARLONS_SIP_PORT": "0", "PARLONS_SIP_HOST": "127.0.0.1", "PARLONS_LOG": "warning"}
    command = [sys.executable, "-m", "parlons.voice.process", "--data", str(base)]
    process = await asyncio.create_subprocess_exec(*command, env=environ, stdin=subprocess.DEVNULL)
    if core is not None:
        os.sched_setaffinity(process.pid, {core})
    attached: asyncio.Task[None] | None = None
    try:
        async with RemoteEngine(socket_path(base)) as engine:
            await engine.connected(60)
            trunk = Trunk(id="TK1", host="127.0.0.1", port=9, options_seconds=0, assert_identity=False)
            await engine.configure(EngineConfig(trunks=(trunk,), limits=SipLimits(calls=2_000)))
            # Attached as a web process is: a voice process on its own gives up its calls after half an hour.
            attached = asyncio.create_task(Keeper(base).keep())
            yield Voice(engine, process.pid, int(port_path(base).read_text()), run_folder(base) / "recordings")
    finally:
        if attached is not None:
            attached.cancel()
            await asyncio.gather(attached, return_exceptions=True)
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 15)
        except TimeoutError:
            process.kill()
            await process.wait()
        shutil.rmtree(base, ignore_errors=True)
