"""The router's memory: one workspace's configuration, workers, open tasks and reservations. Mutable, single writer."""


class WorkspaceState:
    """Everything the router knows; finished tasks are not in it."""

    next_deadline: int | None


def new_state(workspace_id: str) -> WorkspaceState:
    """An empty workspace with the five standard task channels."""
    raise NotImplementedError
