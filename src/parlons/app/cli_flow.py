"""`parlons flow check` and `parlons flow test`: a flow's file, without a server. A file holds one flow, a configuration with
`flows:`, or a Python flow.

`test` plays the cases under `tests:` (in Python: `TESTS`) with a scripted contact on a virtual clock, and lists the ways that no
case takes.
"""

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from parlons.app.flow_examples import examples
from parlons.flows.files import Found, flows_of
from parlons.flows.rehearsing import Coverage, rehearse
from parlons.kit.errors import Refusal
from parlons.kit.marked import Fault, InvalidText

flow_app = typer.Typer(no_args_is_help=True, help="Check and try flows, without a server.")
FlowFile = Annotated[Path, typer.Argument(help="A flow, a configuration with flows (YAML), or a Python flow.")]


@flow_app.command("examples")
def list_examples() -> None:
    """List the ready-made flows."""
    for one in examples().values():
        typer.echo(f"{one.name:<16}{one.about['en']}")
        typer.echo(f"{'':<16}{one.about['fr']}")


@flow_app.command("example")
def print_example(name: Annotated[str, typer.Argument(help="As `parlons flow examples` lists it.")]) -> None:
    """Print a ready-made flow with its cases, to begin with: `parlons flow example bank > bank.yaml`."""
    found = examples().get(name)
    if found is None:
        _fail(f"There is no ready-made flow {name}: {', '.join(examples())}.")
    typer.echo(found.text, nl=False)


@flow_app.command("check")
def check(file: FlowFile) -> None:
    """Say what is wrong with a flow: by line and column, with a remedy."""
    found = _read(file)
    for fault in found.light:
        typer.echo(_line(file, fault, "note: "))
    names = ", ".join(flow.name for flow in found.flows)
    typer.echo(f"{file}: {names}: nothing stands in the way.")


@flow_app.command("test")
def play(
    file: FlowFile,
    cover: Annotated[
        int, typer.Option(min=0, max=100, help="Fail when fewer ways than this percentage are taken.")
    ] = 0,
) -> None:
    """Play the cases of a flow with a scripted contact; exit code 1 when one goes otherwise."""
    found, ways = _read(file), Coverage()
    played = failed = 0
    for flow, cases in zip(found.flows, found.cases, strict=True):
        for number, case in enumerate(cases, 1):
            played += 1
            try:
                wrong = rehearse(flow, case, found.library(), ways)
            except Exception as error:
                wrong = [f"{type(error).__name__}: {error}"]
            failed += bool(wrong)
            typer.echo(f"{'failed' if wrong else 'passed'}  {flow.name}: {case.get('name') or number}")
            for each in wrong:
                typer.echo(f"        {each}")
    few = _uncovered(found, ways, cover)
    typer.echo(f"{played} cases, {failed} failed.")
    if failed or few or not played:
        raise typer.Exit(1)


def _uncovered(found: Found, ways: Coverage, least: int) -> bool:
    """Says how many ways of each flow were taken, and which were not; whether that is too few."""
    few = False
    for flow, many, missing in found.covered(ways):
        typer.echo(f"{flow.name}: {many - len(missing)} of {many} ways taken.")
        for line in missing:
            typer.echo(f"        not taken: {line}")
        few = few or (many - len(missing)) * 100 < least * many
    return few


def _read(file: Path) -> Found:
    try:
        found = _of_code(file) if file.suffix == ".py" else flows_of(file.read_text())
    except OSError as error:
        _fail(f"{file} cannot be read: {error.strerror}.")
    except UnicodeDecodeError:
        _fail(f"{file} is no UTF-8 text.")
    except InvalidText as error:
        found = Found(grave=error.faults)
    except Refusal as refusal:
        _fail(refusal.message)
    for fault in found.grave:
        typer.echo(_line(file, fault), err=True)
    if found.grave:
        raise typer.Exit(1)
    if not found.flows:
        _fail(f"{file} holds no flow.")
    return found


def _line(file: Path, fault: Fault, kind: str = "") -> str:
    said = f"{file}:{fault.line}:{fault.column}: {kind}{fault.message}. {fault.remedy}".rstrip()
    return f"{said} [{fault.code}]" if fault.code else said


def _of_code(file: Path) -> Found:
    from parlons.reception.flow_code import read_flow_code

    code = read_flow_code(file)
    cases = code.function.__globals__.get("TESTS") or []
    return Found([code], [[dict(case) for case in cases]])


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)
