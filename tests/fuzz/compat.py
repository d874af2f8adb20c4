"""`python -m tests.fuzz.compat [--cases 50] [--only TEXT] [--seed N] [--out FILE]`: generated calls of the compatible API.

Every operation that is answered is called by the API's own published description (of the npm package the tests fetch), signed in
as the account and with a key, mostly with ids that exist. An answer must have exactly what is published, a refusal the API's own
shape. Ends with what broke, and with the operations that never answered 2xx.
"""

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from schemathesis import Case

from parlons.compat.operations import OPERATIONS, names_of
from parlons.simulator.telephone import Dialog, Telephone
from parlons.testing.people import Operator
from parlons.testing.processes import Running, data_folder
from tests.app.call_stage import CENTRE, CUSTOMER, NUMBER, SECOND
from tests.app.caller import Ear, Program, free_udp_port
from tests.app.existing_client import Keys, client
from tests.app.published import INSIDE, INSIDE_CALLS, faults, fetched
from tests.fuzz import compat_world as world
from tests.fuzz.centre import Caller
from tests.fuzz.run import ORDER, Fuzz, Report

Json = dict[str, Any]
ANSWERED = {(each.method.lower(), each.template): each for each in OPERATIONS if each.answer is not None}
_REFUSED = re.compile(r"^Unknown or unsupported parameter: (.*)$")
ERROR = {"code": int, "message": str, "more_info": str, "status": int}


@dataclass(slots=True)
class Known:
    """What the calls have learned of the server."""

    places: world.Places
    url: str
    """Where the program's addresses are."""
    refused: dict[str, set[str]] = field(default_factory=dict)
    """By operation: parameters that are refused by their name."""
    said: dict[str, Counter[str]] = field(default_factory=dict)
    """By operation: the words of its refusals."""


class Compatible(Fuzz):
    """The run over one of the published descriptions."""

    def __init__(self, document: Json, people: list[Caller], known: Known, report: Report) -> None:
        super().__init__(document, people, known.places, report)
        self._document, self._known = document, known

    def operations(self, only: str = "") -> list[Any]:
        """Those that are answered; reads first, deletions last."""
        found = [one.ok() for one in self._schema.get_all_operations()]
        wanted = [one for one in found if only in one.label and (one.method, one.path) in ANSWERED]
        return sorted(wanted, key=lambda one: ORDER.index(one.method))

    def _call(self, case: Case, turn: int, *, positive: bool) -> None:
        operation = ANSWERED[case.operation.method, case.operation.path]
        if positive and turn % 3:
            self._likely(case)
        if turn % 8 != 7 and (known := self._known.places.variables(operation.template)) is not None:
            case.path_parameters = dict(zip(names_of(operation), known, strict=True))
        if "AccountSid" in (case.path_parameters or {}) and turn % 8 != 7:
            case.path_parameters["AccountSid"] = self._people[0].name
        who = self._people[turn % 2 if turn % 6 == 1 else 0]
        door = "/_api" if case.operation.path.startswith("/2010") else "/_taskrouter"
        sent = case.as_transport_kwargs(base_url=who.base + door, headers={})
        sent["params"] = {key: value for key, value in (sent.get("params") or {}).items() if value is not None}
        try:
            answer = who.ask(sent)
        except (httpx.InvalidURL, UnicodeEncodeError, ValueError, TypeError, AttributeError):
            return  # not a call that can be made
        if answer.request.url.path.startswith(door + "/"):
            self._look(case, answer, sent)

    def _likely(self, case: Case) -> None:
        """A few of the parameters an operation takes, with values that fit what exists."""
        body = case.operation.definition.raw.get("requestBody", {}).get("content", {})
        schema = next((one["schema"] for one in body.values()), {})
        if isinstance(case.body, dict):
            needed = set(schema.get("required", ())).union(
                *(names for end, names in world.NEEDED.items() if case.operation.path.endswith(end))
            )
            case.body = self._some(case, schema.get("properties", {}), needed, case.body)
        described = {
            one["name"]: one["schema"]
            for one in case.operation.definition.raw.get("parameters", ())
            if one["in"] == "query"
        }
        case.query = self._some(case, described, set(), dict(case.query or {}))
        case.headers.pop("If-Match", None)

    def _some(self, case: Case, described: Json, needed: set[str], generated: Json) -> Json:
        random, refused = self._known.places.random, self._known.refused.get(case.operation.label, set())
        open_ones = [name for name in described if name not in refused]
        chosen = needed | set(random.sample(open_ones, min(len(open_ones), random.randint(0, 3))))
        return {name: self._value(name, described[name], generated) for name in described if name in chosen}

    def _value(self, name: str, schema: Json, generated: Json) -> Any:
        random = self._known.places.random
        if fitting := world.likely(name, self._known.url, self._known.places):
            return random.choice(fitting)
        letters = re.match(r"\^([A-Z]{2})", schema.get("pattern", ""))
        if letters is not None and (sid := self._known.places.sid(letters[1])) is not None:
            return sid
        if "enum" in schema:
            return random.choice(schema["enum"])
        if schema.get("type") in ("boolean", "integer"):
            return random.choice(("true", "false")) if schema["type"] == "boolean" else random.randint(0, 20)
        return generated.get(name, "one")

    def _look(self, case: Case, answer: httpx.Response, sent: Json) -> None:
        name, status = case.operation.label, answer.status_code
        self._report.statuses.setdefault(name, Counter())[status] += 1
        try:
            body = answer.json() if answer.content else None
        except ValueError:
            body = None
        for breach in self._breaches(case, status, body, answer.headers.get("content-type", "")):
            call = f"{str(answer.request.url)[:300]} {str(sent.get('data') or sent.get('json'))[:600]}"
            self._report.breaches.setdefault(name, {}).setdefault(
                breach[:80], f"{breach} | {answer.request.method} {call} -> {answer.text[:300]}"
            )
        if status < 300 and body is not None:
            self._known.places.found(body)
        elif isinstance(body, dict):
            message = str(body.get("message"))
            self._known.said.setdefault(name, Counter())[message[:100]] += 1
            if said := _REFUSED.match(message):
                self._known.refused.setdefault(name, set()).update(said[1].split(", "))

    def _breaches(self, case: Case, status: int, body: Any, kind: str) -> list[str]:
        if status < 300:
            return faults(self._document, case.operation.method, case.operation.path, status, body)
        if status < 400 or (status >= 500 and status != 501):
            return [str(status)]
        fits = isinstance(body, dict) and body.keys() == ERROR.keys() and kind.startswith("application/json")
        fits = fits and all(isinstance(body[name], each) for name, each in ERROR.items()) and body["status"] == status
        return [] if fits else [f"{status} is not an error of that API"]


def described(folder: Path) -> list[Json]:
    """What is published."""
    found = []
    for name in (INSIDE, INSIDE_CALLS):
        below = folder / Path(name).stem
        below.mkdir()
        found.append(fetched(below, inside=name))
    # Most of its own examples of conferences have null here, against its own schema.
    found[1]["components"]["schemas"]["conference_enum_reason_conference_ended"]["nullable"] = True
    return found


def keys_of(server: Running) -> Keys:
    """What signs in."""
    environ = {**os.environ, "PARLONS_URL": server.url, "PARLONS_KEY": server.operator_key()}
    command = [sys.executable, "-m", "parlons.app.cli", "keys", "create", "Fuzz", "--json"]
    found: Keys = json.loads(subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout)
    return found


def attempts(server: Running, url: str, told: argparse.Namespace, report: Report) -> None:
    """Every operation, each writing one in a world made anew."""
    keys, places = keys_of(server), world.Places(told.seed)
    known = Known(places, url)
    api = client(server.url, keys["account_sid"], keys["auth_token"])
    kept = {one.sid for one in api.taskrouter.v1.workspaces.list()}
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        signs = ((keys["account_sid"], keys["auth_token"]), (keys["key_sid"], keys["key_secret"]))
        people = [
            Caller(keys["account_sid"], server.url, stack.enter_context(httpx.Client(timeout=60, auth=sign)))
            for sign in signs
        ]
        for document in described(Path(folder)):
            fuzz = Compatible(document, people, known, report)
            fresh = False
            for operation in fuzz.operations(told.only):
                if not fresh:
                    places.anew()
                    if operation.path.startswith("/2010"):
                        world.calls(api, url)
                    else:
                        world.routing(api, kept)
                    world.learn(api, places)
                fresh = operation.method == "get"
                begun = time.process_time()
                fuzz.try_operation(operation, told.cases, told.seed)
                answers, said = report.statuses.get(operation.label), known.said.get(operation.label, Counter())
                line = {
                    "operation": operation.label, "answers": answers, "cpu": time.process_time() - begun,
                    "refused": said.most_common(3),
                }  # fmt: skip
                print(json.dumps(line), flush=True)
                if told.out:
                    told.out.write_text(report.text())


async def run(told: argparse.Namespace, report: Report) -> list[str]:
    """Starts a server with a telephone beyond its trunk and a program, and tries everything; what it wrote of faults."""
    port, ears = free_udp_port(), list[Ear]()
    environ = {
        "PARLONS_SIP_PORT": str(port), "PARLONS_TTS": "none", "PARLONS_HTTP_ALLOW": "127.0.0.1",
        "ADA_PHONE": "a long secret", "BOB_PHONE": "another secret",
    }  # fmt: skip
    phone = Telephone(("127.0.0.1", port), CUSTOMER)

    async def ring(dialog: Dialog, _invite: Any) -> None:
        ear = Ear()
        await ear.open()
        ears.append(ear)
        phone.accept(dialog, ear.port)

    phone.ring = ring
    await phone.open()
    with data_folder() as data, Running(data, environ=environ) as server:
        async with Program() as program, Operator([server.url], server.operator_key()) as operator:
            program.says("/lasting", '<Pause length="600"/>')
            await operator.apply(CENTRE.format(port=phone.port, number=NUMBER, second=SECOND))
            await asyncio.to_thread(attempts, server, program.url, told, report)
        for one in (phone, *ears):
            one.close()
        return [line for line in server.said if "Traceback" in line]


def main() -> int:
    """Tries everything and tells."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--cases", type=int, default=50)
    asked.add_argument("--only", default="")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--out", type=Path)
    told, report = asked.parse_args(), Report()
    unclean = asyncio.run(run(told, report))
    print("\n".join([report.text(), *unclean[:20]]))
    return 1 if report.breaches else 0


if __name__ == "__main__":
    sys.exit(main())
