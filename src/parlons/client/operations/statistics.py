"""Routes: statistics. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Any

from parlons.client.calls import Group, Mode, Request, operation


class StatisticsRoutes(Group[Mode]):
    """Routes: statistics."""

    @operation
    def messages(self) -> Request[dict[str, Any]]:
        """By channel set up."""
        return Request("GET", "/statistics/messages")
