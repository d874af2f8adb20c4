"""All of customer systems that a process runs, made once."""

from dataclasses import dataclass

from parlons.crm.changes import Watching
from parlons.crm.contacts import Contacts
from parlons.crm.panels import origins
from parlons.crm.records import Records
from parlons.crm.systems import Systems
from parlons.crm.writing import Writing
from parlons.customers.lookups.plugin import Tools
from parlons.customers.lookups.registry import open_lookups
from parlons.kit.clock import Clock
from parlons.kit.errors import Unavailable
from parlons.runtime.db import Database
from parlons.runtime.jobs import Errand
from parlons.runtime.safe_http import SafeHttp


@dataclass(frozen=True, slots=True)
class Crm:
    """Handles of a process."""

    systems: Systems
    records: Records
    contacts: Contacts
    watching: Watching
    writing: Writing

    async def framed(self) -> list[str]:
        """The origins that the desk's page may show in a frame: it is one for all tenants."""
        try:
            async with self.systems.db.system() as tx:
                return await origins(tx)
        except Unavailable:  # the desk opens all the same, and says what is away
            return []

    def handlers(self) -> dict[str, Errand]:
        """Jobs that call outside: for a worker of their own, since a system that hangs holds up nobody else."""
        return {**self.writing.handlers(), **self.watching.handlers()}


def open_crm(db: Database, http: SafeHttp, clock: Clock, url: str) -> Crm:
    """`url`: of the desk, for links to conversations."""
    systems = Systems(db, open_lookups(Tools(http, clock)), url)
    contacts = Contacts(systems)
    return Crm(systems, Records(systems), contacts, Watching(systems), Writing(systems, contacts))
