"""What the supervisor can refuse: each says what is wrong and how to mend it, for a person at a terminal."""

from typing import ClassVar

from parlons.kit.errors import Refusal


class ServerRefusal(Refusal):
    """PostgreSQL cannot be run here."""

    code = "postgres-refused"
    status: ClassVar[int] = 503

    def __init__(self, wrong: str, mend: str) -> None:
        """`wrong` and `mend` are whole sentences; together they are the message."""
        self.wrong = wrong
        self.mend = mend
        super().__init__(f"{wrong} {mend}")


class BinariesMissing(ServerRefusal):
    """No PostgreSQL server programs were found."""

    code = "postgres-missing"


class BinariesUnreachable(ServerRefusal):
    """The user that runs the database cannot reach the server programs, and they cannot be copied."""

    code = "postgres-unreachable"


class VersionMismatch(ServerRefusal):
    """The data folder was made by another major version of PostgreSQL."""

    code = "postgres-version"


class AccountUnavailable(ServerRefusal):
    """The system user that shall run PostgreSQL cannot be made or used."""

    code = "postgres-account"


class DataFolderUnreachable(ServerRefusal):
    """The user that runs the database cannot reach the data folder."""

    code = "data-folder-unreachable"


class DataFolderForeign(ServerRefusal):
    """The data folder belongs to somebody else."""

    code = "data-folder-foreign"


class SocketFolderForeign(ServerRefusal):
    """The folder for the database's socket is not ours."""

    code = "socket-folder-foreign"


class StartFailed(ServerRefusal):
    """PostgreSQL did not start."""

    code = "postgres-not-started"


class DiskFull(StartFailed):
    """PostgreSQL did not start because the disk is full."""

    code = "disk-full"


class ServerSilent(ServerRefusal):
    """PostgreSQL runs but does not answer."""

    code = "postgres-silent"
