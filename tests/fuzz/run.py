"""`python -m tests.fuzz.run [--cases 50] [--only TEXT] [--seed N] [--out FILE]`: generated calls of every operation.

The calls come from schemathesis, half of them as generated, half with ids that exist; each is made as a program with a key, as an
administrator, as an agent and, for what a page calls, as a visitor. Reads first, deletions last. Ends with what broke, and with
the operations that never answered 2xx.
"""

import argparse
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import Case, GenerationMode

from parlons.testing.processes import Running, data_folder
from tests.fuzz.centre import Caller, callers, furnish
from tests.fuzz.checks import Described
from tests.fuzz.pool import Pool

ORDER = ("get", "post", "patch", "put", "delete")
NEVER = ("/session",)
"""These end or change who calls; they have tests of their own."""


@dataclass(slots=True)
class Report:
    """What the calls found, by operation."""

    statuses: dict[str, Counter[int]] = field(default_factory=dict)
    breaches: dict[str, dict[str, str]] = field(default_factory=dict)
    """By operation and breach: the first call that showed it."""

    @property
    def never(self) -> list[str]:
        """Operations that never answered 2xx."""
        return [name for name, found in self.statuses.items() if not any(200 <= one < 300 for one in found)]

    def text(self) -> str:
        """For people."""
        calls = sum(sum(found.values()) for found in self.statuses.values())
        lines = [f"{len(self.statuses)} operations, {calls} calls"]
        for name, found in self.breaches.items():
            lines += [f"BREACH {name}: {what}\n    {call}" for what, call in found.items()]
        lines += [f"never 2xx: {name} {dict(self.statuses[name])}" for name in self.never]
        return "\n".join(lines)


class Fuzz:
    """One run over the operations of a description."""

    def __init__(self, document: dict[str, Any], people: list[Caller], pool: Pool, report: Report) -> None:
        self._described, self._people, self._pool, self._report = Described(document), people, pool, report
        self._schema = schemathesis.openapi.from_dict(document)

    def operations(self, only: str = "") -> list[Any]:
        """Reads first, deletions last."""
        found = [one.ok() for one in self._schema.get_all_operations()]
        wanted = [one for one in found if only in one.label and not one.path.removeprefix("/api/v1").startswith(NEVER)]
        return sorted(wanted, key=lambda one: ORDER.index(one.method.lower()))

    def try_operation(self, operation: Any, cases: int, number: int) -> None:
        """`cases` calls of one operation: three of four fit the schema, the fourth does not."""
        for mode, count in ((GenerationMode.POSITIVE, cases - cases // 4), (GenerationMode.NEGATIVE, cases // 4)):
            if count:
                self._generated(operation, mode, count, number)

    def _generated(self, operation: Any, mode: GenerationMode, cases: int, number: int) -> None:
        turn = iter(range(10_000))

        @seed(number)
        @settings(
            max_examples=cases,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def attempt(case: Case) -> None:
            self._call(case, next(turn), positive=mode is GenerationMode.POSITIVE)

        try:
            attempt()
        except Exception as error:
            if type(error).__name__ not in ("Unsatisfiable", "SkipTest", "Skipped"):
                raise

    def _call(self, case: Case, turn: int, *, positive: bool) -> None:
        operation, path = case.operation, case.operation.path
        if positive and turn % 2 == 0:
            case.body = self._pool.shaped(case.body)
            case.query = self._pool.shaped(case.query)
        for name in case.path_parameters or {}:
            if turn % 8 != 7 and (known := self._pool.id(name)) is not None:
                case.path_parameters[name] = known
        who = self._who(path, turn // 2)
        name = operation.label
        sent = case.as_transport_kwargs(base_url=who.base, headers=dict(who.headers))
        sent["params"] = {key: value for key, value in (sent.get("params") or {}).items() if value is not None}
        try:
            answer = who.ask(sent)
        except (httpx.InvalidURL, UnicodeEncodeError, ValueError, TypeError, AttributeError):
            return  # not a call that can be made
        if answer.status_code == 401 and who.again is not None:
            who.again(who)
        self._report.statuses.setdefault(name, Counter())[answer.status_code] += 1
        body = _read(answer)
        kind = answer.headers.get("content-type", "")
        method = operation.method.lower()
        breach = self._described.breach(method, path, answer.status_code, kind, body)
        if breach is not None:
            call = f"{who.name} {answer.request.method} {str(answer.request.url)[:200]} {str(sent.get('json'))[:600]}"
            self._report.breaches.setdefault(name, {}).setdefault(
                breach[:80], f"{breach} | {call} -> {answer.text[:300]}"
            )
        if answer.status_code < 300 and body is not None:
            self._pool.learn(str(answer.url.path), body)

    def _who(self, path: str, turn: int) -> Caller:
        fitting = [one for one in self._people if one.visitor == ("/webchat/" in path or "/webcall/" in path)]
        return fitting[turn % len(fitting)]


def _read(answer: httpx.Response) -> Any:
    if "json" not in answer.headers.get("content-type", ""):
        return None
    try:
        return answer.json()
    except ValueError:
        return None


def main() -> int:
    """Starts a demo of its own and tries everything."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--cases", type=int, default=50)
    asked.add_argument("--only", default="")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--out", type=Path)
    told = asked.parse_args()
    report, pool = Report(), Pool(told.seed)
    with data_folder() as data, Running(data, play="demo") as server:
        furnish(server, pool)
        with callers(server, pool) as people:
            document = httpx.get(f"{server.url}/api/v1/openapi.json", timeout=60).json()
            fuzz = Fuzz(document, people, pool, report)
            for operation in fuzz.operations(told.only):
                begun = time.process_time()
                fuzz.try_operation(operation, told.cases, told.seed)
                spent = time.process_time() - begun
                line = {"operation": operation.label, "answers": report.statuses.get(operation.label, {}), "cpu": spent}
                print(json.dumps(line), flush=True)
                if told.out:
                    told.out.write_text(report.text())
            unclean = [line for line in server.said if "Traceback" in line]
    print("\n".join([report.text(), *unclean[:20]]))
    return 1 if report.breaches else 0


if __name__ == "__main__":
    sys.exit(main())
