"""From the journal to the address: what happened after it was made, in order, once, without what an erasure would take."""

import asyncio
import json
from typing import Any

from standardwebhooks import Webhook

from parlons.dispatch.dispatch import Dispatch
from parlons.routing import commands as c
from parlons.routing.configuration import Activity, Queue, Settings, Workflow
from parlons.runtime.events import Audience, Event
from parlons.runtime.jobs import Worker
from parlons.webhooks.planning import NAME, Planner
from tests.webhooks.conftest import Json, Scene, until

READY, QUEUE, WORKFLOW = "WA" + "1" * 32, "WQ" + "1" * 32, "WW" + "1" * 32


def task(number: int) -> str:
    return f"WT{number:032x}"


class Living:
    """The scene's workspace with its router, planner and sender at work."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.home = scene, scene.principal
        self.dispatch = Dispatch(scene.db, clock=scene.clock)
        self.running: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Living":
        workspace, tenant = self.home.workspace_id, self.home.tenant_id
        await self.dispatch.open(workspace, tenant)
        await self.dispatch.ready(workspace, as_owner=True)
        routing = {"task_routing": {"filters": [], "default_filter": {"queue": QUEUE}}}
        put = (Activity(READY, "Ready", True), Queue(QUEUE, "All"), Workflow(WORKFLOW, "Way", routing))
        await self.dispatch.send(workspace, c.Configure(put=put, settings=Settings(default_activity_id=READY)))
        for run in (Planner(self.dispatch.tail(workspace), tenant, workspace).run, self.scene.worker.run):
            self.running.append(asyncio.create_task(run()))
        return self

    async def __aexit__(self, *_: object) -> None:
        for each in self.running:
            each.cancel()
        await asyncio.gather(*self.running, return_exceptions=True)
        await self.dispatch.close()

    async def create(self, number: int, firm_id: str | None = None) -> None:
        """A task with a customer's values."""
        command = c.CreateTask(task(number), {"name": "Claire"}, WORKFLOW, firm_id=firm_id)
        await self.dispatch.send(self.home.workspace_id, command)

    async def tell(self, kind: str, firm_id: str | None = None) -> None:
        """An event of a room, with a part that an erasure takes."""
        data: Json = {"conversation": {"id": "CH1", "status": "open"}}
        private = {"conversation": {"title": "Claire"}}
        async with self.scene.db.transaction(self.home.tenant_id) as tx:
            audience = Audience(firm_id)
            tx.publish(Event(self.home.workspace_id, kind, data, firm_id, private, "CU1", audience))

    async def told(self, many: int) -> list[Any]:
        """The bodies of the next calls."""
        return [json.loads((await self.scene.asked.get()).body) for _ in range(many)]


async def test_what_happens_is_told_in_order_and_without_values(scene: Scene) -> None:
    async with Living(scene) as living:
        await living.create(1)
        one = await scene.webhook(events=["task.created", "task-queue.entered", "conversation.opened"])
        await living.create(2)
        await living.tell("conversation.updated")
        await living.tell("conversation.opened")
        first = await scene.asked.get()
        body = Webhook(one["secret"]).verify(first.body, first.headers)
        second, third = await living.told(2)
    assert (body["type"], body["data"]["task_id"], second["type"]) == ("task-queue.entered", task(2), "task.created")
    assert third["data"] == {"conversation": {"id": "CH1", "status": "open"}}
    assert body["seq"] < second["seq"] < third["seq"]
    async with scene.db.transaction(scene.principal.tenant_id) as tx:
        bodies = await tx.fetch_all("SELECT body FROM webhook_messages")
    assert len(bodies) == 3
    assert "Claire" not in str(bodies)


async def test_an_address_of_a_firm_hears_of_that_firm_only(scene: Scene) -> None:
    async with scene.db.transaction(scene.principal.tenant_id) as tx:
        firm_id = await tx.scalar("SELECT id FROM firms")
    async with Living(scene) as living:
        await scene.webhook(events=["task.created", "conversation.opened"], firm_id=firm_id)
        await living.create(1)
        await living.create(2, firm_id)
        await living.tell("conversation.opened")
        await living.tell("conversation.opened", firm_id)
        first, second = await living.told(2)
        assert (first["data"]["task_id"], second["type"]) == (task(2), "conversation.opened")
        await living.create(3, firm_id)
        assert (await living.told(1))[0]["data"]["task_id"] == task(3), "nothing else came between"


async def test_a_change_holds_from_its_place_in_the_journal_on(scene: Scene) -> None:
    async with Living(scene) as living:
        one = await scene.webhook(events=["task.created"])
        await living.create(1)
        await scene.call("PATCH", f"/webhooks/{one['id']}", {"events": ["conversation.opened"]})
        await living.create(2)
        await living.tell("conversation.opened")
        told = await living.told(1)
        if told[0]["type"] == "task.created":  # it was read before the change was made
            told = await living.told(1)
        assert told[0]["type"] == "conversation.opened"
        await scene.call("DELETE", f"/webhooks/{one['id']}", status=204)
        other = await scene.webhook("Other", events=["conversation.opened"])
        await living.tell("conversation.opened")
        asked = await scene.asked.get()
        Webhook(other["secret"]).verify(asked.body, asked.headers)


async def test_a_planner_that_died_goes_on_where_it_stood_and_plans_nothing_twice(scene: Scene) -> None:
    one = await scene.webhook(events=["task.created"])
    scene.worker = Worker(scene.db, {})
    async with Living(scene) as living:
        await living.create(1)
        await _planned(scene, 1)
        living.running.pop(0).cancel()
        async with scene.db.transaction(living.home.tenant_id) as tx:
            before = "SELECT CAST(CAST(body AS json) ->> 'seq' AS bigint) - 1 FROM webhook_messages"
            await tx.execute(f"UPDATE readers SET seq = ({before}) WHERE name = :name", {"name": NAME})
            await tx.execute("DELETE FROM webhook_messages")  # as if its transaction had not been committed
        await living.create(2)
        again = Planner(living.dispatch.tail(living.home.workspace_id), living.home.tenant_id, living.home.workspace_id)
        living.running.append(asyncio.create_task(again.run()))
        await _planned(scene, 2)
        log = await scene.log(one)
    assert [each["state"] for each in log] == ["waiting", "waiting"]


async def _planned(scene: Scene, many: int) -> None:
    """Returns when so many messages stand."""

    async def stand() -> bool:
        async with scene.db.transaction(scene.principal.tenant_id) as tx:
            return bool(await tx.scalar("SELECT count(*) FROM webhook_messages") == many)

    await until(stand)
