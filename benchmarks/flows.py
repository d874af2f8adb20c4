"""flows.steps_per_cpu_s: steps entered in one second of one core, each turn kept as JSON and read again, by the database's own
codec, as between two events of a contact. The database itself is not in it. Then those of
benchmarks/flows_drafts.py, `flows.voice_menus` (benchmarks/flows_voice.py) and builder.inp_p95_ms (flows_builder.py).

The flow is a bank's: hours, a language, a menu, an account number, a look-up, a branch, a confirmation, a queue. Baseline: the
same turns with the state held in memory. `INTENTS=PATH` adds intent.accuracy_LANGUAGE (intents.py).
`python -m benchmarks.flows [--quick]`."""

import asyncio
import json
import os
import sys
import time
from pathlib import Path

import orjson

from benchmarks import flows_builder, flows_drafts, flows_voice
from benchmarks.intents import measure as intents_of
from parlons.flows.model import Flow
from parlons.flows.running import begin, resume
from parlons.flows.state import state_of
from parlons.flows.text import parse
from parlons.flows.validate import check, grave
from parlons.kit.clock import Millis

TARGET = 20_000
SECONDS, QUICK = 5.0, 0.5
BANK = """
name: Bank
start: hours
language: en
languages: [en, fr]
steps:
  hours: {do: hours, open: tongue, closed: tongue}
  tongue:
    do: ask
    text: {en: "English 1, French 2", fr: "Anglais 1, français 2"}
    choices: {1: {next: menu}, 2: {next: french}}
    failed: agent
  french: {do: language, language: fr, next: menu}
  menu:
    do: ask
    text: {en: "Balance 1, branch 2, somebody 3", fr: "Solde 1, agence 2, quelqu’un 3"}
    choices: {1: {next: account}, 2: {next: account}, 3: {next: agent}}
    save: wish
    failed: agent
  account:
    do: ask
    answer: digits
    text: {en: Your account number, fr: Votre numéro de compte}
    min_digits: 6
    max_digits: 10
    save: account
    next: look
    failed: agent
  look: {do: http, url: "https://bank.example/{account}", save: found, next: known, failed: agent}
  known:
    do: branch
    cases: [{when: found.balance > 0 AND result.look.status == 200, next: note}]
    otherwise: agent
  note: {do: set, values: {topic: balance, amount: "{found.balance}"}, next: tell}
  tell: {do: say, text: {en: "You have {amount}.", fr: "Vous avez {amount}."}, next: more}
  more:
    do: ask
    answer: yes_no
    text: {en: Anything else?, fr: Autre chose ?}
    yes: menu
    no: bye
    failed: agent
  agent: {do: queue, attributes: {topic: "{topic}"}, unserved: bye}
  bye: {do: end, text: {en: Goodbye, fr: Au revoir}}
"""
RESULTS = (
    {"open": True}, {"digits": "2"}, {}, {"digits": "7"}, {"digits": "1"}, {"digits": "123456"},
    {"status": 200, "body": {"balance": 42}}, {}, {"digits": "1"}, {"digits": "3"}, {"ended": "unserved"}, {},
)  # fmt: skip


def contact(flow: Flow, *, kept: bool) -> int:
    """One contact from its beginning to its end; how many steps it entered."""
    turn = begin(flow, {"from_number": "+33612345678"}, instance="FN1", now=Millis(0))
    steps = len(turn.trace)
    for result in RESULTS:
        state = state_of(orjson.loads(orjson.dumps(turn.state.to_json()))) if kept else turn.state
        turn = resume(flow, state, result, now=Millis(0))
        steps += len(turn.trace)
    assert turn.effect is None, turn
    return steps


def rate(flow: Flow, seconds: float, *, kept: bool) -> float:
    """Steps in a second of processor time."""
    steps, started = 0, time.process_time()
    while (taken := time.process_time() - started) < seconds:
        for _ in range(20):
            steps += contact(flow, kept=kept)
    return steps / taken


def main(quick: bool) -> int:
    """Measure, print, and say whether the figure is reached."""
    flow, _ = parse(BANK)
    assert not grave(check(flow))
    seconds = QUICK if quick else SECONDS
    rate(flow, seconds / 5, kept=True)
    value, baseline = rate(flow, seconds, kept=True), rate(flow, seconds, kept=False)
    print(
        json.dumps(
            {"name": "flows.steps_per_cpu_s", "value": round(value), "unit": "steps/s", "baseline": round(baseline),
             "ratio": round(value / baseline, 3), "note": "baseline: the state stays in memory"}
        )
    )  # fmt: skip
    flows_drafts.measure(quick)
    carried = asyncio.run(flows_voice.measure(quick))
    intents = os.environ.get("INTENTS")
    failed = intents_of(Path(intents)) if intents else 0
    slow = flows_builder.main(quick)
    return 0 if value >= TARGET and carried.well and not failed and not slow else 1


if __name__ == "__main__":
    sys.exit(main("--quick" in sys.argv[1:]))
