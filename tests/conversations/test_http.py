"""Conversations over HTTP, as the desk calls them: signed in by cookie, refused with stable codes."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from parlons.accounts import http as accounts_http
from parlons.accounts.model import Principal, Role
from parlons.conversations import http, http_files, http_messages, http_splitting, parking
from parlons.conversations.commands import assign, locked, set_lead_task
from parlons.customers import http as customers_http
from parlons.runtime.events import Audience
from parlons.runtime.files import Files
from parlons.runtime.http import install_problems
from parlons.runtime.jobs import Job
from tests.conftest import StillClock
from tests.conversations.conftest import FIRM, QUEUE, TENANT, WORKSPACE, Chat

PNG = b"\x89PNG\r\n\x1a\n...."


class Listener:
    """Stands where the hub stands and keeps what was said in passing."""

    def __init__(self) -> None:
        self.heard: list[tuple[Audience, str, dict[str, Any]]] = []

    def ephemeral(self, workspace_id: str, audience: Audience, event: str, data: dict[str, Any]) -> None:
        assert workspace_id == WORKSPACE
        self.heard.append((audience, event, data))


@dataclass
class Desk:
    """The app, with a caller that can be changed."""

    client: httpx.AsyncClient
    app: FastAPI
    who: dict[str, Principal]
    hub: Listener

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)


def person(user_id: str, role: Role = Role.AGENT, **more: Any) -> Principal:
    return Principal(TENANT, WORKSPACE, role, user_id=user_id, worker_id=user_id.replace("US", "WK"), name="N", **more)


@pytest.fixture
async def desk(chat: Chat, clock: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    app, hub, who = FastAPI(), Listener(), {"is": person("US1")}
    for router in (http.router, http_messages.router, http_splitting.router, http_files.router, customers_http.router):
        app.include_router(router, prefix="/api/v1")
    install_problems(app)
    app.state.db, app.state.clock, app.state.hub, app.state.files = chat.db, clock, hub, Files(tmp_path / "files")
    app.state.queues_of = lambda principal: frozenset({"WQ9"})

    async def caller(*_: Any) -> Principal:
        return who["is"]

    monkeypatch.setattr(accounts_http, "caller", caller)
    async with chat.db.transaction(TENANT) as tx:
        await chat.given_to_sofia(tx)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.test/api/v1") as client:
        yield Desk(client, app, who, hub)


async def test_a_double_clicked_send_is_one_message(chat: Chat, desk: Desk) -> None:
    body = {"text": "Bonjour", "client_id": "c1"}
    first = await desk.post(f"/conversations/{chat.id}/messages", json=body)
    again = await desk.post(f"/conversations/{chat.id}/messages", json=body, headers={"Idempotency-Key": "k1"})
    third = await desk.post(f"/conversations/{chat.id}/messages", json=body, headers={"Idempotency-Key": "k1"})
    assert first.status_code == again.status_code == third.status_code == 201, first.text
    assert first.json()["id"] == again.json()["id"] == third.json()["id"]
    listed = (await desk.get(f"/conversations/{chat.id}/messages")).json()
    assert (await desk.get(f"/conversations/{chat.id}/messages?before={10**12}")).status_code == 422
    assert [message["text"] for message in listed["items"]] == ["Bonjour"]
    assert listed["next"] is None


async def test_refusals_have_stable_codes(chat: Chat, desk: Desk) -> None:
    async def code(path: str, body: dict[str, Any]) -> tuple[int, str]:
        answer = await desk.post(f"/conversations/{chat.id}{path}", json=body)
        return answer.status_code, answer.json()["code"]

    assert await code("/messages", {"text": "x" * 8001, "client_id": "1"}) == (413, "message-too-long")
    assert await code("/messages", {"text": " ", "client_id": "2"}) == (422, "empty-message")
    assert await code("/messages", {"text": "x"}) == (422, "invalid")
    assert await code("/messages", {"text": "x", "client_id": "3", "attachment_ids": ["FL0"]}) == (
        404,
        "unknown-attachment",
    )
    assert await code("/close", {"version": 1}) == (409, "conversation-changed")
    assert await code("/close", {"disposition_id": "sold"}) == (422, "unknown-disposition")
    assert await code("/park", {"until_at": "2020-01-01T00:00:00Z"}) == (422, "park-in-the-past")
    assert await code("/park", {"until_at": "2020-01-01T00:00:00"}) == (422, "invalid")
    desk.who["is"] = person("US2")
    assert await code("/messages", {"text": "x", "client_id": "4"}) == (404, "unknown-conversation")
    desk.app.state.queues_of = lambda principal: frozenset({QUEUE})
    assert await code("/messages", {"text": "x", "client_id": "4"}) == (403, "not-yours")


async def test_the_day_of_a_conversation(chat: Chat, desk: Desk, clock: StillClock) -> None:
    where = f"/conversations/{chat.id}"
    async with chat.db.transaction(TENANT) as tx:
        await chat.says(tx, "Bonjour, la Clio ?")
    (row,) = (await desk.get("/conversations")).json()["items"]
    assert (row["unread_count"], row["customer"]["name"]) == (1, "Claire Dubois")
    assert (await desk.post(f"{where}/read", json={})).status_code == 204
    assert (await desk.post(f"{where}/typing")).status_code == 204
    assert desk.hub.heard[0][1:] == (
        "typing",
        {"conversation_id": chat.id, "who": {"kind": "agent", "id": "US1", "name": "N"}},
    )
    assert desk.hub.heard[0][0].visitor
    assert (await desk.put(f"{where}/draft", json={"text": "Bon"})).json()["text"] == "Bon"
    assert (await desk.post(f"{where}/notes", json={"text": "vip"})).json()["text"] == "vip"
    assert (await desk.put(f"{where}/tags", json={"tags": ["sale"]})).json()["tags"] == ["sale"]
    full = (await desk.get(where)).json()
    assert (full["unread_count"], full["notes"][0]["text"], full["drafts"][0]["text"]) == (0, "vip", "Bon")
    assert full["customer_details"]["name"] == "Claire Dubois"
    parked = (await desk.post(f"{where}/park", json={"until_at": "2030-01-01T00:00:00Z"})).json()
    assert (parked["status"], parked["parked_until_at"]) == ("parked", "2030-01-01T00:00:00.000Z")
    assert len((await desk.get("/conversations", params={"view": "parked"})).json()["items"]) == 1
    back = (await desk.post(f"{where}/resume", json={})).json()
    assert back["status"] == "open"
    async with chat.db.transaction(TENANT) as tx:
        await set_lead_task(tx, chat.id, "WT2")
        await assign(tx, chat.id, user_id="US1", worker_id="WK1", name="Sofia", task_id="WT2")
    wrapping = (await desk.post(f"{where}/wrapup", json={})).json()
    assert wrapping["wrapup_since_at"] is not None
    closed = (await desk.post(f"{where}/close", json={"note": "sold"})).json()
    assert closed["status"] == "closed"
    assert (await desk.get(where)).json()["disposition_note"] == "sold"
    assert (await desk.post(f"{where}/reopen", json={})).json()["status"] == "open"


async def test_the_parking_job_brings_back_only_what_still_waits_for_it(chat: Chat, clock: StillClock) -> None:
    async with chat.db.transaction(TENANT) as tx:
        await parking.park(tx, chat.id, until=clock() + 1000)  # type: ignore[arg-type]
        (row,) = await tx.fetch_all("SELECT kind, payload FROM jobs")
        job = Job(1, TENANT, row["kind"], row["payload"], clock(), 1, 1)
        await parking.park(tx, chat.id, until=clock() + 2000)  # type: ignore[arg-type]
        await parking.handlers()[job.kind](tx, job)
        assert (await locked(tx, chat.id)).status == "parked"
        late = Job(2, TENANT, row["kind"], {**row["payload"], "until": clock() + 2000}, clock(), 1, 1)
        await parking.unpark(tx, late)
        assert (await locked(tx, chat.id)).status == "open"


async def test_files_go_with_messages_and_are_seen_by_those_who_see_them(chat: Chat, desk: Desk) -> None:
    refused = await desk.post("/files", files={"file": ("run.exe", b"MZ", "image/png")})
    assert (refused.status_code, refused.json()["code"]) == (422, "forbidden-attachment")
    kept = (await desk.post("/files", files={"file": ("é été.png", PNG, "text/html")})).json()
    assert (kept["content_type"], kept["size"], kept["name"]) == ("image/png", len(PNG), "é été.png")
    sent = await desk.post(
        f"/conversations/{chat.id}/messages", json={"client_id": "f", "attachment_ids": [kept["id"]]}
    )
    assert sent.json()["attachments"] == [kept]
    got = await desk.get(f"/files/{kept['id']}")
    assert (got.content, got.headers["content-type"]) == (PNG, "image/png")
    assert got.headers["content-disposition"].startswith("inline; filename*=UTF-8''")
    assert "sandbox" in got.headers["content-security-policy"]
    desk.who["is"] = person("US2")
    assert (await desk.get(f"/files/{kept['id']}")).status_code == 404
    desk.who["is"] = person("US3", Role.SUPERVISOR, firm_ids=frozenset({FIRM}))
    assert (await desk.get(f"/files/{kept['id']}")).status_code == 200


async def test_customers_over_http(chat: Chat, desk: Desk) -> None:
    found = (await desk.get("/customers", params={"q": "dubois"})).json()["items"]
    assert [customer["id"] for customer in found] == [chat.customer_id]
    where = f"/customers/{chat.customer_id}"
    changed = await desk.patch(where, json={"name": "Claire D.", "version": found[0]["version"]})
    assert changed.json()["name"] == "Claire D."
    assert (await desk.patch(where, json={"name": "x", "version": 1})).json()["code"] == "conflict"
    added = await desk.post(f"{where}/addresses", json={"kind": "email", "value": "C@x.fr"})
    assert {address["value"] for address in added.json()["addresses"]} == {"V1", "c@x.fr"}
    assert [touch["kind"] for touch in (await desk.get(f"{where}/journey")).json()["items"]] == ["conversation"]
    desk.who["is"] = person("US2", firm_ids=frozenset({"FI2"}))
    for answer in (await desk.get(where), await desk.get(f"{where}/journey"), await desk.patch(where, json={})):
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown-customer")


async def test_who_has_it_splits_it_once_and_puts_it_back(chat: Chat, desk: Desk) -> None:
    async with chat.db.transaction(TENANT) as tx:
        said = [(await chat.says(tx, text)).id for text in ("Ma commande ?", "Et un retour")]
    path, body = f"/conversations/{chat.id}/split", {"message_ids": said[1:], "subject": "Retour"}
    desk.who["is"] = person("US2")
    assert (await desk.post(path, json=body)).json()["code"] == "unknown-conversation"
    desk.who["is"] = person("US8", Role.SUPERVISOR, firm_ids=frozenset({"FI2"}))
    assert (await desk.post(path, json=body)).json()["code"] == "unknown-conversation"
    desk.who["is"] = person("US1")
    assert (await desk.post(path, json={"message_ids": said})).json()["code"] == "split-leaves-nothing"
    first, again = [await desk.post(path, json=body, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert first.status_code == again.status_code == 201, first.text
    made = first.json()
    assert again.json() == made
    assert (made["conversation"]["subject"], made["conversation"]["assigned"]["user_id"]) == ("Retour", "US1")
    undo = f"/conversations/{chat.id}/splits/{made['id']}/undo"
    desk.who["is"] = person("US2")
    assert (await desk.post(undo)).json()["code"] == "unknown-conversation"
    desk.who["is"] = person("US1")
    assert (await desk.post(undo)).json()["message_count"] == 2
    assert (await desk.post(undo)).json()["code"] == "unknown-split"
    async with chat.db.transaction(TENANT) as tx:
        acts = await tx.fetch_all("SELECT action, actor FROM audit")
    told = [("conversation.split", "US1"), ("conversation.split_undone", "US1")]
    assert sorted((row["action"], row["actor"]) for row in acts) == told
