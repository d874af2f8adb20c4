"""Routes: push. Written by `make python-client` from the API's description."""

from __future__ import annotations

from parlons.client.calls import Group, Mode, Request, operation
from parlons.client.types.push import DeviceBody, Push, PushDevice


class PushRoutes(Group[Mode]):
    """Routes: push."""

    @operation
    def my_push(self) -> Request[Push]:
        """The key a browser subscribes with, and the caller's devices."""
        return Request("GET", "/me/push")

    @operation
    def put_device(self, body: DeviceBody) -> Request[PushDevice]:
        """Notify the caller in this browser."""
        return Request("PUT", "/me/push", body=body)

    @operation
    def remove_device(self, device_id: str | int) -> Request[None]:
        """Notify the caller there no more."""
        return Request("DELETE", "/me/push/{}", (device_id,), reads="nothing")
