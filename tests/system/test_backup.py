"""A backup taken while people work, restored on an empty machine with only the backup and the key."""

import asyncio
import contextlib
import hashlib
import itertools
import random
import secrets
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import asyncpg

from parlons.runtime.postgres.supervisor import ensure_server, release_server
from parlons.simulator.ledger import read
from parlons.testing.people import Desk, Operator, Visitor
from parlons.testing.processes import Running, data_folder
from tests.chaos.comparing import faults, stored
from tests.chaos.traffic import Traffic

ACTS = 60
SHOP = "delmas"


async def parlons(*words: str | Path, environ: dict[str, str] | None = None) -> tuple[int, str]:
    """The command line in a process of its own: exit code, and what it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "parlons.app.cli", *map(str, words), env=environ,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


class Sender:
    """A visitor who sends one picture after the other; what was acknowledged, with its sha256."""

    def __init__(self, urls: list[str]) -> None:
        self.urls, self.kept = urls, {}  # type: ignore[var-annotated]

    async def send(self) -> None:
        async with Visitor(self.urls, SHOP) as visitor:
            for number in itertools.count():
                body = f"note {number} {secrets.token_hex(2000)}".encode()
                url = f"{visitor.wire.url}/files"
                answer = await visitor.wire.client.post(url, files={"file": ("note.txt", body, "text/plain")})
                if answer.status_code == 429:
                    await asyncio.sleep(1)
                    continue
                file_id = answer.json()["id"]
                message = {**visitor.body(f"Note {number}"), "attachment_ids": [file_id]}
                await visitor.wire.call("POST", "/messages", message)
                self.kept[file_id] = hashlib.sha256(body).hexdigest()
                await asyncio.sleep(0.3)

    @contextlib.asynccontextmanager
    async def sending(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.send())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


@contextlib.asynccontextmanager
async def database(data: Path) -> AsyncIterator[str]:
    """The dsn of the database in a folder nobody serves."""
    server = await asyncio.to_thread(ensure_server, data, say=lambda _: None)
    try:
        yield server.dsn
    finally:
        await asyncio.to_thread(release_server, server)


async def test_a_backup_under_load_restores_whole(tmp_path: Path) -> None:
    backup, key, ledger = tmp_path / "b.parlons", tmp_path / "kept-apart.key", tmp_path / "ledger"
    with data_folder() as data:
        with Running(data, play="demo") as server:
            promised, pictures = await _back_up_under_load(server, backup, ledger)
        shutil.copy(data / "secret.key", key)
    with data_folder() as place:
        code, said = await parlons("restore", backup, "--key", key, "--data", place)
        assert code == 0, said
        async with database(place) as dsn:
            assert faults(promised, await stored(dsn)) == []
            await _files_match(dsn, place, pictures)
        with Running(place) as server:
            await _a_chat_is_answered(server)


async def _back_up_under_load(
    server: Running, backup: Path, ledger: Path
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """What had been acknowledged when the backup began: acts and files."""
    stage = SimpleNamespace(urls=[server.url], servers=[server])
    traffic, sender = Traffic(stage, ledger, random.Random(4)), Sender([server.url])  # type: ignore[arg-type]
    try:
        await traffic.begin()
        traffic.open()
        async with sender.sending():
            await traffic.goes_on(ACTS)
            promised, pictures, before = list(read(ledger)), dict(sender.kept), traffic.acts()
            code, said = await parlons("backup", backup, "--data", server.data)
            assert code == 0, said
            assert traffic.acts() > before, "nobody worked while the backup was made"
            await traffic.goes_on(5)
    finally:
        await traffic.end()
    assert pictures
    return promised, pictures


async def _files_match(dsn: str, place: Path, acknowledged: dict[str, str]) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch("SELECT id, path, sha256 FROM files")
        assert await connection.fetchval("SELECT count(*) FROM holds WHERE released_at IS NULL") == 1
    finally:
        await connection.close()
    there = {row["id"]: hashlib.sha256((place / "files" / row["path"]).read_bytes()).hexdigest() for row in rows}
    assert there == {row["id"]: row["sha256"] for row in rows}
    assert acknowledged.items() <= there.items()


async def _a_chat_is_answered(server: Running) -> None:
    """The restored centre works: somebody signs in, somebody comes, they talk."""
    async with Operator([server.url], server.operator_key()) as operator:
        hold = (await operator.get("/operations/held"))["hold"]
        assert hold["backup"]["key"]
        links = await operator.links()
    async with contextlib.AsyncExitStack() as people:
        tokens = [token for email, token in sorted(links.items()) if "@practice." in email]
        desks = [await people.enter_async_context(Desk([server.url], token)) for token in tokens]
        visitor = await people.enter_async_context(Visitor([server.url], SHOP))
        await visitor.write("Bonjour après la panne")
        await visitor.sees(lambda: visitor.conversation_id, why="his conversation")
        for desk in desks:
            await desk.become("Available")
        serving = [asyncio.create_task(_serve(desk, visitor)) for desk in desks]
        try:
            await visitor.hears("Nous revoilà", kind="agent")
        finally:
            for one in serving:
                one.cancel()
            await asyncio.gather(*serving, return_exceptions=True)


async def _serve(desk: Desk, visitor: Visitor) -> None:
    """Takes every offer; answers the visitor."""
    while True:
        offer = await desk.offered()
        await desk.accept(offer["id"])
        conversation_id = desk.screen["tasks"][offer["task_id"]]["conversation_id"]
        await desk.mine(conversation_id)
        if conversation_id == visitor.conversation_id:
            await desk.answer(conversation_id, "Nous revoilà")
