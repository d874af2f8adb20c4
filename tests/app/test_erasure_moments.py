"""Erased at awkward moments: while his task still waits for the router, and after he was somebody else in the same browser."""

from pathlib import Path

import pytest

from parlons.accounts.bootstrap import Installation, bootstrap
from parlons.app.erasure import Erased, forget
from parlons.channels.webchat import visits, widgets
from parlons.channels.webchat.model import Widget
from parlons.channels.webchat.tokens import identity_signature
from parlons.channels.webchat.visits import Begun
from parlons.channels.webchat.writing import Written, write
from parlons.conversations import sidework
from parlons.conversations.merging import merge_customers, separate_customers
from parlons.conversations.model import Message
from parlons.conversations.splitting import UnknownSplit, split_conversation, unite_conversations
from parlons.customers import commands as customers
from parlons.customers.merging import merges_of
from parlons.dispatch.dispatch import Dispatch
from parlons.dispatch.screens import ScreenTail
from parlons.reception.handler import Reception
from parlons.reception.model import EntryPoint
from parlons.reception.points import put_entry_points
from parlons.routing import commands as c
from parlons.runtime.db import Database
from parlons.runtime.files import Files
from parlons.runtime.journal import Entry
from parlons.runtime.readers import Follower
from tests.conftest import StillClock
from tests.dispatch import floor

FIRM = "FI" + "1" * 32
IDENTITY = "vouched"


class Shop:
    """A shop's chat, written to directly; the router starts when told."""

    def __init__(self, database: Database, clock: StillClock, installation: Installation, widget: Widget) -> None:
        self.db, self.clock, self.installation, self.widget = database, clock, installation, widget

    async def arrives(self) -> Begun:
        async with self.db.transaction(self.installation.tenant_id) as tx:
            return await visits.start_visit(tx, self.widget, consent="given", language="fr")

    async def writes(self, begun: Begun, text: str) -> tuple[Message, str]:
        """The message and the customer it is of."""
        async with self.db.transaction(self.installation.tenant_id) as tx:
            visitor = await visits.visitor_of_token(tx, self.widget, begun.token, lock=True)
            written = Written(text, text, "fr", claims={"topic": "sales", "badge": text})
            message = await write(tx, Reception(), self.widget, visitor, written)
            return message, str(message.author.id)

    async def says_who_he_is(self, begun: Begun, user_id: str) -> Begun:
        signature = identity_signature(IDENTITY, user_id, "")
        async with self.db.transaction(self.installation.tenant_id) as tx:
            visitor = await visits.visitor_of_token(tx, self.widget, begun.token, lock=True)
            return await visits.identify(
                tx, self.widget, visitor, begun.token, user_id=user_id, email="", name="", signature=signature
            )

    async def erases(self, customer_id: str, files: Path) -> Erased:
        async with self.db.transaction(self.installation.tenant_id) as tx:
            principal = self.installation.principal
            return await forget(tx, Files(files), principal, customer_id, now=self.clock())

    async def holds(self, text: str) -> list[str]:
        """The tables in which `text` stands."""
        found = []
        async with self.db.system() as tx:
            tables = await tx.fetch_all("SELECT relname FROM pg_class WHERE relrowsecurity AND NOT relispartition")
            for name in sorted(row["relname"] for row in tables):
                rows = await tx.fetch_all(f'SELECT t::text AS "row" FROM "{name}" t')
                marks = (text, text.encode().hex())
                found += [name for row in rows if any(mark in row["row"] for mark in marks)][:1]
        return found


@pytest.fixture
async def shop(database: Database, clock: StillClock) -> Shop:
    installation = await bootstrap(database, now=clock())
    async with database.transaction(installation.tenant_id) as tx:
        point = EntryPoint("EP1", installation.workspace_id, "webchat", "shop", FIRM, workflow_id=floor.WORKFLOW)
        await put_entry_points(tx, [point])
        await widgets.put_widget(
            tx, workspace_id=installation.workspace_id, firm_id=FIRM, key="shop", name="Shop", identity_secret=IDENTITY
        )
        (widget,) = await widgets.list_widgets(tx, firm_id=FIRM)
    return Shop(database, clock, installation, widget)


async def test_while_his_task_waits_for_the_router(shop: Shop, tmp_path: Path) -> None:
    workspace_id, tenant_id = shop.installation.workspace_id, shop.installation.tenant_id
    dispatch = Dispatch(shop.db, clock=shop.clock)
    await dispatch.open(workspace_id, tenant_id)
    await dispatch.ready(workspace_id, as_owner=True)
    await dispatch.send(workspace_id, floor.CONFIGURATION)
    await dispatch.close()
    message, customer_id = await shop.writes(await shop.arrives(), "vexil-77")
    assert "commands" in await shop.holds("vexil-77")
    assert len((await shop.erases(customer_id, tmp_path)).task_ids) == 1
    assert await shop.holds("vexil-77") == []
    dispatch = Dispatch(shop.db, clock=shop.clock)
    await dispatch.open(workspace_id, tenant_id)
    await dispatch.ready(workspace_id, as_owner=True)
    await dispatch.send(workspace_id, c.Tick())
    async with shop.db.system() as tx:
        task = await tx.fetch_one(
            "SELECT status, reason FROM tasks WHERE conversation_id = :id", {"id": message.conversation_id}
        )
    assert task is not None
    assert (task["status"], task["reason"]) == ("canceled", "erased")
    assert await shop.holds("vexil-77") == []
    await dispatch.close()


async def test_what_he_wrote_before_he_said_who_he_is(shop: Shop, tmp_path: Path) -> None:
    known = await shop.says_who_he_is(await shop.arrives(), "customer-1")
    _, customer_id = await shop.writes(known, "as-himself")
    stranger = await shop.arrives()
    _, anonymous = await shop.writes(stranger, "as-a-stranger")
    again = await shop.says_who_he_is(stranger, "customer-1")
    assert again.visitor.customer_id == customer_id != anonymous
    _, somebody = await shop.writes(await shop.arrives(), "somebody-else")
    done = await shop.erases(customer_id, tmp_path)
    assert len(done.conversation_ids) == 2
    assert await shop.holds("as-himself") == []
    assert await shop.holds("as-a-stranger") == []
    assert somebody not in (customer_id, anonymous)
    assert await shop.holds("somebody-else") != []


async def _one_of_two(shop: Shop) -> tuple[dict[str, str], str, str, list[str]]:
    """Two browsers of one person, merged; of the second chat a part is a matter of its own. (ids, merge, split, all words)."""
    first, second = await shop.arrives(), await shop.arrives()
    _, kept = await shop.writes(first, "plum-11")
    await shop.writes(second, "plum-21")
    message, merged = await shop.writes(second, "plum-22")
    async with shop.db.transaction(shop.installation.tenant_id) as tx:
        await customers.identify(tx, merged, kind="email", value="plum-41@example.test", verified=True)
        await customers.update_customer(tx, merged, name="plum-42", attributes={"car": "plum-43"})
        merge, _ = await merge_customers(tx, kept, merged, by="US1")
    async with shop.db.transaction(shop.installation.tenant_id) as tx:
        split, child = await split_conversation(tx, message.conversation_id, [message.id], by="US1", subject="plum-31")
        await sidework.add_note(tx, child.id, author_user_id="US1", author_name="Sofia", text="plum-32")
    await shop.writes(second, "plum-23")
    words = ["plum-11", "plum-21", "plum-22", "plum-23", "plum-31", "plum-32", "plum-41", "plum-42", "plum-43"]
    for word in words:
        assert await shop.holds(word) != [], f"{word}: a search that would not find it proves nothing"
    return {"the one kept": kept, "the one merged": merged}, merge.id, split.id, words


@pytest.mark.parametrize("whose", ["the one kept", "the one merged"])
async def test_merged_and_split_he_is_erased_with_all_that_either_had(shop: Shop, tmp_path: Path, whose: str) -> None:
    people, merge_id, split_id, words = await _one_of_two(shop)
    await shop.writes(await shop.arrives(), "somebody-else")
    done = await shop.erases(people[whose], tmp_path)
    assert len(done.conversation_ids) == 3
    assert {word: await shop.holds(word) for word in words} == {word: [] for word in words}
    assert await shop.holds("somebody-else") != []
    async with shop.db.transaction(shop.installation.tenant_id) as tx:
        assert await merges_of(tx, people["the one kept"]) == []
        with pytest.raises(customers.CustomerErased):
            await separate_customers(tx, merge_id)
        with pytest.raises(UnknownSplit):
            await unite_conversations(tx, split_id)


async def test_separated_again_each_is_erased_alone(shop: Shop, tmp_path: Path) -> None:
    people, merge_id, _, words = await _one_of_two(shop)
    async with shop.db.transaction(shop.installation.tenant_id) as tx:
        await separate_customers(tx, merge_id)
    done = await shop.erases(people["the one merged"], tmp_path)
    assert len(done.conversation_ids) == 2
    gone = [word for word in words if word != "plum-11"]
    assert {word: await shop.holds(word) for word in gone} == {word: [] for word in gone}
    assert "messages" in await shop.holds("plum-11")


async def test_the_router_itself_empties_what_reached_the_journal_meanwhile(shop: Shop) -> None:
    dispatch = Dispatch(shop.db, clock=shop.clock)
    await dispatch.open(shop.installation.workspace_id, shop.installation.tenant_id)
    await dispatch.ready(shop.installation.workspace_id, as_owner=True)
    await dispatch.send(shop.installation.workspace_id, floor.CONFIGURATION)
    await dispatch.send(shop.installation.workspace_id, floor.task(1, attributes={"badge": "vexil-78"}))
    assert await shop.holds("vexil-78") == ["journal_private"]
    await dispatch.send(shop.installation.workspace_id, c.EraseTask(floor.task_id(1)))
    assert await shop.holds("vexil-78") == []
    await dispatch.close()


async def test_screens_are_told_what_was_under_way_and_nothing_older_afterwards(database: Database) -> None:
    tail = ScreenTail(database, "WS1", {})
    entries = [Entry("event", "message.added", 0, {"text": f"{n}"}, private_key="CU1", seq=n) for n in (1, 2, 3)]
    tail.push(entries)
    followed = aiter(Follower(tail, 0, limit=2))
    assert [entry.seq for entry in await anext(followed)] == [1, 2]
    tail.forget(["CU2"])
    assert tail.since(0) is not None
    tail.forget(["CU1"])
    assert tail.since(0) is None, "who comes back begins with a fresh snapshot"
    assert [entry.data for entry in await anext(followed)] == [{"text": "3"}]
    tail.close()
