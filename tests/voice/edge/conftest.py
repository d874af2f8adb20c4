"""Real Kamailio and rtpengine on free ports, configured by what `parlons kamailio config` writes; no system service."""

import asyncio
import contextlib
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from parlons.testing.processes import free_udp_port
from parlons.voice.edge.files import edge_files, write
from parlons.voice.edge.settings import read_edge
from tests.voice.edge.wire import PATIENCE, Worker, worker

CARRIER = "127.0.0.9"
"""Where the carrier calls from; phones call from 127.0.0.1 and others."""
STRANGER = "127.0.0.66"


@dataclass
class Edge:
    """The running edge with two workers behind it."""

    folder: Path
    ports: dict[str, int]
    workers: list[Worker]
    worker_ends: list[contextlib.AsyncExitStack]
    carrier_ports: list[int]
    process: "subprocess.Popen[bytes]"

    @property
    def outside(self) -> tuple[str, int]:
        return "127.0.0.1", self.ports["udp"]

    def kamcmd(self, *words: str) -> str:
        line = ["kamcmd", "-s", f"unix:{self.folder}/kamailio_ctl", *words]
        return subprocess.run(line, capture_output=True, text=True, timeout=PATIENCE).stdout


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with cert.pem and key.pem of sip.test."""
    folder = tmp_path_factory.mktemp("certificate")
    line = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    more = ["-keyout", folder / "key.pem", "-out", folder / "cert.pem", "-subj", "/CN=sip.test"]
    more += ["-addext", "subjectAltName=DNS:sip.test,IP:127.0.0.1"]
    subprocess.run([*line, *more], check=True, capture_output=True)
    return folder


@contextlib.contextmanager
def running(line: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as file:
        process = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture
async def edge(certificate: Path) -> AsyncIterator[Edge]:
    """Everything, up: both workers, sockets of this test, answered a ping."""
    skip_without_programs()
    ends = [contextlib.AsyncExitStack(), contextlib.AsyncExitStack()]
    ports = [free_udp_port(), free_udp_port()]
    workers = [await end.enter_async_context(worker(port)) for end, port in zip(ends, ports, strict=True)]
    try:
        async with edge_before(ports, certificate) as found:
            found.workers, found.worker_ends = workers, ends
            await _up(found)
            yield found
    finally:
        for end in ends:
            await end.aclose()


@contextlib.asynccontextmanager
async def edge_before(worker_ports: list[int], certificate: Path) -> AsyncIterator[Edge]:
    """Kamailio and rtpengine before workers at these ports of this machine."""
    folder = Path(tempfile.mkdtemp(prefix="parlons-edge-"))
    names = ("udp", "tls", "wss", "inner", "phones", "rtpengine")
    ports = {name: free_udp_port() for name in names}
    carrier_ports = [free_udp_port(), free_udp_port()]
    low = free_udp_port() // 2 * 2
    text = f"""
public_address: 127.0.0.1
domain: sip.test
certificate: {certificate}/cert.pem
key: {certificate}/key.pem
ca_list: {certificate}/cert.pem
folder: {folder}
run_folder: {folder}
ports: {{{", ".join(f"{name}: {port}" for name, port in ports.items())}}}
media_ports: [{low}, {low + 400}]
ping_seconds: 1
limits: {{requests: 20, failures: 3, ban_seconds: 60}}
workers: [{", ".join(f"{{address: 127.0.0.1, port: {port}}}" for port in worker_ports)}]
trunks:
  - {{name: carrier-a, host: 127.0.0.1, port: {carrier_ports[0]}, weight: 75, addresses: [{CARRIER}/32]}}
  - {{name: carrier-b, host: 127.0.0.1, port: {carrier_ports[1]}, weight: 25}}
"""
    write(folder, edge_files(read_edge(text)))
    rtpengine = ["rtpengine", "--config-file", str(folder / "rtpengine.conf"), "--foreground", "--log-stderr"]
    kamailio = ["kamailio", "-f", str(folder / "kamailio.cfg"), "-DD", "-E", "-m", "64", "-M", "8", "-Y", str(folder)]
    try:
        with (
            running([*rtpengine, "--pidfile", str(folder / "r.pid")], folder / "rtpengine.log"),
            running([*kamailio, "-P", str(folder / "k.pid")], folder / "kamailio.log") as process,
        ):
            yield Edge(folder, ports, [], [], carrier_ports, process)
    finally:
        print((folder / "kamailio.log").read_text()[-6000:])
        shutil.rmtree(folder, ignore_errors=True)


def skip_without_programs() -> None:
    for program, package in (("kamailio", "kamailio"), ("rtpengine", "rtpengine-daemon"), ("kamcmd", "kamailio")):
        if shutil.which(program) is None:
            pytest.skip(f"Debian's {package} is not installed here")
    for module, package in (("websocket", "kamailio-websocket-modules"), ("tls", "kamailio-tls-modules")):
        if not list(Path("/usr/lib").glob(f"*/kamailio/modules/{module}.so")):
            pytest.skip(f"Debian's {package} is not installed here")


async def _up(edge: Edge) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            for one in edge.workers:
                await one.pinged.wait()
    except TimeoutError:
        state = edge.process.poll()
        pytest.fail(f"the edge did not come up ({state}):\n{(edge.folder / 'kamailio.log').read_text()}")


def flags(listed: str) -> list[str]:
    """States of the destinations in `dispatcher.list`, such as AP (active, probed)."""
    return re.findall(r"FLAGS: (\w+)", listed)
