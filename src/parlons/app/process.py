"""One serving process from start to end: services, first configuration, operator key, application, port, ready line."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from parlons.accounts.keys import KeyWanted, create_key
from parlons.accounts.links import link_url
from parlons.accounts.model import Scope
from parlons.app.agents import known_queues
from parlons.app.configuration.apply import apply
from parlons.app.main import build_app
from parlons.app.server import bind, serve
from parlons.app.services import Services, running
from parlons.app.settings import OPERATOR_KEY, Settings
from parlons.channels.webchat import room as webchat
from parlons.kit.clock import Clock, wall_clock
from parlons.kit.errors import Refusal
from parlons.runtime.log import log

Say = Callable[[str], None]
Ready = Callable[[Services], Awaitable[None]]


async def run(
    settings: Settings, *, say: Say, first: Callable[[Path], str], ready: Ready, clock: Clock = wall_clock
) -> None:
    """Serve until a signal. Raises a Refusal that says what is wrong and how to mend it.

    `first` gives the configuration (YAML) that a new installation in a data folder begins with; `ready` is called when
    requests are answered."""
    listening = bind(settings)
    settings = replace(settings, port=listening.getsockname()[1])
    try:
        async with running(settings, say=say, clock=clock) as services:
            await _configure(services, first)
            await _operator_key(services)
            app = build_app(services)
            services.life.at_end("webchat", lambda: webchat.close(app))

            async def started() -> None:
                await ready(services)

            await serve(app, listening, settings, started=started, before_end=services.hub.close)
            say("Ending: accepted work is being put away")
    finally:
        listening.close()


async def _configure(services: Services, first: Callable[[Path], str]) -> None:
    """Gives a new installation its first configuration. One that was interrupted before this begins again here."""
    installation = services.installation
    if services.dispatch.state(installation.workspace_id).activities:
        return
    await services.dispatch.ready(installation.workspace_id, as_owner=True)
    principal = installation.principal
    text = first(services.settings.data)
    await apply(services.db, services.dispatch, principal, text, now=services.clock(), environ=os.environ)
    log.info("configuration.first")


async def _operator_key(services: Services) -> None:
    """An API key for the command line on this machine: whoever can read the data folder owns the installation anyway."""
    path = services.settings.data / OPERATOR_KEY
    if path.exists():
        return
    principal = services.installation.principal
    async with services.db.transaction(principal.tenant_id) as tx:
        wanted = KeyWanted("Command line on this machine", frozenset(Scope))
        _, secret = await create_key(tx, principal, wanted, queues=known_queues, now=services.clock())
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secret)


def invitation_line(services: Services) -> str | None:
    """What to tell while no administrator has ever signed in."""
    token = services.installation.invitation
    return None if token is None else f"Administrator, one-time link: {link_url(services.settings.url, token)}"


def say_plainly(line: str) -> None:
    """Tells a person at a terminal."""
    print(line, flush=True)  # noqa: T201


def run_blocking(work: Awaitable[None]) -> int:
    """Runs an async main; a refusal becomes its message and exit code 1."""

    async def main() -> None:
        await work

    try:
        with asyncio.Runner(loop_factory=_loop) as runner:
            runner.run(main())
    except Refusal as refusal:
        say_plainly(f"Parlons cannot start. {refusal.message}")
        return 1
    return 0


def _loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def text_of(name: str) -> str:
    """A file that ships beside this module."""
    return (Path(__file__).parent / name).read_text(encoding="utf-8")
