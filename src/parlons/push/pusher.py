"""Who is told what, on which device, and when not.

Told are: an agent to whom a contact is offered, and who holds a conversation in which the customer writes; whom a
colleague writes to or names (`colleagues`); on each device of his, unless he has a screen before him or asked for
quiet. The process that owns the workspace's router tells, from the journal, from when it became the owner; screens at
another process are not known to it, so the browser looks once more before it shows anything. What waits is not stored
here: the push service keeps it, an offer until it ends at most.

One who is told still counts as reachable when his last screen is gone (dispatch/presence): a phone's page sleeps in the
pocket. An offer he misses takes him off the floor as it does at a screen.
"""

import asyncio
from typing import Any

from parlons.accounts import queries as accounts
from parlons.channels.push.keys import ensure_keys
from parlons.channels.push.sending import Outcome, send
from parlons.conversations import queries as conversations
from parlons.customers import queries as customers
from parlons.dispatch import queries as dispatch_queries
from parlons.dispatch.dispatch import Dispatch
from parlons.kit.clock import to_datetime
from parlons.kit.errors import Refusal
from parlons.push import colleagues, words
from parlons.push.devices import Device, devices_of, end_devices, told_users
from parlons.push.quiet import is_quiet
from parlons.runtime import journal
from parlons.runtime.db import Tx
from parlons.runtime.hub import Hub
from parlons.runtime.journal import Entry
from parlons.runtime.log import log
from parlons.runtime.readers import Follower
from parlons.runtime.safe_http import SafeHttp

Json = dict[str, Any]
LOOK = 5.0
"""Seconds after which another process's new devices are noticed."""
AT_ONCE = 20
KEPT = 3600
"""Seconds a push service keeps the news of a message."""
IDS = ("kind", "tag", "reservation_id", "conversation_id", "discussion_id")
NOBODY = "mailto:nobody@parlons.invalid"
"""Whom a push service may write to when we have no address of https."""


class Pusher:
    """Tells the people of one tenant's workspace. One a process and workspace; `follow` it for ever."""

    def __init__(self, dispatch: Dispatch, hub: Hub, http: SafeHttp, tenant_id: str, workspace_id: str, url: str):
        self._dispatch, self._hub, self._http = dispatch, hub, http
        self._tenant_id, self._workspace_id = tenant_id, workspace_id
        self._contact = url if url.startswith("https:") else NOBODY
        self._told: frozenset[str] = frozenset()
        self._looked = float("-inf")
        self._room = asyncio.Semaphore(AT_ONCE)
        self.seq = 0
        """Up to where the journal was looked at."""
        self.following = asyncio.Event()
        """Set once what is appended is heard."""

    def changed(self) -> None:
        """Somebody's devices have changed here: looked up again with the next news."""
        self._looked = float("-inf")

    async def follow(self) -> None:
        """Tells of what is appended from now on."""
        db, tail = self._dispatch.db, self._dispatch.tail(self._workspace_id)
        async with db.transaction(self._tenant_id) as tx:
            await ensure_keys(tx)
        async with db.system() as tx:
            seq = await journal.last_seq(await tx.raw(), self._workspace_id)
        self.following.set()
        async with asyncio.TaskGroup() as telling:
            async for entries in Follower(tail, seq):
                for entry in entries if self._dispatch.owns(self._workspace_id) else ():
                    for user_id in await self._concerned(entry):
                        telling.create_task(self._tell_quietly(user_id, entry), name="push")
                self.seq = entries[-1].seq

    async def reaches(self, worker_id: str) -> bool:
        """Whether a worker without a screen can be told of an offer now."""
        user_id = self._dispatch.users.get(worker_id)
        if user_id is None or user_id not in await self._users():
            return False
        async with self._dispatch.db.transaction(self._tenant_id) as tx:
            return bool(await self._devices(tx, user_id, call=False))

    async def _concerned(self, entry: Entry) -> list[str]:
        """The users to tell of it who have a device and no screen before them."""
        if entry.kind == "transition" and entry.type == "reservation.created":
            users = [self._dispatch.users.get(entry.data["worker_id"])]
        elif entry.kind == "event" and entry.type == "message.added" and entry.audience is not None:
            incoming = entry.data["message"]["direction"] == "in"
            users = list(entry.audience.user_ids) if incoming else []
        elif entry.kind == "event" and entry.type in colleagues.TYPES:
            users = list(colleagues.addressed(entry))
        else:
            return []
        told = await self._users() if users else frozenset()
        away = (user for user in users if user in told and not self._hub.in_front(self._workspace_id, user))
        return [user for user in away if user is not None]

    async def _users(self) -> frozenset[str]:
        now = asyncio.get_running_loop().time()
        if now - self._looked >= LOOK:
            async with self._dispatch.db.transaction(self._tenant_id) as tx:
                self._told = await told_users(tx)
            self._looked = now
        return self._told

    async def _tell_quietly(self, user_id: str, entry: Entry) -> None:
        async with self._room:
            try:
                await self._tell(user_id, entry)
            except Refusal as refusal:
                log.warning("push.passed", type=entry.type, code=refusal.code)
            except Exception:
                log.exception("push.broke", type=entry.type)

    async def _tell(self, user_id: str, entry: Entry) -> None:
        """No transaction is open while the push services are called."""
        offered = entry.type == "reservation.created"
        async with self._dispatch.db.transaction(self._tenant_id) as tx:
            about = await self._about(tx, entry)
            devices = await self._devices(tx, user_id, call=about["channel"] == "voice") if about else []
            keys = await ensure_keys(tx) if devices else None
        if about is None or keys is None:
            return
        now = self._dispatch.clock()
        seconds = (entry.data["expires_at"] - now) // 1000 if offered else KEPT
        if seconds <= 0:
            return
        outcomes = await asyncio.gather(
            *(
                send(
                    self._http,
                    keys,
                    each,
                    _shown(each, about, seconds),
                    contact=self._contact,
                    now=now,
                    seconds=seconds,
                )
                for each in devices
            )
        )
        ended = [each.id for each, outcome in zip(devices, outcomes, strict=True) if outcome is Outcome.ENDED]
        if ended:
            async with self._dispatch.db.transaction(self._tenant_id) as tx:
                await end_devices(tx, ended)
            self.changed()

    async def _devices(self, tx: Tx, user_id: str, *, call: bool) -> list[Device]:
        """Where he may be told now: his quiet hours by each device's clock."""
        quiet, now = await accounts.quiet_of(tx, user_id), to_datetime(tx.now)
        on_call = self._on_call(user_id)
        found = await devices_of(tx, user_id)
        return [each for each in found if not is_quiet(quiet, now, each.time_zone, call=call, on_call=on_call)]

    def _on_call(self, user_id: str) -> bool:
        workers = self._dispatch.state(self._workspace_id).workers
        mine = next((each for each in workers.values() if self._dispatch.users.get(each.id) == user_id), None)
        held = mine.held.values() if mine is not None else ()
        return any(each.status == "accepted" and each.task.channel == "voice" for each in held)

    async def _about(self, tx: Tx, entry: Entry) -> Json | None:
        if entry.type == "reservation.created":
            return await self._offer(tx, entry)
        return colleagues.about(entry) if entry.type in colleagues.TYPES else await self._message(tx, entry)

    async def _offer(self, tx: Tx, entry: Entry) -> Json | None:
        """What is offered; None when the offer is over already."""
        task = self._dispatch.state(self._workspace_id).tasks.get(entry.data["task_id"])
        reservation_id = entry.data["reservation_id"]
        if task is None or not any(each.id == reservation_id and each.running for each in task.held):
            return None
        channel, queue_id, conversation_id = task.channel, task.queue_id, task.conversation_id
        queues = await dispatch_queries.names(tx, self._workspace_id, "queues")
        about = await self._conversation(tx, conversation_id) if conversation_id else {"name": None}
        return {
            "kind": "offer",
            "tag": reservation_id,
            "reservation_id": reservation_id,
            "conversation_id": conversation_id,
            "queue": queues.get(queue_id or "", ""),
            **about,
            "channel": channel if channel == "voice" else about.get("channel", channel),
        }

    async def _message(self, tx: Tx, entry: Entry) -> Json | None:
        conversation_id = entry.data["message"]["conversation_id"]
        about = await self._conversation(tx, conversation_id)
        return {"kind": "message", "tag": conversation_id, "conversation_id": conversation_id, **about}

    async def _conversation(self, tx: Tx, conversation_id: str) -> Json:
        found = await conversations.conversation(tx, conversation_id)
        if found is None:
            return {"name": None, "channel": ""}
        card = (await customers.cards(tx, [found.customer_id])).get(found.customer_id)
        return {"name": card.name or None if card else None, "channel": found.channel}


def _shown(device: Device, about: Json, seconds: int) -> Json:
    """What this device may read: the customer's name only where its owner wants it."""
    name, channel = about["name"] if device.names else None, about["channel"]
    if about["kind"] == "offer":
        said = words.offer(device.locale, channel=channel, queue=about["queue"], seconds=seconds, name=name)
    elif about["kind"] == "message":
        said = words.message(device.locale, channel=channel, name=name)
    else:
        said = words.colleague(device.locale, kind=about["kind"], name=name)
    ids: Json = {key: about[key] for key in IDS if key in about}
    return {**ids, **said, "lang": device.locale, "call": channel == "voice"}
