"""When a message that was not taken is sent again, how long an address that fails is let alone, and when it is given up. Pure."""

from collections.abc import Callable

SECOND, MINUTE, HOUR = 1000, 60_000, 3_600_000
PAUSES = (5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 18 * HOUR, 22 * HOUR)
"""Before the second attempt, the third, ...: three days in all. Source: the schedule that Standard Webhooks gives."""
JITTER = 0.1
"""A pause is up to this share longer, so that what failed together does not come back together."""
GIVE_UP = 3 * 24 * HOUR
"""An address that has taken nothing for so long is switched off when a message has used up its attempts."""
LONGEST_REST = 5 * MINUTE


def next_try(attempts: int, now: int, draw: Callable[[], float]) -> int | None:
    """When the message is sent again after its `attempts`th attempt; None: it has failed. `draw`: from [0, 1)."""
    if attempts > len(PAUSES):
        return None
    return now + round(PAUSES[attempts - 1] * (1 + JITTER * draw()))


def rest(failures: int, retry_after_seconds: int) -> int:
    """Milliseconds without any attempt after so many failures in a row, or as long as the address itself asks for."""
    return min(LONGEST_REST, max(SECOND << min(failures, 10), SECOND * retry_after_seconds))
