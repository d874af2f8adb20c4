"""A customer system as it is configured, a customer's link to a record of it, and a write that waits or has ended. Pure."""

import hashlib
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import orjson

from parlons.crm.fields import Field
from parlons.kit.clock import Millis
from parlons.kit.errors import Conflict, NotFound

Kind = Literal["contact", "update", "create"]
State = Literal["waiting", "done", "nobody", "refused", "conflict", "dropped"]
WAITING: Final = "waiting"
DONE: Final = "done"
NOBODY: Final = "nobody"
"""There is no such person there, or nobody knows which of several he is."""
REFUSED: Final = "refused"
CONFLICT: Final = "conflict"
DROPPED: Final = "dropped"
LONGEST_PAUSE_MS = 30_000


class UnknownLookup(NotFound):
    """There is no such customer system for this customer."""

    code = "unknown-lookup"


class UnknownWrite(NotFound):
    """There is no such change of a record."""

    code = "unknown-record-write"


class NotLinked(Conflict):
    """This customer is linked to no record of this system."""

    code = "record-not-linked"


class AlreadyLinked(Conflict):
    """This customer is linked to a record of this system already."""

    code = "record-already-linked"


@dataclass(frozen=True, slots=True)
class LookupRow:
    """A configured customer system."""

    id: str
    workspace_id: str
    firm_id: str | None
    """None: of all firms."""
    name: str
    system: str
    """Its kind."""
    active: bool = True
    settings: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    """Opened."""
    fields: tuple[Field, ...] = ()
    """None: the usual ones of its kind."""
    pop_url: str = ""
    write_contacts: bool = True
    create_missing: bool = False
    """Whether a contact of somebody unknown there makes a record of him."""
    language: str = "en"
    """Of what is written back."""
    poll_minutes: int = 5
    """0: it is not asked what changed."""
    version: int = 1
    position: dict[str, Any] = field(default_factory=dict)
    failures: int = 0
    away_since: Millis | None = None
    away_until: Millis | None = None
    """When it is tried again."""
    reason: str = ""

    @property
    def place(self) -> str:
        """Where its records stand: when this is another, the same id may be another record."""
        return hashlib.sha256(orjson.dumps([self.system, self.settings], option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Link:
    """A customer and his record."""

    lookup_id: str
    customer_id: str
    record_id: str
    values: dict[str, Any]
    """As last seen."""
    url: str
    read_at: Millis


@dataclass(frozen=True, slots=True)
class Write:
    """Something that is written into a customer system, once."""

    id: str
    workspace_id: str
    lookup_id: str
    customer_id: str
    key: str
    """Of its cause: the same cause writes once."""
    kind: Kind
    created_at: Millis
    conversation_id: str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    """Emptied when it has ended."""
    base: dict[str, Any] = field(default_factory=dict)
    """What the author saw."""
    theirs: dict[str, Any] = field(default_factory=dict)
    """Of a conflict: what stands there instead."""
    state: State = "waiting"
    reason: str = ""
    attempts: int = 0
    external_id: str = ""
    by_user_id: str | None = None
    settled_at: Millis | None = None


def pause(failures: int) -> int:
    """Milliseconds until a system that failed so often in a row is tried again."""
    return min(LONGEST_PAUSE_MS, 1000 << min(failures, 10))
