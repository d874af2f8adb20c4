"""The router's one entry: a command in, transitions out."""

from collections.abc import Sequence

from parlons.routing.commands import Command
from parlons.routing.state import WorkspaceState
from parlons.routing.transitions import Transition


def step(
    state: WorkspaceState, command: Command, now: int, recorded: Sequence[Transition] | None = None
) -> list[Transition]:
    """Carry out `command` at `now` (ms); mutates `state`, returns what happened, raises a Refusal before any change."""
    raise NotImplementedError
