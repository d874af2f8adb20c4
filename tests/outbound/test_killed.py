"""kill -9 of the process that sends, at random moments, against two shipped stand-ins: nobody gets a message twice, nobody is
forgotten, and where it cannot be known the number of those in doubt is the difference between what we know and what they got.
"""

import asyncio
import random
import sys
from pathlib import Path
from typing import Any

from parlons.channels.accounts import AccountRow, new_account_id, put_account
from parlons.kit.clock import wall_clock
from parlons.simulator.providers.mail_host import DOMAIN, MailHost
from parlons.simulator.providers.partner import Partner
from parlons.simulator.providers.wire import Heard, served
from parlons.testing.processes import free_port
from tests.channels.engine.desk import KEY, put
from tests.outbound.conftest import Campaign

PEOPLE, KILLS = 80, 3
_MAILS = """
INSERT INTO addresses (id, tenant_id, firm_id, customer_id, kind, value, verified, created_at)
SELECT 'AM' || right(customer_id, 32), tenant_id, firm_id, customer_id, 'email',
       split_part(value, ':', 3) || '@' || CAST(:domain AS text), true, now() FROM addresses WHERE kind = 'external'
"""


class Ledger(Heard):
    """What people got, at both providers."""

    def __init__(self) -> None:
        super().__init__()
        self.many, self._wanted, self._reached = 0, 0, asyncio.Event()

    def note(self, person: str) -> None:
        super().note(person)
        self.many += 1
        if self.many >= self._wanted:
            self._reached.set()

    async def more(self, many: int) -> None:
        """Returns at the moment so many more have come."""
        self._wanted = self.many + many
        self._reached.clear()
        await self._reached.wait()


async def _mailbox(campaign: Campaign, port: int) -> str:
    home, now = campaign.desk.home, campaign.desk.clock()
    settings: dict[str, Any] = {
        "receive": "none", "smtp_host": "127.0.0.1", "smtp_port": port, "smtp_safety": "none",
    }  # fmt: skip
    row = AccountRow(
        new_account_id(now), home.workspace_id, home.firm_id, "email", "mail", "Shop", "shop@desk.example", settings, {}
    )  # fmt: skip
    async with campaign.desk.db.transaction(home.tenant_id) as tx:
        await put_account(tx, row)
    return row.id


async def _process(campaign: Campaign, folder: Path) -> asyncio.subprocess.Process:
    command = [sys.executable, "-m", "tests.outbound.sending_process", campaign.desk.db.dsn, str(folder)]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    return process


async def _begun(campaign: Campaign, url: str, smtp: int) -> tuple[str, str]:
    """A send by each of two accounts to the same people."""
    desk = campaign.desk
    desk.clock.now = wall_clock()
    keyed = await put(desk.db, desk.home, desk.clock, url, key="bulk", address="bulk")
    unkeyed = await _mailbox(campaign, smtp)
    await campaign.people(PEOPLE)
    async with desk.db.system() as tx:
        await tx.execute("UPDATE addresses SET value = replace(value, ':partner:', ':bulk:')")
        await tx.execute(_MAILS, {"domain": DOMAIN})
    await desk.post.accounts.refresh(now=True)
    texts = {"en": {"text": "Winter tyres are in.", "subject": "Winter tyres"}}
    return await campaign.begun(account_id=keyed), await campaign.begun(account_id=unkeyed, texts=texts)


async def _through(campaign: Campaign, *sends: str) -> None:
    """Returns when nothing is left to go."""
    while True:
        reports = [await campaign.report(one) for one in sends]
        if not any(one["waiting"] + one["queued"] for one in reports):
            return
        await asyncio.sleep(0.05)  # the process that sends is another one: only the database tells


async def test_sends_outlive_the_one_who_sends(campaign: Campaign, tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(1_000_000)
    moments, ledger, port = random.Random(seed), Ledger(), free_port()
    partner, host = Partner("http://127.0.0.1:9/", KEY), MailHost(port)
    partner.heard = host.heard = ledger
    async with served(partner.app) as url, host.served(port):
        keyed, unkeyed = await _begun(campaign, f"{url}/answers", port)
        for _ in range(KILLS):
            process = await _process(campaign, tmp_path)
            await ledger.more(moments.randint(1, PEOPLE // 3))
            process.kill()
            await process.wait()
        process = await _process(campaign, tmp_path)
        try:
            await _through(campaign, keyed, unkeyed)
        finally:
            process.kill()
            await process.wait()
    await partner.caller.close()
    report = await campaign.report(keyed)
    assert (report["sent"], report["unsure"], report["failed"]) == (PEOPLE, 0, {}), f"seed {seed}"
    assert [ledger.count(f"p{n}") for n in range(1, PEOPLE + 1)] == [1] * PEOPLE, f"seed {seed}"
    report = await campaign.report(unkeyed)
    got = [ledger.count(f"p{n}@{DOMAIN}") for n in range(1, PEOPLE + 1)]
    assert max(got) == 1, f"somebody got a mail twice: seed {seed}"
    assert (report["sent"] + report["unsure"], report["failed"]) == (PEOPLE, {}), f"seed {seed}"
    assert report["sent"] <= sum(got) <= report["sent"] + report["unsure"], f"seed {seed}"
    rows = await campaign.desk.rows("SELECT address FROM deliveries WHERE channel = 'email' AND state = 'sent'")
    assert all(ledger.count(row["address"]) == 1 for row in rows), f"sent, and not there: seed {seed}"
