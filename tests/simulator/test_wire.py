"""The server of every stand-in."""

import asyncio

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from parlons.simulator.providers.wire import served


async def test_it_ends_quietly_while_a_bot_polls(caplog: pytest.LogCaptureFixture) -> None:
    waits = asyncio.Event()

    async def polled(_: Scope, __: Receive, ___: Send) -> None:
        waits.set()
        await asyncio.Event().wait()

    async with httpx.AsyncClient(timeout=60) as bot:
        async with served(polled) as url:
            poll = asyncio.create_task(bot.get(url))
            await waits.wait()
        assert (await poll).status_code == 503
    assert not [told for told in caplog.records if told.levelname == "ERROR"], (
        "no traceback where somebody pressed Ctrl-C"
    )
