"""A floor with a telephone: a real router and database, the controller, the fake engine, two agents and a number."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from parlons.dispatch.dispatch import Dispatch
from parlons.reception import outcomes
from parlons.reception.handler import Reception
from parlons.reception.model import EntryPoint
from parlons.reception.points import put_entry_points
from parlons.routing import commands as c
from parlons.runtime.db import Database, Tx
from parlons.runtime.files import Files
from parlons.runtime.safe_http import SafeHttp, allowed
from parlons.testing.fake_engine import FakeEngine
from parlons.voice.calls import ledger, queries, settings
from parlons.voice.calls.controller import Controller
from parlons.voice.calls.floor import browser_leg
from parlons.voice.calls.model import Call
from parlons.voice.calls.script import CallContact, CallScript, Outcome, Verbs, Words
from parlons.voice.calls.settings import ContactAddress, QueueVoice
from parlons.voice.calls.telephone import Telephone
from parlons.voice.calls.vault import Vault
from parlons.voice.calls.voice import Wish
from parlons.voice.media.engine import SilenceSound, Sound, ToneSound
from tests.conftest import StillClock
from tests.dispatch import floor as routed
from tests.dispatch.floor import SALES, TENANT, WORKSPACE

FIRM = "FI" + "1" * 32
NUMBER, CALLER, OUTSIDE = "+33155500000", "+33612345678", "+33699999999"
POINT = EntryPoint(
    id="EP1", workspace_id=WORKSPACE, channel="voice", address=NUMBER, firm_id=FIRM, workflow_id=routed.WORKFLOW,
    task_channel="voice", language="fr", attributes={"topic": "sales"},
)  # fmt: skip
WEB = EntryPoint(
    id="EP2", workspace_id=WORKSPACE, channel="voice", address="shop", firm_id=FIRM, workflow_id=routed.WORKFLOW,
    task_channel="voice", language="en", attributes={"topic": "sales"},
)  # fmt: skip
PATIENCE = 15.0
MUSIC = ToneSound((440.0,), 5000)


def user_id(number: int) -> str:
    return f"US{number:032x}"


class Tones:
    """Words as silence as long as they are, music as a tone."""

    async def sounds(self, _tenant_id: str, _firm_id: str | None, words: Sequence[Words]) -> Sequence[Sound]:
        return [SilenceSound(200 + len(one.text)) for one in words]

    async def music(self, _tenant_id: str, _firm_id: str | None, _name: str | None = None) -> Sequence[Sound]:
        return [MUSIC]


@dataclass
class Menu(CallScript):
    """A script tests can look into: by default every caller goes to the queue of his number."""

    db: Database
    first: Callable[["Menu", CallContact], Awaitable[None]] | None = None
    verbs: Verbs | None = None
    told: list[tuple[str, Any]] = field(default_factory=list)
    answers: asyncio.Queue[Outcome] = field(default_factory=asyncio.Queue)

    def attach(self, verbs: Verbs) -> None:
        self.verbs = verbs

    def detach(self) -> None:
        return None

    async def begins(self, contact: CallContact) -> None:
        self.told.append(("begins", contact))
        await (self.first or Menu.to_queue)(self, contact)

    async def goes_on(self, call_id: str, outcome: Outcome) -> None:
        self.told.append(("goes_on", outcome))
        self.answers.put_nowait(outcome)

    async def returns(self, call_id: str) -> None:
        self.told.append(("returns", call_id))

    async def ends(self, call_id: str) -> None:
        self.told.append(("ends", call_id))

    async def to_queue(self, contact: CallContact) -> None:
        assert self.verbs is not None
        await self.verbs.answer(contact.call_id)
        await queue(self.db, self.verbs, contact)


async def queue(db: Database, verbs: Verbs, contact: CallContact) -> None:
    """As a flow's queue step does it."""
    from parlons.dispatch.contacts import Contact

    async with db.transaction(TENANT) as tx:
        asked = Contact(
            TENANT, WORKSPACE, "voice", contact.number, contact.customer_id, contact.conversation_id, contact.at,
            contact.call_id, contact.firm_id, contact.language,
        )  # fmt: skip
        decided = await Reception().new_contact(tx, asked)
        assert decided.task_id is not None
        await verbs.wait_in_queue(tx, contact.call_id, decided.task_id, SALES)


async def _careful(url: str) -> tuple[str, int]:
    """As a server that may reach this machine."""
    return await SafeHttp(allowed(["127.0.0.1"])).socket_address(url)


@dataclass
class Centre:
    """Short words for what callers and agents do."""

    db: Database
    dispatch: Dispatch
    engine: FakeEngine
    telephone: Telephone
    script: Menu
    files: Files
    folder: Path
    clock: StillClock

    @property
    def controller(self) -> Controller:
        return self.telephone.controllers[WORKSPACE]

    async def configured(self, *, queue: QueueVoice | None = None, **addresses: list[ContactAddress]) -> None:
        """Settings, taken in."""
        async with self.db.transaction(TENANT) as tx:
            if queue is not None:
                await settings.put_queue_voice(tx, SALES, queue)
            for number, chosen in addresses.items():
                await settings.put_contact_addresses(tx, WORKSPACE, user_id(int(number[1:])), chosen)
        await self.takes_settings_in()

    async def takes_settings_in(self) -> None:
        """What is stored now is known to the telephone; in the order of those that the journal makes it read."""
        await self.controller.floor.lanes.run("settings", self.controller.read_settings)

    async def phone(self, number: int = 1) -> None:
        """An agent's browser is connected."""
        leg_id = browser_leg(user_id(number))
        await self.telephone.connect(WORKSPACE, leg_id, "v=0 offer")
        await self.until(lambda: leg_id in self.controller.floor.talking)

    async def rings_in(self, caller: str = CALLER) -> str:
        """Somebody calls the number; his leg."""
        return await self.engine.incoming(from_number=caller, to_number=NUMBER)

    async def until(self, holds: Callable[[], Any]) -> Any:
        """Waits until memory is as expected."""
        async with asyncio.timeout(PATIENCE):
            while True:
                if found := holds():
                    return found
                await asyncio.sleep(0.002)

    async def call(self, state: str, leg_id: str | None = None) -> Call:
        """The one call in this state."""

        def there() -> Call | None:
            return next(
                (
                    one
                    for one in self.controller.floor.calls.values()
                    if one.state == state and leg_id in (None, one.leg_id)
                ),
                None,
            )

        found: Call = await self.until(there)
        return found

    async def row(self, call_id: str, state: str) -> Call:
        """The call's row, once it is in this state."""
        async with asyncio.timeout(PATIENCE):
            while True:
                async with self.db.transaction(TENANT) as tx:
                    found = await queries.call(tx, call_id)
                if found is not None and found.state == state:
                    return found
                await asyncio.sleep(0.01)

    async def offered(self, number: int = 1) -> str:
        """The reservation a worker holds pending."""

        def there() -> str | None:
            state = self.dispatch.state(WORKSPACE)
            held = state.workers[routed.worker_id(number)].held.values()
            return next((one.id for one in held if one.status == "pending"), None)

        found: str = await self.until(there)
        return found

    async def takes(self, number: int = 1) -> None:
        """An agent takes the offer on his screen."""
        await self.dispatch.send(WORKSPACE, c.AcceptReservation(await self.offered(number), routed.worker_id(number)))

    async def talks(self, caller: str = CALLER, number: int = 1) -> Call:
        """A caller and an agent's browser, joined; the API knows of it."""
        await self.phone(number)
        leg_id = await self.rings_in(caller)
        await self.takes(number)
        call = await self.call("talking", leg_id)
        await self.row(call.id, "talking")
        return call

    async def does(self, verb: str, call: Call | None = None, number: int = 1, **values: Any) -> dict[str, Any]:
        """An agent's wish."""
        wish = Wish(verb, call.id if call is not None else "", routed.worker_id(number), user_id(number), values)
        return await self.telephone.act(WORKSPACE, wish)

    def task(self, call: Call) -> Any:
        """The router's task of the call; None when it has ended."""
        return self.dispatch.state(WORKSPACE).tasks.get(call.task_id or "")

    async def known_to_router(self, *task_ids: str | None) -> None:
        """These tasks are in the router: what was submitted reaches it a moment after its commit."""
        await self.until(lambda: set(task_ids) <= self.dispatch.state(WORKSPACE).tasks.keys())

    async def idle(self) -> None:
        """Nothing is under way."""
        await self.controller.floor.lanes.idle()
        await self.controller.floor.ledger.settled()


def agent(number: int) -> c.PutWorker:
    """A worker who may talk and chat."""
    made = routed.worker(number, "sales")
    return c.PutWorker(
        made.worker_id, f"Worker {number}", made.attributes, {"voice": 1, "chat": 2, "default": 1}, routed.READY
    )


async def furnish(database: Database, people: int) -> None:
    """Users for the workers, entry points, a trunk."""
    async with database.transaction(TENANT) as tx:
        for number in range(1, people + 1):
            await tx.execute(
                "INSERT INTO users (id, tenant_id, workspace_id, worker_id, email, name, role, created_at)"
                " VALUES (:id, :tenant, :workspace, :worker, :name, :name, 'agent', now())",
                {
                    "id": user_id(number), "tenant": TENANT, "workspace": WORKSPACE,
                    "worker": routed.worker_id(number), "name": f"Worker {number}",
                },
            )  # fmt: skip
        await put_entry_points(tx, [POINT, WEB])
        await settings.put_trunk(tx, "TK1", "carrier", {"host": "192.0.2.1", "country": "FR"}, password="")


async def _numbers(_tx: Tx, _firm_id: str | None) -> list[str]:
    return [NUMBER]


async def _matter(_tenant_id: str, token: str) -> str | None:
    return token or None


@asynccontextmanager
async def open_centre(
    database: Database, clock: StillClock, folder: Path, engine: FakeEngine, script: Menu, *, name: str = "first",
    workers: Sequence[int] = (1,), prepare: bool = True,
) -> AsyncIterator[Centre]:  # fmt: skip
    """A process with a telephone on this database and engine."""
    dispatch = Dispatch(database, clock=clock, name=name)
    dispatch.users.update({routed.worker_id(number): user_id(number) for number in range(1, 10)})
    files = Files(folder / "files")
    telephone = Telephone(
        engine=engine, db=database, dispatch=dispatch, handler=Reception(), sounds=Tones(), files=files,
        vault=Vault(b"s" * 32), folder=folder / "recordings", clock=clock, numbers=_numbers, ice=lambda _w, _n: [],
        matter=_matter, socket_address=_careful,
    )  # fmt: skip
    tasks = []
    try:
        if prepare:
            await routed.prepare(dispatch, *(agent(number) for number in workers))
        else:
            await dispatch.open(WORKSPACE, TENANT)
            await dispatch.ready(WORKSPACE, as_owner=True)
        tasks.append(asyncio.create_task(outcomes.reader(dispatch.tail(WORKSPACE), TENANT).run()))
        tasks.append(asyncio.create_task(telephone.serve(WORKSPACE, TENANT, lambda: script)))
        centre = Centre(database, dispatch, engine, telephone, script, files, folder, clock)
        async with asyncio.timeout(PATIENCE):
            while True:
                if WORKSPACE in telephone.controllers:
                    break
                await asyncio.sleep(0.002)
            await centre.controller.ready.wait()
        yield centre
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await telephone.close()
        await dispatch.close()


@asynccontextmanager
async def beside(owner: Centre, name: str) -> AsyncIterator[Telephone]:
    """The telephone of a second process, which does not own the router."""
    dispatch = Dispatch(owner.db, clock=owner.clock, name=name)
    telephone = Telephone(
        engine=owner.engine, db=owner.db, dispatch=dispatch, handler=Reception(), sounds=Tones(), files=owner.files,
        vault=Vault(b"s" * 32), folder=owner.folder, clock=owner.clock, numbers=_numbers, ice=lambda _w, _n: [],
        matter=_matter, socket_address=_careful,
    )  # fmt: skip
    try:
        await dispatch.open(WORKSPACE, TENANT)
        await dispatch.ready(WORKSPACE)
        yield telephone
    finally:
        await telephone.close()
        await dispatch.close()


@pytest.fixture
async def centre(
    database: Database, clock: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Centre]:
    """Open, with one agent at work and no phone connected; however slow the machine, what is answered is written."""
    monkeypatch.setattr(ledger, "PATIENCE", PATIENCE)
    await furnish(database, 3)
    script = Menu(database)
    async with open_centre(database, clock, tmp_path, FakeEngine(), script) as opened:
        yield opened
