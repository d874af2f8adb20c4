"""Which survey is put after a conversation, whether this one is in the share, how it is put, and what counts as an answer. Pure.

The share is drawn from the ids, so that the same conversation is in it or not however often one looks.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence

from parlons.conversations.model import Conversation, Message
from parlons.kit.clock import Millis
from parlons.surveys.model import CHANGES_MS, How, Invitation, Kind, Survey, Words, range_of

VOICE = "voice"
DAY_MS = 86_400_000
LONGEST_BUTTON = 20
"""Signs that every channel with buttons shows."""
ASKED, THANKED = "survey", "survey-thanks"
"""Codes of our two lines."""
_NUMBER = re.compile(r"\s*(\d{1,2})\s*(?:[/.!)].{0,4})?\s*")
_PAYLOAD = re.compile(r"survey:(SI[0-9a-f]{32}):(\d{1,2})")


def chosen(surveys: Iterable[Survey], conversation: Conversation) -> Survey | None:
    """The survey for this conversation: one that names its queue before one that names its firm before one for all."""
    fitting = [one for one in surveys if fits(one, conversation)]
    order = sorted(fitting, key=lambda one: (not one.rule.queue_ids, one.firm_id is None, one.name))
    return order[0] if order else None


def fits(survey: Survey, conversation: Conversation) -> bool:
    """Whether this survey is put after such a conversation."""
    rule = survey.rule
    if not rule.active or survey.firm_id not in (None, conversation.firm_id):
        return False
    if rule.queue_ids and conversation.queue_id not in rule.queue_ids:
        return False
    return conversation.channel in rule.channels if rule.channels else conversation.channel != VOICE


def in_share(survey: Survey, conversation_id: str) -> bool:
    """Whether the share takes this conversation."""
    digest = hashlib.sha256(f"{survey.id} {conversation_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % 100 < survey.rule.share_percent


def rests(survey: Survey, last_asked_at: Millis | None, now: int) -> bool:
    """Whether the customer was asked too short a time ago."""
    return last_asked_at is not None and now - last_asked_at < survey.rule.every_days * DAY_MS


def how_put(kind: Kind, words: Words, labels: Sequence[str], *, subject: bool, buttons: int) -> How:
    """Buttons where they fit, else a number to answer with; a page for words and for channels of letters."""
    if subject or range_of(kind, words) is None:
        return "page"
    if len(labels) <= buttons and all(len(label) <= LONGEST_BUTTON for label in labels):
        return "buttons"
    return "numbers"


def payload(invitation_id: str, score: int) -> str:
    """What a button gives back."""
    return f"survey:{invitation_id}:{score}"


def pressed(text: str) -> tuple[str, int] | None:
    """Invitation and answer of a button of ours."""
    found = _PAYLOAD.fullmatch(text)
    return (found[1], int(found[2])) if found else None


def number_in(text: str) -> int | None:
    """The number somebody answered with: it stands alone, or as `4/5`, `4.`, `4 !`."""
    found = _NUMBER.fullmatch(text)
    return int(found[1]) if found else None


def valid(invitation: Invitation, score: int) -> bool:
    """Whether this is one of its answers."""
    limits = range_of(invitation.kind, invitation.words)
    return limits is not None and limits[0] <= score <= limits[1]


def takes_answer(invitation: Invitation, now: int) -> bool:
    """Whether an answer counts now: the first within its time, another within the hour after it."""
    answered = invitation.answered_at
    return now < invitation.expires_at and (answered is None or now < answered + CHANGES_MS)


def nothing_between(since: Sequence[Message], message_id: str) -> bool:
    """Whether a number may be meant for the question: between the two nobody said anything but answers and our thanks."""
    others = [one for one in since if one.id != message_id]
    return all(
        number_in(one.text) is not None
        if one.author.kind == "customer"
        else (one.notice or {}).get("code") in (ASKED, THANKED)
        for one in others
    )
