"""`parlons keys create`: an API key, and the names and secrets with which programs of the communications API sign in."""

import json
from typing import Annotated, Any

import typer

from parlons.app.cli_flow_trials import Call

Json = dict[str, Any]


def add_keys(app: typer.Typer, call: Call) -> None:
    """The commands, under `parlons keys`."""

    @app.callback()
    def keys() -> None:
        """API keys."""

    @app.command("create")
    def create(
        name: Annotated[str, typer.Argument(help="What the key is for.")] = "Command line",
        scope: Annotated[
            list[str] | None,
            typer.Option(help="read, write, configure or phone; may be repeated. The first three if not given."),
        ] = None,
        as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    ) -> None:
        """Make an API key and print what signs in with it; the key's secret is shown this once."""
        body = {"name": name, "scopes": scope or ["read", "write", "configure"]}
        key = call("POST", "/keys", json=body).json()
        found = {**call("POST", "/account-token", json={}).json(), "key_sid": key["id"], "key_secret": key["secret"]}
        if as_json:
            typer.echo(json.dumps(found))
            return
        for word, value in found.items():
            typer.echo(f"{word}: {value}")
