"""A workflow in a file's words and in the router's JSON, both ways, and the way back from a place in one to the other.

Source of the JSON: the documented workflow of the field's best-known task-routing API (filters, targets, default filter).
"""

import re
from collections.abc import Callable
from typing import Any

from parlons.app.configuration.text import Path

Json = dict[str, Any]
_TARGET = {
    "queue": "queue",
    "expression": "expression",
    "order_by": "order_by",
    "known_worker": "known_worker_sid",
    "known_worker_name": "known_worker_friendly_name",
    "priority": "priority",
    "timeout_seconds": "timeout",
    "skip_if": "skip_if",
}
"""The file's word and the router's."""
_FILTER = {"name": "filter_friendly_name", "when": "expression", "targets": "targets"}
_BACK = {router: word for word, router in (_TARGET | _FILTER).items() if word != "when"}
_PART = re.compile(r"[^.\[\]]+|\[\d+\]")


def to_router(workflow: Json, queue_id: Callable[[str], str]) -> Json:
    """The router's JSON of a workflow; `queue_id` finds a queue by name."""
    routing: Json = {"filters": [_filter_to_router(each, queue_id) for each in workflow["filters"]]}
    if workflow["default_queue"] is not None:
        routing["default_filter"] = {"queue": queue_id(workflow["default_queue"])}
    return {"task_routing": routing}


def _filter_to_router(each: Json, queue_id: Callable[[str], str]) -> Json:
    targets = []
    for target in each["targets"]:
        made = {_TARGET[word]: value for word, value in target.items() if value is not None}
        if "queue" in made:
            made["queue"] = queue_id(made["queue"])
        targets.append(made)
    return {"filter_friendly_name": each["name"], "expression": each["when"], "targets": targets}


def from_router(configuration: Json, queue_name: Callable[[str], str]) -> Json:
    """Filters and default queue in the file's words; numbers written as texts become numbers."""
    routing = configuration.get("task_routing") or {}
    default = (routing.get("default_filter") or {}).get("queue")
    return {
        "filters": [
            _filter_from_router(number, each, queue_name) for number, each in enumerate(routing.get("filters") or ())
        ],
        "default_queue": queue_name(default) if default else None,
    }


def _filter_from_router(number: int, each: Json, queue_name: Callable[[str], str]) -> Json:
    targets = []
    for target in each["targets"]:
        made = {word: target.get(router) or None for word, router in _TARGET.items()}
        for word in ("priority", "timeout_seconds"):
            value = target.get(_TARGET[word])
            made[word] = None if value in (None, "") else int(value)
        if made["queue"]:
            made["queue"] = queue_name(made["queue"])
        targets.append(made)
    name = each.get("filter_friendly_name") or each.get("friendly_name") or f"filter {number + 1}"
    return {"name": str(name), "when": each["expression"], "targets": targets}


def to_words(where: str) -> Path:
    """The path below a workflow in the file for `task_routing.filters[0].targets[1].expression` in the JSON."""
    path: list[str | int] = []
    for part in _PART.findall(where):
        if part.startswith("["):
            path.append(int(part[1:-1]))
        elif part == "default_filter":
            return ("default_queue",)
        elif part == "expression" and "targets" not in path:
            path.append("when")
        elif part not in ("workflow", "task_routing"):
            path.append(_BACK.get(part, part))
    return tuple(path)
