"""Flows of a file with their cases: one flow, or those of a configuration. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from parlons.flows.model import Flow, Path
from parlons.flows.rehearsing import Coverage, ways_of
from parlons.flows.running import Definition
from parlons.flows.text import InvalidFlow, faults, flow_of
from parlons.flows.validate import check
from parlons.kit.marked import Fault, Text, read, shown


@dataclass(slots=True)
class Found:
    """The flows of a file."""

    flows: list[Definition] = field(default_factory=list)
    cases: list[list[dict[str, Any]]] = field(default_factory=list)
    """Of each flow."""
    grave: list[Fault] = field(default_factory=list)
    light: list[Fault] = field(default_factory=list)
    text: Text | None = None
    """None: Python."""
    places: list[Path] = field(default_factory=list)
    """Where each flow stands in the text."""

    def library(self) -> dict[str, Flow]:
        """Those that a transfer may name."""
        return {flow.name: flow for flow in self.flows if isinstance(flow, Flow)}

    def covered(self, cover: Coverage) -> Iterator[tuple[Flow, int, list[str]]]:
        """Each flow of steps, how many ways it has, and those that no case took: line, where it is written, target."""
        for flow, place in zip(self.flows, self.places, strict=False):
            if isinstance(flow, Flow) and self.text is not None:
                lines = []
                for name, path, target in cover.missing(flow):
                    whole: Path = ("steps", name, *path)
                    line = self.text.fault((*place, *whole), "").line
                    lines.append(f"line {line}: {shown(whole)} -> {target or 'end'}")
                yield flow, len(list(ways_of(flow))), lines


def flows_of(source: str) -> Found:
    """The flows of a text, or what is wrong with it; raises InvalidFlow for what is no YAML."""
    text = read(source, InvalidFlow)
    found = Found(text=text)
    if isinstance(text.data, dict) and isinstance(text.data.get("flows"), list):
        names = {each.get("name") for each in text.data["flows"] if isinstance(each, dict)}
        for index, data in enumerate(text.data["flows"]):
            _add(found, text, data, ("flows", index), names)
    else:
        _add(found, text, text.data, (), None)
    return found


def _add(found: Found, text: Text, data: Any, below: Path, names: set[Any] | None) -> None:
    if isinstance(data, dict) and data.get("python") is not None:
        return
    known = (
        {key: value for key, value in data.items() if key not in ("tests", "firm")} if isinstance(data, dict) else data
    )
    flow, problems = flow_of(known)
    if flow is not None:
        problems = check(flow, flows=None if names is None else {str(name) for name in names})
        found.flows.append(flow)
        found.cases.append([case for case in data.get("tests") or [] if isinstance(case, dict)])
        found.places.append(below)
    found.grave += faults(text, [problem for problem in problems if problem.grave], below)
    found.light += faults(text, [problem for problem in problems if not problem.grave], below)
