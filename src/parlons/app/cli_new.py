"""`parlons new`: the beginning of a package of one's own."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from parlons.app.new.making import KINDS, NotMadeError, make

Kind = StrEnum("Kind", [(one, one) for one in KINDS])  # type: ignore[misc]


def new(
    kind: Annotated[Kind, typer.Argument(help="What to make.")],
    name: Annotated[str, typer.Argument(help="Its name: lower-case letters, digits, underscores.")],
) -> None:
    """Make a package in a new folder NAME: code that works, and the contract tests it must keep."""
    try:
        written = make(kind.value, name, Path(name))
    except NotMadeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    for path in written:
        typer.echo(str(path))
    typer.echo(f"Now: cd {name} && pytest")
