"""How a screen's snapshot takes in one event.

The TypeScript twin is web/packages/sync/fold.ts; both run the same fixtures. An event carries whole objects under singular
keys (`task`, `reservation`, `conversation` ...): the object replaces the one with its id. `removed` maps a singular key to
an id that goes. Objects whose work has ended leave the screen's maps. What is told of the person at the screen and of his
firms goes into `me`.
"""

from typing import Any

PLURAL = {
    "activity": "activities",
    "queue": "queues",
    "worker": "workers",
    "task": "tasks",
    "reservation": "reservations",
    "conversation": "conversations",
    "call": "calls",
    "memo": "memos",
    "move": "moves",
    "alert": "alerts",
    "discussion": "discussions",
    "reading": "readings",
}
ENDED = {
    "tasks": {"completed", "canceled"},
    "reservations": {"completed", "canceled", "rejected", "timeout", "rescinded"},
    "conversations": {"closed"},
    "calls": {"ended"},
    "moves": {"ended"},
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
        if gone is not None or thing.get("status", thing.get("state")) in ENDED.get(plural, ()):
            things.pop(gone if gone is not None else thing["id"], None)
        else:
            things[thing["id"]] = thing
        after[plural] = things
    if "me" in after:
        after["me"] = _me(after["me"], data)
    return after


def _me(me: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    me = {**me, **data.get("me", {})}
    user, mine = data.get("user"), me.get("user")
    if user and mine and user["id"] == mine["id"]:
        me["user"] = {key: user.get(key, value) for key, value in mine.items()}
    firm, gone = data.get("firm"), (data.get("removed") or {}).get("firm")
    if firm or gone:
        firms = {each["id"]: each for each in me["firms"] if each["id"] != gone}
        if firm:
            firms[firm["id"]] = {**firms.get(firm["id"], {}), **firm}
        me["firms"] = [firms[each] for each in sorted(firms)]
    return me
