"""The kinds of customer systems of a process: those that ship, named here and nowhere else, and those of third parties.

A third party's package names a function like ours in the entry point group `parlons.lookups`; the entry point's name is the
kind's. One that cannot be loaded is logged and left out.
"""

import importlib
import importlib.metadata
from collections.abc import Callable, Mapping

from parlons.customers.lookups.plugin import Lookup, Tools
from parlons.runtime.log import log

Open = Callable[[Tools], Lookup]
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
    opened: dict[str, Lookup] = {}
    for name, module in LOOKUPS.items():
        make: Open = importlib.import_module(module).open_lookup
        opened[name] = make(tools)
    for point in importlib.metadata.entry_points(group=GROUP):
        try:
            if point.name not in opened:
                opened[point.name] = point.load()(tools)
        except Exception:
            log.exception("lookup.not_loaded", lookup=point.name)
    return opened
