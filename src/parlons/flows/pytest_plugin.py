"""A plug-in for pytest: `pytest_plugins = ["parlons.flows.pytest_plugin"]` in the topmost conftest.py of your tests.

A file `*.flow.yaml` is collected, each of its cases is a test. The fixture `flow_caller` plays flows from Python. At the end the
ways that nothing took are listed. Needs pytest, which Parlons itself does not.
"""

from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from parlons.flows.code import Coded, Contact
from parlons.flows.files import Found, flows_of
from parlons.flows.rehearsing import Coverage, rehearse
from parlons.flows.running import Definition
from parlons.flows.testing import Caller

Source = Definition | str | Path | Callable[[Contact], Coroutine[Any, Any, Any]]
"""A flow, the path of its file (from the test's folder), or an `async def flow(contact)`."""
COVER = pytest.StashKey[dict[Path, tuple[Found, Coverage]]]()


class Differs(Exception):
    """A case went otherwise than it says."""


def pytest_configure(config: pytest.Config) -> None:
    """Nothing is covered yet."""
    config.stash[COVER] = {}


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """`*.flow.yaml`."""
    return FlowFile.from_parent(parent, path=file_path) if file_path.name.endswith(".flow.yaml") else None


class FlowFile(pytest.File):
    """The flows of a file."""

    def collect(self) -> Iterator[pytest.Item]:
        """A test for each case, and one that the file holds together."""
        found, cover = _read(self.config, self.path.resolve())
        for flow, cases in zip(found.flows, found.cases, strict=True):
            for number, case in enumerate(cases, 1):
                name = f"{flow.name}: {case.get('name') or number}"
                item: FlowCase = FlowCase.from_parent(self, name=name)
                item.play = partial(rehearse, flow, case, found.library(), cover)
                yield item


class FlowCase(pytest.Item):
    """One case."""

    play: Callable[[], list[str]]

    def runtest(self) -> None:
        """Plays it."""
        if wrong := self.play():
            raise Differs("\n".join(wrong))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        """What differs, without a traceback."""
        return str(excinfo.value) if isinstance(excinfo.value, Differs) else str(super().repr_failure(excinfo, style))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """The file and the case."""
        return self.path, None, self.name


@pytest.fixture
def flow_caller(request: pytest.FixtureRequest) -> Iterator[Callable[..., Caller]]:
    """`flow_caller("orders.yaml", opened=False)`: a contact that has called in, see `testing.Caller`. `flow=` names one of
    several in a file."""
    made: list[tuple[Coverage, Caller]] = []

    def calls_in(source: Source, *, flow: str | None = None, **about: Any) -> Caller:
        definition, library, cover = _definition(request, source, flow)
        call = Caller(definition, library=library, **about).begins()
        made.append((cover, call))
        return call

    yield calls_in
    for cover, call in made:
        cover.add(call)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The ways that nothing took."""
    for path, (found, cover) in config.stash[COVER].items():
        for flow, ways, missing in found.covered(cover):
            terminalreporter.write_line(f"{path.name}: {flow.name}: {ways - len(missing)} of {ways} ways taken")
            for line in missing:
                terminalreporter.write_line(f"    not taken: {line}")


def _read(config: pytest.Config, path: Path) -> tuple[Found, Coverage]:
    known = config.stash[COVER].get(path)
    if known is None:
        found = flows_of(path.read_text())
        if found.grave:
            raise Differs("\n".join(f"{path.name}: {fault}" for fault in found.grave))
        known = config.stash[COVER][path] = (found, Coverage())
    return known


def _definition(
    request: pytest.FixtureRequest, source: Source, name: str | None
) -> tuple[Definition, dict[str, Any], Coverage]:
    if isinstance(source, str | Path):
        found, cover = _read(request.config, (request.path.parent / source).resolve())
        chosen = next((flow for flow in found.flows if name in (None, flow.name)), None)
        if chosen is None:
            raise LookupError(f"{source} has no flow {name}")
        return chosen, found.library(), cover
    if callable(source):
        source = Coded(getattr(source, "__name__", "flow"), source)
    return source, {}, Coverage()
