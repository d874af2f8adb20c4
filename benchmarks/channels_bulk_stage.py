"""The stage of the figures of sends to many: a server process that is killed and started again, three providers, their ledgers.

The provider by the generic channel takes idempotency keys; the SMPP centre and the mail host do not. All three are the shipped
stand-ins; what each of their people got stands in `Ends`, whatever became of the server meanwhile.
"""

import asyncio
import contextlib
import logging
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import yaml

from benchmarks.voice_stage import use
from parlons.simulator.providers.carrier import Carrier
from parlons.simulator.providers.mail_host import DOMAIN, MailHost
from parlons.simulator.providers.partner import Partner
from parlons.simulator.providers.wire import Heard, served
from parlons.testing.processes import OwnPostgres, data_folder, free_port

KEYED, UNKEYED = ("webhook",), ("sms", "email")
CHANNELS = (*KEYED, *UNKEYED)
KEY, PASSWORD = "bulk-partner-key", "secret"
SECRETS = {"BULK_KEY": KEY, "BULK_PASSWORD": PASSWORD}
KEPT = 1
"""Accounts with a connection of their own: the centre."""
_CUSTOMERS = """
INSERT INTO customers (id, tenant_id, workspace_id, firm_id, name, language, attributes, created_at, updated_at)
SELECT 'CU' || lpad(n::text, 32, '0'), w.tenant_id, w.id, f.id, 'Claire ' || n, CASE WHEN n % 2 = 0 THEN 'fr' ELSE 'en' END,
       jsonb_build_object('block', $1::text), now(), now()
FROM generate_series($2::int, $3::int) AS n, workspaces w, firms f WHERE f.name = 'Bulk'
"""
_ADDRESSES = """
INSERT INTO addresses (id, tenant_id, firm_id, customer_id, kind, value, verified, created_at)
SELECT 'AD' || one.lead || lpad(n::text, 31, '0'), f.tenant_id, f.id, 'CU' || lpad(n::text, 32, '0'), one.kind,
       one.before || n || one.after, true, now()
FROM generate_series($1::int, $2::int) AS n, firms f,
     (VALUES ('0', 'external', 'webhook:bulk:p', ''), ('1', 'email', 'p', '@' || $3)) AS one (lead, kind, before, after)
WHERE f.name = 'Bulk'
"""
_NUMBERS = """
INSERT INTO addresses (id, tenant_id, firm_id, customer_id, kind, value, verified, created_at)
SELECT 'AD2' || lpad(n::text, 31, '0'), f.tenant_id, f.id, 'CU' || lpad(n::text, 32, '0'), 'phone',
       '+336' || lpad(n::text, 8, '0'), true, now()
FROM generate_series($1::int, $2::int) AS n, firms f WHERE f.name = 'Bulk'
"""


class Ledger(Heard):
    """What people got, and when the last of it came."""

    def __init__(self) -> None:
        super().__init__()
        self.last, self.many = 0.0, 0

    def note(self, person: str) -> None:
        """He got one more."""
        super().note(person)
        self.last, self.many = time.perf_counter(), self.many + 1


@dataclass
class Ends:
    """The three providers and their ledgers, by channel."""

    partner_url: str
    smpp_port: int
    smtp_port: int
    ledgers: dict[str, Ledger]

    def got(self, channel: str, number: int) -> int:
        """How many messages one of the people got by a channel."""
        person = {"webhook": f"p{number}", "sms": f"336{number:08d}", "email": f"p{number}@{DOMAIN}"}[channel]
        return self.ledgers[channel].count(person)


@contextlib.asynccontextmanager
async def ends() -> AsyncIterator[Ends]:
    """The providers, listening."""
    partner, carrier, host = Partner("http://127.0.0.1:9/", KEY), Carrier(PASSWORD), MailHost(free_port())
    ledgers = {"webhook": Ledger(), "sms": Ledger(), "email": Ledger()}
    partner.heard, carrier.heard, host.heard = ledgers["webhook"], ledgers["sms"], ledgers["email"]
    smpp, smtp = free_port(), free_port()
    logging.getLogger("uvicorn.error").setLevel(
        logging.CRITICAL
    )  # a caller that is killed in the middle is what is meant
    async with served(partner.app) as url, carrier.served(smpp), host.served(smtp):
        yield Ends(f"{url}/answers", smpp, smtp, ledgers)
    await partner.caller.close()


def configuration(ends: Ends) -> str:
    """One firm with one agent and an account at each provider."""
    accounts: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
        ("webhook", "bulk", {"url": ends.partner_url, "files": False}, {"key": {"secret": "BULK_KEY"}}),
        ("sms", "+33755000000", {"host": "127.0.0.1", "port": ends.smpp_port, "system_id": "bulk", "receipts": False},
         {"password": {"secret": "BULK_PASSWORD"}}),
        ("email", "shop@bulk.example", {"receive": "none", "smtp_host": "127.0.0.1", "smtp_port": ends.smtp_port,
         "smtp_safety": "none"}, {}),
    ]  # fmt: skip
    return yaml.safe_dump(
        {
            "parlons": 1,
            "activities": [{"name": "Offline"}, {"name": "Available", "available": True}],
            "workspace": {"default_activity": "Offline"},
            "task_channels": [{"name": "default"}, {"name": "chat"}],
            "firms": [{"name": "Bulk", "languages": ["fr", "en"]}],
            "queues": [{"name": "All", "firm": "Bulk", "workers": "1==1"}],
            "workflows": [{"name": "All", "firm": "Bulk", "default_queue": "All"}],
            "users": [{"email": "agent@bulk.example", "name": "Agent", "firms": "all", "channels": {"chat": 5}}],
            "channels": [
                {"channel": channel, "key": "bulk", "firm": "Bulk", "name": channel, "address": address,
                 "settings": settings, "secrets": secrets} for channel, address, settings, secrets in accounts
            ],
        }
    )  # fmt: skip


class Server:
    """The whole product in a process of its own, on a data folder that outlives it."""

    def __init__(self, data: Path, text: Path) -> None:
        self.data, self.port, self._text = data, free_port(), text
        self._process: asyncio.subprocess.Process | None = None
        self.dsn = ""

    @property
    def pid(self) -> int:
        """Its number."""
        assert self._process is not None
        return self._process.pid

    async def start(self) -> float:
        """Returns when it serves; how many seconds that took."""
        begun = time.perf_counter()
        environ = {**os.environ, "PARLONS_LOG": "warning", "PARLONS_SIP_PORT": "0", **SECRETS}
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "benchmarks.channels_server", str(self.data), str(self.port), str(self._text), str(KEPT),
            stdout=asyncio.subprocess.PIPE, env=environ,
        )  # fmt: skip
        assert self._process.stdout is not None
        while True:
            said = (await self._process.stdout.readline()).decode()
            assert said, "the server ended"
            if dsn := said.partition("ready ")[2].strip():
                self.dsn = dsn
                return time.perf_counter() - begun

    async def kill(self) -> None:
        """kill -9; the database stays."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    async def end(self) -> None:
        """SIGTERM, and wait."""
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()


class Lead:
    """Who steers the sends, by the API."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._client = httpx.AsyncClient(timeout=120, trust_env=False)
        self._accounts: dict[str, str] = {}
        self._serial = 0

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        """A request; asked again, with the same key, while nobody answers."""
        self._serial += 1
        key = (self._server.data / "operator.key").read_text().strip()
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": f"bulk-{self._serial}"}
        answer = await self._client.request(
            method, f"http://127.0.0.1:{self._server.port}/api/v1{path}", json=body, headers=headers
        )
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json() if answer.content else None

    async def draft(self, channel: str, *, block: str | None, per_second: float | None = None) -> str:
        """A send to everybody of a block, or to a list (None); its id."""
        if not self._accounts:
            found = await self.call("GET", "/channels")
            self._accounts = {one["channel"]: one["id"] for one in found["items"]}
        subject = {"subject": "Winter tyres"} if channel == "email" else {}
        texts = {
            "en": {"text": "Hello {{ customer.first_name }}, winter tyres are in.", **subject},
            "fr": {"text": "Bonjour {{ customer.first_name }}, les pneus d'hiver sont l\u00e0.", **subject},
        }
        segment = {"attributes": {"block": [block]}} if block is not None else None
        body = {"name": f"Bulk {channel}", "account_id": self._accounts[channel], "purpose": "service", "texts": texts,
                "segment": segment, "per_second": per_second}  # fmt: skip
        return str((await self.call("POST", "/sends", body))["id"])

    async def step(self, send_id: str, what: str) -> Any:
        """Start, pause, resume, cancel."""
        return await self.call("POST", f"/sends/{send_id}/{what}")

    async def close(self) -> None:
        """Ends the connection."""
        await self._client.aclose()


async def people(dsn: str, block: str, first: int, last: int) -> None:
    """Customers of one block, numbered, each with an address of every channel."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(_CUSTOMERS, block, first, last)
        await connection.execute(_ADDRESSES, first, last, DOMAIN)
        await connection.execute(_NUMBERS, first, last)
        await connection.execute("ANALYZE customers, addresses")
    finally:
        await connection.close()


@contextlib.asynccontextmanager
async def stage() -> AsyncIterator[tuple[Server, Lead, Ends]]:
    """Everything, running; all of it is gone afterwards."""
    with data_folder() as data, tempfile.TemporaryDirectory() as folder:
        async with ends() as far:
            text = Path(folder) / "bulk.yaml"
            await asyncio.to_thread(text.write_text, configuration(far), encoding="utf-8")
            server = Server(data, text)
            lead = Lead(server)
            try:
                await server.start()
                yield server, lead, far
            finally:
                await lead.close()
                await server.end()


def database_cpu(data: Path) -> float:
    """Seconds of a core that the database has used: those of its processes now, and of those that ended."""
    first = OwnPostgres(data).pid
    assert first is not None
    fields = Path(f"/proc/{first}/stat").read_text().rsplit(")", 1)[1].split()
    ended = (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
    children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
    living = 0.0
    for pid in (first, *map(int, children)):
        with contextlib.suppress(OSError):
            living += use(pid).cpu
    return living + ended
