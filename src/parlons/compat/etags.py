"""`ETag` and `If-Match`: a change is made only to what the caller has seen.

The tag follows from what the answer shows, ages apart. Between the look and the change another process may change the same
thing: what `If-Match` holds off is the change that was there before, not one of the same instant.
"""

import hashlib
from typing import Any

import msgspec

from parlons.compat.call import Call
from parlons.compat.errors import ApiError

Json = dict[str, Any]
_MOVING = frozenset({"age"})


def tag_of(shown: Json) -> str:
    """The tag of a resource as it is shown."""
    still = {name: value for name, value in shown.items() if name not in _MOVING and name not in ("url", "links")}
    return f'"{hashlib.blake2b(msgspec.json.encode(still), digest_size=8).hexdigest()}"'


def tagged(call: Call, shown: Json) -> Json:
    """Puts the tag among the answer's headers."""
    call.answered["ETag"] = tag_of(shown)
    return shown


def check_match(call: Call, shown: Json) -> None:
    """Raises 412 when the caller names another state than the one there is."""
    wanted = call.headers.get("if-match")
    if wanted and wanted != "*" and tag_of(shown) not in [each.strip() for each in wanted.split(",")]:
        raise ApiError("If-Match does not name the present state of the resource", 412)
