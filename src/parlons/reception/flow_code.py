"""Where Python flows come from: the entry point group `parlons.flows`, and the files of one folder.

A file `claims.py` of the folder is the flow `claims`: its `async def flow(contact)`, and `LANGUAGE` and `FALLBACK` where it
has them. Read once, when the process starts. What cannot be read is said and left out; a flow that names it goes to its
fallback queue.
"""

import importlib.metadata
import importlib.util
import inspect
from pathlib import Path
from types import ModuleType
from typing import Any

from parlons.flows.code import Coded
from parlons.kit.errors import Invalid
from parlons.runtime.log import log

GROUP = "parlons.flows"


class InvalidFlowCode(Invalid):
    """This file has no `async def flow(contact)`, or cannot be run."""

    code = "invalid-flow-code"


def flow_codes(folder: Path | None) -> dict[str, Coded]:
    """Every Python flow of this installation, by name; a file comes before a package's of the same name."""
    found: dict[str, Coded] = {}
    for point in importlib.metadata.entry_points(group=GROUP):
        try:
            found[point.name] = _coded(point.name, point.load(), {})
        except Exception as error:
            log.error("flow.code-unreadable", flow=point.name, what=type(error).__name__)
    for path in sorted(folder.glob("*.py")) if folder is not None and folder.is_dir() else ():
        try:
            found[path.stem] = read_flow_code(path)
        except InvalidFlowCode as error:
            log.error("flow.code-unreadable", flow=path.stem, what=error.message)
    return found


def read_flow_code(path: Path) -> Coded:
    """The flow of one file; raises InvalidFlowCode."""
    spec = importlib.util.spec_from_file_location(f"parlons_flow_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise InvalidFlowCode(f"{path.name} cannot be read.")
    module: ModuleType = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise InvalidFlowCode(f"{path.name} cannot be run: {type(error).__name__}: {error}") from error
    return _coded(path.stem, getattr(module, "flow", None), vars(module))


def _coded(name: str, function: Any, about: dict[str, Any]) -> Coded:
    if not inspect.iscoroutinefunction(function):
        raise InvalidFlowCode(f"{name} has no `async def flow(contact)`.")
    return Coded(name, function, str(about.get("LANGUAGE", "en")), about.get("FALLBACK"))
