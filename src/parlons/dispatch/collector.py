"""Python's cycle collector, tamed for a process that keeps a router: what is loaded is frozen, full collections are rare.

Unfrozen, each full collection walks every waiting task and view while all callers wait (measured: half of the owner's time
at 3,000 tasks a second). Reference counting frees nearly all of it anyway.
"""

import gc

_YOUNG, _MIDDLE, _OLD = 50_000, 20, 100


def tame_collector() -> None:
    """Freezes what is in memory now and spaces the collections out; called when a router has been read in."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
