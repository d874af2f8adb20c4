"""builder.check_p95_ms, builder.simulate_p95_ms: processor time in which the server answers an edit of a flow of 300 steps, drawn
as a picture, and plays a contact of 40 acts through it, without the way to it. No bounds of their own.

`python -m benchmarks.flows_drafts [--quick]`; part of `make bench-flows`."""

import json
import sys
import time
from collections.abc import Callable
from statistics import quantiles
from typing import Any

from parlons.app.flow_builder import checked, story
from parlons.flows.drafts import NOWHERE, draft_of_picture, draft_of_text
from parlons.flows.simulating import simulate

STEPS, EDITS, QUICK, ACTS = 300, 50, 10, 40


def text() -> str:
    """A flow of so many steps, each with words in two languages, a branch now and then, an agent at last."""
    lines = ["name: Large", "start: s0", "languages: [en, fr]", "steps:"]
    for number in range(STEPS - 1):
        after = f"s{number + 1}" if number < STEPS - 2 else "agent"
        if number % 5 == 4:
            lines.append(
                f"  s{number}: {{do: branch, cases: [{{when: tier == 'gold', next: agent}}], otherwise: {after}}}"
            )
        else:
            lines.append(
                f"  s{number}: {{do: ask, text: {{en: Question {number}, fr: Question {number}}}, failed: agent, "
                f"choices: {{1: {{next: {after}}}, 2: {{next: agent}}}}, at: [{number * 10}, {number * 7}]}}"
            )
    return "\n".join([*lines, "  agent: {do: queue}", ""])


def p95(work: Callable[[], Any], times: int) -> float:
    """Milliseconds of the processor."""
    taken = []
    for _ in range(times):
        started = time.process_time()
        work()
        taken.append((time.process_time() - started) * 1000)
    return quantiles(taken, n=20, method="inclusive")[18]


def measure(quick: bool) -> None:
    """Measure and print."""
    times = QUICK if quick else EDITS
    draft = draft_of_text(text())
    picture = draft.picture
    assert picture is not None
    assert draft.valid
    figures = {
        "builder.check_p95_ms": p95(lambda: json.dumps(checked(draft_of_picture(picture), NOWHERE)), times),
        "builder.simulate_p95_ms": p95(
            lambda: json.dumps(story(simulate(draft.flow, [{"presses": "1"}] * ACTS))), times
        ),
    }
    for name, value in figures.items():
        print(
            json.dumps({"name": name, "value": round(value, 1), "unit": "ms", "note": f"{STEPS} steps, {times} times"})
        )


if __name__ == "__main__":
    measure("--quick" in sys.argv[1:])
