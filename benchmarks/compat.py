"""The API for existing programs: what a task costs there against the native call, and how many a second one process takes.

`compat.tasks_per_s`: tasks made in a workspace of that API, one POST each in the wire format of the official Python client (form,
Basic sign-in), answered after their commit, over 16 kept connections to a running server. `compat.cpu_ratio`: processor time of
the server's process for a task made by that API, by the native `POST /api/v1/tasks`; both into the same queue of the desk's own
workspace, so that what reads along there (screens, figures, alerts) is paid on both sides, and counted until it has caught up;
in turns, median of the rounds. Then those of benchmarks/webhooks.py.

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

from benchmarks import webhooks
from parlons.testing.processes import Running, data_folder

CONNECTIONS = 16
QUIET = 0.05
"""Processor seconds in a second of a server that has nothing to do, at most."""
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
    """Seconds until the last answer, and processor seconds of the server until all that followed was done."""
    before, began = spent(server.pid), time.perf_counter()
    await asyncio.gather(*(_one(server.port, request, tasks // CONNECTIONS) for _ in range(CONNECTIONS)))
    seconds = time.perf_counter() - began
    busy = before
    while (now := spent(server.pid)) - busy > QUIET:
        busy = now
        await asyncio.sleep(1)
    return seconds, now - before


def _prepared(server: Running) -> tuple[bytes, bytes, bytes]:
    """The request by the API of existing programs into a workspace of its own, the same into the desk's, and the native one."""
    bearer = {"Authorization": f"Bearer {server.operator_key()}"}
    with httpx.Client(base_url=server.url, headers=bearer) as native:
        account = native.post("/api/v1/account-token", json={}).json()
        queue = native.get("/api/v1/queues").json()["items"][0]["id"]
    pair = (account["account_sid"], account["auth_token"])
    with httpx.Client(base_url=f"{server.url}/_taskrouter/v1", auth=pair) as face:
        desk = face.get("/Workspaces").json()["workspaces"][0]["sid"]
        workspace = face.post("/Workspaces", data={"FriendlyName": "Bench"}).json()["sid"]
        line = face.post(f"/Workspaces/{workspace}/TaskQueues", data={"FriendlyName": "All"}).json()["sid"]
    basic = "Basic " + base64.b64encode(":".join(pair).encode()).decode()
    forms = [urlencode({"Attributes": ATTRIBUTES, "TaskQueueSid": each, "Priority": 1}) for each in (line, queue)]
    body = json.dumps(
        {"to": {"queue_id": queue}, "channel": "default", "priority": 1, "attributes": json.loads(ATTRIBUTES)}
    )
    return (
        _request(f"/_taskrouter/v1/Workspaces/{workspace}/Tasks", basic, FORM, forms[0]),
        _request(f"/_taskrouter/v1/Workspaces/{desk}/Tasks", basic, FORM, forms[1]),
        _request("/api/v1/tasks", bearer["Authorization"], "application/json", body),
    )


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tasks", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with data_folder() as data, Running(data) as server:
        requests = _prepared(server)
        for request in requests:
            asyncio.run(_many(server, request, 10 * CONNECTIONS))
        rounds = [[asyncio.run(_many(server, each, given.tasks)) for each in requests] for _ in range(given.rounds)]
    ratios = [desk[1] / native[1] for _, desk, native in rounds]
    rates = [given.tasks / own[0] for own, _, _ in rounds]
    natives = [given.tasks / native[0] for _, _, native in rounds]
    cpu = [1000 * own[1] / given.tasks for own, _, _ in rounds]
    load = os.getloadavg()[0]
    print(json.dumps({"name": "compat.cpu_ratio", "value": round(statistics.median(ratios), 3), "unit": "x",
                      "server_ms_per_task": round(statistics.median(cpu), 2), "load": round(load, 1)}))  # fmt: skip
    print(json.dumps({"name": "compat.tasks_per_s", "value": round(statistics.median(rates), 1), "unit": "1/s",
                      "native": round(statistics.median(natives), 1), "load": round(load, 1)}))  # fmt: skip
    webhooks.run()


if __name__ == "__main__":
    main()
