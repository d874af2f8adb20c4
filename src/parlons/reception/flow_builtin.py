"""Flows that nobody wrote: of a telephone number without one, when a flow cannot go on, last words. Pure.

A number's plain flow: greeting and notice (where the firm has words for them), then by the hours to an agent; closed: said,
and a message is taken. The firm's own words are those of its entry point.
"""

from typing import Any

from parlons.flows.model import Flow, Step
from parlons.flows.steps.choosing import OpeningHours
from parlons.flows.steps.ending import Finish
from parlons.flows.steps.reaching_people import Queue, Voicemail
from parlons.flows.steps.talking import Say
from parlons.flows.words import Texts
from parlons.kit.languages import LANGUAGES, nearest
from parlons.reception import texts
from parlons.reception.model import EntryPoint

VOICEMAIL_OFF = "voicemail"
"""Attribute of an entry point: `voicemail: false` takes no messages when closed."""


def plain_flow(point: EntryPoint) -> Flow:
    """The flow of a telephone entry point that names none."""
    steps: dict[str, Step] = {}
    order = [code for code in (texts.GREETING, texts.NOTICE) if texts.of_calls(code, point.texts)]
    for code, after in zip(order, [*order, "hours"][1:], strict=True):
        steps[code] = Say(text=_words(code, point), prompt=None, next=after)
    takes_messages = point.attributes.get(VOICEMAIL_OFF) is not False
    after_closed = "message" if takes_messages else "goodbye"
    steps["hours"] = OpeningHours(open="agent", closed="closed", holiday="holiday")
    steps["agent"] = Queue(unserved="unserved")
    steps["closed"] = Say(text=_words(texts.CLOSED_CALL, point), next=after_closed)
    steps["holiday"] = Say(text=_words(texts.HOLIDAY_CALL, point), next=after_closed)
    if takes_messages:
        steps["message"] = Voicemail(
            text=_own("voicemail", point), thanks=_own("voicemail-thanks", point), next="goodbye"
        )
    steps["unserved"] = Say(text=_words(texts.NOT_SERVED_CALL, point), next="goodbye")
    steps["goodbye"] = Finish()
    return Flow(
        name=f"{point.channel} {point.address}"[:64],
        start=order[0] if order else "hours",
        steps=steps,
        language=nearest(point.language),
    )


def fallback_flow(point: EntryPoint | None, queue: str | None, *, call: bool) -> Flow:
    """Says that something went wrong, and goes to a person."""
    last: dict[str, Step] = {"goodbye": Finish(close=False)}
    if call:
        last["unserved"] = Say(text=_words(texts.NOT_SERVED_CALL, point), next="goodbye")
    return Flow(
        name="fallback",
        start="trouble",
        steps={
            "trouble": Say(text=_words(texts.TROUBLE, point), next="agent"),
            "agent": Queue(queue=queue, unserved="unserved" if call else None),
            **last,
        },
    )


def last_words(point: EntryPoint | None, code: str) -> Flow:
    """Says one thing and ends."""
    return Flow(name="last-words", start="words", steps={"words": Say(text=_words(code, point))})


def _words(code: str, point: EntryPoint | None) -> Texts:
    return texts.of_calls(code, point.texts if point is not None else {})


def _own(code: str, point: EntryPoint) -> Texts | None:
    found: dict[str, Any] = {
        language: lines[code] for language, lines in point.texts.items() if language in LANGUAGES and code in lines
    }
    return found or None
