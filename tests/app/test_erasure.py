"""A customer whose tasks were routed by his values is erased: nothing of them is left anywhere, and history still stands.

Searched are a dump of the database, every cell of every table with binary bodies as they are, the files folder, what the
processes wrote, and PostgreSQL's own log. Not searched is PostgreSQL's write-ahead log: it turns over by itself.
"""

import asyncio
import os
import secrets
import struct
import subprocess
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from parlons.dispatch.replay import catch_up, opened
from parlons.routing.snapshot import state_digest
from parlons.runtime.db import Database
from parlons.runtime.postgres.binaries import find_binaries
from parlons.runtime.postgres.supervisor import ensure_server, release_server
from parlons.simulator.wire import Wire
from parlons.testing.people import Desk, Operator, Visitor
from parlons.testing.processes import Running
from tests.app.conftest import Centre, centre, identify

Json = dict[str, Any]
USER_ID, MAIL, NAME = "uid-Wqzx81", "zephyrine@vexmail-kq.example", "Zéphyrine Quillonvex"
BADGE, DIALECT, NOBODY, MILEAGE = "zq-77219-vexil", "quenvalais-haut", "nobody-hjuxw", 918_273_645
TOLD_BY_PAGE = "claimed-brqtz"
PAGE, PAGE_TITLE, PRODUCT = "/offres/kjxw-coupe", "Coupé Kjxwvelle", "Bjuxmobile 9000"
FORM_NAME, FORM_MAIL, FORM_TEXT = "Z. Quillonvex-Ormb", "ormb@fjxq-mail.example", "Rappelez le 06-99-11-22-73"
WORDS = "Ma plaque est XQJ-771-ZV"
FILE_NAME, FILE_TEXT = "carte-vjqpz.txt", "Grise kwyjibox 4471"
ANSWER, AGENT_FILE, AGENT_FILE_TEXT = "Votre plaque wubjzq est prete", "devis-mfkwq.txt", "Devis de wrexlump"
NOTE, TAG, DRAFT, LAST_DRAFT = "Rappeler drexvolk", "tag-plimzq", "Brouillon snazzleq", "Reponse zorptwix"
CLOSING = "Vendu a grumblezq"
SECRETS = (
    USER_ID, MAIL, NAME, "Quillonvex", "QUILLONVEX", BADGE, DIALECT, NOBODY, str(MILEAGE), TOLD_BY_PAGE, PAGE, PAGE_TITLE, "kjxw",
    PRODUCT, FORM_NAME, FORM_MAIL, "06-99-11-22-73", "XQJ-771-ZV", FILE_NAME, "kwyjibox", "wubjzq", AGENT_FILE, "wrexlump",
    "drexvolk", TAG, "snazzleq", "zorptwix", "grumblezq",
)  # fmt: skip
GONE_ALREADY = (FORM_NAME, "grumblezq")
"""Not kept even before: his proven name stands, and a matter that goes on has no outcome yet."""
FORMS = {
    form for secret in SECRETS for form in (secret, secret.lower(), ascii(secret)[1:-1], ascii(secret)[1:-1].lower())
}
NUMBERS = (struct.pack(">I", MILEAGE), struct.pack("<I", MILEAGE), struct.pack(">d", MILEAGE))


def found_in(body: bytes) -> list[str]:
    """The customer's values that stand in `body`."""
    lower = body.lower()
    words = [form for form in sorted(FORMS) if form.encode() in body or form.lower().encode() in lower]
    return words + [f"{MILEAGE} as {number.hex()}" for number in NUMBERS if number in body]


@pytest.fixture
def alone() -> Iterator[Centre]:
    with centre() as found:
        yield found


async def known(centre: Centre, widget: str) -> Visitor:
    """The customer, logged in to the shop, his chat open."""
    visitor = await centre.visitor(widget).arrive()
    await identify(visitor, user_id=USER_ID, email=MAIL, name=NAME)
    await visitor.wire.call("POST", "/pages", {"path": PAGE, "title": PAGE_TITLE, "product": {"name": PRODUCT}})
    return visitor


async def write(visitor: Visitor, text: str, *, attachments: Iterable[str] = ()) -> None:
    page = {"path": PAGE, "title": PAGE_TITLE, "product": {"name": PRODUCT, "sku": "sku-" + BADGE}}
    body = visitor.body(text) | {
        "attachment_ids": list(attachments),
        "page": page,
        "attributes": {"claim": TOLD_BY_PAGE},
    }
    await visitor.wire.call("POST", "/messages", body, key=secrets.token_hex(8))


async def upload(wire: Wire, name: str, text: str) -> str:
    answer = await wire.client.post(f"{wire.url}/files", files={"file": (name, text.encode())})
    return str(answer.raise_for_status().json()["id"])


async def leaves_a_message(centre: Centre, operator: Operator, ada: Desk, ben: Desk) -> str:
    """At night, by the form; routed by filter and target expression; refused by one, served by the other."""
    visitor = await known(centre, "north-closed")
    (customer,) = (await operator.get("/customers?q=quillonvex"))["items"]
    attributes = {"badge": BADGE, "mileage": MILEAGE, "guide": NOBODY, "dialect": DIALECT}
    await operator.wire.call("PATCH", f"/customers/{customer['id']}", {"attributes": attributes})
    form = {
        "client_id": secrets.token_hex(8),
        "name": FORM_NAME,
        "email": FORM_MAIL,
        "text": FORM_TEXT,
        "language": "fr",
    }
    await visitor.wire.call("POST", "/offline", form)
    refused = await ada.offered()
    await ada.wire.call("POST", f"/reservations/{refused['id']}/reject", {"quiet_seconds": 600})
    offer = await ben.offered()
    await ben.accept(offer["id"])
    conversation = await ben.mine(ben.screen["tasks"][offer["task_id"]]["conversation_id"])
    await ben.wire.call("POST", f"/conversations/{conversation['id']}/close", {"note": CLOSING})
    await ben.happened("task.completed")
    await visitor.leave()
    return str(customer["id"])


async def chats(centre: Centre, operator: Operator, customer_id: str, ada: Desk, ben: Desk) -> None:
    """By day, to the one whom his record names, who hands him on."""
    attributes = {"badge": BADGE, "mileage": MILEAGE, "guide": "Ada", "dialect": DIALECT}
    await operator.wire.call("PATCH", f"/customers/{customer_id}", {"attributes": attributes})
    visitor = await known(centre, "north")
    await write(visitor, WORDS, attachments=[await upload(visitor.wire, FILE_NAME, FILE_TEXT)])
    offer = await ada.offered()
    await ada.accept(offer["id"], key="accept-" + secrets.token_hex(8))
    conversation_id = ada.screen["tasks"][offer["task_id"]]["conversation_id"]
    await ada.mine(conversation_id)
    path = f"/conversations/{conversation_id}"
    sent = {"text": ANSWER, "client_id": "c1", "attachment_ids": [await upload(ada.wire, AGENT_FILE, AGENT_FILE_TEXT)]}
    await ada.wire.call("POST", f"{path}/messages", sent, key="answer-1")
    note = await ada.wire.call("POST", f"{path}/notes", {"text": NOTE}, key="note-1")
    await ada.wire.call("PUT", f"{path}/tags", {"tags": [TAG]})
    await ada.wire.call("PUT", f"{path}/draft", {"text": DRAFT})
    await visitor.hears("wubjzq")
    to = {"to": {"worker_id": ben.worker_id}, "note_id": note["id"]}
    await ada.wire.call("POST", f"/tasks/{offer['task_id']}/transfer", to)
    handed = await ben.offered(task_id=offer["task_id"])
    await ben.accept(handed["id"])
    await ben.mine(conversation_id)
    await ben.wire.call("POST", f"{path}/close", {})
    await ben.sees(lambda: offer["task_id"] not in ben.screen["tasks"], why="the end of the task")
    await visitor.leave()


async def waits(centre: Centre, ada: Desk) -> tuple[Visitor, Json]:
    """Once more: his last task stays open, and a snapshot is taken while it is."""
    visitor = await known(centre, "north")
    await write(visitor, WORDS)
    offer = await ada.offered()
    return visitor, offer


async def whys(operator: Operator, dsn: str) -> dict[str, Json]:
    """The decision behind each offer ever made."""
    async with connected(dsn) as connection:
        ids = [row["id"] for row in await connection.fetch("SELECT id FROM reservations ORDER BY id")]
    return {one: await operator.get(f"/reservations/{one}/why") for one in ids}


def files_of(centre: Centre) -> list[Path]:
    return [path for path in (centre.data / "files").rglob("*") if path.is_file()]


async def erased(centre: Centre, root: Desk, customer_id: str, task_id: str) -> None:
    """Erases him as an administrator and waits until the router and the jobs have carried it out."""
    answer = await root.wire.call("POST", f"/customers/{customer_id}/erase")
    assert answer["tasks"] == 3
    told = await root.sees(
        lambda: next((d for e, d in root.events if e == "task.canceled" and d["task"]["id"] == task_id), None)
    )
    assert told["reason"] == "erased"
    async with asyncio.timeout(60):
        while files_of(centre):  # noqa: ASYNC110  (a job deletes them after the commit)
            await asyncio.sleep(0.05)


@contextmanager
def database_of(centre: Centre) -> Iterator[str]:
    """The database alone, without a server process on it."""
    running = ensure_server(centre.data, say=lambda _: None)
    try:
        yield running.dsn
    finally:
        release_server(running)


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()


async def cells(dsn: str) -> dict[str, bytes]:
    """Every row of every table, as text and with binary values as they are."""
    tables = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    everything = {}
    async with connected(dsn) as connection:
        for schema, name in await connection.fetch(tables):
            rows = await connection.fetch(f'SELECT t.*, t::text AS "whole row" FROM {schema}."{name}" t')
            everything[name] = b"\n".join(
                cell if isinstance(cell, bytes) else str(cell).encode() for row in rows for cell in row.values()
            )
    return everything


def dump(dsn: str) -> bytes:
    """What pg_dump makes of the whole database."""
    program = find_binaries(os.environ).folder / "pg_dump"
    if not program.exists():
        return b""
    return subprocess.run([program, "--dbname", dsn], check=True, capture_output=True).stdout


async def histories(dsn: str) -> dict[int, str]:
    """Digest of the router at the journal's end, replayed from the beginning (0) and from each snapshot."""
    found = {}
    database = await Database.open(dsn, pool_size=1)
    connection = await database.connect_system()
    try:
        workspace_id = await connection.fetchval("SELECT workspace_id FROM leases")
        snapshots = await connection.fetch("SELECT seq FROM snapshots ORDER BY seq")
        for start in (0, *(row["seq"] for row in snapshots)):
            replay = await opened(connection, workspace_id, at_most=start)
            assert replay.seq == start
            await catch_up(connection, replay)
            assert replay.mismatches == 0, f"replay from {start} differs from what was recorded"
            found[start] = state_digest(replay.stepper.state)
    finally:
        await connection.close()
        await database.close()
    return found


def restarted(server: Running) -> list[str]:
    """The server ends and starts again; what it wrote until then."""
    server.end()
    said = list(server.said)
    server.start()
    return said


async def test_nothing_of_an_erased_customer_is_left_and_history_stands(alone: Centre) -> None:
    await alone.furnish()
    said: list[str] = []
    async with (
        alone.operator() as operator,
        alone.at_desk("ada@north.example", activity="Available") as ada,
        alone.at_desk("ben@north.example", activity="Available") as ben,
        alone.at_desk("root@both.example") as root,
    ):
        customer_id = await leaves_a_message(alone, operator, ada, ben)
        await chats(alone, operator, customer_id, ada, ben)
        visitor, offer = await waits(alone, ada)
        said += restarted(alone.server)  # its last act is a snapshot
        await ada.accept(offer["id"])
        conversation_id = ada.screen["tasks"][offer["task_id"]]["conversation_id"]
        await ada.mine(conversation_id)
        await ada.wire.call("PUT", f"/conversations/{conversation_id}/draft", {"text": LAST_DRAFT})
        everywhere = b"".join([*(await cells(alone.postgres.dsn)).values(), *(p.read_bytes() for p in files_of(alone))])
        unseen = [secret for secret in SECRETS if secret.lower().encode() not in everywhere.lower()]
        assert unseen == list(GONE_ALREADY), "a search that would not find it proves nothing"
        before = await whys(operator, alone.postgres.dsn)
        assert len(before) == 5
        assert {why["rule"] for why in before.values()} >= {"Named guide"}
        assert all(why["complete"] and why["candidates"] for why in before.values())
        await erased(alone, root, customer_id, offer["task_id"])
        assert await whys(operator, alone.postgres.dsn) == before
        assert (await operator.get(f"/customers/{customer_id}"))["name"] == ""
        await visitor.leave()
    alone.server.end()
    said += alone.server.said
    with database_of(alone) as dsn:
        left = {name: found_in(body) for name, body in (await cells(dsn)).items()}
        left["pg_dump"] = found_in(dump(dsn))
        digests = await histories(dsn)
    left["what the process wrote"] = found_in("\n".join(said).encode())
    left["postgres.log"] = found_in((alone.data / "postgres.log").read_bytes())
    left["files"] = found_in(b"\n".join(str(path).encode() + path.read_bytes() for path in files_of(alone)))
    assert {place: words for place, words in left.items() if words} == {}
    assert len(digests) >= 3, "from the beginning, from a snapshot with his open task, from the last one"
    assert len(set(digests.values())) == 1, digests
