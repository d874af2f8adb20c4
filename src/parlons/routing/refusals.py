"""What the router refuses to do. A refused command changes nothing. Late network events (a second accept after the end)
arrive here too: the shell decides whether a person must hear of them."""

from parlons.kit.errors import Conflict, Invalid, NotFound


class UnknownTask(NotFound):
    """No open task has this id."""

    code = "unknown-task"


class UnknownReservation(NotFound):
    """This offer is no longer open."""

    code = "reservation-gone"
    status = 409


class UnknownWorker(NotFound):
    """No worker has this id."""

    code = "unknown-worker"


class UnknownQueue(NotFound):
    """No queue has this id."""

    code = "unknown-queue"


class UnknownWorkflow(NotFound):
    """No workflow has this id."""

    code = "unknown-workflow"


class UnknownActivity(NotFound):
    """No activity has this id."""

    code = "unknown-activity"


class UnknownChannel(NotFound):
    """No task channel has this unique name."""

    code = "unknown-task-channel"


class DuplicateId(Conflict):
    """Something open already has this id."""

    code = "duplicate-id"


class NameTaken(Conflict):
    """Another one in this workspace already has this name."""

    code = "name-taken"


class WrongStatus(Conflict):
    """The present status does not allow this."""

    code = "wrong-status"


class NotYours(Conflict):
    """This reservation belongs to another worker."""

    code = "not-your-reservation"


class WorkerBusy(Conflict):
    """The worker still holds reservations; they must end first."""

    code = "worker-busy"


class WorkerNotAvailable(Conflict):
    """This person cannot take anything now."""

    code = "worker-not-available"


class InUse(Conflict):
    """Something still uses this; it cannot be removed."""

    code = "in-use"


class ActivityFixed(Conflict):
    """Whether an activity is available is fixed when it is made; make another activity."""

    code = "activity-availability-fixed"


class InvalidConfiguration(Invalid):
    """The configuration is not valid; nothing was changed."""

    code = "invalid-configuration"


class InvalidWorkflow(InvalidConfiguration):
    """The workflow is not valid."""

    code = "invalid-workflow"


class InvalidCommand(Invalid):
    """The command is malformed."""

    code = "invalid-command"
