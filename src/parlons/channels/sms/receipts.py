"""Delivery receipts: which message, what became of it. Pure.

Sources: SMPP 3.4, appendix B (the habitual text) and 5.3.2.12/35 (receipted_message_id, message_state), which hold where
both are there. Identifiers are compared by `known_id`: some centres answer with a hexadecimal number and report the same
number in decimals, or with leading zeros.
"""

import re
from dataclasses import dataclass
from typing import Literal

State = Literal["sent", "delivered", "failed"]
IdForm = Literal["text", "hex", "decimal"]
RECEIPTED_ID, MESSAGE_STATE = 0x001E, 0x0427
_STATES: dict[str, State | None] = {
    "ENROUTE": "sent", "ACCEPTD": "sent", "DELIVRD": "delivered", "EXPIRED": "failed", "DELETED": "failed",
    "UNDELIV": "failed", "REJECTD": "failed", "UNKNOWN": None,
}  # fmt: skip
_NUMBERS = ("", "ENROUTE", "DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD")
"""message_state by number (5.2.28)."""
_FIELD = re.compile(r"\b(id|sub|dlvrd|submit date|done date|stat|err):\s*(\S+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Receipt:
    """One report about one part."""

    message_id: str
    state: State | None
    """None: the carrier does not know either."""
    code: str
    """As the carrier says it: `DELIVRD`, `UNDELIV 034` ..."""


def is_receipt(esm_class: int) -> bool:
    """Whether a deliver_sm is a report (5.2.12): delivery receipt or intermediate notification."""
    return esm_class & 0x3C in (0x04, 0x20)


def read(text: str, options: dict[int, bytes]) -> Receipt | None:
    """The receipt in a report's text and optional parameters; None when it names no message."""
    fields = {name.lower(): value for name, value in _FIELD.findall(text)}
    message_id = _text(options.get(RECEIPTED_ID)) or fields.get("id", "")
    number = int.from_bytes(options.get(MESSAGE_STATE, b""), "big")
    word = _NUMBERS[number] if 0 < number < len(_NUMBERS) else fields.get("stat", "").upper()[:7]
    if not message_id:
        return None
    error = fields.get("err", "").strip("0")
    state = _STATES.get(word)
    code = f"{word or 'UNKNOWN'} {fields['err']}" if error and state == "failed" else word or "UNKNOWN"
    return Receipt(message_id, state, code)


def known_id(message_id: str, form: IdForm) -> str:
    """The identifier as it is stored and looked up. `form`: how this carrier writes it here (answer or receipt)."""
    text = message_id.strip()
    try:
        return str(int(text, 16 if form == "hex" else 10)) if form != "text" else text
    except ValueError:
        return text


def failure(code: str) -> str:
    """The kebab-case code of a failure, by the carrier's word."""
    words = {"EXPIRED": "not-reached-in-time", "DELETED": "removed-by-provider", "REJECTD": "refused-by-provider"}
    return words.get(code.partition(" ")[0], "not-delivered")


def gateway_state(kind: int) -> State | None:
    """What a gateway's `%d` means (Kannel user guide, delivery reports): 1, 2 final, 4 kept, 8 handed on, 16 refused."""
    return {1: "delivered", 2: "failed", 4: "sent", 8: "sent", 16: "failed"}.get(kind)  # type: ignore[return-value]


def _text(value: bytes | None) -> str:
    return (value or b"").split(b"\x00")[0].decode("latin-1").strip()
