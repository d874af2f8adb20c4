"""What a change of the configuration may be refused for, beside faults in its words (text.py) and what rooms refuse."""

from parlons.kit.errors import Conflict, Invalid, NotFound, Refusal


class StillInUse(Conflict):
    """What would be removed is still used; nothing was changed."""

    code = "still-in-use"


class ConfigurationWaits(Conflict):
    """An earlier change waits for the router; start `parlons serve`, or try again in a moment."""

    code = "configuration-waits"


class RouterRefused(Conflict):
    """The rows were written, but the router refused its part because of something that happened meanwhile; apply again."""

    code = "router-refused"


class VersionMissing(Refusal):
    """Say with If-Match which version you change (its etag), or * for whichever is there."""

    code = "version-missing"
    status = 428


class WouldStrand(Conflict):
    """Tasks that wait now would find nobody; nothing was changed. Accept their number to do it all the same."""

    code = "would-strand"


class ChangedSince(Conflict):
    """What this would undo was changed again since; nothing was undone. Undo the later change first."""

    code = "changed-since"


class UnknownSetting(NotFound):
    """There is no such part of the configuration."""

    code = "unknown-setting"


class NotRenamable(Invalid):
    """This name cannot change: it stands outside of here. Make a new one and remove this one."""

    code = "not-renamable"


class NotRemovable(Conflict):
    """This cannot be removed: the workspace needs it."""

    code = "not-removable"
