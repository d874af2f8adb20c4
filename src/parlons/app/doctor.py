"""`parlons doctor`: what is wrong with this machine or installation, and how to mend it. Changes nothing."""

import asyncio
from collections.abc import Callable, Mapping

import httpx

from parlons.app import doctor_database
from parlons.app.doctor_voice import judge, local_client, look, public_silent
from parlons.app.main import WEB
from parlons.app.settings import Settings
from parlons.runtime.postgres.checks import Finding, check_machine, check_port, check_server
from parlons.runtime.postgres.supervisor import running_dsn


def findings(settings: Settings, environ: Mapping[str, str]) -> list[Finding]:
    """All that is wrong, worst first."""
    return examine(settings, environ)[0]


def examine(settings: Settings, environ: Mapping[str, str]) -> tuple[list[Finding], list[Finding]]:
    """(all that is wrong, worst first; what is worth knowing)."""
    found: list[Finding] = []
    ready = _ready(settings)
    if not settings.database_url:
        found += check_machine(settings.data, environ)
        if ready is not None:
            found += check_server(settings.data)
    if ready is None:
        found += check_port(settings.port, settings.host)
    elif ready.get("missing"):
        found += [
            Finding(
                f"not-ready-{name}",
                f"The running server is not ready: {what}",
                "It mends this itself, or its log says why.",
            )
            for name, what in ready["missing"].items()
        ]
    if not (WEB / "desk/index.html").is_file():
        found.append(
            Finding("web-missing", "The web client is not built.", "Install the package again, or run `make dev`.")
        )
    silent = any(one.code == "postgres-silent" for one in found)
    dsn = None if silent else settings.database_url or running_dsn(settings.data)
    seen = asyncio.run(doctor_database.look(settings, dsn))
    stored, stored_notes = doctor_database.judge(seen)
    wrong, notes = judge(look(settings, environ, answers=ready is not None))
    if ready is not None:
        wrong = public_silent(settings) + wrong
    return found + stored + wrong, stored_notes + notes


def _ready(settings: Settings) -> dict[str, dict[str, str]] | None:
    """What the server at this address says of itself; None when none answers."""
    try:
        with local_client(settings) as client:
            return dict(client.get("/health/ready").json())
    except (httpx.HTTPError, ValueError):
        return None


def report(settings: Settings, environ: Mapping[str, str], say: Callable[[str], None]) -> int:
    """Prints the findings, and after them what is worth knowing; 1 when something is wrong."""
    found, notes = examine(settings, environ)
    for finding in found:
        say(f"{finding.code}: {finding.wrong}")
        say(f"    {finding.mend}")
    for note in notes:
        say(f"note {note.code}: {note.wrong}")
        say(f"    {note.mend}")
    say(f"{len(found)} found." if found else "All is well.")
    return 1 if found else 0
