"""The demo's text channels: on which ports of this machine their stand-ins serve, and that the accounts name those.

Ports are chosen when a data folder is played first and kept; one that somebody else has taken since is chosen anew. An
administrator may change or remove the practice accounts: a later start only puts right the ports of those that are there.
"""

import hmac
import json
import os
import socket
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from string import Template
from typing import Any

import yaml

from parlons.app import demo_flows
from parlons.app.configuration.apply import apply
from parlons.app.configuration.current import read_current
from parlons.app.process import text_of
from parlons.app.services import Services
from parlons.app.settings import secret_key
from parlons.channels.accounts import all_accounts
from parlons.kit.errors import Refusal
from parlons.runtime.log import log

FILE = "practice.ports"
CHANNELS, BOT = "PARLONS_DEMO_CHANNELS", "PARLONS_DEMO_BOT"
"""Under these names demo_channels.yaml finds its secrets."""
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ports:
    """Of 127.0.0.1. All but `mail` are those of the practice people's process."""

    web: int
    carrier: int
    post: int
    mail: int
    """Where this server takes mail."""


def ports_of(data: Path) -> Ports:
    """The folder's ports, all free now."""
    path = data / FILE
    try:
        known: Json = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        known = {}
    with ExitStack() as held:
        found = Ports(**{name: _free(held, known.get(name, 0)) for name in Ports.__dataclass_fields__})
    if asdict(found) != known:
        data.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(found)))
    return found


def secrets_of(data: Path) -> dict[str, str]:
    """What the stand-ins and the accounts know of each other, by name; the same at each start on `data`."""
    secret = hmac.new(secret_key(data), b"demo channels", sha256).hexdigest()
    return {CHANNELS: secret, BOT: f"4100:{secret[:40]}", demo_flows.SYSTEMS: secret}


def whole(ports: Ports) -> str:
    """demo.yaml with the text channels and the ready-made flows."""
    made: Json = yaml.safe_load(text_of("demo.yaml"))
    for parts in (_channels(ports), demo_flows.ready_made(ports.web)):
        for part, things in parts.items():
            made.setdefault(part, []).extend(things)
    return yaml.safe_dump(made, allow_unicode=True, sort_keys=False)


def script(ports: Ports, data: Path, hooks: str) -> Json:
    """What the practice people are told: lines.open_lines."""
    told, secrets = _channels(ports), secrets_of(data)
    points = {(one["channel"], one["address"]): one for one in told["entry_points"]}
    accounts = []
    for one in told["channels"]:
        point = points[one["channel"], one["address"]]
        known = {name: one[name] for name in ("channel", "key", "address")}
        accounts.append({**known, "language": point["language"], "topic": point["attributes"]["topic"]})
    return {"accounts": accounts, "hooks": hooks, "secret": secrets[CHANNELS], "bot": secrets[BOT], **asdict(ports)}


async def put_right(services: Services, ports: Ports) -> None:
    """The practice accounts and flows that are there name these ports; where there is no account, as in a folder of an earlier
    version, the text channels are laid down. What the administrator has made impossible is left."""
    told, principal = _channels(ports), services.installation.principal
    async with services.db.transaction(principal.tenant_id) as tx:
        there = {(one.channel, one.key): one.settings for one in await all_accounts(tx, principal.workspace_id)}
        flows = (await read_current(tx, principal.workspace_id)).things["flow"].values()
    asked = [flow for each in flows if (flow := demo_flows.moved(each, ports.web)) is not None]
    ours = [one for one in told["channels"] if (one["channel"], one["key"]) in there]
    moved = [one for one in ours if not one["settings"].items() <= there[one["channel"], one["key"]].items()]
    parts = {"channels": moved} if ours else dict(told)
    parts["flows"] = asked
    if not any(parts.values()):
        return
    text = yaml.safe_dump(parts, allow_unicode=True, sort_keys=False)
    environ = {**os.environ, **secrets_of(services.settings.data)}
    try:
        await apply(services.db, services.dispatch, principal, text, now=services.clock(), environ=environ)
    except Refusal as refusal:
        log.error("demo.channels_left", code=refusal.code, message=refusal.message)


def _channels(ports: Ports) -> Json:
    text = Template(text_of("demo_channels.yaml")).substitute({name: str(port) for name, port in asdict(ports).items()})
    found: Json = yaml.safe_load(text)
    return found


def _free(held: ExitStack, wanted: int) -> int:
    """The wanted port if nobody has it, else another; held for the moment, so that no two are the same."""
    for port in (wanted, 0):
        probe = held.enter_context(socket.socket())
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return int(probe.getsockname()[1])
    raise OSError("no port is free on 127.0.0.1")
