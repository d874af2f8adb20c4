"""What a command led to, and how it is kept for the one who asks again with the same key or from another process."""

from dataclasses import dataclass
from typing import Any

from parlons.kit import errors
from parlons.kit.errors import Refusal
from parlons.routing.transitions import Transition, from_wire, to_wire


@dataclass(slots=True)
class Outcome:
    """A committed command."""

    transitions: list[Transition]
    seq: int = 0
    """Journal sequence of the command's last entry: a reader that reached it has seen all effects."""
    at: int = 0
    """Milliseconds at which the router carried it out."""

    def only(self, kind: type[Transition]) -> list[Any]:
        """The transitions of one kind, in order."""
        return [transition for transition in self.transitions if isinstance(transition, kind)]


class RemoteRefusal(Refusal):
    """The router refused this."""

    def __init__(self, code: str, status: int, message: str, details: dict[str, Any]) -> None:
        """Carries what another process was told; `code` and `status` are those of the original refusal."""
        super().__init__(message, **details)
        self.code = code  # type: ignore[misc]
        self.status = status  # type: ignore[misc]


def outcome_to_wire(outcome: Outcome) -> dict[str, Any]:
    """What a command row keeps of an outcome: ids, times and outcomes of expressions only."""
    return {"seq": outcome.seq, "at": outcome.at, "transitions": [to_wire(one) for one in outcome.transitions]}


def outcome_from_wire(wire: dict[str, Any]) -> Outcome:
    """The inverse of `outcome_to_wire`."""
    return Outcome([from_wire(one) for one in wire["transitions"]], wire["seq"], wire["at"])


def refusal_to_wire(refusal: Refusal) -> dict[str, Any]:
    """What a command row keeps of a refusal."""
    return {
        "code": refusal.code,
        "status": refusal.status,
        "message": refusal.message,
        "details": {key: str(value) for key, value in refusal.details.items()},
    }


def _known(kind: type[Refusal] = Refusal) -> dict[str, type[Refusal]]:
    found = {kind.code: kind}
    for child in kind.__subclasses__():
        found.update({code: cls for code, cls in _known(child).items() if code not in found})
    return found


def refusal_from_wire(wire: dict[str, Any]) -> Refusal:
    """The refusal a command row keeps, as its own class where this process knows the code."""
    kind = _known().get(wire["code"])
    if kind is not None and kind is not errors.Refusal and kind is not RemoteRefusal:
        try:
            return kind(wire["message"], **wire["details"])
        except TypeError:
            pass
    return RemoteRefusal(wire["code"], wire["status"], wire["message"], wire["details"])
