"""A customer who telephoned is erased: his number, what he keyed, said and was promised are nowhere; that he called stays."""

from parlons.accounts.model import Principal, Role
from parlons.app.erasure import forget
from parlons.dispatch.dispatch import submit
from parlons.kit.ids import TASK, new_id
from parlons.routing.commands import CreateTask
from parlons.routing.configuration import Target
from parlons.runtime import jobs
from parlons.runtime.db import Tx
from parlons.voice.calls.script import CallContact
from parlons.voice.calls.settings import QueueVoice
from tests.dispatch.floor import SALES, TENANT, WORKSPACE
from tests.voice.calls.conftest import FIRM, Centre, Menu, user_id

SECRET, TOLD = "698765432", "Quillonvex"
NUMBER = f"+33{SECRET}"


async def everywhere(centre: Centre) -> dict[str, int]:
    """How often his number stands in each table, in texts and in binary values: as the rooms see them, and as the journal is."""
    found: dict[str, int] = {}
    for opened in (centre.db.transaction(TENANT), centre.db.system()):
        async with opened as tx:
            await _look(tx, found)
    return found


async def _look(tx: Tx, found: dict[str, int]) -> None:
    tables = (
        "SELECT c.oid::regclass::text AS name FROM pg_class c WHERE c.relkind IN ('r', 'p') "
        "AND c.relnamespace = 'public'::regnamespace AND has_table_privilege(c.oid, 'SELECT')"
    )
    needles = [word.encode() for word in (SECRET, TOLD)]
    for table in await tx.fetch_all(tables):
        rows = await tx.fetch_all(f'SELECT t.*, t::text AS "whole row" FROM {table["name"]} t')
        cells = [cell if isinstance(cell, bytes) else str(cell).encode() for one in rows for cell in one.values()]
        if count := sum(needle in cell for cell in cells for needle in needles):
            found[table["name"]] = found.get(table["name"], 0) + count


async def telephones(centre: Centre) -> str:
    """He talks and is recorded; calls again, leaves a message and is to be called back. His id."""
    await centre.configured(queue=QueueVoice(record="always", wrap_up_seconds=0))
    call = await centre.talks(NUMBER)
    await centre.until(lambda: call.notified)
    await centre.idle()
    await centre.engine.passes(3000)
    await centre.until(lambda: call.recording is not None)
    await centre.idle()
    centre.engine.far_hangs_up(call.leg_id)
    await centre.row(call.id, "ended")
    contacts: list[CallContact] = []

    async def nothing(_script: Menu, contact: CallContact) -> None:
        contacts.append(contact)

    centre.script.first = nothing
    leg_id = await centre.rings_in(NUMBER)
    contact = await centre.until(lambda: contacts and contacts[0])
    verbs = centre.controller.scripting
    await verbs.answer(contact.call_id)
    centre.controller.floor.calls[contact.call_id].hears(f"Bonjour {TOLD}")
    await verbs.take_message(contact.call_id, "f/1")
    centre.engine.says(leg_id, 440.0)
    await centre.engine.passes(2000)
    async with centre.db.transaction(TENANT) as tx:
        task_id = new_id(TASK, centre.clock())
        given = {"callback": True, "callback_number": NUMBER}
        command = CreateTask(
            task_id, given, target=Target("queue", SALES), channel="voice", firm_id=FIRM,
            conversation_id=contact.conversation_id,
        )  # fmt: skip
        await submit(tx, WORKSPACE, command, key="callback")
        await verbs.call_back(tx, contact.call_id, task_id, NUMBER)
    centre.engine.far_hangs_up(leg_id)
    await centre.row(contact.call_id, "ended")
    await centre.until(lambda: task_id in centre.dispatch.state(WORKSPACE).tasks)
    await centre.controller.recording.settled()
    await centre.idle()
    customer_id: str = contact.customer_id
    return customer_id


async def test_nothing_of_his_calls_is_left(centre: Centre) -> None:
    customer_id = await telephones(centre)
    before = await everywhere(centre)
    assert {"calls", "callbacks"} <= set(before), "a search that would not find it proves nothing"
    folder = centre.folder / "files"
    assert [path for path in folder.rglob("*") if path.is_file()]
    who = Principal(
        tenant_id=TENANT, workspace_id=WORKSPACE, user_id=user_id(1), role=Role.ADMINISTRATOR,
        name="Root",
    )  # fmt: skip

    async with centre.db.transaction(TENANT) as tx:
        await forget(tx, centre.files, who, customer_id, now=centre.clock())
    await centre.until(lambda: not centre.dispatch.state(WORKSPACE).tasks)
    await centre.dispatch.committed(WORKSPACE, lambda _: None)  # memory may be ahead of what is written
    worker = jobs.Worker(centre.db, {**centre.files.handlers()})
    await worker.run_due()
    await centre.idle()
    assert await everywhere(centre) == {}
    assert not [path for path in folder.rglob("*") if path.is_file()], "the sound of both"
    async with centre.db.transaction(TENANT) as tx:
        rows = await tx.fetch_all("SELECT state, started_at FROM calls")
    assert [row["state"] for row in rows] == ["ended", "ended"], "that he called stays"
