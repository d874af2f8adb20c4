"""Routes: operations. Written by `make python-client` from the API's description."""

from __future__ import annotations

from parlons.client.calls import Group, Mode, Request, operation
from parlons.client.types.operations import Health, HeldOutput, ReleaseBody, Released


class OperationsRoutes(Group[Mode]):
    """Routes: operations."""

    @operation
    def get_health(self) -> Request[Health]:
        """What the doctor sees, jobs, disk, telephone, versions."""
        return Request("GET", "/operations/health")

    @operation
    def held(self) -> Request[HeldOutput]:
        """What waits since a restore."""
        return Request("GET", "/operations/held")

    @operation
    def release(self, body: ReleaseBody) -> Request[Released]:
        """Let held jobs run."""
        return Request("POST", "/operations/release", body=body)
