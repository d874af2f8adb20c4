"""A final SIP status in the words of `events.LegEnded`. Pure."""

from parlons.voice.media.events import Cause

_WORDS: dict[int, Cause] = {
    404: "not-found", 410: "not-found", 484: "not-found", 604: "not-found",
    408: "no-answer", 480: "no-answer",
    486: "busy", 600: "busy",
    487: "canceled",
    603: "declined", 607: "declined", 608: "declined",
    500: "error",
    502: "unreachable", 503: "unreachable", 504: "unreachable",
}  # fmt: skip


def cause_of(status: int, *, answered: bool) -> Cause:
    """What a final status of 300 or more means; `answered` False: nobody said it, our own timers did."""
    if not answered:
        return "unreachable"
    return _WORDS.get(status, "error" if 500 <= status < 600 else "refused")


def try_next(status: int, *, answered: bool) -> bool:
    """Whether another trunk may do better: silence, 408, 5xx. What a person or the number itself said stands."""
    return not answered or status == 408 or 500 <= status < 600
