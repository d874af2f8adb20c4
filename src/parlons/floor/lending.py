"""Who could help a queue in trouble: people who take contacts and have nothing in hand, whom one more skill would let serve it.

Pure: reads the router's memory. Each is named with the skill it takes and how many ready people stay with the queues he
serves now, so that the remedy's effect is foretold.
"""

from functools import reduce
from operator import or_
from typing import Any

from parlons.accounts.model import Principal
from parlons.routing.state import QueueState, Worker, WorkspaceState

Json = dict[str, Any]
MOST = 5


def helpers(state: WorkspaceState, queue_id: str, principal: Principal) -> list[Json]:
    """At most five, those first whose leaving hurts least, then who waits longest."""
    queue = state.queues[queue_id]
    if queue.expression is None:
        return []
    skills = _skills(state)
    ready = [one for one in state.workers.values() if one.available and one.reachable]
    free = reduce(or_, (one.bit for one in ready if not one.held), 0)
    found = []
    for worker in ready:
        if worker.held or queue.members & worker.bit or not _may_serve(worker, queue, principal):
            continue
        skill = _missing(state, queue, worker, skills)
        if skill is not None:
            found.append((_left(worker, free), worker.idle_since, worker, skill))
    found.sort(key=lambda each: (-each[0], each[1], each[2].id))
    return [
        {"worker_id": worker.id, "name": worker.name, "skill": skill, "left_ready": left}
        for left, _, worker, skill in found[:MOST]
    ]


def _may_serve(worker: Worker, queue: QueueState, principal: Principal) -> bool:
    firm_id = queue.config.firm_id
    seen = principal.sees_any(worker.firm_ids)
    return seen and (firm_id is None or not worker.firm_ids or firm_id in worker.firm_ids)


def _skills(state: WorkspaceState) -> list[str]:
    """Every skill somebody has."""
    held = {
        skill
        for worker in state.workers.values()
        for skill in worker.attributes.get("skills") or ()
        if isinstance(skill, str)
    }
    return sorted(held)


def _missing(state: WorkspaceState, queue: QueueState, worker: Worker, skills: list[str]) -> str | None:
    """The one skill that would make the queue's expression hold for him."""
    assert queue.expression is not None
    facts = worker.facts(state) if queue.expression.facts else None
    own = list(worker.attributes.get("skills") or ())
    for skill in skills:
        if skill not in own and queue.expression.test(None, {**worker.attributes, "skills": [*own, skill]}, facts):
            return skill
    return None


def _left(worker: Worker, free: int) -> int:
    """How many others of those who are `free` (their bits) are in that one of his queues which would have the fewest left."""
    others = free & worker.others
    return min(((queue.members & others).bit_count() for queue in worker.queues.values()), default=99)
