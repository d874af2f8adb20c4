"""A mail as an event of the channel socket. Pure: the same bytes give the same event.

Decides what is words, what is folded away, which files belong to a text and which were only its decoration, who is answered,
and what a mail of a machine becomes: a receipt, an automatic message, or nothing (one of our own that came back).
"""

import hashlib

from parlons.channels.email import automatic, bounces, html, threads
from parlons.channels.email.identities import identities, plain, settings_of, written_to
from parlons.channels.email.model import Mail, Mailbox
from parlons.channels.email.parsing import parse
from parlons.channels.email.quotes import divide
from parlons.channels.email.senders import proven
from parlons.channels.model import Account, Event, Incoming, IncomingFile, Sender, Unknown
from parlons.customers.model import EMAIL

NO_TEXT = "(no text)"
MAX_COPIES = 50
TOO_LARGE = "mail-too-large"


def read(account: Account, raw: bytes) -> list[Event]:
    """What `raw` says."""
    reports = bounces.receipts(raw)
    if reports:
        return list(reports)
    mail = parse(raw)
    if automatic.is_own(mail, account.key) or mail.answer_to is None:
        return [Unknown(mail.message_id, "own-mail" if mail.answer_to else "nobody")]
    return [message(account, mail)]


def message(account: Account, mail: Mail) -> Incoming:
    """The customer's message in a mail."""
    answer_to = mail.answer_to
    assert answer_to is not None
    page = html.clean(mail.html) if mail.html else None
    divided = divide(mail.text)
    new, folded = divided.new, divided.folded
    if page is not None and page.quoted and not folded:  # its marks in HTML are surer than its lines
        new, folded = html.to_text(page.new), html.to_text(page.quoted)
    mine = written_to(account, mail)
    shown = page.cids if page is not None else frozenset()
    return Incoming(
        id=mail.message_id,
        variant=variant(mail),
        sender=_sender(account, mail, answer_to),
        text=new or ("" if mail.parts else NO_TEXT),
        files=tuple(IncomingFile(part.name, part.content_type, part.content, inline_id=part.content_id
                                 if part.content_id in shown else None, size=len(part.content)) for part in mail.parts),
        subject=threads.without_token(mail.subject)[: threads.LONGEST_SUBJECT],
        html=page.new if page is not None else "",
        folded=folded,
        reply_to=mail.references,
        token=threads.token_of(mail),
        at=mail.at,
        automatic=automatic.is_automatic(mail),
        attributes={"mailbox": mine.address},
        data=_data(account, mail, mine),
    )  # fmt: skip


def too_large(account: Account, head: bytes, size: int) -> Incoming:
    """A mail of which only the headers were read: told to the agent, answered like others."""
    mail = parse(head)
    sender = mail.answer_to or Mailbox(f"unknown@{account.address.rpartition('@')[2]}")
    told = f"A mail of {size / 1_000_000:.0f} MB was not taken: it is larger than {settings_of(account).largest_mb} MB."
    return Incoming(
        id=mail.message_id,
        variant=variant(mail),
        sender=_sender(account, mail, sender),
        text=told,
        subject=threads.without_token(mail.subject)[: threads.LONGEST_SUBJECT],
        reply_to=mail.references,
        token=threads.token_of(mail),
        at=mail.at,
        automatic=automatic.is_automatic(mail),
        kind=TOO_LARGE,
        data=_data(account, mail, written_to(account, mail)),
    )


def variant(mail: Mail) -> str:
    """What tells two mails apart that bear the same id; the same for two deliveries of one mail."""
    told = [mail.sender.address if mail.sender else "", mail.subject, mail.text, *(part.name for part in mail.parts)]
    return hashlib.sha256("\0".join(told).encode()).hexdigest()[:16]


def _sender(account: Account, mail: Mail, answer_to: Mailbox) -> Sender:
    """Answers go to Reply-To, the customer is who From names: somebody who only asks for answers elsewhere proves nothing."""
    named = mail.sender or answer_to
    elsewhere = plain(answer_to.address) != plain(named.address)
    believed = proven(mail, settings_of(account)) and not elsewhere
    value = answer_to if elsewhere else named
    return Sender(answer_to.address, EMAIL, value.address, believed, name=value.name)


def _data(account: Account, mail: Mail, mine: Mailbox) -> dict[str, object]:
    """What an answer needs: the other people of the mail, and which of our addresses it was sent to."""
    own = {one.address for one in identities(account)}
    others = [one for one in (*mail.to, *mail.cc) if plain(one.address) not in own]
    answered = mail.answer_to.address.lower() if mail.answer_to else ""
    cc = [one.address for one in others if one.address.lower() != answered][:MAX_COPIES]
    data: dict[str, object] = {"identity": mine.address, "cc": cc, "from": mail.sender.address if mail.sender else ""}
    if mail.defects:
        data["defects"] = list(mail.defects)
    return data
