"""Mail's figures, on a real dovecot (root is needed, it changes its user): how long new mail waits while 10,000 old ones
sync for the first time, and what a mail of 25 MB adds to the memory of the process that reads it.

mail.first_sync_block_ms: from the moment the mail store has the new mail to its message in the database, read by another
connection; the slowest of ten. mail.mb_added_per_25mb: the highest resident size while one mail of 25 MB is fetched by IMAP,
read and kept with its file, above that of the same process after small ones.
"""

import asyncio
import contextlib
import multiprocessing
import resource
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import uvloop

from benchmarks import floor
from benchmarks.voice_stage import line
from parlons.accounts.bootstrap import Installation, bootstrap
from parlons.channels.accounts import AccountRow, new_account_id, put_account
from parlons.channels.owning import AccountInbox
from parlons.channels.post import open_post
from parlons.kit.clock import wall_clock
from parlons.kit.ids import new_id
from parlons.reception.handler import Reception
from parlons.reception.model import EntryPoint
from parlons.reception.points import put_entry_points
from parlons.runtime.db import Database
from parlons.runtime.files import Files
from parlons.runtime.safe_http import SafeHttp, allowed
from parlons.runtime.vault import vault
from tests.channels.email.servers import PASSWORD, Dovecot, dovecot

OLD, PROBES = 10_000, 10
BLOCK_MS, MB = 1_000, 250
LARGE = 18_000_000
"""Bytes of the document; a third more in base64."""
SHOP = "shop@bench.example"


@dataclass
class Reader:
    """A process's mailbox, followed."""

    db: Database
    home: Installation

    async def texts(self) -> set[str]:
        """The first words of every message there is."""
        async with self.db.system() as tx:
            return {row["text"] for row in await tx.fetch_all("SELECT left(text, 20) AS text FROM messages")}

    async def until(self, text: str, seconds: float = 120) -> None:
        """Returns as soon as a message with this text is there."""
        async with asyncio.timeout(seconds):
            while True:
                async with self.db.system() as tx:
                    if await tx.scalar("SELECT 1 FROM messages WHERE text = :text", {"text": text}):
                        return
                await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def reading(store: Dovecot, user: str, folder: Path) -> AsyncIterator[Reader]:
    """The mailbox `user` is read for the first time, from its oldest mail on, until the end."""
    vault.unlock(b"the benchmark's secret key")
    async with floor.database() as db, SafeHttp(allowed([])) as http:
        home = await bootstrap(db, now=wall_clock())
        settings = {"receive": "imap", "imap_host": "127.0.0.1", "imap_port": store.imap, "imap_safety": "none",
                    "user": user, "first": "all", "after": "keep"}  # fmt: skip
        row = AccountRow(new_account_id(wall_clock()), home.workspace_id, home.firm_id, "email", "shop", "Shop", SHOP, settings,
                         {"password": PASSWORD})  # fmt: skip
        point = EntryPoint(
            new_id("EP", wall_clock()), home.workspace_id, "email", SHOP, home.firm_id, workflow_id="WW" + "1" * 32
        )
        async with db.transaction(home.tenant_id) as tx:
            await put_account(tx, row)
            await put_entry_points(tx, [point])
        post = open_post(
            db, http=http, files=Files(folder / "files"), handler=Reception(), secret=b"s" * 32, public_url=""
        )
        account, channel = await post.accounts.by_id(row.id), post.channels["email"]
        assert account is not None
        following = asyncio.create_task(channel.run(account, AccountInbox(post.owner, account)))  # type: ignore[attr-defined]
        try:
            yield Reader(db, home)
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)


def mail(number: str, attached: int = 0) -> bytes:
    """A mail of a customer of his own, perhaps with a document of so many bytes."""
    made = EmailMessage()
    made["From"], made["To"] = f"Claire <c{number}@client.example>", SHOP
    made["Subject"], made["Message-ID"] = "Vela 3", f"<{number}@client.example>"
    made.set_content(number)
    if attached:
        body = b"%PDF-1.7\n" + bytes(attached)
        made.add_attachment(body, maintype="application", subtype="pdf", filename="plan.pdf")
    return made.as_bytes()


async def _first_sync(store: Dovecot, quick: bool) -> None:
    old = 1_000 if quick else OLD
    await asyncio.to_thread(store.lay, [mail(f"old-{number}") for number in range(old)], to="sync")
    waits = []
    with tempfile.TemporaryDirectory() as folder:
        async with reading(store, "sync", Path(folder)) as reader:
            await reader.until("old-0", 180)
            for number in range(PROBES):
                await asyncio.to_thread(store.deliver, mail(f"new-{number}"), to="sync")
                begun = time.perf_counter()
                await reader.until(f"new-{number}")
                waits.append((time.perf_counter() - begun) * 1000)
                await asyncio.sleep(0.2)
            synced = len([text for text in await reader.texts() if text.startswith("old")])
    assert synced < old, "the old ones were through before the new ones were measured"
    shown = ", ".join(f"{one:.0f}" for one in waits)
    note = f"{old:,} old ones, {synced} of them read by the end; each: {shown}"
    line("mail.first_sync_block_ms", max(waits), "ms", BLOCK_MS, note)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _large(store: Dovecot, answer: Any) -> None:
    """In a process of its own: megabytes added."""

    async def run() -> float:
        with tempfile.TemporaryDirectory() as folder:
            async with reading(store, "large", Path(folder)) as reader:
                await asyncio.to_thread(store.deliver, mail("small"), to="large")
                await reader.until("small")
                sender = multiprocessing.get_context("spawn").Process(target=_deliver_large, args=(store,))
                before = _peak()
                sender.start()
                await reader.until("large")
                await asyncio.to_thread(sender.join)
                return _peak() - before

    answer.put(uvloop.run(run()))


def _deliver_large(store: Dovecot) -> None:
    store.deliver(mail("large", LARGE), to="large")


async def measure(quick: bool) -> None:
    """Both figures."""
    with tempfile.TemporaryDirectory(prefix="parlons-dovecot-", dir="/tmp") as place, dovecot(Path(place)) as store:
        await _first_sync(store, quick)
        spawn = multiprocessing.get_context("spawn")
        answer = spawn.Queue()
        process = spawn.Process(target=_large, args=(store, answer))
        process.start()
        added = await asyncio.to_thread(answer.get, True, 300)
        await asyncio.to_thread(process.join)
        line("mail.mb_added_per_25mb", added, "MB", MB, f"a mail of {LARGE * 4 / 3e6:.0f} MB by IMAP")
