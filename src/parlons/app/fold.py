"""How a screen's snapshot takes in one event.

The TypeScript twin is web/packages/sync/fold.ts; both run the same fixtures. An event carries whole objects under singular
keys (`task`, `reservation`, `conversation` ...): the object replaces the one with its id. `removed` maps a singular key to
an id that goes. Objects whose work has ended leave the screen's maps.
"""

from typing import Any

PLURAL = {
    "activity": "activities",
    "queue": "queues",
    "worker": "workers",
    "task": "tasks",
    "reservation": "reservations",
    "conversation": "conversations",
}
ENDED = {
    "tasks": {"completed", "canceled"},
    "reservations": {"completed", "canceled", "rejected", "timeout", "rescinded"},
    "conversations": {"closed"},
}


def fold(snapshot: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
    """The snapshot after `event` ({"event", "data", ...}); the argument is left as it was."""
    after = dict(snapshot)
    data = event["data"]
    for key, plural in PLURAL.items():
        thing, gone = data.get(key), (data.get("removed") or {}).get(key)
        if thing is None and gone is None:
            continue
        things = dict(after.get(plural, {}))
        if gone is not None or thing.get("status") in ENDED.get(plural, ()):
            things.pop(gone if gone is not None else thing["id"], None)
        else:
            things[thing["id"]] = thing
        after[plural] = things
    return after
