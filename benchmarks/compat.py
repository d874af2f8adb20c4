"""The API for existing programs: what a task costs there against the native call, and how many a second one process takes.

`compat.tasks_per_s`: tasks made, one POST each in the wire format of the official Python client (form, Basic sign-in), answered
after their commit, over 16 kept connections to a running server. `compat.cpu_ratio`: processor time of the server's process for
one of them, by the native `POST /api/v1/tasks` for the same work, both into a queue, in turns, median of the rounds.

    python -m benchmarks.compat [--tasks 2000] [--rounds 3]
"""

import argparse
import asyncio
import base64
import json
import os
import statistics
import time
from pathlib import Path
from urllib.parse import urlencode

import httpx

from parlons.testing.processes import Running, data_folder

CONNECTIONS = 16
ATTRIBUTES = json.dumps({"order": "A-1071", "language": "fr", "topic": "sales"})
FORM = "application/x-www-form-urlencoded"


def spent(pid: int) -> float:
    """Seconds of processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _one(port: int, request: bytes, count: int) -> None:
    """Sends a request again and again over one connection, each after the answer to the one before."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(count):
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 201"), head
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
    writer.close()


def _request(path: str, authorization: str, kind: str, body: str) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: {authorization}\r\nAccept: application/json\r\n"
    return f"{head}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


async def _many(server: Running, request: bytes, tasks: int) -> tuple[float, float]:
    """Seconds, and processor seconds of the server."""
    before, began = spent(server.pid), time.perf_counter()
    await asyncio.gather(*(_one(server.port, request, tasks // CONNECTIONS) for _ in range(CONNECTIONS)))
    return time.perf_counter() - began, spent(server.pid) - before


def _prepared(server: Running) -> tuple[bytes, bytes]:
    """The request by the API of existing programs, and the native one."""
    bearer = {"Authorization": f"Bearer {server.operator_key()}"}
    with httpx.Client(base_url=server.url, headers=bearer) as native:
        account = native.post("/api/v1/account-token", json={}).json()
        queue = native.get("/api/v1/queues").json()["items"][0]["id"]
    pair = (account["account_sid"], account["auth_token"])
    with httpx.Client(base_url=f"{server.url}/_taskrouter/v1", auth=pair) as face:
        workspace = face.post("/Workspaces", data={"FriendlyName": "Bench"}).json()["sid"]
        line = face.post(f"/Workspaces/{workspace}/TaskQueues", data={"FriendlyName": "All"}).json()["sid"]
    basic = "Basic " + base64.b64encode(":".join(pair).encode()).decode()
    form = urlencode({"Attributes": ATTRIBUTES, "TaskQueueSid": line, "Priority": 1})
    body = json.dumps(
        {"to": {"queue_id": queue}, "channel": "default", "priority": 1, "attributes": json.loads(ATTRIBUTES)}
    )
    return (
        _request(f"/_taskrouter/v1/Workspaces/{workspace}/Tasks", basic, FORM, form),
        _request("/api/v1/tasks", bearer["Authorization"], "application/json", body),
    )


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tasks", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with data_folder() as data, Running(data) as server:
        face, native = _prepared(server)
        for request in (face, native):
            asyncio.run(_many(server, request, 10 * CONNECTIONS))
        rounds = [
            (asyncio.run(_many(server, face, given.tasks)), asyncio.run(_many(server, native, given.tasks)))
            for _ in range(given.rounds)
        ]
    ratios = [ours[1] / theirs[1] for ours, theirs in rounds]
    rates = [given.tasks / ours[0] for ours, _ in rounds]
    natives = [given.tasks / theirs[0] for _, theirs in rounds]
    cpu = [1000 * ours[1] / given.tasks for ours, _ in rounds]
    load = os.getloadavg()[0]
    print(json.dumps({"name": "compat.cpu_ratio", "value": round(statistics.median(ratios), 3), "unit": "x",
                      "server_ms_per_task": round(statistics.median(cpu), 2), "load": round(load, 1)}))  # fmt: skip
    print(json.dumps({"name": "compat.tasks_per_s", "value": round(statistics.median(rates), 1), "unit": "1/s",
                      "native": round(statistics.median(natives), 1), "load": round(load, 1)}))  # fmt: skip


if __name__ == "__main__":
    main()
