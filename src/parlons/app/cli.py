"""The command line. `serve` and `demo` run a process; the others talk to a running one over its API.

Which server: PARLONS_URL, else http://127.0.0.1:8080. Which key: PARLONS_KEY, else the one that the server keeps in its data
folder (PARLONS_DATA) for the command line on the same machine. The server is imported by those who run it only: the others
answer in a fraction of its start.
"""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import httpx
import typer

from parlons import __version__
from parlons.app.cli_backup import backup, restore
from parlons.app.cli_flow import flow_app
from parlons.app.cli_flow_trials import add_trials
from parlons.app.cli_keys import add_keys
from parlons.app.cli_new import new
from parlons.app.kamailio_cli import kamailio_app
from parlons.app.settings import DEFAULT_PORT, OPERATOR_KEY, Settings, default_data, demo_folder, read_settings
from parlons.kit.errors import Refusal
from parlons.runtime.log import configure_logs

if TYPE_CHECKING:
    from parlons.app.services import Services

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Parlons, a contact centre."
)
keys_app = typer.Typer(no_args_is_help=True, help="API keys.")
demo_app = typer.Typer(invoke_without_command=True, help="A living practice centre, or what it has done.")
app.add_typer(demo_app, name="demo")
app.add_typer(flow_app, name="flow")
app.add_typer(kamailio_app, name="kamailio")
app.add_typer(keys_app, name="keys")
app.command()(backup)
app.command()(new)
app.command()(restore)

Data = Annotated[Path | None, typer.Option(help="Folder of database, files and keys.")]
Port = Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")]
Host = Annotated[str | None, typer.Option(help="Address to listen on.")]
TlsCert = Annotated[Path | None, typer.Option(help="PEM file of a certificate with its chain: serve https.")]
TlsKey = Annotated[Path | None, typer.Option(help="PEM file of the certificate's key.")]


@app.command()
def serve(
    port: Port = None, host: Host = None, data: Data = None, tls_cert: TlsCert = None, tls_key: TlsKey = None
) -> None:
    """Serve. The first start prints a one-time link for the administrator; a second process on the same data stands by."""
    from parlons.app.process import invitation_line, run, run_blocking, say_plainly, text_of

    configure_logs(level=os.environ.get("PARLONS_LOG", "info"))
    settings = _settings(data=data, host=host, port=port, tls=(tls_cert, tls_key))

    async def ready(services: "Services") -> None:
        if line := invitation_line(services):
            say_plainly(line)
        say_plainly(f"Parlons is ready at {services.settings.url}")

    raise typer.Exit(
        run_blocking(run(settings, say=say_plainly, first=lambda _: text_of("first_start.yaml"), ready=ready))
    )


@demo_app.callback()
def play(context: typer.Context, port: Port = None, host: Host = None, data: Data = None) -> None:
    """Run the practice centre: a shop, customers, agents, and links to sign in with."""
    if context.invoked_subcommand is not None:
        return
    from parlons.app import demo
    from parlons.app.process import run_blocking, say_plainly

    configure_logs(level=os.environ.get("PARLONS_LOG", "error"))
    folder = data or (None if "PARLONS_DATA" in os.environ else demo_folder(default_data(os.environ)))
    settings = _settings(data=folder, host=host, port=port, demo=True)
    raise typer.Exit(run_blocking(demo.play(settings, say=say_plainly, environ=os.environ)))


@demo_app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """How many messages were routed and answered, counted from what is stored."""
    found = _call("GET", "/statistics/messages").json()
    if as_json:
        typer.echo(json.dumps(found))
        return
    for channel, counts in found["channels"].items():
        typer.echo(f"{channel}: {counts['in']} in, {counts['out']} out")


@app.command()
def apply(
    file: Annotated[Path, typer.Argument(help="A configuration file (YAML).")],
    dry_run: Annotated[bool, typer.Option(help="Only show what would change.")] = False,
    prune: Annotated[bool, typer.Option(help="Remove what the file does not name.")] = False,
    accept_stranded: Annotated[
        int | None, typer.Option(min=0, help="How many waiting tasks may find nobody afterwards.")
    ] = None,
) -> None:
    """Make the centre be as FILE says: checked as a whole, shown as a difference, laid down at once or not at all."""
    try:
        text = file.read_bytes()
    except OSError as error:
        _fail(f"{file} cannot be read: {error.strerror}.")
    query = {"dry_run": str(dry_run).lower(), "prune": str(prune).lower()}
    if accept_stranded is not None:
        query["accept_stranded"] = str(accept_stranded)
    done = _call("POST", "/configuration", params=query, content=text, name=str(file)).json()
    typer.echo(done["text"])
    for email, link in done["links"].items():
        typer.echo(f"One-time link for {email}: {link}")


@app.command()
def export() -> None:
    """Print the configuration as a file that `apply` takes; no secrets, no passwords."""
    sys.stdout.write(_call("GET", "/configuration").text)


@app.command()
def why(task: Annotated[str, typer.Argument(help="Id of a task or a reservation.")]) -> None:
    """Say who was chosen for a task, by which rule, and why the others were not."""
    kind = "reservations" if task.startswith("WR") else "tasks"
    typer.echo(json.dumps(_call("GET", f"/{kind}/{task}/why").json(), indent=2, ensure_ascii=False))


@app.command()
def link(email: Annotated[str, typer.Argument(help="E-mail address of a user.")]) -> None:
    """Print a one-time sign-in link for a user."""
    page: dict[str, Any] = {"next": None}
    after: str | None = None
    while True:
        page = _call("GET", "/users", params={"limit": "100", **({"after": after} if after else {})}).json()
        for user in page["items"]:
            if user["email"] == email.strip().lower():
                typer.echo(_call("POST", f"/users/{user['id']}/link").json()["link"])
                return
        after = page["next"]
        if after is None:
            _fail(f"No user has the address {email}.")


@app.command()
def held() -> None:
    """List the jobs that wait since a restore."""
    hold = _call("GET", "/operations/held").json()["hold"]
    if hold is None:
        typer.echo("Nothing is held.")
        return
    typer.echo(f"Held since {hold['since']}; restored from a backup of {hold['backup']['taken_at']}.")
    for kind in hold["kinds"]:
        typer.echo(f"{kind['kind']}: {kind['count']}, {kind['due']} of them due")


@app.command()
def release(
    discard: Annotated[
        list[str] | None, typer.Option(help="A kind of job to throw away instead; may be repeated.")
    ] = None,
) -> None:
    """Let the jobs run that are held since a restore."""
    done = _call("POST", "/operations/release", json={"discard": discard or []}).json()
    if not done["released"]:
        typer.echo("Nothing is held.")
        return
    for kind, count in done["discarded"].items():
        typer.echo(f"{kind}: {count} thrown away")
    typer.echo("Released: jobs run again.")


@app.command("mcp")
def assist() -> None:
    """Serve an assistant over standard input and output (Model Context Protocol); reads only, unless the key may write."""
    try:
        from parlons.mcp.serving import run
    except ModuleNotFoundError:
        _fail("This needs the extra: pip install 'parlons[mcp]'.")
    if problem := run(_url(), _key()):
        _fail(problem)


@app.command("doctor")
def examine(port: Port = None, data: Data = None) -> None:
    """Say what is wrong with this machine or installation, and how to mend it."""
    from parlons.app import doctor

    settings = _settings(data=data, port=port)
    try:
        code = doctor.report(settings, os.environ, typer.echo)
    except Refusal as refusal:
        _fail(refusal.message)
    raise typer.Exit(code)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def _settings(
    *,
    data: Path | None = None,
    host: str | None = None,
    port: int | None = None,
    demo: bool = False,
    tls: tuple[Path | None, Path | None] = (None, None),
) -> Settings:
    try:
        return read_settings(os.environ, data=data, host=host, port=port, demo=demo, tls=tls)
    except Refusal as refusal:
        _fail(refusal.message)


def _key() -> str:
    if key := os.environ.get("PARLONS_KEY"):
        return key
    root = default_data(os.environ)
    for folder in (root, demo_folder(root)):
        path = folder / OPERATOR_KEY
        try:
            return path.read_text()
        except FileNotFoundError:
            continue
        except OSError as error:
            _fail(f"{path} cannot be read ({error.strerror}): run as the user that serves, or set PARLONS_KEY.")
    _fail(
        f"No key in {root}. Start `parlons serve` first, or say where it runs: its folder by PARLONS_DATA (or a key by"
        " PARLONS_KEY), its address by PARLONS_URL. `parlons demo` prints the line for its own."
    )


def _url() -> str:
    return os.environ.get("PARLONS_URL", f"http://127.0.0.1:{DEFAULT_PORT}").rstrip("/")


def _call(method: str, path: str, *, name: str = "", **request: Any) -> httpx.Response:
    url = _url()
    headers = {"Authorization": f"Bearer {_key()}", **request.pop("headers", {})}
    try:
        answer = httpx.request(method, f"{url}/api/v1{path}", headers=headers, timeout=120, **request)
    except httpx.HTTPError as error:
        _fail(
            f"No answer from {url} ({type(error).__name__}). Is `parlons serve` running there? PARLONS_URL names another one."
        )
    if answer.is_success:
        return answer
    try:
        problem = answer.json()
    except ValueError:
        _fail(f"{url} answered {answer.status_code}, not as Parlons does.")
    faults = problem.get("details", {}).get("faults") or []
    lines = [
        f"{name}:{fault['line']}:{fault['column']}: {fault['message'].rstrip('.')}. {fault.get('remedy') or ''}".rstrip()
        for fault in faults
    ]
    lines.append(f"{problem['detail']} ({problem['code']})")
    if problem["code"] == "would-strand":
        lines.append(f"To do it all the same: --accept-stranded {problem['details']['stranded']}")
    _fail("\n".join(lines))


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)


add_trials(flow_app, _call)
add_keys(keys_app, _call)


def main() -> None:
    """The entry point."""
    app()


if __name__ == "__main__":
    main()
