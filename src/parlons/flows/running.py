"""One way to run a flow, whether it is written as steps or in Python. Pure."""

from collections.abc import Mapping

from parlons.flows import interpreter
from parlons.flows.code import Coded, begin_coded, resume_coded
from parlons.flows.model import Flow, Json
from parlons.flows.state import State, Turn
from parlons.kit.clock import Millis

Definition = Flow | Coded


def begin(
    flow: Definition, variables: Json, *, instance: str, now: Millis, language: str | None = None,
    library: Mapping[str, Flow] | None = None,
) -> Turn:  # fmt: skip
    """The first turn; a Python flow may raise what it likes."""
    if isinstance(flow, Coded):
        return begin_coded(flow, variables, instance=instance, now=now, language=language)
    return interpreter.begin(flow, variables, instance=instance, language=language, library=library)


def resume(
    flow: Definition, state: State, result: Json, *, now: Millis, library: Mapping[str, Flow] | None = None
) -> Turn:
    """The turn that the result of the outstanding effect leads to; raises Diverged."""
    if isinstance(flow, Coded):
        return resume_coded(flow, state, result, now=now)
    return interpreter.resume(flow, state, result, library=library)
