"""The look-up socket: what a customer system's folder gives, and who calls it, when.

    customers/lookups/odoo/__init__.py    a docstring
    customers/lookups/odoo/lookup.py      def open_lookup(tools: Tools) -> Lookup      named in registry.LOOKUPS, or by a third
                                          party's entry point in the group `parlons.lookups`

`open_lookup` is called once a process. All it gets is `System`: one configured system with its settings, secrets and the names
of the fields that are wanted. An adapter reads and writes no table of ours, and only `calling.Calls` speaks to the outside.

    find, read             when an agent opens a customer, and before each write. No transaction of a request is open.
    create, update, note   by a job that is done again until it succeeds: each must be harmless when it is repeated. `create` is
                           called after `find` found nobody. `update` is given the record as it was just read.
    changes                every few minutes, where the system is asked for news (`ListsChanges`).
    heard                  for each call at /lookup-hooks/ID, where the system tells them (`HearsChanges`). It computes only.

What they raise decides what becomes of a write: LookupAway is tried again, RecordChanged is looked at anew, LookupRefused and
RecordGone end it and an agent sees why. Anything else is a fault of the adapter: it is tried a few times more, then the write is
refused, or the question left out. Values never go into a message of a refusal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, runtime_checkable

from pydantic import BaseModel

from parlons.kit.clock import Clock
from parlons.kit.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from parlons.runtime.safe_http import SafeHttp

Values = dict[str, Any]


class LookupAway(Unavailable):
    """The customer system does not answer now."""

    code = "lookup-away"


class LookupRefused(Invalid):
    """The customer system refused this."""

    code = "lookup-refused"


class RecordGone(NotFound):
    """The customer system has no such record any more."""

    code = "record-gone"


class RecordChanged(Conflict):
    """Somebody changed this record meanwhile."""

    code = "record-changed"


class NotFromLookup(Forbidden):
    """This call does not prove that it comes from the customer system."""

    code = "not-from-lookup"


@dataclass(frozen=True, slots=True)
class Tools:
    """What an adapter may use of the process it runs in."""

    http: SafeHttp
    clock: Clock


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret a system of this kind takes."""

    name: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class System:
    """One configured customer system."""

    id: str
    version: int
    """Rises with each change of its configuration: what was remembered of an older one is void."""
    settings: Any
    """As the adapter's own model."""
    secrets: Mapping[str, str]
    fields: tuple[str, ...]
    """The names, there, of what a record is to hold."""


@dataclass(frozen=True, slots=True)
class Record:
    """A customer as the system has him."""

    id: str
    values: Values
    """By the names of that system; of the wanted fields only. Empty is None or an empty text."""
    url: str = ""
    """Where a person sees it there."""
    revision: str | None = None
    """What `update` proves that nothing changed meanwhile with, where the system can tell."""


@dataclass(frozen=True, slots=True)
class Activity:
    """A contact that has ended, as it is to stand beside the record."""

    key: str
    """Of this contact: written twice under it, it stands there once."""
    title: str
    text: str
    """Plain, several lines."""
    began: int
    """Milliseconds."""
    ended: int
    channel: str
    url: str
    """The conversation at our desk."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since a position."""

    record_ids: Sequence[str]
    position: Values = field(default_factory=dict)
    """Where to go on; {} the first time it is asked."""
    more: bool = False


@dataclass(frozen=True, slots=True)
class HookCall:
    """A call of the system, as it came."""

    method: str
    url: str
    """Whole, as the system called it."""
    headers: Mapping[str, str]
    """By name in small letters."""
    query: Mapping[str, str]
    body: bytes
    at: int


@dataclass(frozen=True, slots=True)
class Usual:
    """A field that a system of this kind usually has."""

    name: str
    to: str = ""
    """What it is of our customer; see crm.fields."""
    edit: bool = True


class Lookup(Protocol):
    """One kind of customer system."""

    name: ClassVar[str]
    """Its word in configuration and tables."""
    settings: ClassVar[type[BaseModel]]
    """`extra="forbid"`; titles are shown on the settings screen, so English prose. Plain values only."""
    secrets: ClassVar[tuple[Secret, ...]]
    usual: ClassVar[tuple[Usual, ...]]
    """The fields of a system whose configuration names none."""

    async def find(self, system: System, kind: str, value: str) -> Sequence[Record]:
        """Those with this address, at most a handful; `kind`: `email` or `phone`, the value in our normal form."""
        ...

    async def read(self, system: System, record_id: str) -> Record:
        """One; raises RecordGone."""
        ...

    async def create(self, system: System, values: Values, key: str) -> Record:
        """A new one; `key` is the same when it is repeated."""
        ...

    async def update(self, system: System, record: Record, values: Values) -> Record:
        """The same with these values; raises RecordChanged where the system can tell."""
        ...

    async def note(self, system: System, record_id: str, activity: Activity) -> str:
        """Put an activity beside a record, once; its id there."""
        ...

    async def test(self, system: System) -> None:
        """Whether address and secrets are right: raises what a look-up would."""
        ...


@runtime_checkable
class ListsChanges(Protocol):
    """A system that can be asked what changed."""

    async def changes(self, system: System, position: Values) -> Changes:
        """The records changed since; an empty position begins now."""
        ...


@runtime_checkable
class HearsChanges(Protocol):
    """A system that calls when something changed."""

    def heard(self, system: System, call: HookCall) -> Sequence[str]:
        """The ids of the records it speaks of; raises NotFromLookup before anything is read, LookupRefused for what cannot be
        read."""
        ...
