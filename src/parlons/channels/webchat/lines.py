"""The open sockets of visitors in this process: whose they are, which conversation each follows, what each was told last.

The hub brings a conversation's messages and read marks, and word that something happened to it: what he may know of that is
looked up here. Places in the queue are compared every second with the router's memory, for all who wait at once. Leaving
the site is told when a visitor's last socket has been gone for as long as a page change takes.
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
from parlons.conversations import afterwards, queries
from parlons.conversations import commands as conversations
from parlons.conversations.threads import last_of_thread, thread_ids
from parlons.conversations.views import message_json
from parlons.customers.merging import standing
from parlons.kit.errors import Refusal, Unavailable
from parlons.routing.state import WorkspaceState
from parlons.runtime.db import Database, Tx
from parlons.runtime.hub import Hub
from parlons.runtime.log import log
from parlons.runtime.socket import Socket

LOOK_SECONDS = 1.0
ELSEWHERE = 15
"""Looks after which pages without a conversation ask whether one began through another server."""
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

    __slots__ = (
        "conversation_id", "looking", "others", "place", "shown", "socket", "stirred", "task_id", "visitor_id", "widget",
    )  # fmt: skip

    def __init__(self, widget: Widget, visitor_id: str, socket: Socket) -> None:
        self.widget, self.visitor_id, self.socket = widget, visitor_id, socket
        self.conversation_id: str | None = None
        self.others: set[str] = set()
        """What was split from it: he hears of that too."""
        self.shown: Json | None = None
        """The conversation as it was told last."""
        self.task_id: str | None = None
        """The task he waits by; None: he does not wait."""
        self.place: int | None = None
        """Its place when it was last looked at."""
        self.looking = asyncio.Lock()
        """One look at a time: what was told last is what the next is compared with."""
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

    def reopen(self, visitor_id: str) -> None:
        """His tokens have changed: each page opens again with the one it has now."""
        for line in list(self._of_visitor.get(visitor_id, ())):
            line.socket.overflow()

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
        async with line.looking, self._db.transaction(line.widget.tenant_id) as tx:
            visitor = await visitor_by_id(tx, line.visitor_id)
            if visitor is None:
                return {"conversation": None, "messages": []}
            self._follow(line, visitor.conversation_id)
            view = await self._view(tx, line, visitor)
            return {"conversation": view, "messages": await _messages(tx, visitor)}

    async def refresh(self, lines: Iterable[Line]) -> None:
        """Tells these lines what has changed since they were told last."""
        for line in lines:
            try:
                async with line.looking:
                    line.stirred = False
                    frame = await self._news(line)
                    if frame is not None:
                        line.socket.offer(orjson.dumps(frame).decode())
            except Unavailable as refusal:
                log.info("webchat.refresh_failed", code=refusal.code)
                return

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
        line.task_id = line.place = line.shown = None
        if visitor.conversation_id is None:
            return None
        found = await queries.conversation(tx, visitor.conversation_id)
        if found is None:
            return None
        for other in await thread_ids(tx, found) if found.thread_id is not None else ():
            if other not in (found.id, *line.others):
                line.others.add(other)
                self._hub.watch(line.socket, other)
        position = best = None
        if status_of(found) == "waiting" and not visitor.kept and found.lead_task_id is not None:
            line.task_id = found.lead_task_id
            line.place = self._places(line.widget.workspace_id, [line.task_id]).get(line.task_id)
            position = told(line.place, visitor.best_position)
            best = position or visitor.best_position
        await visits.remember(tx, visitor, best_position=best)
        line.shown = conversation_view(found, position, kept=visitor.kept)
        return line.shown

    def _places(self, workspace_id: str, task_ids: list[str]) -> dict[str, int]:
        if self._router is None:
            return {}
        try:
            return positions(self._router.state(workspace_id), task_ids)
        except Refusal:  # the router moves to another process: places are unsaid meanwhile
            return {}

    def _follow(self, line: Line, conversation_id: str | None) -> None:
        if line.conversation_id == conversation_id:
            return
        self._hub_unwatch(line)
        line.conversation_id = conversation_id
        if conversation_id is not None:
            self._hub.watch(line.socket, conversation_id)

    def _hub_unwatch(self, line: Line) -> None:
        if line.conversation_id is not None:
            for each in (line.conversation_id, *line.others):
                self._hub.unwatch(line.socket, each)
            line.conversation_id = None
            line.others = set()

    async def _look(self) -> None:
        """While sockets are open: who waits learns his place when it changes. The router's memory is asked, no table."""
        ticks = 0
        while self._of_visitor:
            await asyncio.sleep(LOOK_SECONDS)
            ticks += 1
            lines = [line for lines in self._of_visitor.values() for line in lines]
            stale = self._moved([line for line in lines if line.task_id is not None])
            if ticks % ELSEWHERE == 0:
                stale += [line for line in lines if line.conversation_id is None]
            await self.refresh(stale)

    def _moved(self, waiting: list[Line]) -> list[Line]:
        moved: list[Line] = []
        for workspace_id in {line.widget.workspace_id for line in waiting}:
            here = [line for line in waiting if line.widget.workspace_id == workspace_id]
            places = self._places(workspace_id, [line.task_id for line in here if line.task_id is not None])
            moved += [line for line in here if places.get(line.task_id or "") != line.place]
        return moved

    async def _left(self, line: Line) -> None:
        await asyncio.sleep(GRACE_SECONDS)
        self._leaving.pop(line.visitor_id, None)
        try:
            async with self._db.transaction(line.widget.tenant_id) as tx:
                visitor = await visitor_by_id(tx, line.visitor_id)
                if visitor is not None:
                    whose = visitor.customer_id and await standing(tx, visitor.customer_id)
                    await conversations.left_site(tx, customer_id=whose, visitor_id=visitor.id)
                    await afterwards.left_site(tx, whose)
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
    found = await queries.conversation(tx, visitor.conversation_id)
    written = await last_of_thread(tx, found, queries.PAGE) if found is not None else []
    return [message_view(message_json(message)) for message in written]
