"""Places in the queue, exact and never shown rising. Pure.

The place of a task is one more than the number of tasks of its queue and channel that the router would take before it: its
own order (`routing.matching.place_of`: priority, then virtual start, then id). Somebody more urgent may step in ahead; a
visitor who was told 2 is then told nothing until it is 2 again, because a number that grows feels like a broken promise.
"""

from bisect import bisect_left
from collections.abc import Collection

from parlons.routing.matching import place_of
from parlons.routing.state import WorkspaceState


def positions(state: WorkspaceState, task_ids: Collection[str]) -> dict[str, int]:
    """Place by task id, 1 = next; tasks that are not waiting in a queue are left out."""
    wanted = [task for task_id in task_ids if (task := state.tasks.get(task_id)) is not None]
    lines = {(task.queue_id, task.channel) for task in wanted if task.queue_id is not None}
    waiting: dict[tuple[str | None, str], list[tuple[int, int, str]]] = {line: [] for line in lines}
    if not waiting:
        return {}
    places: dict[str, tuple[int, int, str]] = {}
    for task in state.tasks.values():
        line = waiting.get((task.queue_id, task.channel))
        if line is not None and task.status in ("pending", "reserved"):
            lifo = task.pool is not None and task.pool.lifo
            first, then, _ = place_of(task, lifo)
            places[task.id] = (first, then, task.id)
            line.append(places[task.id])
    for line in waiting.values():
        line.sort()
    return {
        task.id: bisect_left(waiting[(task.queue_id, task.channel)], places[task.id]) + 1
        for task in wanted
        if task.id in places
    }


def told(position: int | None, best: int | None) -> int | None:
    """What a visitor who was told `best` is told now: `position`, or nothing when that would be a rise."""
    return position if position is not None and (best is None or position <= best) else None
