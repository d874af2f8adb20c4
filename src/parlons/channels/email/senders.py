"""Whether the sender a mail names is really he. Pure.

Decides by what our own mail server found (Authentication-Results), and by nothing a stranger could write himself: only lines
of the server named in the settings count, the topmost of them, and only what it found about the domain in From. Sources: RFC
8601; RFC 7489 3.1 (alignment).
"""

import re

from parlons.channels.email.model import Mail
from parlons.channels.email.settings import Settings

_RESULT = re.compile(r"\b(dmarc|dkim|spf)\s*=\s*([a-z]+)")
_DOMAIN = re.compile(r"\b(?:header\.d|header\.i|header\.from|smtp\.mailfrom)\s*=\s*\"?(?:[^\s;@\"]*@)?([^\s;@\"]+)")


def proven(mail: Mail, settings: Settings) -> bool:
    """Whether the address in From may lead to a known customer."""
    if mail.sender is None or settings.believe == "nobody":
        return False
    if settings.believe == "everybody":
        return True
    if not settings.checked_by:
        return False
    domain = mail.sender.address.rpartition("@")[2]
    for line in mail.authentications:
        server, _, found = line.lower().partition(";")
        if server.strip().partition(" ")[0] == settings.checked_by.lower():
            return _passed(found, domain)
    return False


def _passed(found: str, domain: str) -> bool:
    for part in found.split(";"):
        result = _RESULT.search(part)
        if result is None:
            continue
        about = {name.strip(".") for name in _DOMAIN.findall(part)}
        aligned = any(_aligned(name, domain) for name in about)
        if result[1] == "dmarc" and result[2] == "fail":
            return False
        if result[2] == "pass" and aligned:
            return True
    return False


def _aligned(name: str, domain: str) -> bool:
    return domain == name or (domain.endswith(f".{name}") and "." in name)
