"""Calls of an OpenAI-compatible endpoint: one set of connections for each capability.

The address comes from whoever runs the process, so private ones are welcome: a model server beside us is the usual case.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx

from parlons.kit.errors import Unavailable

SECONDS = 30
"""Of one call, the answer's body included."""
KEPT_SECONDS = 2.0
"""A connection waits for the next call: less than servers let it, or a call would meet one that is just being closed."""


class Calls:
    """Of one capability: `variable` names its address, `what` it is, `failed` is raised for whatever goes wrong."""

    def __init__(self, variable: str, url: str, key: str, what: str, failed: type[Unavailable]) -> None:
        if not url.startswith(("http://", "https://")):
            raise failed(f"{variable} must begin with http:// or https://.")
        self._url, self._what, self._failed = url.rstrip("/"), what, failed
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        limits = httpx.Limits(keepalive_expiry=KEPT_SECONDS)
        self._client = httpx.AsyncClient(timeout=SECONDS, headers=headers, limits=limits)

    async def post(
        self, path: str, *, json: Any = None, data: Mapping[str, str] | None = None, files: Any = None
    ) -> httpx.Response:
        """An answer that says yes; else raises what this capability raises."""
        try:
            async with asyncio.timeout(SECONDS):
                answer = await self._client.post(self._url + path, json=json, data=data, files=files)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, RuntimeError) as error:  # RuntimeError: it is closed
            raise self._failed(f"The {self._what} endpoint does not answer ({type(error).__name__}).") from error
        if not answer.is_success:
            raise self._failed(f"The {self._what} endpoint answered {answer.status_code}.")
        return answer

    async def close(self) -> None:
        """Ends its connections."""
        await self._client.aclose()
