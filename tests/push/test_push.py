"""Push on a real database and a real wire: who is told what, when nobody is, and how a device ends."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import pytest
import sqlalchemy as sa

from parlons.accounts import store as accounts
from parlons.accounts.model import Principal, Role
from parlons.channels.push.keys import ensure_keys
from parlons.channels.push.sending import PushAddressInvalid
from parlons.conversations import commands as conversations
from parlons.conversations import messages
from parlons.conversations.model import Author
from parlons.customers.commands import find_or_create_by_address, update_customer
from parlons.dispatch.dispatch import Dispatch
from parlons.dispatch.presence import Presence
from parlons.kit.clock import to_datetime, to_iso
from parlons.push import devices
from parlons.push.pusher import Pusher
from parlons.push.quiet import is_quiet
from parlons.reception.notices import MENTIONED, add_notice
from parlons.runtime import journal
from parlons.runtime.db import Database
from parlons.runtime.hub import Hub
from parlons.runtime.rights import Rights
from parlons.runtime.safe_http import SafeHttp, allowed
from parlons.runtime.socket import Socket
from parlons.team import commands as team
from tests.conftest import StillClock
from tests.dispatch import floor
from tests.dispatch.floor import TENANT, WORKSPACE
from tests.push.push_service import PushService, push_service

SOFIA, WORKER, FIRM = "US" + "1" * 32, floor.worker_id(1), "FI" + "1" * 32
SESSION = b"s" * 32


@dataclass
class Scene:
    """Sofia is at work; her phone's browser is known to a push service."""

    db: Database
    dispatch: Dispatch
    hub: Hub
    service: PushService
    pusher: Pusher
    clock: StillClock

    async def subscribe(self, **more: Any) -> dict[str, Any]:
        given = {**self.service.subscription, "locale": "fr", "time_zone": "Europe/Paris", "names": False, **more}
        async with self.db.transaction(TENANT) as tx:
            device = await devices.put_device(tx, SOFIA, SESSION, given)
        self.pusher.changed()
        return device

    async def prefers(self, quiet: dict[str, Any] | None) -> None:
        async with self.db.transaction(TENANT) as tx:
            await tx.execute(sa.update(accounts.users).values(preferences={"quiet": quiet}))

    async def conversation(self) -> str:
        """Claire's, held by Sofia."""
        async with self.db.transaction(TENANT) as tx:
            customer = await find_or_create_by_address(
                tx, workspace_id=WORKSPACE, firm_id=FIRM, kind="webchat", value="V1", verified=True
            )
            await update_customer(tx, customer.id, name="Claire Dubois")
            opened = await conversations.open_conversation(
                tx, workspace_id=WORKSPACE, firm_id=FIRM, customer_id=customer.id, channel="webchat", address="V1"
            )
            await conversations.set_lead_task(tx, opened.id, floor.task_id(9), queue_id=floor.SALES)
            await conversations.assign(
                tx, opened.id, user_id=SOFIA, worker_id=WORKER, name="Sofia", task_id=floor.task_id(9)
            )
        return opened.id

    async def writes(self, conversation_id: str, text: str) -> None:
        async with self.db.transaction(TENANT) as tx:
            author = Author("customer", "CU1", "Claire")
            await messages.add_message(tx, conversation_id, direction="in", author=author, text=text)

    async def screen(self) -> Socket:
        """A screen of Sofia's that she does not look at."""
        rights = Rights(TENANT, WORKSPACE, "agent", user_id=SOFIA, worker_id=WORKER, firm_ids=None)
        socket = Socket(rights, _nowhere, now=0.0)
        socket.foreground = False
        self.hub._worlds[WORKSPACE].add(socket)
        return socket

    async def known(self) -> list[dict[str, Any]]:
        async with self.db.transaction(TENANT) as tx:
            return await devices.shown_devices(tx, SOFIA)


async def _nowhere(_frame: str) -> None:
    """A screen that takes everything."""


async def _none(scene: Scene) -> bool:
    return not await scene.known()


async def _all_heard(scene: Scene) -> bool:
    """Whether the pusher has looked at everything that is in the journal, and what it began has ended."""
    async with scene.db.system() as tx:
        seq = await journal.last_seq(await tx.raw(), WORKSPACE)
        waiting = await tx.scalar(sa.text("SELECT count(*) FROM outbox"))
    telling = [task for task in asyncio.all_tasks() if task.get_name() == "push"]
    return not waiting and not telling and scene.pusher.seq >= seq


async def _so(seen: bool) -> bool:
    return seen


async def _until(seen: Callable[[], Awaitable[bool]]) -> None:
    end = monotonic() + 20
    while not await seen():
        assert monotonic() < end
        await asyncio.sleep(0.01)


async def _people(db: Database, clock: StillClock) -> None:
    at = to_datetime(clock())
    async with db.transaction(TENANT) as tx:
        await tx.execute(
            sa.insert(accounts.users).values(
                id=SOFIA, tenant_id=TENANT, workspace_id=WORKSPACE, worker_id=WORKER, email="sofia@example.org",
                name="Sofia", role="agent", created_at=at,
            )
        )  # fmt: skip
        await tx.execute(
            sa.insert(accounts.sessions).values(
                token_hash=SESSION, tenant_id=TENANT, user_id=SOFIA, by_link=False, created_at=at, seen_at=at,
                expires_at=at + timedelta(hours=12),
            )
        )  # fmt: skip


@pytest.fixture
async def scene(database: Database, clock: StillClock) -> AsyncIterator[Scene]:
    """With the pusher at work."""
    dispatch = Dispatch(database, clock=clock, name="first")
    await floor.prepare(dispatch, floor.worker(1, "sales"))
    dispatch.users[WORKER] = SOFIA
    await _people(database, clock)
    async with push_service() as service, SafeHttp(allowed(["127.0.0.0/8"])) as http:
        hub = Hub(clock=clock)
        pusher = Pusher(dispatch, hub, http, TENANT, WORKSPACE, "https://desk.example")
        following = asyncio.create_task(pusher.follow())
        async with asyncio.timeout(20):
            await pusher.following.wait()
        yield Scene(database, dispatch, hub, service, pusher, clock)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
    await dispatch.close()


async def test_an_offer_is_told_encrypted_signed_and_without_a_name(scene: Scene) -> None:
    await scene.subscribe()
    offer = floor.offer_of(await scene.dispatch.send(WORKSPACE, floor.task(1)))
    told = await scene.service.next()
    assert (told["kind"], told["reservation_id"], told["title"]) == ("offer", offer.reservation_id, "Nouveau contact")
    assert told["body"] == "Message · Sales\n20 secondes pour le prendre"
    assert told["take"] == "Prendre"
    (headers,) = scene.service.taken
    assert (headers["content-encoding"], headers["ttl"]) == ("aes128gcm", "20")
    scheme, _, rest = headers["authorization"].partition(" ")
    parts = dict(part.split("=", 1) for part in rest.replace(" ", "").split(","))
    claims = json.loads(base64.urlsafe_b64decode(parts["t"].split(".")[1] + "=="))
    assert (scheme, claims["sub"]) == ("vapid", "https://desk.example")
    assert claims["aud"] == scene.service.address.partition("/to/")[0]
    async with scene.db.transaction(TENANT) as tx:
        assert parts["k"] == (await ensure_keys(tx)).public


@pytest.mark.parametrize(("names", "title"), [(False, "Un client a écrit"), (True, "Claire Dubois a écrit")])
async def test_a_message_is_told_never_what_it_says(scene: Scene, names: bool, title: str) -> None:
    await scene.subscribe(names=names)
    conversation_id = await scene.conversation()
    await scene.writes(conversation_id, "Mon numéro de carte est 4970")
    told = await scene.service.next()
    assert (told["kind"], told["conversation_id"], told["title"]) == ("message", conversation_id, title)
    assert "4970" not in json.dumps(told)


async def test_whoever_looks_or_wants_quiet_is_not_told(scene: Scene) -> None:
    await scene.subscribe()
    conversation_id = await scene.conversation()
    await scene.prefers({"until": to_iso(scene.clock() + 60_000)})
    await scene.writes(conversation_id, "un")
    await _until(lambda: _all_heard(scene))
    await scene.prefers(None)
    await scene.writes(conversation_id, "deux")
    await scene.service.next()
    screen = await scene.screen()
    await scene.writes(conversation_id, "trois")
    await scene.service.next()
    screen.foreground = True
    await scene.writes(conversation_id, "quatre")
    await _until(lambda: _all_heard(scene))
    screen.foreground = False
    await scene.writes(conversation_id, "cinq")
    await scene.service.next()
    await _until(lambda: _all_heard(scene))
    assert len(scene.service.taken) == 3


async def test_a_colleague_s_line_is_told_to_whom_it_is_for_never_what_it_says(scene: Scene) -> None:
    await scene.subscribe(names=True)
    ben, kim = ("US" + "4" * 32, "US" + "5" * 32)
    async with scene.db.transaction(TENANT) as tx:
        for user_id, name in ((ben, "Ben Gold"), (kim, "Kim Lee")):
            await tx.execute(
                sa.insert(accounts.users).values(
                    id=user_id, tenant_id=TENANT, workspace_id=WORKSPACE, email=f"{user_id}@example.org", name=name,
                    role="agent", created_at=to_datetime(scene.clock()),
                )
            )  # fmt: skip
    who = Principal(TENANT, WORKSPACE, Role.AGENT, user_id=ben, name="Ben Gold")
    async with scene.db.transaction(TENANT) as tx:
        two = (await team.start_direct(tx, who, SOFIA))["id"]
        several = (await team.start_team(tx, who, "Cars", [SOFIA, kim]))["id"]
        await team.say(tx, who, several, "To nobody in particular")
        await team.say(tx, who, several, "@Sofia 4970", mentions=[SOFIA])
    told = await scene.service.next()
    assert (told["kind"], told["discussion_id"], told["title"]) == ("colleague", several, "Ben Gold vous a écrit")
    assert "4970" not in json.dumps(told)
    async with scene.db.transaction(TENANT) as tx:
        await team.say(tx, who, two, "Bonjour")
    assert (await scene.service.next())["discussion_id"] == two
    conversation_id = await scene.conversation()
    async with scene.db.transaction(TENANT) as tx:
        data = {"conversation_id": conversation_id, "note_id": "NO1"}
        await add_notice(tx, notice_id="n", workspace_id=WORKSPACE, user_id=SOFIA, kind=MENTIONED, data=data)
    told = await scene.service.next()
    assert (told["conversation_id"], told["title"]) == (conversation_id, "Un collègue vous cite dans une note")
    await _until(lambda: _all_heard(scene))
    assert len(scene.service.taken) == 3


@pytest.mark.parametrize("status", [404, 410])
async def test_a_subscription_that_is_no_more_ends(scene: Scene, status: int) -> None:
    await scene.subscribe()
    scene.service.status = status
    await scene.writes(await scene.conversation(), "Bonjour")
    await _until(lambda: _none(scene))
    assert not await scene.pusher.reaches(WORKER)


async def test_a_device_ends_with_its_session_and_belongs_to_who_signed_in_last(scene: Scene) -> None:
    first = await scene.subscribe()
    again = await scene.subscribe(names=True)
    assert (again["id"], again["names"]) == (first["id"], True)
    assert await scene.pusher.reaches(WORKER)
    async with scene.db.transaction(TENANT) as tx:
        await devices.remove_device(tx, "US" + "2" * 32, first["id"])
    assert await scene.known() == [again]
    async with scene.db.transaction(TENANT) as tx:
        await tx.execute(sa.delete(accounts.sessions))
    assert not await scene.pusher.reaches(WORKER)
    assert await scene.known() == []


async def test_addresses_and_secrets_stand_sealed_and_plain_http_is_refused(scene: Scene) -> None:
    await scene.subscribe()
    async with scene.db.system() as tx:
        row = await tx.fetch_one(sa.text("SELECT d.address, d.secret, k.private_key FROM push_devices d, push_keys k"))
    assert row is not None
    assert all(value.startswith("sealed:") for value in row.values())
    with pytest.raises(PushAddressInvalid):
        await scene.subscribe(address="http://push.example/1")


async def test_one_who_is_told_by_push_stays_reachable_without_a_screen(scene: Scene) -> None:
    async def by_push(_workspace_id: str, worker_id: str) -> bool:
        return await scene.pusher.reaches(worker_id)

    presence = Presence(scene.dispatch, grace=0.01, otherwise=by_push)
    await scene.subscribe()
    presence.agent_lost(WORKSPACE, WORKER)
    await _until(lambda: _so((WORKSPACE, WORKER) in presence.asked))
    assert scene.dispatch.state(WORKSPACE).workers[WORKER].reachable
    await presence.close()
    alone = Presence(scene.dispatch, grace=0.01)
    alone.agent_lost(WORKSPACE, WORKER)
    await _until(lambda: _so(not scene.dispatch.state(WORKSPACE).workers[WORKER].reachable))
    await alone.close()


@pytest.mark.parametrize(
    ("quiet", "call", "on_call", "expected"),
    [
        (None, False, False, False),
        ({"begins": "22:00", "ends": "07:00"}, False, False, True),
        ({"begins": "22:00", "ends": "07:00"}, True, False, False),
        ({"begins": "22:00", "ends": "07:00", "calls_ring": False}, True, False, True),
        ({"begins": "08:00", "ends": "22:00"}, False, False, False),
        ({"begins": "23:30", "ends": "23:30"}, False, False, False),
        ({"on_call": True}, True, True, True),
        ({"on_call": True}, False, False, False),
        ({"until": "2026-11-22T23:00:00Z"}, False, False, True),
        ({"until": "2026-11-22T22:00:00Z"}, False, False, False),
    ],
)
def test_quiet_is_read_by_the_clock_of_the_device(
    quiet: dict[str, Any] | None, call: bool, on_call: bool, expected: bool
) -> None:
    now = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)  # 23:30 in Paris
    assert is_quiet(quiet, now, "Europe/Paris", call=call, on_call=on_call) is expected
