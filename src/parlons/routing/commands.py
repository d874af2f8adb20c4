"""What the router can be asked to do. Values only; step.py says who carries them out.

A command is journalled without the values of a task's attributes: `sealed` takes them out (the shell keeps them in an
erasable place) and `unsealed` puts them back. On replay `attributes` may be None: the outcomes then come from the
recorded transitions."""

import re
from typing import Any, cast

import msgspec
from msgspec import UNSET, Struct, UnsetType

from parlons.routing.configuration import Item, Removal, Settings, Target
from parlons.routing.refusals import InvalidCommand

Attributes = dict[str, Any]


def _wire_name(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Command(Struct, frozen=True, omit_defaults=True, tag_field="command", tag=_wire_name, gc=False):
    """Base of all commands; the wire name is the class's name in snake case."""


class Configure(Command, frozen=True):
    """Change the configuration, atomically: all of it is valid, or nothing changes."""

    put: tuple[Item, ...] = ()
    remove: tuple[Removal, ...] = ()
    settings: Settings | None = None


class PutWorker(Command, frozen=True):
    """Make a worker, or set all of one that exists. `activity_id` None: the default for a new one, unchanged for an
    old one. A channel that is not named has capacity 1."""

    worker_id: str
    name: str
    attributes: Attributes = msgspec.field(default_factory=dict)
    channels: dict[str, int] = msgspec.field(default_factory=dict)
    activity_id: str | None = None
    firm_ids: tuple[str, ...] = ()


class RemoveWorker(Command, frozen=True):
    """Take a worker away; refused while he holds a reservation."""

    worker_id: str


class SetActivity(Command, frozen=True):
    """Change what a worker is doing. `reject_pending` acts only when the new activity is not available."""

    worker_id: str
    activity_id: str
    reject_pending: bool = False


class SetWorkerAttributes(Command, frozen=True):
    """Replace a worker's attributes."""

    worker_id: str
    attributes: Attributes


class SetChannel(Command, frozen=True):
    """Set a worker's capacity on a channel and whether the channel takes offers; None leaves a part as it is."""

    worker_id: str
    channel: str
    capacity: int | None = None
    available: bool | None = None


class SetReachable(Command, frozen=True):
    """The worker's screen is connected or gone. Unreachable: no offers; the activity stays."""

    worker_id: str
    reachable: bool


class CreateTask(Command, frozen=True):
    """A new task, led by a workflow or straight to a target. Without both, the only workflow is taken."""

    task_id: str
    attributes: Attributes | None = None
    workflow_id: str | None = None
    target: Target | None = None
    channel: str = "default"
    priority: int = 0
    ttl_seconds: int = 86_400
    virtual_start: int | None = None
    """Milliseconds; the place in line counts from here. None: now."""
    ignore_capacity: bool | None = None
    """None: true when the target is a worker."""
    firm_id: str | None = None
    conversation_id: str | None = None


class UpdateTask(Command, frozen=True):
    """Change attributes or priority. New attributes lead a pending task through its workflow again, its place kept."""

    task_id: str
    attributes: Attributes | UnsetType | None = UNSET
    priority: int | None = None


class CancelTask(Command, frozen=True):
    """End a pending or reserved task unserved."""

    task_id: str
    reason: str = ""


class WrapTask(Command, frozen=True):
    """The contact is over; the worker still writes it up."""

    task_id: str


class CompleteTask(Command, frozen=True):
    """The work on an assigned or wrapping task is done."""

    task_id: str
    reason: str = ""


class TransferTask(Command, frozen=True):
    """Offer an assigned task to others; its worker keeps it until one accepts, and has it again if none does. With
    `reservation_id` None a task that still waits is sent elsewhere, its place kept."""

    task_id: str
    target: Target
    reservation_id: str | None = None
    priority: int | None = None
    note_id: str | None = None


class CancelTransfer(Command, frozen=True):
    """Call a transfer back: the task stays with its worker."""

    task_id: str


class CreateCompanion(Command, frozen=True):
    """A second live channel of the matter of `of_task_id`, for the same worker: born accepted where he has capacity,
    else it waits for him."""

    task_id: str
    of_task_id: str
    channel: str
    attributes: Attributes | None = None
    priority: int = 0
    ttl_seconds: int = 86_400
    firm_id: str | None = None
    conversation_id: str | None = None


class RequeueTask(Command, frozen=True):
    """The worker is gone for good: his reservation ends and the task goes back to its original place and priority."""

    task_id: str
    reason: str = ""


class AcceptReservation(Command, frozen=True):
    """Take the offer. `worker_id`, when given, must be the one it was made to."""

    reservation_id: str
    worker_id: str | None = None


class RejectReservation(Command, frozen=True):
    """Refuse the offer. For `quiet_seconds` this worker is not offered this task again."""

    reservation_id: str
    activity_id: str | None = None
    quiet_seconds: int = 0
    worker_id: str | None = None


class WrapReservation(Command, frozen=True):
    """WrapTask, named by the reservation."""

    reservation_id: str


class CompleteReservation(Command, frozen=True):
    """CompleteTask, named by the reservation."""

    reservation_id: str
    reason: str = ""


class Tick(Command, frozen=True):
    """Let the timers that are due fire."""


class EraseTask(Command, frozen=True):
    """The customer is erased: an open task is canceled with reason `erased`, its attributes are forgotten."""

    task_id: str


_ALL: tuple[type[Command], ...] = (
    Configure, PutWorker, RemoveWorker, SetActivity, SetWorkerAttributes, SetChannel, SetReachable,
    CreateTask, UpdateTask, CancelTask, WrapTask, CompleteTask, TransferTask, CancelTransfer, CreateCompanion, RequeueTask,
    AcceptReservation, RejectReservation, WrapReservation, CompleteReservation, Tick, EraseTask,
)  # fmt: skip

COMMANDS: dict[str, type[Command]] = {_wire_name(command.__name__): command for command in _ALL}
"""Every command by its wire name."""

WithAttributes = CreateTask | UpdateTask | CreateCompanion


def name_of(command: Command) -> str:
    """The wire name."""
    return _wire_name(type(command).__name__)


def to_wire(command: Command) -> dict[str, Any]:
    """A JSON-able dict with the wire name under `command`."""
    return cast("dict[str, Any]", msgspec.to_builtins(command))


def from_wire(wire: dict[str, Any]) -> Command:
    """The command of a dict made by `to_wire`, or received; raises InvalidCommand with the reason."""
    kind = COMMANDS.get(wire.get("command", ""))
    if kind is None:
        raise InvalidCommand(f"no command is called {wire.get('command')!r}")
    try:
        return msgspec.convert(wire, kind)
    except msgspec.ValidationError as error:
        raise InvalidCommand(str(error)) from None


def sealed(command: Command) -> tuple[Command, Attributes | None]:
    """The command without a task's attribute values, and those values (None: it has none)."""
    if isinstance(command, WithAttributes) and isinstance(command.attributes, dict):
        return msgspec.structs.replace(command, attributes=None), command.attributes
    return command, None


def unsealed(command: Command, attributes: Attributes | None) -> Command:
    """Puts `attributes` back into a command that `sealed` emptied; others pass."""
    if attributes is not None and isinstance(command, WithAttributes) and command.attributes is None:
        return msgspec.structs.replace(command, attributes=attributes)
    return command
