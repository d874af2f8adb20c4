"""When a person is left alone: the rules he set for sounds (accounts, `quiet`), read by the clock of the device. Pure.

The desk decides the same for its own sounds in web/apps/desk/src/data/quiet.ts; a case more there belongs here too.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from parlons.channels.push.quiet import within, zone


def is_quiet(quiet: Mapping[str, Any] | None, now: datetime, time_zone: str, *, call: bool, on_call: bool) -> bool:
    """Whether nothing may be shown now. `call`: it is a call that comes; `on_call`: he is in one."""
    if not quiet:
        return False
    if on_call and quiet.get("on_call"):
        return True
    if call and quiet.get("calls_ring", True):
        return False
    until = quiet.get("until")
    if until and datetime.fromisoformat(until) > now:
        return True
    begins, ends = quiet.get("begins"), quiet.get("ends")
    return bool(begins and ends and within(begins, ends, now.astimezone(zone(time_zone)).time()))
