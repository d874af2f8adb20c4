"""The kinds of customer systems of a process: those that ship, named here and nowhere else, and those of third parties.

A third party's package names a function like ours in the entry point group `parlons.lookups`; the entry point's name is the
kind's. One that cannot be loaded is logged and left out.
"""

from collections.abc import Mapping

from parlons.customers.lookups.plugin import Lookup, Tools
from parlons.runtime.plugins import opened

GROUP = "parlons.lookups"
LOOKUPS = {
    "rest": "parlons.customers.lookups.rest.lookup",
    "hubspot": "parlons.customers.lookups.hubspot.lookup",
    "salesforce": "parlons.customers.lookups.salesforce.lookup",
    "odoo": "parlons.customers.lookups.odoo.lookup",
}
"""By name: the module with the function `open_lookup`."""


def open_lookups(tools: Tools) -> Mapping[str, Lookup]:
    """Every kind, by name."""
    return opened(LOOKUPS, "open_lookup", GROUP, tools)
