"""A whole Parlons for the telephone's figures: server, database and voice process on a folder of their own, two teams of fifty.

Quick and Sales are queues with a team each; every agent has a desk phone and a desk. Nobody records, nothing is said to those
who wait, so that what is measured is the way of a call and not of words.
"""

import contextlib
import os
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from benchmarks.voice_stage import MENU, NUMBER
from parlons.testing.processes import OwnPostgres, Running, data_folder
from parlons.voice.process.life import lock_path

DIRECT = {"Sales": NUMBER, "Quick": "+33155500002"}
"""Numbers that lead to a queue without a menu."""
AGENTS = 50
PASSWORD = "the phones of the bench"


@dataclass
class House:
    """A running product."""

    server: Running
    sip_port: int
    api: httpx.AsyncClient
    dsn: str
    activities: dict[str, str]
    users: dict[str, dict[str, Any]]
    """By email."""

    async def call(self, method: str, path: str, **more: Any) -> Any:
        """An answer of the API."""
        answer = await self.api.request(method, path, **more)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def voice_pid(self) -> int:
        """Of the voice process."""
        return int(lock_path(self.server.data).read_text())


def email(team: str, number: int) -> str:
    """An agent's."""
    return f"{team.lower()}{number}@bench.example"


def phone(team: str, number: int) -> str:
    """The user name of an agent's phone."""
    return f"{team.lower()}{number}"


def configuration() -> str:
    """The whole house."""
    firm, always = "Bench", {"zone": "Europe/Paris", "week": {"mon-sun": ["00:00-24:00"]}}
    voice = {"record": "never", "comfort_seconds": 0, "wrap_up_seconds": 0}
    menu = {"do": "ask", "text": "For sales press 1.", "choices": {1: {"label": "Sales", "next": "sales"}}}
    flow = {"menu": {**menu, "first_seconds": 30}, "sales": {"do": "queue", "queue": "Sales"}}
    users = [
        {
            "email": email(team, number),
            "name": f"{team} {number}",
            "locale": "en",
            "attributes": {"skills": [team.lower()]},
            "channels": {"voice": 1, "chat": 0, "default": 0},
            "phone": {"username": phone(team, number), "password": {"secret": "BENCH_PHONE"}},
            "rings": [{"kind": "phone", "seconds": 30}],
        }
        for team in DIRECT
        for number in range(AGENTS)
    ]
    shape = {
        "parlons": 1,
        "workspace": {"default_activity": "Offline", "timeout_activity": "Missed"},
        "activities": [{"name": "Offline"}, {"name": "Available", "available": True}, {"name": "Missed"}],
        "firms": [{"name": firm, "languages": ["en"], "usual_hours": "Always", "hours": {"Always": always}}],
        "queues": [
            {
                "name": team,
                "firm": firm,
                "workers": f'skills HAS "{team.lower()}"',
                "return_after_seconds": 0,
                "voice": dict(voice),
            }
            for team in DIRECT
        ],
        "workflows": [
            {"name": team, "firm": firm, "default_queue": team, "reservation_timeout_seconds": 60} for team in DIRECT
        ],
        "flows": [{"name": "Menu", "firm": firm, "start": "menu", "fallback": "Sales", "steps": flow}],
        "users": users,
        "trunks": [{"name": "Carrier", "host": "127.0.0.1", "port": 9, "options_seconds": 0, "country": "FR"}],
        "entry_points": [
            *(
                {"channel": "voice", "address": address, "firm": firm, "workflow": team, "language": "en"}
                for team, address in DIRECT.items()
            ),
            {
                "channel": "voice",
                "address": MENU,
                "firm": firm,
                "workflow": "Sales",
                "flow": "Menu",
                "language": "en",
            },
        ],
    }
    return yaml.safe_dump(shape, sort_keys=False)


@contextlib.asynccontextmanager
async def product() -> AsyncIterator[House]:
    """Started, configured, ended; nothing is left of it."""
    port = _free_udp_port()
    environ = {"PARLONS_SIP_PORT": str(port), "BENCH_PHONE": PASSWORD, "PARLONS_TTS": "none", **_profiling()}
    with data_folder() as data, _voice_gone(data), Running(data, environ=environ) as server:
        headers = {"Authorization": f"Bearer {server.operator_key()}"}
        async with httpx.AsyncClient(
            base_url=f"{server.url}/api/v1", headers=headers, timeout=120, trust_env=False
        ) as api:
            house = House(server, port, api, OwnPostgres(data).dsn, {}, {})
            await house.call("POST", "/configuration", content=configuration().encode())
            house.activities = {one["name"]: one["id"] for one in (await house.call("GET", "/activities"))["items"]}
            house.users = {one["email"]: one for one in await _all(house, "/users")}
            yield house


async def _all(house: House, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = ""
    while True:
        page = await house.call("GET", f"{path}?limit=100" + (f"&after={after}" if after else ""))
        found += page["items"]
        after = page.get("next") or ""
        if not after:
            return found


def _profiling() -> dict[str, str]:
    """What the environment says for the server's log, for whoever looks for a cause."""
    return {name: os.environ[name] for name in ("PARLONS_LOG",) if name in os.environ}


@contextlib.contextmanager
def _voice_gone(data: Path) -> Iterator[None]:
    """A voice process that outlived its server is ended with the folder."""
    try:
        yield
    finally:
        with contextlib.suppress(OSError, ValueError):
            pid = int(lock_path(data).read_text())
            said = Path(f"/proc/{pid}/cmdline").read_bytes()
            if b"parlons.voice.process" in said and str(data).encode() in said:
                subprocess.run(["kill", str(pid)], check=False)


def _free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
