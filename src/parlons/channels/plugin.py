"""The channel socket: what a channel's folder gives, and who calls it, when, and inside which transaction.

    channels/sms/__init__.py      a docstring
    channels/sms/channel.py       def open_channel(tools: Tools) -> Channel        named in registry.CHANNELS, or by a third
                                  party's entry point in the group `parlons.channels`

`open_channel` is called once a process; whatever a channel keeps (connections, sequence numbers) hangs on the object it
returns. `Channel` is what every channel is. The smaller protocols are for those that can: the engine looks (`isinstance`).

Who calls what, when:

    verify, answer, parse   `receiving.http`, for each call at /hooks/{channel}/{key}. Outside any transaction, in this order;
                            they compute only (no network, no database). Then the engine commits what `parse` gave, each event in
                            a transaction of its own, and only after that answers the provider: a process that dies before the
                            answer is sent the same again, and finds it taken.
    run                     `owning`, for each account, in one process of all that share the database at a time; begun again
                            with a growing pause when it ends or raises, cancelled when its account changes or goes.
    Inbox.take              called by `run`: commits like a hook and returns when everything is durable. Acknowledge to the other
                            side (delete, advance, respond) only after it returned.
    send                    `sending`, in that same process, one message a conversation and account at a time, in the order of
                            their numbers. NO transaction is open. Before it the delivery is committed as `sending`; after it the
                            outcome is committed. What it raises decides what becomes of the message (below).
    fetch                   `fetching`, in a job, after the message of the file was committed, shown and routed.
    show_typing             when an agent writes, at most every 3 s a conversation. No transaction, failures are forgotten.
    capabilities, reach     anywhere, often, also inside transactions: pure and quick.

Nothing in a channel reads or writes our tables. What must survive a restart (a position in a mailbox, an offset) is given to
`Inbox.take(..., position=)`, which commits it with the events, and read by `Inbox.position`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable

from pydantic import BaseModel

from parlons.channels.model import (
    Account,
    Capabilities,
    Event,
    HookAnswer,
    HookRequest,
    IncomingFile,
    Json,
    Outgoing,
    Sent,
    Template,
)
from parlons.kit.clock import Clock
from parlons.kit.errors import Forbidden, Invalid
from parlons.runtime.safe_http import SafeHttp


class Browsers(Protocol):
    """The visitors of a firm's site who want to be told, and the wire to them: channels/push."""

    async def send(self, account: Account, message: Outgoing) -> Sent:
        """One notification. Raises TryLater or Failed."""
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What a channel may use of the process it runs in."""

    http: SafeHttp
    """For every HTTP call out: addresses are configured by people. Never another client."""
    clock: Clock
    """Milliseconds now. Never the machine's clock itself: tests pass time by hand."""
    browsers: Browsers | None = None
    """For the channel `push` alone; None where there is no database."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret an account of this channel takes."""

    name: str
    """`token`, `password`: the word in the configuration."""
    required: bool = True


class NotFromProvider(Forbidden):
    """This call does not prove that it comes from the provider: its signature or token does not fit."""

    code = "not-from-provider"


class BadHook(Invalid):
    """This call cannot be read as what the provider sends."""

    code = "bad-hook"


class InvalidAccount(Invalid):
    """A value of this channel account is not acceptable."""

    code = "invalid-channel-account"


class NotSent(Exception):
    """It did not leave, surely. `code`: kebab case, shown to agents by its words; `reason`: the provider's, one line,
    nothing personal."""

    def __init__(self, code: str, reason: str = "") -> None:
        super().__init__(code)
        self.code, self.reason = code, " ".join(reason.split())[:300]


class TryLater(NotSent):
    """Not now: a full queue, 429, a lost connection before anything was sent. Tried again by itself for `sending.GIVE_UP`.

    `after`: seconds the other side asked for; None: the engine's own growing pauses."""

    def __init__(self, code: str = "try-later", reason: str = "", *, after: float | None = None) -> None:
        super().__init__(code, reason)
        self.after = after


class Failed(NotSent):
    """Never, as it is: an address that does not exist, a window that has closed, a text that is refused.
    The agent is told at once."""


class Unsure(Exception):
    """It may have left: the answer was lost after the message was handed over.

    A repeatable channel is tried again; for any other the message stands as `unsure` until a receipt or a person settles it.
    So does any other exception of `send`: raise TryLater only where nothing can have left."""

    def __init__(self, code: str = "unsure", reason: str = "") -> None:
        super().__init__(code)
        self.code, self.reason = code, " ".join(reason.split())[:300]


class Channel(Protocol):
    """One way in which customers write and are answered."""

    name: ClassVar[str]
    """Its word in tables, JSON, configuration and hooks: lower-case letters, digits and underscores."""
    settings: ClassVar[type[BaseModel]]
    """Settings of an account, `extra="forbid"`; titles and descriptions are shown on the settings screen, so English prose.
    Only plain values: texts, numbers, yes or no, choices, lists of texts."""
    secrets: ClassVar[tuple[Secret, ...]]

    def address(self, text: str) -> str:
        """An account's own address in its normal form; raises InvalidAccount. Called when an account is configured."""
        ...

    def capabilities(self, account: Account) -> Capabilities:
        """What messages of this account can carry."""
        ...

    def reach(self, account: Account, kind: str, value: str) -> str | None:
        """How this account writes to a customer's address (`kind`, `value` as in customers.model); None: it cannot.

        An SMS account answers for `phone`, a mailbox for `email`, a bot for its own `external` values. Decides which channels a
        conversation can be continued on."""
        ...

    async def send(self, account: Account, message: Outgoing) -> Sent:
        """Hand one message to the provider. Raises TryLater, Failed or Unsure. At most 60 s, then it is taken for Unsure."""
        ...


@runtime_checkable
class ReceivesHooks(Protocol):
    """A channel whose provider calls us."""

    def verify(self, account: Account, request: HookRequest) -> None:
        """Raise NotFromProvider unless the call is proven (signature over the raw body, token in constant time, age).
        Nothing of the body is parsed before it returns."""
        ...

    def answer(self, account: Account, request: HookRequest) -> HookAnswer | None:
        """A verified call that only wants an answer (`hub.challenge`): the answer, and nothing is parsed. None: parse it."""
        ...

    def parse(self, account: Account, request: HookRequest) -> Sequence[Event]:
        """What a verified call says, in its order. Raises BadHook when it cannot be read at all; one event in it that is not
        understood is `Unknown`. Pure: the same request gives the same events."""
        ...

    def accepted(self, account: Account, request: HookRequest) -> HookAnswer:
        """What the provider wants to hear once everything is committed."""
        ...


class Inbox(Protocol):
    """Where a kept connection puts what it received, for one account."""

    async def take(self, events: Sequence[Event], *, position: Mapping[str, Any] | None = None) -> None:
        """Commit the events in their order, then `position`. Returns when they are durable; raises
        Unavailable when the database does not answer: do not acknowledge then. One event that cannot be taken (a refusal) is
        logged and passed over, so that it holds up no other."""
        ...

    async def position(self) -> Json:
        """What was last committed as position; empty at first."""
        ...

    def connected(self, *, problem: str | None = None) -> None:
        """The connection stands now, or `problem` (a code) keeps it from standing: shown on the settings screen and
        by `doctor`."""
        ...


@runtime_checkable
class KeepsConnection(Protocol):
    """A channel with a connection or loop of its own: IMAP IDLE, an SMPP bind, a sync loop, long polling."""

    async def run(self, account: Account, inbox: Inbox) -> None:
        """Receive for ever. Ends by being cancelled; an exception is logged, shown as the account's problem and followed by a new
        `run` after 1, 2, 4 ... 60 s. `send` for this account is called in the same process on the same object."""
        ...


@runtime_checkable
class FetchesFiles(Protocol):
    """A channel whose messages name files that have to be fetched."""

    async def fetch(self, account: Account, file: IncomingFile) -> IncomingFile:
        """The file with its `body`, and name and type if only now known. Raises TryLater or Failed."""
        ...


@runtime_checkable
class HasTemplates(Protocol):
    """A channel with approved texts."""

    async def templates(self, account: Account) -> Sequence[Template]:
        """Those that may be sent now; raises TryLater or Failed. May call the provider; asked when an agent opens the list."""
        ...


@runtime_checkable
class AnswersPrivately(Protocol):
    """A public channel on which who wrote can also be answered where nobody else reads it: a way of its own, with an address of
    its own."""

    def private_to(self, account: Account, said: Json) -> str | None:
        """The address of a private answer to a public message, by its `Incoming.data`; None: there is none."""
        ...

    def is_private(self, to: str) -> bool:
        """Whether an address is one that `private_to` gave."""
        ...

    def private(self, account: Account) -> Capabilities:
        """What a private answer can carry; its reply window counts from the public message."""
        ...


@runtime_checkable
class HidesPublic(Protocol):
    """A public channel on which what others wrote can be hidden. Such a message has `comment` in its `Incoming.data`."""

    async def hide(self, account: Account, said: Json, *, hidden: bool) -> None:
        """Hide what was written, by its `Incoming.data`, or show it again. Raises TryLater, Failed or Unsure."""
        ...


def capabilities_at(channel: Channel, account: Account, to: str) -> Capabilities:
    """What a message to this address can carry."""
    if isinstance(channel, AnswersPrivately) and channel.is_private(to):
        return channel.private(account)
    return channel.capabilities(account)


@runtime_checkable
class ShowsTyping(Protocol):
    """A channel whose customer can see that somebody writes."""

    async def show_typing(self, account: Account, to: str) -> None:
        """An agent writes now."""
        ...
