"""Reception's wishes to the router, by the command road: kept in the transaction of their cause, carried out by the owner."""

from parlons.routing.commands import Command, WithAttributes, sealed, to_wire
from parlons.runtime import road
from parlons.runtime.db import Tx


async def submit(tx: Tx, workspace_id: str, command: Command, *, key: str) -> bool:
    """Put `command` on the road; False when one with this key is there already. A task's attributes are kept erasable."""
    bare, attributes = sealed(command)
    private = None if attributes is None else {"attributes": attributes}
    task_id = command.task_id if private is not None and isinstance(command, WithAttributes) else None
    return await road.submit(tx, workspace_id, to_wire(bare), key=key, private=private, private_key=task_id)
