"""The addresses of one mailbox: which of them a mail was sent to, and which an answer comes from. Pure."""

import email.utils

from parlons.channels.email.model import Mail, Mailbox
from parlons.channels.email.settings import Settings
from parlons.channels.model import Account


def settings_of(account: Account) -> Settings:
    """The account's settings."""
    assert isinstance(account.settings, Settings)
    return account.settings


def identities(account: Account) -> tuple[Mailbox, ...]:
    """Its own addresses, the main one first."""
    settings = settings_of(account)
    found = [Mailbox(account.address, settings.name)]
    for text in settings.identities:
        name, address = email.utils.parseaddr(text)
        if address:
            found.append(Mailbox(address.lower(), name or settings.name))
    return tuple(found)


def written_to(account: Account, mail: Mail) -> Mailbox:
    """Which of them this mail names; the main one when it names none (a blind copy)."""
    mine = {one.address: one for one in identities(account)}
    delivered = [Mailbox(mail.headers.get(name, "").strip("<> ").lower()) for name in ("delivered-to", "x-original-to")]
    for mailbox in (*mail.to, *mail.cc, *delivered):
        if found := mine.get(plain(mailbox.address)):
            return found
    return next(iter(mine.values()))


def plain(address: str) -> str:
    """An address without what stands after `+`, in small letters."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
