"""Routes: configuration. Written by `make python-client` from the API's description."""

from __future__ import annotations

from parlons.client.calls import Group, Mode, Request, operation
from parlons.client.types.configuration import Applied, TriedQueue, TriedWorkflow, TryQueue, TryWorkflow


class ConfigurationRoutes(Group[Mode]):
    """Routes: configuration."""

    @operation
    def apply_configuration(
        self, text: str, *, dry_run: bool | None = None, prune: bool | None = None, accept_stranded: int | None = None
    ) -> Request[Applied]:
        """Make the workspace be as the body (YAML) says."""
        return Request(
            "POST",
            "/configuration",
            query={"dry_run": dry_run, "prune": prune, "accept_stranded": accept_stranded},
            text=text,
        )

    @operation
    def export_configuration(self) -> Request[str]:
        """The workspace's configuration as a file."""
        return Request("GET", "/configuration", reads="text")

    @operation
    def queue(self, body: TryQueue) -> Request[TriedQueue]:
        """Who would serve a queue with this expression, now."""
        return Request("POST", "/queues/try", body=body)

    @operation
    def workflow(self, body: TryWorkflow) -> Request[TriedWorkflow]:
        """Which rule a task with these attributes would meet, and whom its steps would ask, now."""
        return Request("POST", "/workflows/try", body=body)
