"""A real homeserver (matrix-synapse) of the tests' own: its environment, its process, and people with accounts on it.

It is AGPL: it stands in an environment of its own, made here, and is never among this project's requirements.
"""

import contextlib
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import yaml

from parlons.testing.processes import free_port
from tests.environments import NotInstalled, environment

VERSION = "1.163.0"
SERVER_NAME = "parlons.test"


class NoHomeserver(Exception):
    """It cannot be had on this machine."""


@dataclass
class Person:
    """Somebody with an account, as his app has it."""

    url: str
    user: str
    token: str

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> dict[str, Any]:
        """A call of his app."""
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = httpx.request(method, f"{self.url}{path}", json=body, headers=headers, timeout=30, **more)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def opens_room(self, *invited: str) -> str:
        """A private chat; returns the room's id."""
        asked = {"preset": "trusted_private_chat", "is_direct": True, "invite": list(invited)}
        return str(self.call("POST", "/_matrix/client/v3/createRoom", asked)["room_id"])

    def says(self, room: str, text: str, **more: Any) -> str:
        """Writes; returns the event's id."""
        return self.sends(room, "m.room.message", {"msgtype": "m.text", "body": text, **more})

    def sends(self, room: str, kind: str, content: dict[str, Any]) -> str:
        """An event of any kind."""
        path = f"/_matrix/client/v3/rooms/{quote(room)}/send/{kind}/{time.monotonic_ns()}"
        return str(self.call("PUT", path, content)["event_id"])

    def uploads(self, name: str, content_type: str, content: bytes) -> str:
        """Hands over a file; returns its address."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": content_type}
        url = f"{self.url}/_matrix/media/v3/upload"
        answer = httpx.post(url, params={"filename": name}, content=content, headers=headers, timeout=30)
        return str(answer.json()["content_uri"])

    def downloads(self, uri: str) -> bytes:
        """Fetches a file."""
        path = f"{self.url}/_matrix/client/v1/media/download/{uri.removeprefix('mxc://')}"
        return httpx.get(path, headers={"Authorization": f"Bearer {self.token}"}, timeout=30).content

    def reads(self, room: str, event: str) -> None:
        """Has read up to this event."""
        self.call("POST", f"/_matrix/client/v3/rooms/{quote(room)}/receipt/m.read/{quote(event)}", {})

    def hears(self, room: str, sender: str, count: int = 1) -> list[dict[str, Any]]:
        """What `sender` wrote into the room, in order, as soon as there are `count` messages."""
        since = ""
        found: dict[str, dict[str, Any]] = {}
        for _ in range(30):
            query = f"?timeout=5000&since={since}" if since else ""
            told = self.call("GET", f"/_matrix/client/v3/sync{query}")
            since = told["next_batch"]
            news = told.get("rooms", {}).get("join", {}).get(room, {}).get("timeline", {}).get("events", [])
            found |= {e["event_id"]: e for e in news if e["sender"] == sender and e["type"] == "m.room.message"}
            if len(found) >= count:
                break
        return list(found.values())


@dataclass
class Homeserver:
    """A running one."""

    url: str

    def person(self, name: str, shown: str = "") -> Person:
        """A new account."""
        asked = {"username": name, "password": "a long enough word", "auth": {"type": "m.login.dummy"}}
        answer = httpx.post(f"{self.url}/_matrix/client/v3/register", json=asked, timeout=30)
        assert answer.status_code == 200, answer.text
        told = answer.json()
        made = Person(self.url, told["user_id"], told["access_token"])
        if shown:
            made.call("PUT", f"/_matrix/client/v3/profile/{quote(made.user)}/displayname", {"displayname": shown})
        return made


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Homeserver]:
    """A homeserver with its data in `folder`; raises NoHomeserver."""
    try:
        python = environment(f"synapse-{VERSION}", [f"matrix-synapse=={VERSION}"])
    except NotInstalled as error:
        raise NoHomeserver(str(error)) from error
    port = free_port()
    config = folder / "homeserver.yaml"
    config.write_text(yaml.safe_dump(_configuration(folder, port)))
    (folder / "log.yaml").write_text(yaml.safe_dump(_logging()))
    app = [str(python), "-m", "synapse.app.homeserver", "--config-path", str(config)]
    subprocess.run([*app, "--generate-keys"], check=True, capture_output=True)
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(app, stdout=log, stderr=log, cwd=folder)
        try:
            _await(process, port, folder)
            yield Homeserver(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()
            process.wait(30)


def _await(process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise NoHomeserver((folder / "log.txt").read_text()[-500:])
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"http://127.0.0.1:{port}/health", timeout=2).status_code == 200:
                return
        time.sleep(0.1)
    raise NoHomeserver("it did not start within a minute")


def _configuration(folder: Path, port: int) -> dict[str, Any]:
    quick = {"per_second": 1000, "burst_count": 1000}
    resources = [{"names": ["client", "media", "health"]}]
    return {
        "server_name": SERVER_NAME,
        "report_stats": False,
        "pid_file": str(folder / "pid"),
        "signing_key_path": str(folder / "signing.key"),
        "log_config": str(folder / "log.yaml"),
        "media_store_path": str(folder / "media"),
        "database": {"name": "sqlite3", "args": {"database": str(folder / "homeserver.db")}},
        "listeners": [{"port": port, "type": "http", "bind_addresses": ["127.0.0.1"], "resources": resources}],
        "trusted_key_servers": [],
        "federation_domain_whitelist": [],
        "enable_registration": True,
        "enable_registration_without_verification": True,
        "macaroon_secret_key": "practice",
        "form_secret": "practice",
        "rc_message": quick,
        "rc_registration": quick,
        "rc_joins": {"local": quick, "remote": quick},
        "rc_invites": {"per_room": quick, "per_user": quick, "per_issuer": quick},
        "rc_media_create": quick,
    }


def _logging() -> dict[str, Any]:
    return {
        "version": 1,
        "handlers": {"out": {"class": "logging.StreamHandler"}},
        "root": {"level": "WARNING", "handlers": ["out"]},
        "disable_existing_loggers": False,
    }
