"""A call's task goes to one worker without an offer: a supervisor takes over, a colleague picks up what was parked."""

from parlons.kit.errors import Refusal
from parlons.routing.commands import TransferTask
from parlons.routing.configuration import Target
from parlons.voice.calls.floor import Floor
from parlons.voice.calls.model import Call, Transfer


async def hand_to(floor: Floor, call: Call, worker_id: str) -> None:
    """Asks the router; the worker joins, and the agent leaves, when that is committed. Raises its refusal: nothing changed."""
    assert call.task_id is not None
    call.transfer = Transfer("attended", "worker", worker_id)
    try:
        await floor.router.ask(TransferTask(call.task_id, Target("worker", worker_id), call.reservation_id))
    except Refusal:
        call.transfer = None
        raise
