"""`parlons backup` and `parlons restore`: they open the installation themselves, whether it runs or not."""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import typer

from parlons.app.settings import KEY_FILE, Settings, read_settings
from parlons.kit.errors import Refusal

Data = Annotated[Path | None, typer.Option(help="Folder of database, files and keys.")]
T = TypeVar("T")


def backup(
    file: Annotated[Path, typer.Argument(help="The backup to make; it must not be there yet.")], data: Data = None
) -> None:
    """Make a backup of database, files and configuration, while the centre works. The key stays apart: secret.key."""
    from parlons.app.backup import back_up

    settings = _settings(data)
    done = _run(lambda: back_up(settings, file, say=typer.echo))
    size = file.stat().st_size / 1_000_000
    typer.echo(f"{file}: {done.rows} rows, {done.files} files, {size:.1f} MB.")
    typer.echo(
        f"It opens with the key {done.key} only. Keep {settings.data / KEY_FILE} in another place than the backup."
    )
    if done.erased:
        typer.echo(f"{len(done.erased)} files were erased meanwhile and are not in it.")
    if done.damaged:
        typer.echo(
            f"Already missing or damaged here, and in the backup as they are: {', '.join(done.damaged)}.", err=True
        )
        raise typer.Exit(1)


def restore(
    file: Annotated[Path, typer.Argument(help="A backup.")],
    key: Annotated[Path | None, typer.Option(help="The secret.key that was kept apart.")] = None,
    data: Data = None,
) -> None:
    """Make an installation of a backup and its key, in an empty place. Its jobs wait for `parlons release`."""
    from parlons.app.restore import restore as lay_down

    settings = _settings(data)
    done = _run(lambda: lay_down(settings, file, key, say=typer.echo))
    typer.echo(f"Restored into {settings.data}: {done.rows} rows, {done.files} files.")
    typer.echo(
        f"{done.held} jobs are held: the old installation may have done them. Start with `parlons serve`, look with "
        "`parlons held`, then `parlons release`."
    )


def _settings(data: Path | None) -> Settings:
    try:
        return read_settings(os.environ, data=data)
    except Refusal as refusal:
        _fail(refusal)


def _run(work: Callable[[], Awaitable[T]]) -> T:
    import asyncio

    async def main() -> T:
        return await work()

    try:
        return asyncio.run(main())
    except Refusal as refusal:
        _fail(refusal)


def _fail(refusal: Refusal) -> NoReturn:
    typer.echo(f"{refusal.message} ({refusal.code})", err=True)
    raise typer.Exit(1)
