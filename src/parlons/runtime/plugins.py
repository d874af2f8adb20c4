"""Plug-ins of a process: those that ship, and those of third parties by entry point.

A third party's package names a function like ours in an entry point group; the entry point's name is the plug-in's. One that
cannot be loaded is logged and left out: it takes no other with it. What ships is not replaced.
"""

import importlib
import importlib.metadata
from collections.abc import Mapping
from typing import Any

from parlons.runtime.log import log


def opened(shipped: Mapping[str, str], function: str, group: str, tools: object) -> dict[str, Any]:
    """All of them by name. `shipped`: modules by name; `function`: of each module, called with `tools`."""
    found = {name: getattr(importlib.import_module(module), function)(tools) for name, module in shipped.items()}
    for point in importlib.metadata.entry_points(group=group):
        try:
            if point.name not in found:
                found[point.name] = point.load()(tools)
        except Exception:
            log.exception("plugin.not_loaded", group=group, name=point.name)
    return found
