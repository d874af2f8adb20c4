"""Access tokens: a system waits for its own only, and asks once."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from parlons.customers.lookups.calling import Calls
from parlons.customers.lookups.plugin import System, Tools
from parlons.runtime.safe_http import SafeHttp, allowed
from parlons.simulator.providers.wire import served


class Issuer:
    """Answers at once, or when it is let go."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.came, self.go = asyncio.Event(), asyncio.Event()
        self.app = Starlette(routes=[Route("/{how}", self._token, methods=["POST"])])

    async def _token(self, request: Request) -> JSONResponse:
        self.asked.append(request.path_params["how"])
        if request.path_params["how"] == "slow":
            self.came.set()
            await self.go.wait()
        return JSONResponse({"access_token": f"{len(self.asked)}", "expires_in": 3600})


def system(name: str) -> System:
    return System(name, 1, None, {}, ())


@pytest.fixture
async def calls() -> AsyncIterator[Calls]:
    async with SafeHttp(allowed(["127.0.0.0/8"])) as http:
        yield Calls(Tools(http, lambda: 0))  # type: ignore[arg-type, return-value]


async def test_a_token_does_not_wait_for_another_systems(calls: Calls) -> None:
    issuer = Issuer()
    async with served(issuer.app) as url:
        await calls.tokens.token(system("known"), f"{url}/fast", {})
        hanging = asyncio.ensure_future(calls.tokens.token(system("slow"), f"{url}/slow", {}))
        await issuer.came.wait()
        assert (await calls.tokens.token(system("known"), f"{url}/fast", {}))["access_token"] == "1"
        assert (await calls.tokens.token(system("new"), f"{url}/fast", {}))["access_token"] == "3"
        assert not hanging.done()
        issuer.go.set()
        await hanging


async def test_who_asks_together_asks_once(calls: Calls) -> None:
    issuer = Issuer()
    async with served(issuer.app) as url:
        both = [asyncio.ensure_future(calls.tokens.token(system("one"), f"{url}/slow", {})) for _ in range(2)]
        await issuer.came.wait()
        issuer.go.set()
        assert [one["access_token"] for one in await asyncio.gather(*both)] == ["1", "1"]
        assert issuer.asked == ["slow"]
