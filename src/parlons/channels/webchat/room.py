"""What the routes of web chat work with: one object for each process, made from the services on `app.state` when first asked."""

from dataclasses import dataclass
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.requests import HTTPConnection

from parlons.channels.webchat.limits import Limits
from parlons.channels.webchat.lines import Lines
from parlons.channels.webchat.widgets import Widgets
from parlons.conversations.model import Conversation
from parlons.dispatch.contacts import ContactHandler
from parlons.kit.clock import Clock
from parlons.runtime.db import Database, Tx
from parlons.runtime.files import Files
from parlons.runtime.hub import Hub


class Offering(Protocol):
    """Finds articles of a firm's help centre: the app puts it on its state, since this room knows no articles."""

    async def centre(self, tx: Tx, firm_id: str, language: str) -> str | None:
        """The path of the firm's help centre, when it is open."""
        ...

    async def to_visitor(self, tenant_id: str, conversation: Conversation) -> list[dict[str, Any]]:
        """For what the customer wrote, while he waits."""
        ...


@dataclass(frozen=True, slots=True)
class Room:
    """Everything a route of web chat needs."""

    db: Database
    hub: Hub
    files: Files
    handler: ContactHandler
    clock: Clock
    widgets: Widgets
    lines: Lines
    limits: Limits
    offering: Offering | None = None


def room_of(app: Starlette) -> Room:
    """The room of this app. Needs db, hub, files, handler and clock on `app.state`; dispatch when it is there."""
    found: Room | None = getattr(app.state, "webchat", None)
    if found is None:
        state = app.state
        router = getattr(state, "dispatch", None)
        found = Room(
            db=state.db,
            hub=state.hub,
            files=state.files,
            handler=state.handler,
            clock=state.clock,
            widgets=Widgets(state.db, state.clock),
            lines=Lines(state.db, state.hub, router),
            limits=Limits(),
            offering=getattr(state, "offering", None),
        )
        state.webchat = found
    return found


async def close(app: Starlette) -> None:
    """Ends what runs beside the sockets; called when the app shuts down."""
    found: Room | None = getattr(app.state, "webchat", None)
    if found is not None:
        await found.lines.close()


def address_of(connection: HTTPConnection) -> str:
    """Where a call comes from, for counting only."""
    return connection.client.host if connection.client else "unknown"
