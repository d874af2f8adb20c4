"""Twenty planted faults: small mistakes a programmer could make in the router. Each must be found by the search of
test_faults.py."""

from collections.abc import Callable
from typing import Any

import pytest

from parlons.routing import (
    advance,
    configure,
    deadlines,
    ending,
    holding,
    matching,
    pools,
    reservations,
    settling,
    state,
    tasks,
    transfers,
    workers,
)
from parlons.routing import snapshot as snapshots
from parlons.routing.state import Task, Worker, WorkspaceState

Patch = pytest.MonkeyPatch
Fault = Callable[[Patch], None]


def everywhere(patch: Patch, name: str, new: Callable[..., Any]) -> None:
    """Replace a function in every module that imported it."""
    for module in (
        advance,
        configure,
        deadlines,
        ending,
        holding,
        matching,
        pools,
        reservations,
        settling,
        snapshots,
        tasks,
        transfers,
        workers,
    ):
        if hasattr(module, name):
            patch.setattr(module, name, new)


def swapped_order_key(patch: Patch) -> None:
    everywhere(
        patch,
        "place_of",
        lambda task, lifo: (task.virtual_start, -task.priority, task) if not lifo else (0, -task.virtual_start, task),
    )


def lifo_honours_priority(patch: Patch) -> None:
    everywhere(
        patch,
        "place_of",
        lambda task, lifo: (-task.priority, -task.virtual_start if lifo else task.virtual_start, task),
    )


def fifo_forgets_virtual_start(patch: Patch) -> None:
    everywhere(
        patch,
        "place_of",
        lambda task, lifo: (0, -task.virtual_start, task) if lifo else (-task.priority, task.created_at, task),
    )


def capacity_off_by_one(patch: Patch) -> None:
    def set_free(own: Any, worker: Worker) -> None:
        if own.available and own.load <= own.capacity:
            own.channel.free |= worker.bit
        else:
            own.channel.free &= ~worker.bit

    everywhere(patch, "set_free", set_free)


def closed_channel_still_offered(patch: Patch) -> None:
    def set_free(own: Any, worker: Worker) -> None:
        if own.load < own.capacity:
            own.channel.free |= worker.bit
        else:
            own.channel.free &= ~worker.bit

    everywhere(patch, "set_free", set_free)


def unreachable_still_in_line(patch: Patch) -> None:
    everywhere(
        patch,
        "stands_in_line",
        lambda state, worker: worker.available and (state.settings.multi_task or not worker.held),
    )


def refusal_keeps_place_in_line(patch: Patch) -> None:
    original = holding.end

    def end(state: WorkspaceState, ended: Any, status: str) -> None:
        rank = ended.worker.rank
        original(state, ended, status)
        if status == "rejected":
            ended.worker.rank = rank

    everywhere(patch, "end", end)


def freed_worker_not_asked(patch: Patch) -> None:
    original = holding.free

    def free(state: WorkspaceState, worker: Worker) -> None:
        original(state, worker)
        if len(worker.held) == 0 and len(state.freed) > 1:
            state.freed.pop()

    everywhere(patch, "free", free)


def quiet_forgotten(patch: Patch) -> None:
    original = reservations.reject
    patch.setattr(reservations, "reject", lambda state, held, quiet: original(state, held, 0))


def quiet_never_ends(patch: Patch) -> None:
    patch.setattr(deadlines, "_quiet_over", lambda state, clock: None)


def rescind_forgotten(patch: Patch) -> None:
    original = reservations.take

    def take(state: WorkspaceState, held: Any) -> None:
        task = held.task
        others, task.held = [each for each in task.held if each is not held], (held,)
        original(state, held)
        task.held = (held, *others)

    patch.setattr(reservations, "take", take)


def step_timer_skipped(patch: Patch) -> None:
    patch.setattr(deadlines, "timed_out", lambda state, task: None)


def default_filter_after_timeout(patch: Patch) -> None:
    original = advance._following
    patch.setattr(
        advance,
        "_following",
        lambda state, task, step, values, timed_out: original(state, task, step, values, timed_out=False),
    )


def skip_if_before_offering(patch: Patch) -> None:
    original = advance.offer_task

    def offer_task(state: WorkspaceState, task: Task) -> bool:
        return original(state, task) and not (
            task.step is not None and task.step.skip_if is not None and not task.held[1:]
        )

    patch.setattr(advance, "offer_task", offer_task)


def moves_not_counted(patch: Patch) -> None:
    original = holding.reserve

    def reserve(state: WorkspaceState, task: Task, worker: Worker, choice: Any) -> Any:
        made = original(state, task, worker, choice)
        task.moves = min(task.moves, 1)
        return made

    everywhere(patch, "reserve", reserve)


def timeout_activity_forgotten(patch: Patch) -> None:
    original = holding.change_activity
    patch.setattr(
        deadlines,
        "change_activity",
        lambda state, worker, name, cause: original(state, worker, worker.activity_id, cause),
    )


def transferrer_is_asked_too(patch: Patch) -> None:
    def barred_workers(state: WorkspaceState, task: Task) -> int:
        quiet = task.extra.quiet if task.extra is not None else None
        mask = sum(state.workers[name].bit for name in quiet or () if name in state.workers)
        for held in task.held:
            mask |= held.worker.bit
        return mask

    everywhere(patch, "barred_workers", barred_workers)


def failed_transfer_cancels(patch: Patch) -> None:
    everywhere(patch, "transfer_failed", lambda state, task, reason: ending.cancel(state, task, reason))


def requeue_loses_priority(patch: Patch) -> None:
    original = settling.reenter

    def reenter(state: WorkspaceState, task: Task, *, wait: bool = False) -> None:
        if task.extra is not None:
            task.extra.base_priority = None
        original(state, task, wait=wait)

    everywhere(patch, "reenter", reenter)


def reserved_task_ignores_new_workflow(patch: Patch) -> None:
    everywhere(patch, "grow_stale", lambda state, task: None)


def companion_charges_nothing(patch: Patch) -> None:
    original = transfers.hold

    def hold(state: WorkspaceState, made: Any) -> None:
        original(state, made)
        own = made.worker.channels[made.task.channel]
        own.load = max(1, own.load - 1)

    patch.setattr(transfers, "hold", hold)


def order_by_direction_ignored(patch: Patch) -> None:
    original = matching.place_in_line
    patch.setattr(
        matching,
        "place_in_line",
        lambda state, pool, worker: (
            (tuple((m, abs(v)) for m, v in original(state, pool, worker)[0]), worker.rank, worker)
            if pool.order
            else original(state, pool, worker)
        ),
    )


def prioritize_order_ignored(patch: Patch) -> None:
    def choose_task(state: WorkspaceState, worker: Worker) -> Task | None:
        pools_of = [*worker.direct_pools]
        for own in worker.lines:
            pools_of += own.pools if own.load < own.capacity and own.available else []
        free = [entry for pool in pools_of for entry in pool.places if not matching.is_barred(entry[2], worker)]
        return min(free)[2] if free else None

    everywhere(patch, "choose_task", choose_task)


def snapshot_forgets_rank(patch: Patch) -> None:
    original = snapshots._load_workers

    def load_workers(target: WorkspaceState, image: Any) -> None:
        original(target, image)
        for worker in target.workers.values():
            worker.rank = worker.index

    patch.setattr(snapshots, "_load_workers", load_workers)


def record_not_consulted(patch: Patch) -> None:
    patch.setattr(advance, "_first_filter", lambda state, workflow, task, values, start: next(
        (each.steps[0] for each in workflow.filters[start:] if each.expression.test(values, None, None)), None))  # fmt: skip


def deadline_forgotten(patch: Patch) -> None:
    patch.setattr(state.Reservation, "running", property(lambda held: held.status == "pending" and held.task.moves < 2))


FAULTS: dict[str, Fault] = {
    each.__name__: each
    for each in (
        swapped_order_key, lifo_honours_priority, fifo_forgets_virtual_start, capacity_off_by_one, closed_channel_still_offered,
        unreachable_still_in_line, refusal_keeps_place_in_line, freed_worker_not_asked, quiet_forgotten,
        quiet_never_ends, rescind_forgotten,
        step_timer_skipped, default_filter_after_timeout, skip_if_before_offering, moves_not_counted, timeout_activity_forgotten,
        transferrer_is_asked_too, failed_transfer_cancels, requeue_loses_priority, reserved_task_ignores_new_workflow,
        companion_charges_nothing, order_by_direction_ignored, prioritize_order_ignored, snapshot_forgets_rank,
        record_not_consulted,
        deadline_forgotten,
    )
}  # fmt: skip
