"""`python -m tests.fuzz.run [--cases 50] [--only TEXT] [--seed N] [--out FILE]`: generated calls of every operation.

The calls come from schemathesis; half of those that fit the schema get ids that exist, or stand in a call that is known to be
good. Each is made as a program with a key, an administrator, a supervisor, an agent and, for what a page calls, a visitor. Reads
first, deletions last, and at the very end what changes everything. Fails on an answer of 5xx, on one the description does not
allow, and on an operation that never answered 2xx.
"""

import argparse
import importlib
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import Case, GenerationMode

from tests.fuzz.centre import CALLING, Caller, NotMade, World, furnish, world
from tests.fuzz.checks import Described
from tests.fuzz.example import Example, Json, filled
from tests.fuzz.examples import EXAMPLES
from tests.fuzz.pool import Pool
from tests.fuzz.report import Report, short

ORDER = ("get", "post", "patch", "put", "delete")
LAST = ("POST /settings/revisions/{revision}/undo", "POST /configuration", "/me/password", "/session")
"""These may undo what others need, or end who calls."""
ANEW = 12
"""After so many calls what an operation needs is made again: it may be used up."""
MAKERS = ("made_work", "made_calls", "made_office")
GROUP = 60
"""Operations tried in one centre: the next have another, for calls use up places in it, attempts and people."""
PAGES = ("/webchat/", "/webcall/")
"""Parts of the API that customers' pages call."""


def makers() -> Mapping[str, Callable[[World], Json]]:
    """Who makes what operations need, by name."""
    modules = [importlib.import_module(f"tests.fuzz.{name}") for name in MAKERS]
    return {name: each for module in modules for name, each in vars(module).items() if callable(each)}


class Fuzz:
    """One run over the operations of a description. `of`: a centre that can make what operations need; without, they are
    tried with what is there."""

    def __init__(
        self, document: Json, people: list[Caller], pool: Pool, report: Report, of: World | None = None
    ) -> None:
        self._described, self._people, self._pool, self._report, self._world = (
            Described(document), people, pool, report, of,
        )  # fmt: skip
        self._schema = schemathesis.openapi.from_dict(document)
        self._makers = makers() if of else {}
        self._example: Example | None = None
        self._made: Json = {}
        """Both for the operation that is tried now."""

    def operations(self, only: str = "") -> list[Any]:
        """Reads first, deletions last, then what ends all."""
        found = [one.ok() for one in self._schema.get_all_operations()]

        def place(one: Any) -> tuple[int, int]:
            last = next((at + 1 for at, each in enumerate(LAST) if each in short(one.label)), 0)
            return last, ORDER.index(one.method.lower())

        return sorted((one for one in found if only in one.label), key=place)

    def try_operation(self, operation: Any, cases: int, number: int) -> None:
        """A call that must be good, where one is known, then `cases` generated ones: three of four fit the schema. An operation
        without anything to generate is called as often."""
        self._report.statuses.setdefault(operation.label, Counter())
        self._example = EXAMPLES.get(short(operation.label)) if self._world else None
        self._make(operation)
        if self._example is not None:
            self._good(operation, self._example)
        wrong = cases // 4 if operation.body or operation.query else 0
        for mode, count in ((GenerationMode.POSITIVE, cases - wrong), (GenerationMode.NEGATIVE, wrong)):
            if count:
                self._generated(operation, mode, count, number)
        made = sum(self._report.statuses[operation.label].values())
        if self._world:
            nothing = dict.fromkeys(_names(operation), "none")
            for turn in range(max(0, cases - made)):
                self._call(operation.Case(path_parameters=dict(nothing)), turn, positive=True)

    def _make(self, operation: Any) -> None:
        example = self._example
        if self._world is None or example is None:
            self._made = self._world.known if self._world else {}
            return
        self._made = dict(self._world.known)
        try:
            self._made |= self._makers[example.needs](self._world) if example.needs else {}
        except (NotMade, AssertionError, TimeoutError) as error:
            self._report.unmade.setdefault(operation.label, repr(error)[:600])
        try:
            self._made |= filled(example.path, self._made)
        except KeyError as error:
            self._report.unmade.setdefault(operation.label, f"nobody made {error}")

    def _good(self, operation: Any, example: Example) -> None:
        """The example, as it stands."""
        assert self._world is not None
        who = self._world.people[example.who]
        try:
            path = operation.path.format(**{name: self._made[name] for name in _names(operation)})
            sent = {
                "method": operation.method.upper(),
                "url": who.base + path,
                "params": filled(example.query, self._made),
            }
            sent |= {"headers": filled(dict(example.headers), self._made), **_carried(filled(example.body, self._made))}
        except KeyError as error:
            self._report.unmade.setdefault(operation.label, f"nobody made {error}")
            return
        answer = self._send(operation, who, sent)
        if answer is not None and not answer.is_success:
            self._report.refused[operation.label] = f"{answer.status_code} {answer.text[:300]}"

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
        operation, example = case.operation, self._example
        if example is not None and example.needs and turn % ANEW == ANEW - 1:
            self._make(operation)
        headers: Json = {}
        if positive and turn % 2 == 0:
            case.body = self._pool.shaped(case.body)
            case.query = self._pool.shaped(case.query)
            if example is not None:
                headers = self._good_but_one(case, example)
        for name in case.path_parameters or {}:
            known = self._made.get(name) or self._pool.id(name, spare=case.method.upper() != "GET")
            if turn % 8 != 7 and known is not None:
                case.path_parameters[name] = known
        who = self._who(operation.path, turn)
        sent = case.as_transport_kwargs(base_url=who.base, headers=dict(who.headers))
        sent["params"] = {key: value for key, value in (sent.get("params") or {}).items() if value is not None}
        sent["headers"] = {**(sent.get("headers") or {}), **headers}
        self._send(operation, who, sent)

    def _good_but_one(self, case: Case, example: Example) -> Json:
        """The example's call with one generated value in it; its headers."""
        try:
            good = filled(example.body, self._made)
            query = filled(example.query, self._made)
            headers: Json = filled(dict(example.headers), self._made)
        except KeyError:
            return {}
        if isinstance(good, dict) and isinstance(case.body, dict) and "multipart" not in (case.media_type or ""):
            other = self._pool.random.choice([*case.body, None])
            case.body = good | ({other: case.body[other]} if other is not None else {})
        if query:
            case.query = {**(case.query or {}), **query}
        return headers

    def _send(self, operation: Any, who: Caller, sent: Json) -> httpx.Response | None:
        try:
            answer = who.ask(sent)
        except (httpx.InvalidURL, UnicodeEncodeError, ValueError, TypeError, AttributeError):
            return None  # not a call that can be made
        if answer.status_code == 401 and who.again is not None:
            who.again(who)
        name, body = operation.label, _read(answer)
        self._report.statuses.setdefault(name, Counter())[answer.status_code] += 1
        kind, method = answer.headers.get("content-type", ""), operation.method.lower()
        breach = self._described.breach(method, operation.path, answer.status_code, kind, body)
        if breach is not None:
            call = f"{who.name} {answer.request.method} {str(answer.request.url)[:200]} {str(sent.get('json'))[:600]}"
            self._report.breaches.setdefault(name, {}).setdefault(
                breach[:80], f"{breach} | {call} -> {answer.text[:300]}"
            )
        if answer.status_code < 300 and body is not None:
            self._pool.learn(str(answer.url.path), body)
        return answer

    def _who(self, path: str, turn: int) -> Caller:
        """Every second call comes from whom the example names; the others in turn from everybody who fits."""
        if self._world is not None and self._example is not None and turn % 4 < 2:
            return self._world.people[self._example.who]
        fitting = [one for one in self._people if one.visitor == any(part in path for part in PAGES)]
        return fitting[(turn // 4 if self._world else turn // 2) % len(fitting)]


def _names(operation: Any) -> list[str]:
    return [one.name for one in operation.path_parameters]


def _carried(body: Any) -> Json:
    """How a body goes out: as text, as a form, as JSON, or not at all."""
    if body is None:
        return {}
    if isinstance(body, str):
        return {"data": body}
    if any(isinstance(part, tuple) for part in body.values()):
        return {"files": body}
    return {"json": body}


def _read(answer: httpx.Response) -> Any:
    if "json" not in answer.headers.get("content-type", ""):
        return None
    try:
        return answer.json()
    except ValueError:
        return None


def attempts(told: argparse.Namespace, report: Report, begin: int) -> tuple[int, list[str]]:
    """Tries a group of operations in a centre of its own; how many operations there are, and the faults its log tells of."""
    pool = Pool(told.seed)
    with world(pool) as found:
        furnish(found.server, pool)
        document = httpx.get(f"{found.server.url}/api/v1/openapi.json", timeout=60).json()
        people = [found.people[name] for name in (*CALLING, "visitor")]
        fuzz = Fuzz(document, people, pool, report, found)
        operations = fuzz.operations(told.only)
        for operation in operations[begin : begin + GROUP]:
            begun, spent = time.monotonic(), time.process_time()
            fuzz.try_operation(operation, told.cases, told.seed)
            line = {"operation": operation.label, "answers": report.statuses[operation.label]}
            print(json.dumps({**line, "s": time.monotonic() - begun, "cpu": time.process_time() - spent}), flush=True)
            if told.out:
                told.out.write_text(report.text())
        return len(operations), [line for line in found.server.said if '"level":"error"' in line]


def main() -> int:
    """Tries everything, group by group."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--cases", type=int, default=50)
    asked.add_argument("--only", default="")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--out", type=Path)
    told = asked.parse_args()
    report, faults, begin, number = Report(), list[str](), 0, 1
    while begin < number:
        number, said = attempts(told, report, begin)
        faults, begin = faults + said, begin + GROUP
    print(report.text(faults[:20]))
    return 1 if report.failed or faults else 0


if __name__ == "__main__":
    sys.exit(main())
