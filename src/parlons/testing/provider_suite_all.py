"""What holds for every capability of an AI provider: it works beside others, can be given up, ends, says nothing to the log,
and fails as it should when its far end does."""

import asyncio
import contextlib
import io
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import structlog

from parlons.testing.provider_scene import NAME, Case, Scene, Troubles, Use, cases

AT_ONCE, TURNS = 8, 3
NONSENSE = (
    b"",
    b"null",
    b"[]",
    b"{",
    b"\xff\xfe",
    b'{"data": 3}',
    b'{"text": 3}',
    b'{"data": [{}]}',
    b"RIFF",
    b"<xml/>",
)


async def many_at_once(use: Use, _: Scene) -> None:
    """Each is answered."""
    assert len(await asyncio.gather(*(use.ask() for _ in range(AT_ONCE)))) == AT_ONCE


async def others_get_their_turn_meanwhile(use: Use, _: Scene) -> None:
    """The event loop is not kept for itself: asyncio.to_thread, or a process."""
    asked = asyncio.ensure_future(use.ask())
    turns = 0
    while not asked.done() and turns < TURNS:
        await asyncio.sleep(0)
        turns += 1
    await asked
    assert turns == TURNS, "it worked in the event loop"


async def it_can_be_given_up(use: Use, _: Scene) -> None:
    """And answers who asks next."""
    asked = asyncio.ensure_future(use.ask())
    await asyncio.sleep(0)
    asked.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asked
    await use.ask()


async def it_ends_twice(use: Use, _: Scene) -> None:
    """Unused, used, ended already."""
    await use.ask()
    await use.close()
    await use.close()


async def unused_it_ends_too(use: Use, _: Scene) -> None:
    """Nothing was begun."""
    await use.close()


async def after_its_end_it_works_or_fails_as_it_should(use: Use, _: Scene) -> None:
    """Never otherwise."""
    await use.close()
    with contextlib.suppress(use.failed):
        await use.ask()


async def words_stand_in_no_log(use: Use, scene: Scene) -> None:
    """Nor in a refusal."""
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with structlog.testing.capture_logs() as events, contextlib.redirect_stdout(heard):
            await use.ask()
            if scene.troubles is not None:
                scene.troubles.down(True)
                heard.write(str(await _failure(use)))
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    assert NAME not in heard.getvalue() + str(events)


async def _failure(use: Use) -> str:
    try:
        await use.ask()
    except use.failed as refusal:
        return f"{refusal.message} {refusal.details}"
    raise AssertionError("it answered, though its far end is down")


async def while_the_far_end_is_down_it_fails(use: Use, scene: Scene) -> None:
    """With its own code, again and again; afterwards it is well."""
    for _ in range(2):
        _troubles(scene).down(True)
        await _failure(use)
        _troubles(scene).down(False)
        await use.ask()


async def a_far_end_that_hangs_holds_nobody(use: Use, scene: Scene) -> None:
    """Whoever asked gives up when he likes; afterwards it is well."""
    _troubles(scene).hangs(True)
    try:
        async with asyncio.timeout(0.2):
            await use.ask()
        raise AssertionError("it answered, though its far end hangs")
    except TimeoutError:
        pass
    finally:
        _troubles(scene).hangs(False)
    await use.ask()


async def nonsense_is_a_failure(use: Use, scene: Scene) -> None:
    """Never another exception."""
    for body in NONSENSE:
        _troubles(scene).answers(body)
        with contextlib.suppress(use.failed):
            await use.ask()
    _troubles(scene).answers(None)
    await use.ask()


def _troubles(scene: Scene) -> Troubles:
    assert scene.troubles is not None, "this scene makes no trouble: cases_of(provider, far_end=False)"
    return scene.troubles


_ALWAYS = (
    many_at_once,
    others_get_their_turn_meanwhile,
    it_can_be_given_up,
    it_ends_twice,
    unused_it_ends_too,
    after_its_end_it_works_or_fails_as_it_should,
    words_stand_in_no_log,
)
_FAR_END = (while_the_far_end_is_down_it_fails, a_far_end_that_hangs_holds_nobody, nonsense_is_a_failure)
FAR_END = frozenset(one.__name__ for one in _FAR_END)
"""Names of the cases that make trouble at the far end."""


def cases_for(in_use: Callable[[Scene], AbstractAsyncContextManager[Use]]) -> dict[str, Case]:
    """All of these for one capability."""
    return cases(in_use, (*_ALWAYS, *_FAR_END))
