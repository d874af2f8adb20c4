"""The note to whoever takes over: what the flow asked, was answered, tried and verified, so that the customer repeats nothing.

Internal, in the transaction that asks for the person; written again only when there is more to tell. Nothing is written where
nothing was asked, and no code, PIN or other secret can be in it: the state does not hold them for it (`State.told`).
"""

from parlons.conversations import sidework
from parlons.conversations.model import Conversation
from parlons.flows.state import Told
from parlons.kit.languages import nearest
from parlons.reception.flow_instances import Instance
from parlons.runtime.db import Tx

NOTED = "noted"
"""Of an instance's contact: what its last note told."""
WORDS = {
    "en": {
        "title": "Before you:", "answered": "{label}: {value}", "hidden": "{label}: given (hidden)",
        "unanswered": "{label}: no answer", "tried": "Tried: {label} ({value})", "verified": "Verified: {label}",
        "no-answer": "no answer", "unserved": "not served", "overflow": "queue full", "busy": "busy", "refused": "refused",
        "timeout": "no answer", "left": "left the queue", "locked": "locked",
        "not-reachable": "cannot be reached", "no-way-there": "cannot be reached",
        "no-address": "no address", "opted-out": "wants no messages",
    },
    "fr": {
        "title": "Avant vous :", "answered": "{label} : {value}", "hidden": "{label} : donné (masqué)",
        "unanswered": "{label} : sans réponse", "tried": "Essayé : {label} ({value})", "verified": "Vérifié : {label}",
        "no-answer": "sans réponse", "unserved": "non servi", "overflow": "file pleine", "busy": "occupé", "refused": "refusé",
        "timeout": "sans réponse", "left": "a quitté la file", "locked": "bloqué",
        "not-reachable": "injoignable", "no-way-there": "injoignable",
        "no-address": "sans adresse", "opted-out": "ne veut pas de messages",
    },
}  # fmt: skip


async def hand_over(tx: Tx, instance: Instance, conversation: Conversation) -> None:
    """Tell whoever takes this contact what happened before him."""
    text = note_of(instance.state.told, conversation.language)
    if not text or instance.contact.get(NOTED) == text:
        return
    instance.contact[NOTED] = text
    await sidework.add_note(tx, conversation.id, author_user_id=None, author_name="", text=text)


def note_of(told: tuple[Told, ...], language: str | None) -> str:
    """The note, a line for each thing; empty where there is nothing to tell."""
    words = WORDS[nearest(language)]
    lines = [_line(one, words) for one in told]
    return "\n".join([words["title"], *(f"• {line}" for line in lines)]) if lines else ""


def _line(one: Told, words: dict[str, str]) -> str:
    form = "hidden" if one.what == "answered" and not one.value else one.what
    value = words.get(one.value, one.value) if one.what == "tried" else one.value
    return words[form].format(label=_flat(one.label), value=_flat(value))


def _flat(text: str) -> str:
    return " ".join(text.split())
