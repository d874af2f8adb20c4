"""`parlons doctor`: what is wrong with this machine or installation, and how to mend it. Changes nothing."""

from collections.abc import Callable, Mapping

import httpx

from parlons.app.main import WEB
from parlons.app.settings import Settings
from parlons.runtime.postgres.checks import Finding, check_machine, check_port, check_server


def findings(settings: Settings, environ: Mapping[str, str]) -> list[Finding]:
    """All that is wrong, worst first."""
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
    return found


def _ready(settings: Settings) -> dict[str, dict[str, str]] | None:
    """What the server at this address says of itself; None when none answers."""
    try:
        answer = httpx.get(f"{settings.url}/health/ready", timeout=5)
        return dict(answer.json())
    except (httpx.HTTPError, ValueError):
        return None


def report(settings: Settings, environ: Mapping[str, str], say: Callable[[str], None]) -> int:
    """Prints the findings; 1 when there are any."""
    found = findings(settings, environ)
    for finding in found:
        say(f"{finding.code}: {finding.wrong}")
        say(f"    {finding.mend}")
    say(f"{len(found)} found." if found else "All is well.")
    return 1 if found else 0
