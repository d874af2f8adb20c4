"""`ETag` and `If-Match`: a change is made only to what the caller has seen.

The tag is the router's own mark of a task, a reservation or a worker. The router compares it again when it carries out the
change, at whichever process it is: of two changes of one instant that name the same state, one is refused.
"""

from typing import Any

from parlons.compat.call import Call
from parlons.compat.errors import ApiError

Json = dict[str, Any]


def tagged(call: Call, shown: Json, mark: str) -> Json:
    """Puts the tag among the answer's headers."""
    call.answered["ETag"] = f'"{mark}"'
    return shown


def check_match(call: Call, thing_id: str, mark: str) -> None:
    """Raises 412 when the caller names another state than the one there is; else his first command holds him to it."""
    wanted = call.headers.get("if-match")
    if not wanted or wanted == "*":
        return
    if f'"{mark}"' not in [each.strip() for each in wanted.split(",")]:
        raise ApiError("If-Match does not name the present state of the resource", 412)
    call.seen = (thing_id, mark)
