"""How fast a visitor, and all visitors of one address together, may come. Generous: an office shares one address.

Kept in the memory of one process: a restart forgives, two processes allow twice as much. Time is handed in.
"""

from dataclasses import dataclass

from parlons.accounts.throttle import Throttle
from parlons.channels.webchat.errors import TooFast
from parlons.kit.clock import Millis
from parlons.kit.errors import TooMany


@dataclass(frozen=True, slots=True)
class Rule:
    """At most `limit` in `seconds`."""

    limit: int
    seconds: int


RULES = {
    "visit": Rule(600, 60),
    "config": Rule(1200, 60),
    "socket": Rule(600, 60),
    "typing": Rule(40, 60),
    "message": Rule(10, 10),
    "message-address": Rule(1200, 60),
    "file": Rule(10, 60),
    "file-address": Rule(120, 60),
    "page": Rule(60, 60),
    "suggestions": Rule(12, 60),
    "call": Rule(240, 60),
}
"""visit, config, socket and those named `-address` count by address, the others by visitor."""


class Limits:
    """The counters of one process."""

    def __init__(self, rules: dict[str, Rule] = RULES) -> None:
        self._throttles = {name: Throttle(rule.limit, rule.seconds * 1000) for name, rule in rules.items()}

    def count(self, name: str, who: str, now: Millis) -> None:
        """One more of this; raises TooFast with the seconds to wait."""
        try:
            self._throttles[name].attempt(who, now)
        except TooMany as refusal:
            raise TooFast(**refusal.details) from None
