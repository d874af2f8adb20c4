"""Cases of a flow: played, compared with what is expected, and the ways that no case takes. Pure.

A case has `answers` (one after the other, then silence), or a `script`: lines of what the contact does (`says`, `presses`,
`waits`, `hangs_up`) and of what must hold then (`hears`, `queue`, `step`, `tells`, `end`). `expect` holds at the end.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from parlons.flows.model import Flow, Path
from parlons.flows.running import Definition
from parlons.flows.testing import Caller, caller_of

ABOUT = (
    "name",
    "language",
    "channel",
    "open",
    "holiday",
    "customer",
    "http",
    "intents",
    "queue",
    "dialled",
    "voicemail",
    "code",
    "reached",
    "bot",
    "surveyed",
    "slots",
    "appointments",
    "taken",
    "articles",
    "variables",
    "withheld",
)
CASE_WORDS = (*ABOUT, "answers", "script", "expect")
EXPECT_WORDS = ("heard", "did", "steps", "ended")
ACTS = ("says", "presses", "waits", "hangs_up")
HOLDS = ("hears", "queue", "step", "tells", "end")
_TIME = re.compile(r"(\d+(?:\.\d+)?) ?(s|seconds?|min|minutes?|h|hours?|d|days?)?")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


@dataclass
class Coverage:
    """The ways of flows that contacts took."""

    taken: set[tuple[str, str | None, str | None]] = field(default_factory=set)

    def add(self, call: Caller) -> None:
        """One contact."""
        self.taken.update(call.ways)

    def missing(self, flow: Flow) -> list[tuple[str, Path, str | None]]:
        """Step, where the way is written, and its target; None: the end."""
        return [way for way in ways_of(flow) if not self._took(flow, way)]

    def _took(self, flow: Flow, way: tuple[str, Path, str | None]) -> bool:
        name, _, target = way
        # Who comes back from another flow comes from no step: any that calls one may have led there.
        called = getattr(flow.steps[name], "come_back", False)
        return (flow.key, name, target) in self.taken or (called and (flow.key, None, target) in self.taken)


def ways_of(flow: Flow) -> Iterator[tuple[str, Path, str | None]]:
    """Each way from a step to another once, and each end."""
    for name, step in flow.steps.items():
        seen: set[str | None] = set()
        for path, target in step.leads():
            if target not in seen:
                seen.add(target)
                yield name, path, target
        if step.ends():
            yield name, (), None


def rehearse(
    flow: Definition, case: Mapping[str, Any], library: Mapping[str, Flow] | None = None, cover: Coverage | None = None
) -> list[str]:
    """Plays one case and returns what differs from what it says; empty: as expected."""
    wrong = list(_unknown(case))
    if wrong:
        return wrong
    call = caller_of(flow, case, library)
    if case.get("script"):
        wrong += _follow(call, case["script"])
    else:
        call.plays(*(str(each) for each in case.get("answers") or ()))
    if cover is not None:
        cover.add(call)
    expect = case.get("expect") or {}
    if "ended" in expect and call.ended != expect["ended"]:
        wrong.append(f"ended: expected {expect['ended']}, was {call.ended}")
    kinds = [kind for kind, _ in call.did]
    for word, found in (("heard", call.heard), ("did", kinds), ("steps", call.trace)):
        missing = _missing(_texts(expect.get(word)), found)
        if missing is not None:
            wrong.append(f"{word}: {missing!r} did not come in its place; it was {found}")
    return wrong


def _unknown(case: Mapping[str, Any]) -> Iterator[str]:
    parts: list[tuple[str, Any, tuple[str, ...]]] = [
        ("", case, CASE_WORDS),
        ("expect: ", case.get("expect"), EXPECT_WORDS),
    ]
    script = case.get("script") or []
    parts += [(f"script {number}: ", line, ACTS + HOLDS) for number, line in enumerate(script, 1)]
    for where, part, words in parts:
        if part is not None and not isinstance(part, Mapping):
            yield f"{where}a line is `word: value`, with one of {', '.join(words)}"
        for word in part if isinstance(part, Mapping) else ():
            if word not in words:
                yield f"{where}{word} is not known here: {', '.join(words)}"
    if case.get("script") and case.get("answers"):
        yield "a case has answers or a script"
    for number, line in enumerate(script, 1):
        if isinstance(line, Mapping) and "waits" in line and seconds_of(line["waits"]) is None:
            yield f"script {number}: waits is a time such as 8, 10 min or 3 days"


def _follow(call: Caller, script: Iterable[Mapping[str, Any]]) -> list[str]:
    """The lines of a script up to the first that does not hold."""
    call.begins()
    for number, line in enumerate(script, 1):
        _act(call, line)
        if wrong := [f"script {number}: {each}" for each in _differs(call, line)]:
            return wrong
    call.finishes()
    return []


def _act(call: Caller, line: Mapping[str, Any]) -> None:
    if "waits" in line:
        call.waits(seconds_of(line["waits"]) or 0)
    if "says" in line:
        call.says(str(line["says"]))
    if "presses" in line:
        call.presses(str(line["presses"]))
    if line.get("hangs_up"):
        call.hangs_up()


def _differs(call: Caller, line: Mapping[str, Any]) -> Iterator[str]:
    if "end" in line:
        call.finishes()
        if call.ended != line["end"]:
            yield f"end: expected {line['end']}, was {call.ended or 'still under way'}"
    missing = _missing(_texts(line.get("hears")), call.lately)
    if missing is not None:
        yield f"hears: {missing!r} was not heard; it was {call.lately}"
    if "queue" in line and call.queued != (line["queue"] or ""):
        yield f"queue: expected {line['queue']}, was {call.queued}"
    if "step" in line and (not call.trace or call.trace[-1] != line["step"]):
        yield f"step: expected {line['step']}, was {call.trace[-1] if call.trace else None}"
    missing = _missing(_texts(line.get("tells")), call.told)
    if missing is not None:
        yield f"tells: {missing!r} would not be told; it was {call.told}"


def seconds_of(value: Any) -> float | None:
    """A time such as 8, 10 min or 3 days; None: it is none."""
    found = _TIME.fullmatch(str(value).strip())
    return float(found[1]) * _SECONDS[(found[2] or "s")[0]] if found else None


def _texts(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [] if value is None else [str(value)]


def _missing(wanted: list[str], found: list[str]) -> str | None:
    left = iter(found)
    return next((each for each in wanted if not any(each in one for one in left)), None)
