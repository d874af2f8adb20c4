"""What passes between a channel and the rest: accounts, capabilities, what comes in, what goes out. Pure values.

A channel turns a provider's shapes into these and back (`plugin`); everything else (dedupe, customers, threading, order,
opt-out, retries, states) is done once for all channels and knows nothing of any provider.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from parlons.kit.clock import Millis

Json = dict[str, Any]
DeliveryState = Literal["queued", "sending", "sent", "delivered", "read", "failed", "unsure"]
"""Of a message on its way out. `unsure`: it may have left and may not have; a person decides whether to send again."""
ReceiptState = Literal["sent", "delivered", "read", "failed"]
ALL_MEDIA = frozenset({"*/*"})
"""Every type that `conversations.attachments` allows."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an account's messages can carry, for the desk's composer and for what is refused before it is sent."""

    text: int | None = None
    """Characters of one message at most; None: no limit but ours (20,000)."""
    segments: bool = False
    """Text is counted and paid in segments (GSM-7 or UCS-2), as in SMS."""
    rich: bool = False
    """HTML beside the text."""
    subject: bool = False
    copies: bool = False
    """cc and bcc."""
    buttons: int = 0
    """How many buttons a message may have; 0: none."""
    media: frozenset[str] = frozenset()
    """Content types of files, such as `image/png`; `image/*` and `*/*` stand for more. Empty: no files."""
    media_bytes: int = 0
    """Of one file at most."""
    files: int = 10
    """How many files one message may have."""
    typing: bool = False
    """The customer can be shown that an agent writes."""
    read: bool = False
    """The channel tells when the customer has read."""
    delivered: bool = False
    """The channel tells when a message has arrived; without it `sent` is the last state."""
    reply_window: timedelta | None = None
    """After the customer's last message free text may be sent for so long; later a template is needed. None: always."""
    templates: bool = False
    """Texts approved by the provider can be sent at any time (`plugin.HasTemplates`)."""
    starts: bool = True
    """An agent may write first. False: only to somebody who wrote before."""
    public: bool = False
    """What is written here is seen by everybody."""
    once: bool = False
    """One message to an address and no more: a private answer to what somebody said in public."""
    paid: bool = False
    """Each message costs the tenant money."""
    repeatable: bool = False
    """The provider takes `Outgoing.key` as idempotency key: the same sent twice arrives once. Decides what becomes of messages
    that were in flight when a process died: sent again if True, else `unsure`."""
    sends: bool = True
    """False: answers reach the customer over a connection of his own (web chat); `send` is never called."""


@dataclass(frozen=True, slots=True)
class Account:
    """One configured mailbox, number, page, bot or widget of a channel. Loaded with its secrets opened: never log or store it."""

    id: str
    tenant_id: str
    workspace_id: str
    firm_id: str
    channel: str
    """Name of the channel: its key in the registry."""
    key: str
    """Name of the account in the configuration and in its hook's address: lower case, digits and dashes; unique in a channel."""
    address: str
    """Where customers write to, as the channel writes it: `shop@example.org`, `+33...`, a page's id. Also the entry point's
    address that routes its messages (`reception`)."""
    settings: Any = None
    """The channel's own settings: an instance of its `settings` model, checked already."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Opened, by the names in the channel's `secrets`; one that was not given is missing."""
    per_second: float | None = None
    """At most so many messages a second go out by this account; None: no limit. Kept by the engine, not by the channel."""
    hook_url: str = ""
    """The public address of this account's hook, for channels that tell their provider."""
    version: int = 1
    """Rises when its configuration changes; `run` is then ended and begun again."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who wrote, as the provider says."""

    address: str
    """What answers go to: a mail address, a number, an id. Given back as `Outgoing.to`."""
    kind: str
    """A kind of `customers.model`: email, phone, or external. An external value begins with the channel's name and, where ids
    hold for one account only, the account's address: `telegram:4711`, `messenger:PAGE:PSID`; it may differ from `address`. A
    public channel names people as the private one of the same service does: one person is one customer."""
    value: str
    """The customer's address of that kind; an unusable one is kept as external by the engine."""
    verified: bool
    """The provider vouches for it. A claim only (a mail without a valid signature) never opens a known customer's history."""
    name: str = ""
    language: str | None = None


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A file that came with a message: its bytes, or what `plugin.FetchesFiles.fetch` needs to get them later."""

    name: str
    content_type: str = ""
    body: bytes | None = None
    ref: str | None = None
    """Provider's id or address of the file; fetched after the message is shown and routed, tried again when it fails."""
    size: int | None = None
    """As declared, for showing what is still to come."""
    inline_id: str | None = None
    """Content id, for a picture inside `Incoming.html`."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A customer's message. The same `id` of an account is taken once, however often and in whatever order it comes."""

    id: str
    """The provider's id; where it gives none, a digest of what came."""
    sender: Sender
    text: str = ""
    """What a person reads; quotes of mails and control characters left out."""
    files: tuple[IncomingFile, ...] = ()
    subject: str = ""
    html: str = ""
    """Already cleaned (nh3); shown in a frame of its own."""
    folded: str = ""
    """What was left out of `text`: quoted history, signature; the desk shows it on demand."""
    reply_to: tuple[str, ...] = ()
    """Provider ids this answers, nearest first (In-Reply-To, then References backwards; a quoted message). An id of ours leads
    to its conversation, whoever writes."""
    token: str | None = None
    """A conversation token (`threading.token_of`) found in an address, subject or link. Checked by the engine."""
    thread: str | None = None
    """The provider's own thread or topic, where one customer can have several at a time; None: one a customer and account."""
    to: str | None = None
    """The account's address it was sent to, where one hook serves several accounts; None: the account of the hook."""
    at: Millis | None = None
    """The provider's time: shown when it differs much, never used for order."""
    language: str | None = None
    automatic: bool = False
    """An automatic answer or a machine's notice: kept in a known conversation, never answered, never routed by itself."""
    public: bool = False
    button: str | None = None
    """The payload of a button he pressed; `text` is its label."""
    kind: str = "text"
    """Anything but `text` (a location, a sticker, a contact ...) that has no text of its own is kept, shown as such with `text`
    as a plain description if there is one, and routed as a message."""
    attributes: Json = field(default_factory=dict)
    """What routing may ask, flat: `{"page": "...", "mailbox": "..."}`. Claims, never a ground for a right."""
    data: Json = field(default_factory=dict)
    """The channel's own, kept with the message as `content.data` and given back in `Outgoing.last_in`: cc, message ids, a
    referral. At most 20 KB of JSON; personal: erased with the customer."""
    variant: str = ""
    """A digest of what it says, where ids cannot be trusted (a Message-ID used twice): the same id with another variant is
    another message. Empty: the id alone decides."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message we sent. May come before the answer to sending it, twice, or in any order: states only go on."""

    provider_id: str
    """As in `Sent.ids`; or the `Outgoing.key` where the provider gives that back."""
    state: ReceiptState
    code: str = ""
    """Of a failure, in kebab case and the channel's own: `unknown-subscriber`, `mailbox-full`."""
    reason: str = ""
    """The provider's words, in one line, without personal data."""
    to: str | None = None
    cost: str = ""
    """Amount and currency as billed: `0.045 EUR`."""


@dataclass(frozen=True, slots=True)
class Typing:
    """The customer is writing. Kept nowhere."""

    address: str
    """As `Sender.address`."""
    to: str | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """The customer has read everything up to a message of ours."""

    address: str
    """As `Sender.address`."""
    provider_id: str | None = None
    """The last one he has read; None: all that was sent before `at`."""
    at: Millis | None = None
    to: str | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something no code here understands. With a sender it is kept and shown as a message of its kind; without, counted
    and logged by kind only. Never raise for a new kind of event: return this."""

    id: str
    kind: str
    """The provider's word for it."""
    sender: Sender | None = None
    to: str | None = None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An event of another channel of the same service, where one hook serves both: its account is the tenant's with this channel
    and the event's `to`."""

    channel: str
    event: "Incoming | Receipt | Typing | Read | Unknown"


Event = Incoming | Receipt | Typing | Read | Unknown | Elsewhere


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """A file to send, with its bytes."""

    id: str
    name: str
    content_type: str
    body: bytes
    inline_id: str | None = None
    url: str = ""
    """Where the provider may fetch it for a day, for those who take addresses only."""


@dataclass(frozen=True, slots=True)
class Template:
    """A text the provider has approved, or one that needs nothing but values."""

    name: str
    language: str
    text: str
    """With `{{1}}`, `{{2}}` ... for its values."""
    values: int = 0
    """How many values it takes."""


@dataclass(frozen=True, slots=True)
class ChosenTemplate:
    """A template with its values."""

    name: str
    language: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message; pressing it comes back as `Incoming.button`."""

    label: str
    payload: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to one address. The same at every try."""

    key: str
    """Id of the delivery: the idempotency key, the same at each try and after a restart."""
    message_id: str
    conversation_id: str
    to: str
    """The customer's address as this channel writes it: what `reach` gave, or the last `Sender.address`."""
    text: str
    """Not empty unless there is a file or a template."""
    language: str = "en"
    subject: str = ""
    html: str = ""
    """Made by an agent, already cleaned (`email.rich`); empty: text only."""
    files: tuple[OutgoingFile, ...] = ()
    buttons: tuple[Button, ...] = ()
    template: ChosenTemplate | None = None
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    reply_to: tuple[str, ...] = ()
    """Provider ids of this conversation on this account, newest first, at most 20: In-Reply-To and References."""
    thread: str | None = None
    """`Incoming.thread` of the last message."""
    token: str = ""
    """This conversation's token, for an address or subject that threads the answer (`threading.token_of`)."""
    author: str = ""
    """The name to sign with, if the channel shows one."""
    automatic: bool = False
    """Written by the system: mark it so (`Auto-Submitted`)."""
    unsubscribe: str = ""
    """One of many: the address at which its recipient asks for no more of them (RFC 8058); empty: none."""
    public: bool = False
    last_in: Json = field(default_factory=dict)
    """`Incoming.data` of the customer's last message on this account; empty: none."""
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider has taken it."""

    ids: tuple[str, ...]
    """Provider ids, one a part: receipts name them. The first is the one answers refer to. May be empty."""
    state: ReceiptState = "sent"
    """`delivered` where taking it is all there will be known."""
    parts: int = 1
    """Segments or messages it became."""
    cost: str = ""
    data: Json = field(default_factory=dict)
    """The channel's own, kept with the delivery."""


@dataclass(frozen=True, slots=True)
class HookRequest:
    """A provider's call as it came: nothing of it is believed before `verify`."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """By name in small letters."""
    body: bytes
    """Raw: signatures are over these bytes."""
    at: Millis
    """When it came."""
    url: str = ""
    """As the caller wrote it, with scheme and host, for providers that sign it."""


@dataclass(frozen=True, slots=True)
class HookAnswer:
    """What the provider is answered."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
