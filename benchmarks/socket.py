"""How many messages the hub sends per second of CPU to 5,000 desks, and whether one stuck reader delays the others.

Desks are sockets of another process over TCP; the server is the product's (uvicorn, websockets-sansio, uvloop). For each
event the recipients are computed from rights and firm: a broadcast to all, or an agent with the supervisors of his firm.
Baseline of the first figure: a bare loop of `send_text` over the same 5,000 sockets. Baseline of the second: the same load
without the stuck reader, in turns within the same run.
"""

import asyncio
import json
import resource
import subprocess
import sys
import time
from typing import Any

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from parlons.runtime.events import Audience
from parlons.runtime.hub import Hub
from parlons.runtime.journal import Entry
from parlons.runtime.rights import Rights

DESKS, FIRMS = 5_000, 100
BROADCASTS, PERSONAL = 30, 3_000
PACED, EVERY, TURNS = 150, 0.02, 6
FEW = 400
STUFFING = 800
W = "WS"


def rights_of(number: int) -> Rights:
    """One desk in fifty is an administrator's, two are supervisors' of one firm, the others agents' of one firm."""
    firm = frozenset({f"FI{number % FIRMS}"})
    role = {0: "administrator", 1: "supervisor", 2: "supervisor"}.get(number // FIRMS % 100, "agent")
    return Rights("AC", W, role, user_id=f"US{number}", firm_ids=None if role == "administrator" else firm)


class Bench:
    """The server under test and its fleet of desks."""

    def __init__(self) -> None:
        self.hub = Hub(ping=3600, silent=7200, queue=4096)
        self.hub.begin(W, 0)
        self.sockets: list[WebSocket] = []
        self.seq = 0
        self.fleet: asyncio.subprocess.Process | None = None
        self.expected = 0

    async def endpoint(self, websocket: WebSocket) -> None:
        """A desk."""
        await websocket.accept()
        self.sockets.append(websocket)
        await self.hub.serve(websocket, rights_of(int(websocket.query_params["n"])), snapshot=self.snapshot)

    async def snapshot(self, _rights: Rights) -> tuple[int | None, Any]:
        """Empty: not what is measured."""
        return None, {}

    def event(self, audience: Audience, *, size: int = 120) -> Entry:
        """About 300 bytes as sent; carries the moment of sending."""
        self.seq += 1
        data = {"t": time.perf_counter(), "worker": {"id": "WK" + "0" * 32, "state": "x" * size}}
        return Entry("event", "worker.activity.update", 1_790_000_000_000, data, audience, seq=self.seq)

    async def tell(self, **order: Any) -> dict[str, Any]:
        """One order to the fleet; its answer."""
        assert self.fleet is not None
        assert self.fleet.stdin is not None
        assert self.fleet.stdout is not None
        self.fleet.stdin.write(json.dumps(order).encode() + b"\n")
        answer: dict[str, Any] = json.loads(await self.fleet.stdout.readline())
        return answer

    async def arrived(self) -> None:
        """Until every desk has what was sent."""
        await self.tell(do="wait", count=self.expected)


async def bare(bench: Bench) -> float:
    """Messages per CPU second of a loop that only sends."""
    frame = json.dumps({"type": "event", "seq": 1, "event": "x", "at": "x", "data": {"w": "x" * 240}})
    start = time.process_time()
    for _ in range(BROADCASTS):
        for websocket in bench.sockets:
            await websocket.send_text(frame)
    bench.expected += BROADCASTS * len(bench.sockets)
    await bench.arrived()
    return BROADCASTS * len(bench.sockets) / (time.process_time() - start)


async def hub(bench: Bench) -> float:
    """Messages per CPU second of the hub."""
    overseers = len([n for n in range(DESKS) if rights_of(n).role == "administrator"])
    firm = {
        name: overseers
        + len([n for n in range(DESKS) if rights_of(n).role == "supervisor" and n % FIRMS == int(name[2:])])
        for name in (f"FI{n}" for n in range(FIRMS))
    }
    sent, start = 0, time.process_time()
    for turn in range(PERSONAL):
        agent = (turn * 7919) % DESKS
        one = rights_of(agent)
        name = f"FI{agent % FIRMS}"
        bench.hub.deliver(W, [bench.event(Audience(firm_id=name, user_ids=(f"US{agent}",)))])
        sent += firm[name] + (one.role == "agent")
        if turn % (PERSONAL // BROADCASTS) == 0:
            bench.hub.deliver(W, [bench.event(Audience(everyone=True))])
            sent += DESKS
            await asyncio.sleep(0)
    bench.expected += sent
    await bench.arrived()
    return sent / (time.process_time() - start)


async def paced(bench: Bench, desks: int) -> list[float]:
    """Delays of a steady broadcast, in seconds."""
    await bench.tell(do="delays")
    due = time.perf_counter()
    for _ in range(PACED):
        bench.hub.deliver(W, [bench.event(Audience(everyone=True), size=400)])
        due += EVERY
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
    bench.expected += PACED * desks
    await bench.arrived()
    return list((await bench.tell(do="delays"))["delays"])


async def stick(bench: Bench, number: int) -> None:
    """One desk reads no more; it is sent enough to fill the kernel's buffers, so that its queue here grows from now on."""
    await bench.tell(do="pause", n=number)
    for _ in range(STUFFING):
        bench.hub.deliver(W, [bench.event(Audience(supervisors=False, user_ids=(f"US{number}",)), size=16_000)])
        await asyncio.sleep(0)
    assert bench.hub.behind() > 0, "the stuck reader is not stuck"


def p99(delays: list[float]) -> float:
    """The 99th of a hundred."""
    return sorted(delays)[int(len(delays) * 0.99)]


async def with_server(count: int, port: int, bench: Bench) -> None:
    """A fleet of `count` desks, all registered."""
    bench.fleet = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.sockets_client", stdin=subprocess.PIPE, stdout=subprocess.PIPE, limit=2**28
    )
    bench.sockets.clear()
    bench.expected = 0
    await bench.tell(do="open", port=port, count=count)


async def stop_fleet(bench: Bench) -> None:
    """The desks close."""
    assert bench.fleet is not None
    bench.fleet.kill()
    await bench.fleet.wait()
    while bench.hub.count():  # noqa: ASYNC110  (kept simple: not measured)
        await asyncio.sleep(0.01)


def report(name: str, value: float, unit: str, baseline: float, ratio: float) -> None:
    """One line a figure."""
    figures = {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "baseline": round(baseline, 3),
        "ratio": round(ratio, 3),
    }
    print(json.dumps(figures), flush=True)


async def main() -> None:
    """Both figures."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    bench = Bench()
    app = Starlette(routes=[WebSocketRoute("/", bench.endpoint)])
    config = uvicorn.Config(app, port=0, log_level="error", ws="websockets-sansio", lifespan="off", backlog=4096)
    config.ws_per_message_deflate, config.ws_ping_interval = False, None
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  (uvicorn offers no event)
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    await with_server(DESKS, port, bench)
    plain = await bare(bench)
    value = await hub(bench)
    report("socket.messages_per_cpu_s", value, "1/s", plain, value / plain)
    await stop_fleet(bench)

    without, stuck = [], []
    for _ in range(TURNS):
        await with_server(FEW, port, bench)
        without += await paced(bench, FEW)
        await stick(bench, FEW - 1)
        stuck += await paced(bench, FEW - 1)
        await stop_fleet(bench)
    ratio = p99(stuck) / p99(without)
    report("socket.slow_reader_ratio", ratio, "1", p99(without) * 1000, ratio)
    server.should_exit = True
    await serving


if __name__ == "__main__":
    uvloop.run(main())
