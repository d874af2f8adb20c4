"""The hub: who hears of what is in the journal, over one socket each, in order, each event encoded once.

Client: {"type":"register","cursor":null|n}. Server: {"type":"snapshot","cursor":n,"data":...}, or, when the cursor is recent,
only the events since. Then {"type":"event","seq","event","at","data"} with rising `seq` (not every one: the rest was for
others; {"type":"cursor","seq"} says how far the journal is), {"type":"ephemeral","event","data"} without a place in the
order (typing), and {"type":"ping"} every `PING` seconds, to be answered by {"type":"pong"}. {"type":"resync"}: open again,
register without cursor. What a snapshot holds is the app's business (`Snapshot`); who sees what is `rights.sees`.

Presence: `on_present(rights)` when a user's first socket registers, `on_absent(rights, last_heard)` when the last one closes
or stays silent for `SILENT` seconds; `last_heard` is in milliseconds, so the listener can count its own grace from there.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect

from parlons.kit.clock import Clock, Millis, to_iso, wall_clock
from parlons.kit.errors import Unavailable
from parlons.runtime import journal
from parlons.runtime.events import Audience
from parlons.runtime.journal import Entry
from parlons.runtime.log import log
from parlons.runtime.metrics import SOCKETS, SOCKETS_BEHIND
from parlons.runtime.readers import Follower, Tail
from parlons.runtime.rights import OVERSEERS, VISITOR, Rights, is_bound, loses, narrowed, sees
from parlons.runtime.socket import GONE, QUEUE, RESYNC, OnMessage, Socket, listen

PING = 3.0
SILENT = 10.0
LIFETIME = 12 * 3600.0
"""Seconds after which a socket must open again, so that no revoked right lives for ever."""

NO_FIRM = ""
"""Where those stand who see no firm: they still hear what concerns no firm in particular."""

Snapshot = Callable[[Rights], Awaitable[tuple[int | None, Any]]]
"""Returns (cursor, JSON-able data). cursor None: whatever the hub has delivered when it was called."""
OnPresent = Callable[[Rights], None]
OnAbsent = Callable[[Rights, Millis], None]

Group = dict[str | None, set[Socket]]


class World:
    """The registered sockets of one workspace, by what makes them recipients."""

    def __init__(self) -> None:
        self.tail: Tail | None = None
        self.seq = 0
        """The last sequence that was delivered."""
        self.ready = asyncio.Event()
        self.sockets: set[Socket] = set()
        self.users: Group = defaultdict(set)
        self.conversations: Group = defaultdict(set)
        self.people: Group = defaultdict(set)
        """By firm; under None those who see every firm."""
        self.overseers: Group = defaultdict(set)
        self.asked: set[Socket] = set()
        """Overseers who are bound to queues, and others who see figures: few, so each is asked."""
        self._stamp = 0

    def add(self, socket: Socket) -> None:
        """From now on it is a recipient."""
        self.sockets.add(socket)
        if _is_asked(socket.rights):
            self.asked.add(socket)
        for group, key in self._places(socket.rights):
            group[key].add(socket)

    def remove(self, socket: Socket) -> None:
        """From now on it is none."""
        self.sockets.discard(socket)
        self.asked.discard(socket)
        for group, key in self._places(socket.rights):
            group[key].discard(socket)
            if not group[key]:
                del group[key]

    def _places(self, rights: Rights) -> list[tuple[Group, str | None]]:
        places: list[tuple[Group, str | None]] = [(self.conversations, key) for key in rights.conversation_ids]
        if rights.role == VISITOR:
            return places
        if rights.user_id is not None:
            places.append((self.users, rights.user_id))
        firms: Iterable[str | None] = (None,) if rights.firm_ids is None else rights.firm_ids or (NO_FIRM,)
        for firm_id in firms:
            places.append((self.people, firm_id))
            if rights.role in OVERSEERS and rights.queue_ids is None:
                places.append((self.overseers, firm_id))
        return places

    def recipients(self, audience: Audience) -> list[Socket]:
        """Each socket that `rights.sees` says yes to, once."""
        self._stamp += 1
        stamp = self._stamp
        found: list[Socket] = []
        for sockets in self._groups(audience):
            for socket in sockets:
                if socket.stamp != stamp:
                    socket.stamp = stamp
                    if audience.visitor or socket.rights.role != VISITOR:
                        found.append(socket)
        few = [self.asked]
        if audience.figures and not audience.supervisors:
            few += _of_firms(self.overseers, audience)
        for sockets in few:
            for socket in sockets:
                if socket.stamp != stamp and sees(socket.rights, audience):
                    socket.stamp = stamp
                    found.append(socket)
        return found

    def losing(self, audience: Audience) -> list[Socket]:
        """Those from whose screens it goes, because it has left their queue."""
        if audience.left_queue_id is None:
            return []
        return [each for each in self.asked if loses(each.rights, audience)]

    def _groups(self, audience: Audience) -> list[set[Socket]]:
        groups = [self.users[user_id] for user_id in audience.user_ids if user_id in self.users]
        if audience.conversation_id in self.conversations:
            groups.append(self.conversations[audience.conversation_id])
        if audience.everyone or audience.supervisors:
            groups += _of_firms(self.people if audience.everyone else self.overseers, audience)
        return groups


def _of_firms(group: Group, audience: Audience) -> list[set[Socket]]:
    if audience.firm_id is None:
        return list(group.values())
    return [group[key] for key in (None, audience.firm_id, *audience.firms) if key in group]


def _is_asked(rights: Rights) -> bool:
    return is_bound(rights) or (rights.figures and rights.role not in (VISITOR, *OVERSEERS))


class Hub:
    """All sockets of this process."""

    def __init__(
        self,
        *,
        clock: Clock = wall_clock,
        on_present: OnPresent | None = None,
        on_absent: OnAbsent | None = None,
        queue: int = QUEUE,
        ping: float = PING,
        silent: float = SILENT,
    ) -> None:
        self._clock = clock
        self.on_present = on_present
        self.on_absent = on_absent
        self._queue = queue
        self._ping = ping
        self._silent = silent
        self._worlds: dict[str, World] = defaultdict(World)
        self._open: dict[Socket, asyncio.Task[None]] = {}
        self._closing = False
        self.drops = 0
        """How often somebody's rights have changed or ended: who has read rights meanwhile reads them again."""

    def count(self, workspace_id: str | None = None) -> int:
        """How many sockets are registered."""
        worlds = self._worlds.values() if workspace_id is None else [self._worlds[workspace_id]]
        return sum(len(world.sockets) for world in worlds)

    def behind(self) -> int:
        """How many frames the slowest client is behind."""
        return max((len(socket.queue) for socket in self._open), default=0)

    def deliver(self, workspace_id: str, entries: Sequence[Entry]) -> None:
        """Gives each entry to those who may see it. In order of sequence; what was delivered before is passed by."""
        world = self._worlds[workspace_id]
        for entry in entries:
            if entry.seq <= world.seq:
                continue
            world.seq = entry.seq
            if entry.audience is None or not world.sockets:
                continue
            recipients = world.recipients(entry.audience) + world.losing(entry.audience)
            if recipients:
                frame = event_frame(entry)
                for socket in recipients:
                    _give(socket, entry.seq, frame_for(socket.rights, entry, frame))

    def ephemeral(self, workspace_id: str, audience: Audience, event: str, data: dict[str, Any]) -> None:
        """Tells those connected now; nobody else ever (typing, presence of a visitor, live counters)."""
        frame = orjson.dumps({"type": "ephemeral", "event": event, "data": data}).decode()
        for socket in self._worlds[workspace_id].recipients(audience):
            socket.offer(frame)

    def watch(self, socket: Socket, conversation_id: str) -> None:
        """The socket hears of this conversation from now on. Whether it may is decided before."""
        socket.rights.conversation_ids.add(conversation_id)
        if socket.registered:
            self._worlds[socket.rights.workspace_id].conversations[conversation_id].add(socket)

    def unwatch(self, socket: Socket, conversation_id: str) -> None:
        """The socket hears no more of this conversation, unless another of its rights says so."""
        socket.rights.conversation_ids.discard(conversation_id)
        watching = self._worlds[socket.rights.workspace_id].conversations
        watching[conversation_id].discard(socket)
        if not watching[conversation_id]:
            del watching[conversation_id]

    def drop(self, workspace_id: str, user_id: str) -> None:
        """A user's rights have changed or ended: his sockets must open again, also those that have not registered yet."""
        self.drops += 1
        for socket in self._open:
            if (socket.rights.workspace_id, socket.rights.user_id) == (workspace_id, user_id):
                socket.overflow()

    def in_front(self, workspace_id: str, user_id: str) -> bool:
        """Whether a user has a screen of ours before him, of those connected to this process."""
        return any(socket.foreground for socket in self._worlds[workspace_id].users.get(user_id, ()))

    def customer_in_front(self, workspace_id: str, conversation_id: str) -> bool:
        """Whether a customer has a page with this conversation before him, of those connected to this process."""
        watching = self._worlds[workspace_id].conversations.get(conversation_id, ())
        return any(socket.foreground for socket in watching if socket.rights.role == VISITOR)

    def begin(self, workspace_id: str, seq: int, tail: Tail | None = None) -> None:
        """Sockets of this workspace are answered from now on; what comes after `seq` will be delivered."""
        world = self._worlds[workspace_id]
        world.seq, world.tail = seq, tail
        world.ready.set()

    async def follow(self, tail: Tail) -> None:
        """Delivers what is appended from now on, for ever. Sockets of the workspace are answered once this has begun."""
        world = self._worlds[tail.workspace_id]
        while not world.ready.is_set():
            with contextlib.suppress(Unavailable):
                async with tail.db.system() as tx:
                    self.begin(tail.workspace_id, await journal.last_seq(await tx.raw(), tail.workspace_id), tail)
        async for entries in Follower(tail, world.seq):
            self.deliver(tail.workspace_id, entries)

    async def keep_alive(self) -> None:
        """Pings, and closes the silent and the very old, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._ping)
            now = loop.time()
            SOCKETS.set(len(self._open))
            SOCKETS_BEHIND.set(self.behind())
            for socket, task in list(self._open.items()):
                if now - socket.heard_at >= self._silent:
                    task.cancel(GONE)
                elif now - socket.opened_at >= LIFETIME:
                    socket.overflow()
                else:
                    socket.ping(self._worlds[socket.rights.workspace_id].seq)

    async def close(self) -> None:
        """Tells every client to open again (elsewhere), and lets go of them."""
        self._closing = True
        for socket in list(self._open):
            socket.overflow()
        await asyncio.sleep(0)
        waiting = list(self._open.values())
        if waiting:
            await asyncio.wait(waiting, timeout=1)
        for task in list(self._open.values()):
            task.cancel()

    async def serve(
        self, websocket: WebSocket, rights: Rights, *, snapshot: Snapshot, on_message: OnMessage | None = None
    ) -> None:
        """Runs one accepted socket to its end: the endpoint's whole work once rights are known."""
        loop = asyncio.get_running_loop()
        socket = Socket(rights, websocket.send_text, now=loop.time(), limit=self._queue)
        task = asyncio.current_task()
        assert task is not None
        self._open[socket] = task
        code = RESYNC
        if self._closing:
            socket.overflow()
        try:
            code = await _until_either(
                socket.pump(),
                listen(websocket, socket, lambda cursor: self._register(socket, cursor, snapshot), on_message),
            )
        except asyncio.CancelledError as why:
            if GONE not in why.args:
                raise
            task.uncancel()
            code = GONE
        finally:
            del self._open[socket]
            self._unregister(socket)
            with contextlib.suppress(RuntimeError, WebSocketDisconnect, OSError, asyncio.TimeoutError):
                async with asyncio.timeout(1):
                    await websocket.close(code)

    async def _register(self, socket: Socket, cursor: object, snapshot: Snapshot) -> None:
        world = self._worlds[socket.rights.workspace_id]
        await world.ready.wait()
        missed = self._missed(world, socket, cursor)
        if missed is not None:
            socket.sent_seq = world.seq
            self._join(world, socket)
            for entry in missed:
                socket.offer(frame_for(socket.rights, entry, event_frame(entry)))
            socket.offer(f'{{"type":"cursor","seq":{world.seq}}}')
            return
        start, socket.held = world.seq, []
        self._join(world, socket)
        try:
            at, data = await snapshot(socket.rights)
        except Unavailable as refusal:
            log.warning("socket.snapshot_failed", code=refusal.code)
            socket.overflow()
            return
        cursor = start if at is None else at
        socket.sent_seq = cursor
        held, socket.held = socket.held or [], None
        socket.offer(orjson.dumps({"type": "snapshot", "cursor": cursor, "data": data}).decode())
        for seq, frame in held:
            _give(socket, seq, frame)

    def _missed(self, world: World, socket: Socket, cursor: object) -> list[Entry] | None:
        """What a client with `cursor` has not seen, or None when it needs a snapshot."""
        if not isinstance(cursor, int) or world.tail is None or not 0 < cursor <= world.seq or socket.registered:
            return None
        entries = world.tail.since(cursor)
        if entries is None:
            return None
        mine = socket.rights
        missed = [
            entry
            for entry in entries
            if entry.seq <= world.seq and (sees(mine, entry.audience) or loses(mine, entry.audience))
        ]
        return missed if len(missed) < self._queue // 2 else None

    def _join(self, world: World, socket: Socket) -> None:
        if socket.registered:
            return
        socket.registered = True
        user_id = socket.rights.user_id
        first = user_id is not None and user_id not in world.users
        world.add(socket)
        if first and self.on_present is not None:
            self.on_present(socket.rights)

    def _unregister(self, socket: Socket) -> None:
        if not socket.registered:
            return
        socket.registered = False
        world = self._worlds[socket.rights.workspace_id]
        world.remove(socket)
        user_id = socket.rights.user_id
        if user_id is not None and user_id not in world.users and self.on_absent is not None:
            silent = asyncio.get_running_loop().time() - socket.heard_at
            self.on_absent(socket.rights, Millis(self._clock() - round(silent * 1000)))


def event_frame(entry: Entry, data: Any = None) -> str:
    """An entry as clients get it; `data`: what of it is for one who may not have all."""
    told = entry.data if data is None else data
    frame = {"type": "event", "seq": entry.seq, "event": entry.type, "at": to_iso(entry.at), "data": told}
    return orjson.dumps(frame).decode()


def frame_for(rights: Rights, entry: Entry, whole: str) -> str:
    """`whole` (the entry's frame), or for who is bound to queues what of it is his business."""
    if not is_bound(rights) or entry.audience is None:
        return whole
    data = entry.data
    mine = narrowed(rights, entry.audience, data)
    return whole if mine is data else event_frame(entry, mine)


def _give(socket: Socket, seq: int, frame: str) -> None:
    if socket.held is not None:
        if len(socket.held) >= QUEUE:
            socket.overflow()
        else:
            socket.held.append((seq, frame))
    elif seq > socket.sent_seq:
        socket.sent_seq = seq
        socket.offer(frame)


async def _until_either(pump: Awaitable[None], listening: Awaitable[None]) -> int:
    """Runs both until one ends; the close code that tells which."""
    sender, receiver = asyncio.ensure_future(pump), asyncio.ensure_future(listening)
    try:
        await asyncio.wait({sender, receiver}, return_when=asyncio.FIRST_COMPLETED)
        for task in (sender, receiver):
            if task.done() and not task.cancelled():
                error = task.exception()
                if error is not None and not isinstance(error, WebSocketDisconnect | OSError | RuntimeError):
                    raise error
        return RESYNC if sender.done() and not receiver.done() else 1000
    finally:
        for task in (sender, receiver):
            task.cancel()
        await asyncio.gather(sender, receiver, return_exceptions=True)
