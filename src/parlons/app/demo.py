"""`parlons demo`: a living centre. The same server as `parlons serve`, with a practice configuration, the shop, and practice
customers and agents played by a process of its own over the real wires."""

import asyncio
import hmac
import json
import os
import shlex
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from parlons.accounts import queries as accounts
from parlons.accounts.links import issue_links, link_url
from parlons.app import demo_channels, demo_flows, demo_help
from parlons.app.doctor_voice import missing_packages
from parlons.app.process import Say, run, text_of
from parlons.app.services import Services
from parlons.app.settings import Settings, secret_key
from parlons.kit.clock import Clock, wall_clock
from parlons.runtime.safe_http import Allowed
from parlons.voice.process.life import sip_port

IDENTITY = "PARLONS_DEMO_IDENTITY"
PHONES = "PARLONS_DEMO_PHONES"
PRACTICE = "@practice.parlons.local"
PEOPLE = {
    "Agent": "agent@demo.parlons.local",
    "Supervisor": "supervisor@demo.parlons.local",
    "Administrator": "admin@parlons.local",
}
CALLERS = "127.0.0.2"
"""Address of the practice line's trunk in demo.yaml."""
BANK_WAYS = (
    ["2", "1", demo_flows.HOLDER, demo_flows.PIN, "2"],
    ["2", "2", "31000", "2"],
    ["1", "3", demo_flows.HOLDER, demo_flows.PIN, "20#", "1", "2"],
)
"""Keys that lead through the bank's flow: the balance, a branch, a transfer."""
EXCHANGES = (
    {"number": "+33562004100", "language": "fr", "choice": ["1", "1", "2", "3"]},
    {"number": "+442079460812", "language": "en"},
    {"number": "+33562004110", "language": "fr", "ways": BANK_WAYS},
    {"number": "+442079460820", "language": "en", "choice": ["1", "1", "2"]},
    {"number": "+33562004101", "language": "fr", "ways": [["2", "900#", "3", "1"], ["1", "25000#", "1", "1"]]},
)
DESK_PHONES = {"nadia": "fr", "karim": "fr", "lucie": "fr", "omar": "fr", "rose": "en", "james": "en"}
SHOPS = {"delmas": "fr", "northgate": "en"}


async def play(settings: Settings, *, say: Say, environ: Mapping[str, str], clock: Clock = wall_clock) -> None:
    """Serve the demo until a signal."""
    actors: list[asyncio.subprocess.Process] = []
    ports = None
    if environ.get("PARLONS_DEMO_ACTORS") != "none":
        ports = demo_channels.ports_of(settings.data)
        settings = replace(settings, http_allow=_with(settings.http_allow, ports.web))
        os.environ.update(demo_channels.secrets_of(settings.data))  # flows read theirs at each start

    def first(data: Path) -> str:
        os.environ[IDENTITY], os.environ[PHONES] = identity_secret(data), phone_secret(data)
        return text_of("demo.yaml") if ports is None else demo_channels.whole(ports)

    async def ready(services: Services) -> None:
        await demo_help.lay_down(services)
        links = await _links(services)
        url = services.settings.url
        for who, email in PEOPLE.items():
            say(f"{who + ':':16}{link_url(url, links[email])}")
        say(f"{'Shop:':16}{url}/shop/")
        say(f"{'Shop (English):':16}{url}/shop/northgate/")
        say(f"{'Help centre:':16}{url}/help/delmas-automobiles")
        say(f"{'To call it:':16}{url}/call/delmas")
        if missing := missing_packages():
            say(f"Callers hear a machine's voice or tones: people's voices are in Debian's {', '.join(missing)}.")
        if ports is not None:
            say(f"{'Workshop (chat):':16} {url}/chat/atelier")
            say(f"{'Bank (chat):':16}{url}/chat/banque")
            say(f"{'Bank (call):':16}{url}/call/banque   account {demo_flows.HOLDER}, PIN {demo_flows.PIN}")
        say(f"For other terminals, so that parlons finds this centre:\n  {exports(services.settings)}")
        say("The links open once. Stop with Ctrl-C; the data stays.")
        if ports is not None:
            say("Practice customers write on every channel; services that cannot be here have stand-ins.")
            await demo_channels.put_right(services, ports)
            actors.append(await _start_actors(services, links, environ, ports))
        say(f"Parlons is ready at {url}")

    try:
        await run(settings, say=say, first=first, ready=ready, clock=clock)
    finally:
        for actor in actors:
            if actor.returncode is None:
                actor.terminate()
            await actor.wait()


def exports(settings: Settings) -> str:
    """What a shell is told so that `parlons` speaks with this centre."""
    return f"export PARLONS_URL={shlex.quote(settings.url)} PARLONS_DATA={shlex.quote(str(settings.data.absolute()))}"


def _with(known: Allowed, port: int) -> Allowed:
    """The stand-ins may be called too."""
    return replace(known, hosts=known.hosts | {("127.0.0.1", port)})


async def _links(services: Services) -> dict[str, str]:
    """A fresh one-time link for everybody of the play, by e-mail address."""
    principal = services.installation.principal
    async with services.db.transaction(principal.tenant_id) as tx:
        users = await accounts.users(tx, principal, limit=500)
        emails = {user["id"]: user["email"] for user in users}
        wanted = [user_id for user_id, email in emails.items() if email.endswith(PRACTICE) or email in PEOPLE.values()]
        tokens = await issue_links(tx, principal, wanted, now=services.clock())
    return {emails[user_id]: token for user_id, token in tokens.items()}


async def _start_actors(
    services: Services, links: dict[str, str], environ: Mapping[str, str], ports: demo_channels.Ports
) -> asyncio.subprocess.Process:
    """The practice people, in a process of their own. The script holds links, so it stands in a file only we can read."""
    url = f"http://127.0.0.1:{services.settings.port}"
    script: dict[str, Any] = {
        "urls": [url],
        "agents": [token for email, token in sorted(links.items()) if email.endswith(PRACTICE)],
        "shops": [
            {
                "widget_key": key,
                "origin": url,
                "language": language,
                "identity_secret": identity_secret(services.settings.data),
            }
            for key, language in SHOPS.items()
        ],
        **_telephones(services),
        "messages": demo_channels.script(ports, services.settings.data, f"{url}/hooks"),
        "messages_per_minute": float(environ.get("PARLONS_DEMO_MESSAGES_PER_MINUTE", "2")),
        "busiest_per_minute": float(environ.get("PARLONS_DEMO_PER_MINUTE", "10")),
        "pace": float(environ.get("PARLONS_DEMO_PACE", "1")),
        "ledger": environ.get("PARLONS_DEMO_LEDGER"),
    }
    handle, name = tempfile.mkstemp(dir=services.settings.data, prefix="play-", suffix=".json")
    with os.fdopen(handle, "w") as file:
        json.dump(script, file)
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "parlons.simulator", name, "--forget", stdin=asyncio.subprocess.DEVNULL
    )


def _telephones(services: Services) -> dict[str, Any]:
    """Who rings, from which address of this machine, and whose desk phones answer."""
    data = services.settings.data
    here = {"host": os.environ.get("PARLONS_SIP_HOST", "127.0.0.1"), "sip_port": sip_port(data)}
    return {
        "calls_per_minute": float(os.environ.get("PARLONS_DEMO_CALLS_PER_MINUTE", "2")),
        "exchanges": [{**here, "caller_host": CALLERS, **exchange} for exchange in EXCHANGES],
        "phones": [
            {**here, "username": name, "password": phone_secret(data), "language": language}
            for name, language in DESK_PHONES.items()
        ],
    }


def phone_secret(data: Path) -> str:
    """With it the desk phones of practice agents register; the same at each start on `data`."""
    return hmac.new(secret_key(data), b"demo phones", sha256).hexdigest()


def identity_secret(data: Path) -> str:
    """With it the practice shops vouch for the names of their customers; the same at each start on `data`."""
    return hmac.new(secret_key(data), b"demo identity", sha256).hexdigest()
