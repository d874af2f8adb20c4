"""Writes docs/reference/compatibility.md: each operation answered or near to it, and how it is covered for each client.

    python -m tools.compatibility

*run in tests* is what the official, unmodified clients asked when the tests ran (tests/app/clients_ran.json, which fails to be
fresh when a run asked something else). The page is kept fresh by a test, too.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path

from parlons.compat.bridge import COMMANDS
from parlons.compat.call_xml import ATTRIBUTES
from parlons.compat.operations import OPERATIONS, Operation, find

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/reference/compatibility.md"
RAN = ROOT / "tests/app/clients_ran.json"
PYTHON, JAVASCRIPT, BROWSER = "twilio (Python)", "twilio (JavaScript)", "twilio-taskrouter"
CLIENTS = (PYTHON, JAVASCRIPT, BROWSER)
HEAD = """# Compatibility

Written by `python -m tools.compatibility` from the code and from what ran; tests keep it fresh. The task-routing part of the
best-known communications API and its calls: each operation, and how this server's answer is known to fit
([how to use it](../how-to/existing-programs.md)).

- *run in tests*: this official client asks it, unmodified, of a running server: `twilio` 9.13.0 for Python, `twilio` 6.2.0 and
  `twilio-taskrouter` 2.1.1 for JavaScript (by the [bridge](../how-to/existing-programs.md#in-a-browser)).
- *schema-checked*: the answer has exactly the published properties, types, patterns of ids and dates; this client did not ask it.
- *absent*: it answers 501 in that API's own error shape; by the bridge also what its token does not reach.

Interfaces compatible with the Twilio® API; Parlons is not affiliated with or endorsed by Twilio Inc.

"""
TAIL = """
Of the reservations' instructions `accept`, `reject`, `dequeue`, `call`, `redirect` and `conference` are answered, by request and
by assignment callback. `ReEvaluateTasks=false` answers 501. Of `dequeue`: to, from, timeout,
post_work_activity_sid, status_callback_url and _events; of `call`: to, from, url, accept, timeout and the same callbacks; of
`redirect`: call_sid, url, accept; of `conference`: to, from, timeout, muted, beep, start_conference_on_enter,
end_conference_on_exit, end_conference_on_customer_exit, post_work_activity_sid, conference_status_callback and _event. Any other
field is refused. `supervise` is answered by request, for a reservation accepted by `conference`: `Supervisor` is a worker's
id, whose `contact_uri` is called, or an address, `SupervisorMode` is `monitor`, `whisper` or `barge`.
By the bridge transfers and what acts on participants of a call are absent, too.
"""

XML = """
## Call XML

What documents may hold. Any other element, attribute or value is refused: the call's fallback address is asked with `ErrorCode`
12200 (element), 12201 (attribute) or 12100 (not XML), and without one the caller hears that it does not work.

| element | attributes |
|---|---|
"""


def asked(requests: Iterable[tuple[str, str]]) -> list[str]:
    """The operations that requests (method, path) were for."""
    found = {
        (method, operations[method].template) for method, path in requests if method in (operations := find(path)[0])
    }
    return sorted(f"{method} {template}" for method, template in found)


def check_ran(client: str, requests: Iterable[tuple[str, str]], part: str = "/v1/") -> None:
    """Raises AssertionError when a client asked something else of a part than is kept; PARLONS_WRITE_FIXTURES=1 keeps it."""
    every = json.loads(RAN.read_text())
    kept = {each for each in every[client] if each.split()[1].startswith(part)}
    found = {each for each in asked(requests) if each.split()[1].startswith(part)}
    if os.environ.get("PARLONS_WRITE_FIXTURES") == "1":
        every[client] = sorted({*every[client]} - kept | found)
        RAN.write_text(json.dumps(every, indent=1, sort_keys=True) + "\n")
        return
    assert kept == found, "PARLONS_WRITE_FIXTURES=1 keeps what ran; then python -m tools.compatibility"


def covered(operation: Operation, client: str, ran: list[str]) -> str:
    """How an operation is covered for a client."""
    if operation.answer is None or (client == BROWSER and (operation.method, operation.template) not in COMMANDS):
        return "absent"
    return "run in tests" if f"{operation.method} {operation.template}" in ran else "schema-checked"


def page() -> str:
    """The whole page."""
    ran = json.loads(RAN.read_text())
    rows = [f"| operation | {' | '.join(CLIENTS)} |", f"|---{'|---' * len(CLIENTS)}|"]
    for each in OPERATIONS:
        cells = (covered(each, client, ran[client]) for client in CLIENTS)
        rows.append(f"| `{each.method} {each.template}` | {' | '.join(cells)} |")
    return HEAD + "\n".join(rows) + "\n" + TAIL + call_xml()


def call_xml() -> str:
    """What of call XML is carried out: the reader's own tables."""
    rows = [f"| `{name}` | {', '.join(f'`{one}`' for one in known) or 'none'} |" for name, known in ATTRIBUTES.items()]
    return XML + "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page())
