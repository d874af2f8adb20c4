"""`parlons kamailio ...`: the configuration of the SIP edge, as files."""

import os
from pathlib import Path
from typing import Annotated

import typer

from parlons.kit.errors import Refusal

kamailio_app = typer.Typer(no_args_is_help=True, help="The edge of the telephone: Kamailio, rtpengine and coturn.")


@kamailio_app.command()
def config(
    out: Annotated[Path, typer.Option(help="Folder to write the files into.")],
    settings: Annotated[Path, typer.Option(help="YAML file of settings; see `parlons kamailio example`.")] = Path(
        "edge.yaml"
    ),
    force: Annotated[bool, typer.Option(help="Write over files that are there.")] = False,
) -> None:
    """Write the configuration of the edge from a file of settings, with a page that says what to do with it."""
    from parlons.voice.edge.files import edge_files, write
    from parlons.voice.edge.settings import read_edge

    try:
        text = settings.read_text(encoding="utf-8")
    except OSError as error:
        typer.echo(f"{settings} cannot be read: {error.strerror}.", err=True)
        raise typer.Exit(1) from error
    try:
        files = edge_files(read_edge(text), turn_secret=os.environ.get("PARLONS_TURN_SECRET", ""))
        write(out, files, force=force)
    except Refusal as refusal:
        typer.echo(f"{settings}: {refusal.message} ({refusal.code})", err=True)
        raise typer.Exit(1) from refusal
    for name in files:
        typer.echo(str(out / name))


@kamailio_app.command()
def example() -> None:
    """Print an example of the settings, explained."""
    from parlons.voice.edge.settings import EXAMPLE

    typer.echo(EXAMPLE, nl=False)
