"""What the floor refuses."""

from parlons.kit.errors import Conflict, Invalid, NotFound


class NobodyToTell(Invalid):
    """Nobody of this team is at work now."""

    code = "nobody-to-tell"


class NothingToMove(Invalid):
    """This changes nothing: name a skill he lacks or has, or another capacity."""

    code = "nothing-to-move"


class MoveTooLong(Invalid):
    """A move for a time ends within a day; what stays longer is changed in the person's skills."""

    code = "move-too-long"


class UnknownMove(NotFound):
    """There is no such move, or it has ended."""

    code = "unknown-move"


class UnknownQueueOfFloor(NotFound):
    """No queue has this id."""

    code = "unknown-queue"


class NobodyToWhisperTo(Conflict):
    """Nobody has this conversation in hand."""

    code = "nobody-to-whisper-to"


class NoDeskOfYourOwn(Conflict):
    """You take no contacts yourself: whoever takes over needs a place among those who serve."""

    code = "no-desk-of-your-own"


class TakeOverNeedsState(Conflict):
    """Choose a state in which you take contacts first, then take over."""

    code = "not-taking-contacts"


class NothingToTakeOver(Conflict):
    """Nobody works on this conversation and nothing waits."""

    code = "nothing-to-take-over"
