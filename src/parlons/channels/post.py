"""The channels of a process, wired: what the application opens once and routes find on `app.state.post`."""

from collections.abc import Mapping
from dataclasses import dataclass

from parlons.channels import fetching
from parlons.channels.accounts import Accounts
from parlons.channels.outgoing import Packing
from parlons.channels.owning import Owner
from parlons.channels.plugin import Channel, Tools
from parlons.channels.public_files import PublicFiles, public_files
from parlons.channels.push.telling import Telling
from parlons.channels.receiving import Receiver
from parlons.channels.registry import open_channels
from parlons.channels.sending import Sender
from parlons.channels.threading import Tokens
from parlons.channels.ways import Ways
from parlons.dispatch.contacts import ContactHandler
from parlons.runtime.db import Database
from parlons.runtime.files import Files
from parlons.runtime.hub import Hub
from parlons.runtime.jobs import Handler
from parlons.runtime.safe_http import SafeHttp


@dataclass(slots=True)
class Post:
    """Handles of the channels."""

    db: Database
    channels: dict[str, Channel]
    accounts: Accounts
    receiver: Receiver
    sender: Sender
    owner: Owner
    tokens: Tokens
    files: Files
    ways: Ways
    public_files: PublicFiles
    telling: Telling
    """Notifications to visitors."""

    def handlers(self) -> dict[str, Handler]:
        """What the job worker needs."""
        return fetching.handlers(self.db, self.channels, self.accounts, self.files)


def open_post(
    db: Database, *, http: SafeHttp, files: Files, handler: ContactHandler, secret: bytes, public_url: str,
    hub: Hub | None = None, channels: Mapping[str, Channel] | None = None,
) -> Post:  # fmt: skip
    """Ready to receive and send. `secret`: the bytes of secret.key; `channels`: instead of those of the registry."""
    telling = Telling(db, http, public_url, hub)
    opened = dict(channels if channels is not None else open_channels(Tools(http, db.clock, telling)))
    accounts, tokens = Accounts(db, db.clock, opened, public_url), Tokens(secret)
    receiver = Receiver(db, opened, accounts, handler, files, tokens, hub)
    shared = public_files(secret, public_url)
    sender = Sender(db, opened, accounts, Packing(db, opened, files, tokens, shared))
    owner = Owner(db, opened, accounts, receiver, sender)
    return Post(
        db, opened, accounts, receiver, sender, owner, tokens, files, Ways(db, opened, accounts), shared, telling
    )
