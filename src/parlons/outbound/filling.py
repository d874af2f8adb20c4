"""What one recipient of a send reads. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from parlons.outbound.model import Send
from parlons.templates.liquid import fill
from parlons.templates.model import Reader, language_for, values_for

Json = dict[str, Any]
LEAVE = {
    "en": "To get no more of these mails: ",
    "fr": "Pour ne plus recevoir ces courriels\u00a0: ",
}


@dataclass(frozen=True, slots=True)
class Filled:
    """A text with its values."""

    language: str
    text: str
    subject: str = ""
    template: Json | None = None
    """As a message carries it: name, language, values."""


def filled(
    send: Send, customer: Mapping[str, Any], firm_name: str, languages: tuple[str | None, ...], leave: str
) -> Filled:
    """The text in the first of `languages` there is. `customer`: as the API shows him; `leave`: the address by which he asks
    for no more, empty: none. Raises InvalidTemplate."""
    language = language_for({name: one.text for name, one in send.texts.items()}, languages)
    one, values = send.texts[language], values_for(Reader(customer, "", firm_name))
    if one.template:
        given = [fill(value, values).text.strip() for value in one.values]
        text = one.text
        for number, value in enumerate(given, 1):
            text = text.replace(f"{{{{{number}}}}}", value)
        return Filled(language, text, template={"name": one.template, "language": language, "values": given})
    text = fill(one.text, values).text.strip()
    if leave:
        text = f"{text}\n\n{LEAVE.get(language, LEAVE['en'])}{leave}"
    return Filled(language, text, fill(one.subject, values).text.strip() if one.subject else "")
