"""`parlons flow check` and `parlons flow test`: a flow's file, without a server. A file holds one flow, a configuration with
`flows:`, or a Python flow.

`test` plays the cases under `tests:` (in Python: `TESTS`) with a scripted caller on a virtual clock.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from parlons.flows.model import Flow
from parlons.flows.running import Definition
from parlons.flows.testing import rehearse
from parlons.flows.text import InvalidFlow, faults, flow_of
from parlons.flows.validate import check as check_flow
from parlons.kit.errors import Refusal
from parlons.kit.marked import Fault, InvalidText, Text, read

flow_app = typer.Typer(no_args_is_help=True, help="Check and try flows, without a server.")
FlowFile = Annotated[Path, typer.Argument(help="A flow, a configuration with flows (YAML), or a Python flow.")]


@dataclass(slots=True)
class Found:
    """The flows of a file."""

    flows: list[Definition] = field(default_factory=list)
    cases: list[list[dict[str, Any]]] = field(default_factory=list)
    """Of each flow."""
    grave: list[Fault] = field(default_factory=list)
    light: list[Fault] = field(default_factory=list)

    def library(self) -> dict[str, Flow]:
        """Those that a transfer may name."""
        return {flow.name: flow for flow in self.flows if isinstance(flow, Flow)}


@flow_app.command("check")
def check(file: FlowFile) -> None:
    """Say what is wrong with a flow: by line and column, with a remedy."""
    found = _read(file)
    for fault in found.light:
        typer.echo(_line(file, fault, "note: "))
    names = ", ".join(flow.name for flow in found.flows)
    typer.echo(f"{file}: {names}: nothing stands in the way.")


@flow_app.command("test")
def test(file: FlowFile) -> None:
    """Play the cases of a flow with a scripted caller; exit code 1 when one ends otherwise."""
    found = _read(file)
    played = failed = 0
    for flow, cases in zip(found.flows, found.cases, strict=True):
        for number, case in enumerate(cases, 1):
            played += 1
            name = f"{flow.name}: {case.get('name') or number}"
            try:
                wrong = rehearse(flow, case, found.library())
            except Exception as error:
                wrong = [f"{type(error).__name__}: {error}"]
            failed += bool(wrong)
            typer.echo(f"{'failed' if wrong else 'passed'}  {name}")
            for each in wrong:
                typer.echo(f"        {each}")
    typer.echo(f"{played} cases, {failed} failed.")
    if failed or not played:
        raise typer.Exit(1)


def _read(file: Path) -> Found:
    try:
        found = _of_code(file) if file.suffix == ".py" else _of_text(file.read_text())
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


def _of_text(source: str) -> Found:
    text = read(source, InvalidFlow)
    found = Found()
    if isinstance(text.data, dict) and isinstance(text.data.get("flows"), list):
        names = {each.get("name") for each in text.data["flows"] if isinstance(each, dict)}
        for index, data in enumerate(text.data["flows"]):
            _add(found, text, data, ("flows", index), names)
    else:
        _add(found, text, text.data, (), None)
    return found


def _add(found: Found, text: Text, data: Any, below: tuple[str | int, ...], names: set[Any] | None) -> None:
    if isinstance(data, dict) and data.get("python") is not None:
        return
    known = (
        {key: value for key, value in data.items() if key not in ("tests", "firm")} if isinstance(data, dict) else data
    )
    flow, problems = flow_of(known)
    if flow is not None:
        problems = check_flow(flow, flows=None if names is None else {str(name) for name in names})
        found.flows.append(flow)
        found.cases.append([case for case in data.get("tests") or [] if isinstance(case, dict)])
    found.grave += faults(text, [problem for problem in problems if problem.grave], below)
    found.light += faults(text, [problem for problem in problems if not problem.grave], below)


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)
