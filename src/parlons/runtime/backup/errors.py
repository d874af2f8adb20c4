"""What can be wrong with a backup, or with the place it shall go to."""

from parlons.kit.errors import Refusal


class BackupUnreadable(Refusal):
    """This file is no backup of Parlons."""

    code = "backup-unreadable"


class BackupDamaged(Refusal):
    """The backup is damaged or not complete; nothing was restored. Take another copy of it."""

    code = "backup-damaged"


class BackupNewer(Refusal):
    """The backup was made by a newer version of Parlons; nothing was restored. Install that version, then restore."""

    code = "backup-newer"


class BackupKeyWrong(Refusal):
    """The key is not the one this backup was made with; nothing was restored."""

    code = "backup-key-wrong"


class BackupExists(Refusal):
    """There is a file of this name already; a backup never replaces one."""

    code = "backup-exists"


class NothingToBackUp(Refusal):
    """There is no installation in this data folder."""

    code = "nothing-to-back-up"


class PlaceNotEmpty(Refusal):
    """A backup is restored into an empty place only; nothing was changed."""

    code = "place-not-empty"
