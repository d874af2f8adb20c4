"""What a contract case of channels works with: a `Scene` plays the customer and the provider at the far end of the
channel's real wire.

Whoever brings a channel writes a `Scene`: most of it is a stand-in for the provider, which its tests have anyway.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from parlons.channels.model import Account, Event, HookRequest, Outgoing
from parlons.channels.plugin import Channel

Trouble = Literal["busy", "refuses", "breaks", "away"]
"""`busy`: asks to come back later; `refuses`: says no for good; `breaks`: takes the message and never answers; `away`:
nobody listens."""


@dataclass(frozen=True, slots=True)
class Got:
    """A message as it arrived at the provider."""

    to: str
    text: str
    files: tuple[str, ...] = ()
    """Names."""
    key: str = ""
    """The idempotency key, where the wire carries one."""


@dataclass(frozen=True, slots=True)
class Can:
    """What this channel's provider does, as far as the stand-in plays it."""

    troubles: frozenset[Trouble] = frozenset()
    receipts: bool = False
    """It tells what became of a message."""
    files_in: bool = False
    starts: bool = True
    """It carries a message to somebody who never wrote."""


@dataclass(frozen=True, slots=True)
class Written:
    """What the customer writes."""

    text: str
    who: str = "claire"
    """The same word is the same person, whatever his address on this channel is."""
    files: tuple[tuple[str, str, bytes], ...] = ()
    """Name, content type, bytes."""
    answers: str | None = None
    """Provider id of the message of ours he answers."""
    id: str = field(default="")
    """Given: the provider sends the very same message again."""


class Scene(Protocol):
    """One account of a channel and the far end of its wire."""

    channel: Channel
    account: Account
    can: Can

    async def writes(self, written: Written) -> Sequence[Event]:
        """The customer writes; what the channel makes of it, through `verify` and `parse`, or through a kept connection."""
        ...

    async def request(self, written: Written) -> HookRequest | None:
        """The provider's signed call for it; None: this channel has no hooks."""
        ...

    async def address_of(self, who: str) -> str:
        """This person's address, as `Outgoing.to` has it."""
        ...

    async def got(self) -> list[Got]:
        """What the provider has taken so far, in its order."""
        ...

    async def trouble(self, kind: Trouble | None) -> None:
        """From now on; None: all is well again."""
        ...

    async def receipt(self, provider_id: str, state: Literal["delivered", "failed"]) -> Sequence[Event]:
        """The provider tells this; what the channel makes of it."""
        ...


def letter(to: str, text: str, key: str = "DV" + "1" * 32, **more: object) -> Outgoing:
    """A message to send."""
    ids = {"message_id": "IM" + "2" * 32, "conversation_id": "CH" + "3" * 32}
    return Outgoing(key=key, to=to, text=text, author="Nadia", language="fr", **ids, **more)  # type: ignore[arg-type]
