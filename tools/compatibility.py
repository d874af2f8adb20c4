"""Writes docs/reference/compatibility.md: each operation of the API that is answered or near to it, and how it is covered.

    python -m tools.compatibility

*run in tests* means that an official, unmodified client calls it in tests/app/test_existing_clients_tour.py or, of calls, in
tests/app/test_existing_calls.py, which fail when one of these operations was not called or this page says otherwise.
"""

from pathlib import Path

from parlons.compat.call_xml import ATTRIBUTES
from parlons.compat.operations import OPERATIONS, Operation

PAGE = Path(__file__).resolve().parent.parent / "docs/reference/compatibility.md"
HEAD = """# Compatibility

Written by `python -m tools.compatibility` from the code; a test keeps it fresh. The task-routing part of the best-known
communications API and its calls: each operation, and whether this server answers it
([how to use it](../how-to/existing-programs.md)).
*run in tests*: the official Python client `twilio` 9.13.0 calls it, unmodified, against a running server. *absent*: it answers
501 in that API's own error shape.

Interfaces compatible with the Twilio® API; Parlons is not affiliated with or endorsed by Twilio Inc.

| operation | Python client |
|---|---|
"""
TAIL = """
Of the reservations' instructions `accept`, `reject`, `dequeue`, `call`, `redirect` and `conference` are answered, by request and
by assignment callback; `supervise` answers 501. So does `ReEvaluateTasks=false`. Of `dequeue`: to, from, timeout,
post_work_activity_sid, status_callback_url and _events; of `call`: to, from, url, accept, timeout and the same callbacks; of
`redirect`: call_sid, url, accept; of `conference`: to, from, timeout, muted, beep, start_conference_on_enter,
end_conference_on_exit, end_conference_on_customer_exit, post_work_activity_sid, conference_status_callback and _event. Any other
field is refused.
"""

XML = """
## Call XML

What documents may hold. Any other element, attribute or value is refused: the call's fallback address is asked with `ErrorCode`
12200 (element), 12201 (attribute) or 12100 (not XML), and without one the caller hears that it does not work.

| element | attributes |
|---|---|
"""


def covered(operation: Operation) -> str:
    """How an operation is covered."""
    return "absent" if operation.answer is None else "run in tests"


def page() -> str:
    """The whole page."""
    rows = [f"| `{each.method} {each.template}` | {covered(each)} |" for each in OPERATIONS]
    return HEAD + "\n".join(rows) + "\n" + TAIL + call_xml()


def call_xml() -> str:
    """What of call XML is carried out: the reader's own tables."""
    rows = [f"| `{name}` | {', '.join(f'`{one}`' for one in known) or 'none'} |" for name, known in ATTRIBUTES.items()]
    return XML + "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page())
