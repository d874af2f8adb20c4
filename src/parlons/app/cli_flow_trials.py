"""`parlons flow versions`, `try` and `rollback`: versions of a flow and a trial of one, at a running server."""

from typing import Annotated, Any, Protocol

import httpx
import typer

from parlons.kit.errors import NotFound

Name = Annotated[str, typer.Argument(help="The flow's name.")]
Json = dict[str, Any]


class Call(Protocol):
    """Asks the server; ends the command with its sentence when it refuses."""

    def __call__(self, method: str, path: str, **request: Any) -> httpx.Response:
        """`request`: as httpx takes it."""
        ...


def add_trials(app: typer.Typer, call: Call) -> None:
    """The commands, under `parlons flow`."""

    @app.command("versions")
    def versions(name: Name) -> None:
        """List the versions of a flow, the latest first; the live one and the one on trial are marked."""
        flow = _flow(call, name)
        tried = flow["trial"]["trial_version"] if flow["trial"] else None
        for one in call("GET", f"/flows/{flow['id']}/versions", params={"limit": "200"}).json()["items"]:
            mark = (
                "live" if one["live"] else f"on trial, {flow['trial']['percent']} %" if one["version"] == tried else ""
            )
            about = [one["at"] or "", one["author"], one["note"], mark]
            typer.echo(f"{one['version']}  " + "  ".join(part for part in about if part))

    @app.command("try")
    def try_version(
        name: Name,
        version: Annotated[int, typer.Option(min=1, help="The version that is tried.")],
        percent: Annotated[int, typer.Option(min=1, max=99, help="Part of the customers who get it.")],
    ) -> None:
        """Give a version to a part of the customers."""
        flow = _flow(call, name)
        body = {"version": version, "percent": percent}
        call("POST", f"/flows/{flow['id']}/trials", json=body, headers={"If-Match": flow["etag"]})
        typer.echo(f"Version {version} answers {percent} % of the customers, version {flow['version']} the others.")

    @app.command("rollback")
    def roll_back(name: Name) -> None:
        """End the trial of a flow: the live version answers everybody again."""
        flow = _flow(call, name)
        if flow["trial"] is None:
            typer.echo(f"No trial of {name} is running.", err=True)
            raise typer.Exit(1)
        place = f"/flows/{flow['id']}/trials/{flow['trial']['id']}/end"
        done = call("POST", place, json={"how": "roll-back"}).json()
        typer.echo(f"Version {done['version']} answers everybody again.")


def _flow(call: Call, name: str) -> Json:
    for found in call("GET", "/flows").json()["items"]:
        if found["name"] == name:
            return dict(found)
    typer.echo(f"No flow is called {name}. ({NotFound.code})", err=True)
    raise typer.Exit(1)
