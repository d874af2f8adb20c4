"""Whether a machine wrote a mail, and whether we wrote it ourselves: such mails are never answered.

Decides by headers, and only then by the words of a subject, so that a person who writes about his absence is heard. Sources:
RFC 3834 (Auto-Submitted), RFC 2076 (Precedence), RFC 2919 (List-Id), RFC 2369 (List-Unsubscribe); the headers of Exchange,
cPanel and vacation programs.
"""

import re

from parlons.channels.email.model import Mail

OWN_HEADER = "x-parlons"
"""Stands in every mail we send; its value names the account."""
_BULK = {"bulk", "junk", "list", "auto_reply"}
_NOBODY = re.compile(
    r"(mailer-daemon|postmaster|no-?reply|ne-?pas-?repondre|do-?not-?reply|bounces?)([+.-].*)?@", re.IGNORECASE
)
_AWAY = re.compile(
    r"^\s*(auto(matic|matische|mated)?[ -]?(reply|response|antwort|:)|réponse automatique|automatische antwort|"
    r"respuesta automática|risposta automatica|out of( the)? office|abwesenheitsnotiz|absence du bureau|auto:)",
    re.IGNORECASE,
)


def is_automatic(mail: Mail) -> bool:
    """Whether a machine wrote it: an absence notice, a bounce, a newsletter."""
    headers = mail.headers
    submitted = headers.get("auto-submitted", "no").partition(";")[0].strip().lower()
    if submitted not in ("no", ""):
        return True
    if headers.get("precedence", "").strip().lower() in _BULK or "list-id" in headers or "list-unsubscribe" in headers:
        return True
    if any(name in headers for name in ("x-autoreply", "x-autorespond", "x-failed-recipients", "feedback-id")):
        return True
    if headers.get("return-path", "").strip() == "<>" or headers.get("content-type", "").lower().startswith(
        "multipart/report"
    ):
        return True
    sender = mail.answer_to
    return sender is None or _NOBODY.match(sender.address) is not None or _AWAY.match(mail.subject) is not None


def is_own(mail: Mail, account_key: str) -> bool:
    """Whether this account sent it: it came back by a forwarding rule or as a copy to ourselves."""
    return mail.headers.get(OWN_HEADER, "").strip().lower() == account_key.lower()
