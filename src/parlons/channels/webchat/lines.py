"""The open sockets of visitors in this process: whose they are, which conversation each follows, what each was told last.

The hub brings a conversation's messages and read marks. What only the router or another process knows (place in the queue,
who has it now, a conversation begun from another tab) is looked up here: at once when something happened, and every second
while somebody waits. Leaving the site is told when a visitor's last socket has been gone for as long as a page change takes.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Protocol

import orjson

from parlons.channels.webchat import visits
from parlons.channels.webchat.model import Visitor, Widget
from parlons.channels.webchat.positions import positions, told
from parlons.channels.webchat.queries import visitor_by_id
from parlons.channels.webchat.views import conversation_view, message_view, status_of
from parlons.conversations import commands as conversations
from parlons.conversations import queries
from parlons.conversations.views import message_json
from parlons.kit.errors import Unavailable
from parlons.routing.state import WorkspaceState
from parlons.runtime.db import Database, Tx
from parlons.runtime.hub import Hub
from parlons.runtime.log import log
from parlons.runtime.socket import Socket

LOOK_SECONDS = 1.0
GRACE_SECONDS = 10.0
"""A change of page closes one socket and opens the next."""
Json = dict[str, Any]


class Router(Protocol):
    """The part of dispatch that is asked here."""

    def state(self, workspace_id: str) -> WorkspaceState:
        """The router's memory in this process."""
        ...


class Line:
    """One socket of a visitor."""

    __slots__ = ("conversation_id", "shown", "socket", "stirred", "visitor_id", "waiting", "widget")

    def __init__(self, widget: Widget, visitor_id: str, socket: Socket) -> None:
        self.widget, self.visitor_id, self.socket = widget, visitor_id, socket
        self.conversation_id: str | None = None
        self.shown: Json | None = None
        """The conversation as it was told last."""
        self.waiting = False
        self.stirred = False
        """A look is on its way: what happens before it begins is seen by it."""


class Lines:
    """All visitors' sockets of this process."""

    def __init__(self, db: Database, hub: Hub, router: Router | None) -> None:
        self._db, self._hub, self._router = db, hub, router
        self._of_visitor: dict[str, set[Line]] = defaultdict(set)
        self._tasks: set[asyncio.Task[None]] = set()
        self._looking: asyncio.Task[None] | None = None
        self._leaving: dict[str, asyncio.Task[None]] = {}

    def join(self, line: Line) -> None:
        """The socket is open; somebody who was leaving has only changed the page."""
        self._of_visitor[line.visitor_id].add(line)
        leaving = self._leaving.pop(line.visitor_id, None)
        if leaving is not None:
            leaving.cancel()
        if self._looking is None or self._looking.done():
            self._looking = self._do(self._look())

    def quit(self, line: Line) -> None:
        """The socket is closed."""
        lines = self._of_visitor[line.visitor_id]
        lines.discard(line)
        if not lines:
            del self._of_visitor[line.visitor_id]
            self._leaving[line.visitor_id] = self._do(self._left(line))

    def end(self, visitor_id: str) -> None:
        """The visit has ended: his pages are told, and their sockets close."""
        for line in list(self._of_visitor.get(visitor_id, ())):
            line.socket.offer('{"type":"revoked"}')
            self._hub_unwatch(line)

    def wrote(self, visitor_id: str) -> None:
        """He has just written here: all his pages get the conversation as it is now."""
        if self._of_visitor.get(visitor_id):
            self._do(self.refresh(list(self._of_visitor[visitor_id])))

    def stir(self, line: Line) -> None:
        """Something happened to this line's conversation."""
        if not line.stirred:
            line.stirred = True
            self._do(self.refresh([line]))

    async def snapshot(self, line: Line) -> Json:
        """What a page begins with; from now on the line follows this conversation."""
        async with self._db.transaction(line.widget.tenant_id) as tx:
            visitor = await visitor_by_id(tx, line.visitor_id)
            if visitor is None:
                return {"conversation": None, "messages": []}
            self._follow(line, visitor.conversation_id)
            view = await self._view(tx, line, visitor)
            return {"conversation": view, "messages": await _messages(tx, visitor)}

    async def refresh(self, lines: Iterable[Line]) -> None:
        """Tells these lines what has changed since they were told last."""
        for line in lines:
            line.stirred = False
            try:
                frame = await self._news(line)
            except Unavailable as refusal:
                log.info("webchat.refresh_failed", code=refusal.code)
                return
            if frame is not None:
                line.socket.offer(orjson.dumps(frame).decode())

    async def close(self) -> None:
        """Ends what runs beside the sockets."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _news(self, line: Line) -> Json | None:
        before = line.shown
        async with self._db.transaction(line.widget.tenant_id) as tx:
            visitor = await visitor_by_id(tx, line.visitor_id)
            if visitor is None:
                return None
            if visitor.conversation_id != line.conversation_id:
                self._follow(line, visitor.conversation_id)
                view = await self._view(tx, line, visitor)
                return {"type": "welcome", "data": {"conversation": view, "messages": await _messages(tx, visitor)}}
            view = await self._view(tx, line, visitor)
        return None if view == before else {"type": "conversation.updated", "data": {"conversation": view}}

    async def _view(self, tx: Tx, line: Line, visitor: Visitor) -> Json | None:
        line.waiting, line.shown = False, None
        if visitor.conversation_id is None:
            return None
        found = await queries.conversation(tx, visitor.conversation_id)
        if found is None:
            return None
        line.waiting = status_of(found) == "waiting" and not visitor.kept
        position = None
        if line.waiting and found.lead_task_id is not None:
            position = told(self._place(line.widget.workspace_id, found.lead_task_id), visitor.best_position)
        best = (position or visitor.best_position) if line.waiting else None
        await visits.remember(tx, visitor, best_position=best)
        line.shown = conversation_view(found, position, kept=visitor.kept)
        return line.shown

    def _place(self, workspace_id: str, task_id: str) -> int | None:
        if self._router is None:
            return None
        try:
            state = self._router.state(workspace_id)
        except (Unavailable, KeyError):
            return None
        return positions(state, (task_id,)).get(task_id)

    def _follow(self, line: Line, conversation_id: str | None) -> None:
        if line.conversation_id == conversation_id:
            return
        self._hub_unwatch(line)
        line.conversation_id = conversation_id
        if conversation_id is not None:
            self._hub.watch(line.socket, conversation_id)

    def _hub_unwatch(self, line: Line) -> None:
        if line.conversation_id is not None:
            self._hub.unwatch(line.socket, line.conversation_id)
            line.conversation_id = None

    async def _look(self) -> None:
        """While sockets are open: those who wait learn their place, those without a conversation whether one began."""
        while self._of_visitor:
            await asyncio.sleep(LOOK_SECONDS)
            lines = [line for lines in self._of_visitor.values() for line in lines]
            await self.refresh([line for line in lines if line.waiting or line.conversation_id is None])

    async def _left(self, line: Line) -> None:
        await asyncio.sleep(GRACE_SECONDS)
        self._leaving.pop(line.visitor_id, None)
        try:
            async with self._db.transaction(line.widget.tenant_id) as tx:
                visitor = await visitor_by_id(tx, line.visitor_id)
                if visitor is not None:
                    await conversations.left_site(tx, customer_id=visitor.customer_id, visitor_id=visitor.id)
        except Unavailable as refusal:
            log.info("webchat.leaving_not_noted", code=refusal.code)

    def _do(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


async def _messages(tx: Tx, visitor: Visitor) -> list[Json]:
    if visitor.conversation_id is None:
        return []
    written = await queries.earlier(tx, visitor.conversation_id, None)
    return [message_view(message_json(message)) for message in written]
