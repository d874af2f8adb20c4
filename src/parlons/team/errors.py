"""What the discussions of colleagues refuse."""

from parlons.kit.errors import Conflict, Forbidden, Invalid, NotFound


class NotAPerson(Forbidden):
    """Only people who work here write to colleagues."""

    code = "not-a-person"


class UnknownDiscussion(NotFound):
    """There is no such discussion, or you are not in it."""

    code = "unknown-discussion"


class UnknownLine(NotFound):
    """There is no such message in this discussion."""

    code = "unknown-line"


class UnknownColleague(Invalid):
    """You cannot write to this person."""

    code = "unknown-colleague"


class ColleagueGone(Conflict):
    """This colleague works here no more; what was written stays readable."""

    code = "colleague-gone"


class NotInDiscussion(Invalid):
    """Only people of this discussion can be named in it."""

    code = "not-in-discussion"


class InvalidLine(Invalid):
    """A message to colleagues holds 1 to 4,000 characters."""

    code = "invalid-line"


class InvalidTeam(Invalid):
    """A team has a name of 1 to 60 characters and 2 to 100 people."""

    code = "invalid-team"


class NotATeam(Conflict):
    """A discussion of two stays one of two; begin a team instead."""

    code = "not-a-team"


class DiscussionChanged(Conflict):
    """Somebody has changed this team meanwhile; look again."""

    code = "discussion-changed"


class TooLateToTakeBack(Conflict):
    """Only your own message can be taken back, within 15 minutes."""

    code = "too-late-to-take-back"
