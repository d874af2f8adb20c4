"""What dispatch refuses, besides what the router itself refuses (routing/refusals.py)."""

from parlons.kit.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge, Unavailable


class OwnerLost(Unavailable):
    """The router is moving to another process; nothing was kept of this. Try again."""

    code = "router-moving"


class NoOwner(Unavailable):
    """No process answers for the router at the moment. What was accepted is done as soon as one does."""

    code = "router-away"


class RouterFailed(Unavailable):
    """The router could not carry this out; it was put back to where it stood before, and the failure was logged."""

    code = "router-failed"
    status = 500


class ChangedMeanwhile(Conflict):
    """This has changed since it was read. Read it again, then decide."""

    code = "changed-meanwhile"


class AttributesTooLarge(TooLarge):
    """The attributes of a task are longer than 4,096 characters as JSON."""

    code = "attributes-too-large"


class AttributesNotText(Invalid):
    """The attributes hold characters which cannot be stored."""

    code = "attributes-not-storable"


class UnknownReservationHere(NotFound):
    """No reservation has this id."""

    code = "unknown-reservation"


class UnknownTaskHere(NotFound):
    """No task has this id."""

    code = "unknown-task"


class NotYourTask(Forbidden):
    """Another worker has this task."""

    code = "not-your-task"


class NotYourState(Forbidden):
    """Only supervisors change what others are doing."""

    code = "not-your-state"


class UnknownWorkflowHere(NotFound):
    """No workflow has this id."""

    code = "unknown-workflow"


class UnknownWorkerHere(NotFound):
    """No worker has this id."""

    code = "unknown-worker"


class HistoryGone(NotFound):
    """The journal no longer reaches back to this decision; what was noted with the reservation is all there is."""

    code = "history-gone"
    status = 410
