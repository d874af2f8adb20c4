"""Ready replies over HTTP: written, offered filled in the conversation, kept apart by firm, every version kept."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from parlons.accounts import http as accounts_http
from parlons.accounts.model import Principal, Role
from parlons.accounts.store import audit, firms
from parlons.conversations import commands, http_replies
from parlons.customers.commands import find_or_create_by_address, identify, update_customer
from parlons.kit.clock import to_datetime
from parlons.runtime.db import Database
from parlons.runtime.http import install_problems
from parlons.templates import http
from tests.conftest import NOON, StillClock

TENANT, WORKSPACE = "AC1", "WS1"
HEAD = Principal(TENANT, WORKSPACE, Role.SUPERVISOR, user_id="US9", name="Rachel Kim")
SOFIA = Principal(TENANT, WORKSPACE, Role.AGENT, user_id="US1", worker_id="WK1", name="Sofia Marin")
OF_ONE = Principal(TENANT, WORKSPACE, Role.SUPERVISOR, user_id="US7", name="One", firm_ids=frozenset({"FI1"}))
OF_OTHER = Principal(TENANT, WORKSPACE, Role.SUPERVISOR, user_id="US8", name="Other", firm_ids=frozenset({"FI2"}))
LATE = {
    "shortcut": "late",
    "title": "Delivery is late",
    "texts": {"fr": "Bonjour {{ customer.first_name }}, votre colis arrive.", "en": "Hello {{ customer.first_name }}."},
}


@dataclass
class Scene:
    """The routes, with a caller that can be changed, and one conversation."""

    client: httpx.AsyncClient
    db: Database
    who: dict[str, Principal]
    conversation_id: str

    async def call(self, method: str, path: str, as_: Principal = HEAD, status: int = 200, **json: Any) -> Any:
        self.who["is"] = as_
        answer = await self.client.request(method, path, json=json or None)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def write(self, as_: Principal = HEAD, **change: Any) -> Any:
        return await self.call("POST", "/replies", as_, 201, **{**LATE, **change})

    async def offered(self, as_: Principal = SOFIA) -> list[Any]:
        items: list[Any] = (await self.call("GET", f"/conversations/{self.conversation_id}/replies", as_))["items"]
        return items


@pytest.fixture
async def scene(database: Database, clock: StillClock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    app, who = FastAPI(), {"is": HEAD}
    for router in (http.router, http_replies.router):
        app.include_router(router)
    install_problems(app)
    app.state.db, app.state.clock = database, clock

    async def caller(*_: Any) -> Principal:
        return who["is"]

    monkeypatch.setattr(accounts_http, "caller", caller)
    async with database.transaction(TENANT) as tx:
        for firm_id, name in (("FI1", "Atelier Nord"), ("FI2", "Other")):
            row = {"id": firm_id, "tenant_id": TENANT, "name": name, "languages": ["fr"]}
            await tx.execute(firms.insert().values(created_at=to_datetime(NOON), **row))
        customer = await find_or_create_by_address(
            tx, workspace_id=WORKSPACE, firm_id="FI1", kind="webchat", value="V1", verified=True
        )
        await update_customer(tx, customer.id, name="Claire Rousseau", language="fr")
        await identify(tx, customer.id, kind="email", value="claire@x.fr", verified=False)
        opened = await commands.open_conversation(
            tx, workspace_id=WORKSPACE, firm_id="FI1", customer_id=customer.id, channel="webchat", language="en"
        )
        await commands.set_lead_task(tx, opened.id, "WT1", queue_id="WQ1")
        await commands.assign(tx, opened.id, user_id="US1", worker_id="WK1", name="Sofia", task_id="WT1")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.test") as client:
        yield Scene(client, database, who, opened.id)


async def test_a_reply_is_offered_filled_in_the_customers_language(scene: Scene) -> None:
    await scene.write()
    (reply,) = await scene.offered()
    assert (reply["language"], reply["text"]) == ("fr", "Bonjour Claire, votre colis arrive.")
    assert [piece["text"] for piece in reply["pieces"] if piece["filled"]] == ["Claire"]


async def test_only_replies_of_the_firm_and_queue_are_offered_the_queues_first(scene: Scene) -> None:
    await scene.write(title="All")
    await scene.write(title="Here", firm_id="FI1", queue_id="WQ1")
    await scene.write(title="Elsewhere", firm_id="FI1", queue_id="WQ2")
    await scene.write(title="Others", firm_id="FI2")
    assert [reply["title"] for reply in await scene.offered()] == ["Here", "All"]


async def test_people_of_one_firm_neither_see_nor_change_another_firms_replies(scene: Scene) -> None:
    common, others = await scene.write(), await scene.write(firm_id="FI2")
    listed = (await scene.call("GET", "/replies", OF_ONE))["items"]
    assert [reply["id"] for reply in listed] == [common["id"]]
    for path in ("", "/versions"):
        method = "GET" if path else "DELETE"
        assert (await scene.call(method, f"/replies/{others['id']}{path}", OF_ONE, 404))["code"] == "unknown-template"
    change = {**LATE, "version": 1}
    assert (await scene.call("PUT", f"/replies/{others['id']}", OF_ONE, 404, **change))["code"] == "unknown-template"
    assert (await scene.call("PUT", f"/replies/{common['id']}", OF_ONE, 403, **change))["code"] == "shared-template"
    assert (await scene.call("POST", "/replies", OF_ONE, 403, **LATE))["code"] == "shared-template"
    assert (await scene.call("POST", "/replies", OF_OTHER, 404, **{**LATE, "firm_id": "FI1"}))[
        "code"
    ] == "firm-not-found"
    assert (await scene.call("GET", f"/conversations/{scene.conversation_id}/replies", OF_OTHER, 404))["code"]
    assert (await scene.call("GET", "/replies", SOFIA, 403))["code"] == "forbidden"


async def test_every_version_is_kept_with_its_author_and_a_stale_one_is_refused(scene: Scene) -> None:
    reply = await scene.write(firm_id="FI1")
    change = {**LATE, "firm_id": "FI1", "texts": {"fr": "Autre."}, "version": 1}
    changed = await scene.call("PUT", f"/replies/{reply['id']}", OF_ONE, **change)
    assert (changed["version"], changed["changed_by"]) == (2, "One")
    stale = await scene.call("PUT", f"/replies/{reply['id']}", HEAD, 409, **change)
    assert (stale["code"], stale["details"]["by"]) == ("changed-meanwhile", "One")
    kept = (await scene.call("GET", f"/replies/{reply['id']}/versions"))["items"]
    assert [(one["version"], one["changed_by"]) for one in kept] == [(2, "One"), (1, "Rachel Kim")]
    assert kept[1]["texts"] == LATE["texts"]
    async with scene.db.transaction(TENANT) as tx:
        acts = await tx.fetch_all(sa.select(audit).where(audit.c.object_id == reply["id"]).order_by(audit.c.id))
    assert {act["action"] for act in acts} == {"template.created", "template.changed"}


async def test_a_removed_reply_is_offered_no_more_and_can_be_restored(scene: Scene) -> None:
    reply = await scene.write()
    await scene.call("DELETE", f"/replies/{reply['id']}", status=204)
    await scene.call("DELETE", f"/replies/{reply['id']}", status=204)
    assert await scene.offered() == []
    await scene.call("POST", f"/replies/{reply['id']}/restore")
    assert [one["id"] for one in await scene.offered()] == [reply["id"]]
    await scene.call("DELETE", f"/replies/{reply['id']}", status=204)
    await scene.write()
    taken = await scene.call("POST", f"/replies/{reply['id']}/restore", status=409)
    assert (taken["code"], taken["details"]["field"]) == ("shortcut-taken", "shortcut")


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"title": " "}, "invalid-reply", "title"),
        ({"shortcut": "Late!"}, "invalid-reply", "shortcut"),
        ({"texts": {"fr": "  "}}, "invalid-reply", "texts"),
        ({"texts": {"xx": "text"}}, "invalid-reply", "texts"),
        ({"texts": {"fr": "{{ customer.nmae }}"}}, "unknown-variable", "texts.fr"),
        ({"texts": {"en": "{% if %}"}}, "invalid-template", "texts.en"),
    ],
)
async def test_mistakes_are_refused_where_they_are(scene: Scene, change: Any, code: str, field: str) -> None:
    refused = await scene.call("POST", "/replies", HEAD, 422, **{**LATE, **change})
    assert (refused["code"], refused["details"]["field"]) == (code, field)


async def test_a_shortcut_is_given_once_for_a_firm(scene: Scene) -> None:
    await scene.write()
    await scene.write(firm_id="FI1")
    assert (await scene.call("POST", "/replies", HEAD, 409, **LATE))["code"] == "shortcut-taken"


async def test_a_text_is_shown_as_a_made_up_customer_would_read_it(scene: Scene) -> None:
    shown = await scene.call(
        "POST", "/replies/sample", text="{{ customer.first_name }}, {{ firm.name }}", firm_name="Nord"
    )
    assert shown["text"] == "Claire, Nord"
    assert (await scene.call("POST", "/replies/sample", HEAD, 422, text="{{ x }}"))["code"] == "unknown-variable"


async def test_hostile_text_stays_text(scene: Scene) -> None:
    script = "<script>alert(1)</script>"
    await scene.write(title=script, texts={"fr": script + "{{ customer.first_name }}"})
    (reply,) = await scene.offered()
    assert (reply["title"], reply["text"]) == (script, script + "Claire")
