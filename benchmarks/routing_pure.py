"""The pure router's figures: matches per CPU second, bytes per waiting task, and the worst case of a freed worker
whom nothing fits.

One match = create + reserve + accept + complete, each its own command, all transitions made. 1,000 workers, 100
queues, 100,000 tasks waiting. Baseline: a naive router that scans all waiting tasks for a free worker and all workers
for a task, in the same process, at 1/50 of the backlog; its cost grows with the backlog, so its figure is divided by
50 (matches) or multiplied by 50 (latency): the JSON line says so. `python -m benchmarks.routing_pure [--quick]`."""

import gc
import json
import random
import sys
import time
import tracemalloc
from collections import deque
from typing import Any

from parlons.routing.commands import AcceptReservation, CompleteTask, Configure, CreateTask, PutWorker, SetActivity
from parlons.routing.configuration import Activity, Queue, Settings, Workflow
from parlons.routing.state import WorkspaceState, new_state
from parlons.routing.step import step
from parlons.routing.transitions import ReservationCreated

WORKERS, QUEUES, WAITING = 1_000, 100, 100_000
NAIVE_WAITING = WAITING // 50
SKILLS, LANGUAGES = 33, 5
FIRM = "FI" + "0" * 32
NIGHT: dict[str, Any] = {"skills": [], "langs": [], "level": 0, "team": "night"}


def line(name: str, value: float, unit: str, baseline: float | None, note: str = "") -> None:
    """Print one figure."""
    ratio = None if not baseline else round(value / baseline, 3)
    shown: dict[str, Any] = {"name": name, "value": round(value, 2), "unit": unit, "baseline": baseline, "ratio": ratio}
    if note:
        shown["note"] = note
    print(json.dumps(shown), flush=True)


def attributes_of(rng: random.Random) -> dict[str, Any]:
    """A worker who knows 29 of 33 skills, 2 of 5 languages and a level."""
    return {
        "skills": [f"s{number}" for number in rng.sample(range(SKILLS), 30)],
        "langs": [f"l{number}" for number in rng.sample(range(LANGUAGES), 2)],
        "level": rng.randrange(5),
    }


def expression(number: int) -> str:
    """What a queue asks for."""
    return f'skills HAS "s{number % SKILLS}" AND langs HAS "l{number % LANGUAGES}" AND level >= {number % 3}'


def one_filter(number: int) -> dict[str, Any]:
    """A workflow that leads to one queue."""
    targets = [{"queue": f"WQ{number:032x}"}]
    return {"task_routing": {"filters": [{"expression": 'lang == "fr"', "targets": targets}]}}


def task_attributes(number: int, queue: int) -> dict[str, Any]:
    """120 bytes as JSON."""
    return {
        "queue": queue,
        "customer": f"CU{number:032x}",
        "subject": "a question about deliveries",
        "lang": "fr",
        "n": 1234,
    }


def workspace(rng: random.Random, available: bool) -> WorkspaceState:
    """1,000 workers, 100 queues, a workflow for each; besides, 29 queues of the night team where nothing waits."""
    state = new_state("WS" + "0" * 32)
    queues = tuple(Queue(f"WQ{number:032x}", f"Q{number}", expression(number)) for number in range(QUEUES))
    activities = (Activity("WA1", "Available", True), Activity("WA0", "Offline", False))
    workflows = tuple(Workflow(f"WW{number:032x}", f"W{number}", one_filter(number)) for number in range(QUEUES))
    night = tuple(Queue(f"WQ{number + QUEUES:032x}", f"N{number}", 'team == "night"') for number in range(29))
    step(
        state,
        Configure(put=(*activities, *queues, *night, *workflows), settings=Settings(default_activity_id="WA0")),
        0,
    )
    for number in range(WORKERS):
        step(
            state,
            PutWorker(f"WK{number:032x}", f"w{number}", attributes_of(rng), {"chat": 1}, "WA1" if available else "WA0"),
            0,
        )
    return state


def create(number: int, queue: int, priority: int) -> CreateTask:
    """A task for a queue, led there by its workflow."""
    return CreateTask(
        f"WT{number:032x}", task_attributes(number, queue), f"WW{queue:032x}", None, "chat", priority, firm_id=FIRM
    )


def measure_memory(state: WorkspaceState, rng: random.Random, live: list[int]) -> float:
    """Fill the backlog; bytes per waiting task, attributes included."""
    plan = [(number, rng.choice(live), rng.randrange(10)) for number in range(WAITING)]
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for at, (number, queue, priority) in enumerate(plan):
        step(state, create(number, queue, priority), at)
    gc.collect()
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return used / WAITING


def measure_matches(state: WorkspaceState, rng: random.Random, live: list[int], rounds: int) -> float:
    """Closed loop under the full backlog: the oldest offer is accepted and completed, a new task comes; matches per
    CPU second."""
    now = WAITING
    open_offers: deque[tuple[str, str]] = deque()

    def collect(transitions: list[Any]) -> None:
        for each in transitions:
            if type(each) is ReservationCreated:
                open_offers.append((each.reservation_id, each.task_id))

    for number in range(WORKERS):
        collect(step(state, SetActivity(f"WK{number:032x}", "WA1"), now))
    commands = [create(WAITING + number, rng.choice(live), rng.randrange(10)) for number in range(rounds)]
    gc.collect()
    gc.freeze()
    gc.disable()
    sequence, started = state.sequence, time.process_time()
    for command in commands:
        now += 1
        collect(step(state, command, now))
        reservation_id, task_id = open_offers.popleft()
        step(state, AcceptReservation(reservation_id), now)
        collect(step(state, CompleteTask(task_id), now))
    spent = time.process_time() - started
    gc.enable()
    assert state.sequence - sequence >= rounds - 1
    return (state.sequence - sequence) / spent


def measure_no_match(state: WorkspaceState, rounds: int) -> float:
    """A worker becomes free and none of 100,000 waiting tasks is for him; p99 in microseconds."""
    step(
        state,
        PutWorker("WK" + "f" * 32, "stranger", {"skills": ["s0"], "langs": ["none"], "level": 0}, {"chat": 1}, "WA0"),
        WAITING * 3,
    )
    found: list[int] = []
    now = WAITING * 3
    for number in range(rounds):
        now += 1
        command = SetActivity("WK" + "f" * 32, "WA1" if number % 2 == 0 else "WA0")
        started = time.perf_counter_ns()
        step(state, command, now)
        if number % 2 == 0:
            found.append(time.perf_counter_ns() - started)
    found.sort()
    return found[int(len(found) * 0.99)] / 1000


def naive(rng: random.Random, rounds: int) -> tuple[float, float]:
    """O(workers x tasks): matches per CPU second and no-match p99 (us) at 1/50 of the backlog."""
    workers = [attributes_of(rng) for _ in range(WORKERS)]

    def fits(worker: dict[str, Any], queue: int) -> bool:
        wanted = f"s{queue % SKILLS}" in worker["skills"] and f"l{queue % LANGUAGES}" in worker["langs"]
        return wanted and bool(worker["level"] >= queue % 3)

    waiting = [(-rng.randrange(10), number, rng.randrange(QUEUES)) for number in range(NAIVE_WAITING)]
    started, matched = time.process_time(), 0
    for number in range(rounds):
        worker = workers[number % WORKERS]
        best = min((task for task in waiting if fits(worker, task[2])), default=None)
        if best is not None:
            waiting.remove(best)
            matched += 1
        waiting.append((-rng.randrange(10), NAIVE_WAITING + number, rng.randrange(QUEUES)))
    rate = matched / (time.process_time() - started)
    found: list[int] = []
    for _ in range(200):
        begun = time.perf_counter_ns()
        min((task for task in waiting if fits(NIGHT, task[2])), default=None)
        found.append(time.perf_counter_ns() - begun)
    found.sort()
    return rate, found[int(len(found) * 0.99)] / 1000


def main(quick: bool = False) -> None:
    """Measure and print."""
    rng = random.Random(1)
    state = workspace(rng, available=False)
    live = [number for number in range(QUEUES) if state.queues[f"WQ{number:032x}"].members]
    memory = measure_memory(state, rng, live)
    matches = measure_matches(state, rng, live, 5_000 if quick else 40_000)
    no_match = measure_no_match(state, 2_000)
    rate, latency = naive(rng, 300)
    size = len(json.dumps(task_attributes(1, 1), separators=(",", ":")))
    factor = WAITING // NAIVE_WAITING
    note = f"baseline measured with {NAIVE_WAITING} waiting and scaled by {factor}, since it grows with the backlog"
    line("router.matches_per_cpu_s", matches, "1/s", round(rate * NAIVE_WAITING / WAITING, 2), note)
    line("router.bytes_per_waiting", memory, "bytes", None, f"with {size} bytes of attributes, everything counted")
    line("router.nomatch_p99_us", no_match, "us", round(latency * WAITING / NAIVE_WAITING, 1), note)


if __name__ == "__main__":
    main("--quick" in sys.argv)
