"""What `parlons doctor` and the health page say of database, jobs, key, backups and limits.

`judge` is pure: it decides on what `look` has seen, and `look` changes nothing. A database that does not run is not started.
"""

import json
import resource
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg

from parlons.app.settings import KEY_FILE, LAST_BACKUP, OPERATOR_KEY, RESTORING, Settings
from parlons.runtime.db import plain_dsn
from parlons.runtime.failures import DRIVER_ERRORS
from parlons.runtime.migrate import current, revisions
from parlons.runtime.postgres.checks import Finding
from parlons.runtime.schema import APP_ROLE, SYSTEM_ROLE, metadata
from parlons.runtime.vault import Sealed, SealedWithAnotherKey, Vault

LATE = timedelta(minutes=5)
OLD = timedelta(days=7)
CLOCK = 5.0
"""Seconds two clocks may differ."""
FILES = 4096
"""Open files a process should be allowed: sockets are files."""


@dataclass(frozen=True, slots=True)
class Database:
    """What the database says."""

    refused: str | None = None
    """Why it does not answer."""
    version: str = ""
    too_old: bool = False
    newer: str | None = None
    """A revision that this version does not know."""
    may_begin: bool = True
    """Whether the login has the two roles, or may make them."""
    key_fits: bool = True
    clock_off: float = 0.0
    """Seconds its clock is ahead of ours."""
    held_since: datetime | None = None
    waiting: int = 0
    """Jobs that wait, whenever they are due."""
    failed: tuple[tuple[str, int], ...] = ()
    """Jobs given up, by kind."""
    late: timedelta = timedelta()
    """How long the oldest job that is due has waited."""
    away: tuple[tuple[str, datetime, int], ...] = ()
    """Customer systems that do not answer: name, since when, how many writes wait."""
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What stands in the data folder and in the database."""

    data: Path
    ours: bool = True
    """Whether the database is our own."""
    restoring: bool = False
    key_missing: bool = False
    """An installation without its secret.key."""
    database: Database | None = None
    """None: it does not run, which is no trouble."""
    last_backup: datetime | None = None
    files: int = FILES
    """Open files this process is allowed."""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))


def judge(seen: Seen) -> tuple[list[Finding], list[Finding]]:
    """(what is wrong, what is worth knowing), worst first."""
    wrong, notes = _folder(seen), []
    if seen.database is not None:
        wrong += _reach(seen, seen.database)
        wrong += _jobs(seen.database)
        if seen.database.revision is not None:
            notes = _backups(seen)
    if seen.files < FILES:
        notes.append(
            Finding(
                "few-open-files",
                f"A process may open {seen.files} files here; every screen and every chat needs one.",
                f"`ulimit -n {FILES * 16}` before the start, or LimitNOFILE={FILES * 16} in the unit (deploy/parlons.service).",
            )
        )
    return wrong, notes


def _folder(seen: Seen) -> list[Finding]:
    found = []
    if seen.restoring:
        found.append(
            Finding(
                "restore-unfinished",
                f"A restore into {seen.data} was begun and did not finish; nothing serves it.",
                "Remove that folder (and empty the database named by DATABASE_URL, if there is one), then restore again.",
            )
        )
    if seen.key_missing:
        found.append(
            Finding(
                "key-missing",
                f"{seen.data / KEY_FILE} is gone: recordings and stored secrets do not open without it.",
                "Put the key back that you kept apart before the next start, which would make another one.",
            )
        )
    return found


def _reach(seen: Seen, database: Database) -> list[Finding]:
    if database.refused is not None:
        return [
            Finding(
                "database-silent",
                f"The database does not answer: {database.refused}.",
                "Look at DATABASE_URL, at that server and at the network between." if not seen.ours
                else f"Look at {seen.data / 'postgres.log'}.",
            )
        ]  # fmt: skip
    found = []
    if database.too_old:
        found.append(
            Finding(
                "database-old",
                f"The database is PostgreSQL {database.version}; Parlons needs 15 or newer.",
                "Move to a newer one: `parlons backup` here, `parlons restore` there.",
            )
        )
    if database.newer is not None:
        found.append(
            Finding(
                "database-newer",
                f"A newer version of Parlons has used this database (revision {database.newer}).",
                "Start that version, or restore the backup made before the update.",
            )
        )
    if not database.may_begin:
        found.append(
            Finding(
                "database-roles",
                f"The database's login has not the roles {APP_ROLE} and {SYSTEM_ROLE}, and may not make them.",
                f"As its administrator: CREATE ROLE {APP_ROLE}; CREATE ROLE {SYSTEM_ROLE}; GRANT both TO the login.",
            )
        )
    if not database.key_fits:
        found.append(
            Finding(
                "key-wrong",
                f"{seen.data / KEY_FILE} is not the key that the stored secrets were sealed with.",
                "Put the right key back; or set passwords of trunks and phones, and secrets of widgets, anew.",
            )
        )
    if abs(database.clock_off) > CLOCK:
        found.append(
            Finding(
                "clock-wrong",
                f"The clocks of this machine and of the database differ by {abs(database.clock_off):.0f} seconds.",
                "Let both follow a time server (systemd-timesyncd or chrony).",
            )
        )
    return found


def _jobs(database: Database) -> list[Finding]:
    found = []
    if database.held_since is not None:
        found.append(
            Finding(
                "work-held",
                f"Jobs are held since the restore of {database.held_since:%Y-%m-%d %H:%M} UTC: {database.waiting} wait.",
                "`parlons held` lists them, `parlons release` lets them run; or the health page of the desk.",
            )
        )
    elif database.late > LATE:
        found.append(
            Finding(
                "jobs-late",
                f"Jobs wait that were due {int(database.late.total_seconds() // 60)} minutes ago.",
                "Is `parlons serve` running? If it is, its log says why they wait.",
            )
        )
    if database.failed:
        kinds = ", ".join(f"{kind}: {count}" for kind, count in database.failed)
        found.append(
            Finding(
                "jobs-failed",
                f"Jobs were given up after ten tries ({kinds}).",
                "The log names the error (job.failed); mend it, then let them run again: UPDATE jobs SET state = 'waiting', "
                "attempts = 0 WHERE state = 'failed'.",
            )
        )
    for name, since, waiting in database.away:
        found.append(
            Finding(
                "customer-system-away",
                f"{name} has not answered since {since:%Y-%m-%d %H:%M} UTC; {waiting} writes wait for it.",
                "They go on at its first answer. Settings, Customer systems: its test says why it does not.",
            )
        )
    return found


def _backups(seen: Seen) -> list[Finding]:
    if seen.last_backup is not None and seen.now - seen.last_backup < OLD:
        return []
    last = "was never made here" if seen.last_backup is None else f"was last made on {seen.last_backup:%Y-%m-%d}"
    return [
        Finding(
            "backup-old",
            f"`parlons backup` {last}.",
            "Make one every day by a timer, and keep it on another machine (docs/how-to/back-up-and-restore.md).",
        )
    ]


async def look(settings: Settings, dsn: str | None) -> Seen:
    """Looks. `dsn`: of the database, None when our own does not run."""
    data = settings.data
    return Seen(
        data=data,
        ours=settings.database_url is None,
        restoring=(data / RESTORING).exists(),
        key_missing=(data / OPERATOR_KEY).exists() and not (data / KEY_FILE).exists(),
        database=None if dsn is None else await _ask(dsn, _key(data)),
        last_backup=_last_backup(data),
        files=resource.getrlimit(resource.RLIMIT_NOFILE)[0],
    )


def _key(data: Path) -> bytes | None:
    try:
        return bytes.fromhex((data / KEY_FILE).read_text())
    except (OSError, ValueError):
        return None


def _last_backup(data: Path) -> datetime | None:
    try:
        return datetime.fromisoformat(json.loads((data / LAST_BACKUP).read_text())["taken_at"])
    except (OSError, ValueError, KeyError):
        return None


async def _ask(dsn: str, key: bytes | None) -> Database:
    try:
        connection = await asyncpg.connect(plain_dsn(dsn), timeout=5, command_timeout=10)
    except (TimeoutError, *DRIVER_ERRORS) as error:
        return Database(refused=" ".join(str(error).split()) or type(error).__name__)
    try:
        return await _asked(connection, key)
    except (TimeoutError, *DRIVER_ERRORS) as error:
        return Database(refused=" ".join(str(error).split()) or type(error).__name__)
    finally:
        await connection.close(timeout=5)


async def _asked(connection: asyncpg.Connection, key: bytes | None) -> Database:
    version = connection.get_server_version()
    roles = await connection.fetchval(
        "SELECT count(*) FROM pg_roles WHERE rolname = ANY($1) AND pg_has_role(current_user, oid, 'MEMBER')",
        [APP_ROLE, SYSTEM_ROLE],
    )
    may_make = await connection.fetchval("SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user")
    revision = await current(connection)
    here = Database(
        version=str(await connection.fetchval("SELECT current_setting('server_version')")).partition(" ")[0],
        too_old=version.major < 15,
        newer=None if revision in revisions() else revision,
        may_begin=roles == 2 or bool(may_make),
        clock_off=(await connection.fetchval("SELECT clock_timestamp()")).timestamp() - time.time(),
    )
    if revision not in revisions() or roles < 2:
        return here
    await connection.execute(f"SET ROLE {SYSTEM_ROLE}")
    fits = key is None or await _fits(connection, key)
    return await _with_jobs(connection, replace(here, revision=revision, key_fits=fits))


_AWAY = """
SELECT l.name, l.away_since, (SELECT count(*) FROM record_writes w WHERE w.lookup_id = l.id AND w.state = 'waiting') AS waiting
FROM lookups l WHERE l.active AND l.away_since IS NOT NULL ORDER BY l.name
"""


async def _with_jobs(connection: asyncpg.Connection, here: Database) -> Database:
    held = None
    if await connection.fetchval("SELECT to_regclass('public.holds')") is not None:
        held = await connection.fetchval("SELECT since FROM holds WHERE released_at IS NULL")
    away = []
    if await connection.fetchval("SELECT to_regclass('public.record_writes')") is not None:
        away = await connection.fetch(_AWAY)
    rows = await connection.fetch(
        "SELECT state, kind, count(*) AS count, "
        "clock_timestamp() - min(run_at) FILTER (WHERE run_at <= clock_timestamp()) AS late "
        "FROM jobs WHERE state <> 'running' GROUP BY state, kind ORDER BY kind"
    )
    waiting = [row for row in rows if row["state"] == "waiting"]
    return replace(
        here,
        held_since=held,
        away=tuple((row["name"], row["away_since"], row["waiting"]) for row in away),
        waiting=sum(row["count"] for row in waiting),
        late=max((row["late"] for row in waiting if row["late"] is not None), default=timedelta()),
        failed=tuple((row["kind"], row["count"]) for row in rows if row["state"] == "failed"),
    )


async def _fits(connection: asyncpg.Connection, key: bytes) -> bool:
    """Whether one stored secret of each kind opens."""
    trial = Vault()
    trial.unlock(key)
    for table in metadata.tables.values():
        for column in table.columns:
            if not isinstance(column.type, Sealed):
                continue
            query = f"SELECT {column.name} FROM {table.name} WHERE {column.name} <> '' LIMIT 1"  # noqa: S608  (our own)
            stored = await connection.fetchval(query)
            try:
                trial.open(stored or "", column.type.purpose)
            except SealedWithAnotherKey:
                return False
    return True
