"""What the health page shows: all that the doctor sees from inside the running server, and the figures beside it.

The doctor's own looking is blocking, so it runs in a thread; what the server knows itself (trunks, voice) is handed to it.
"""

import asyncio
import os
import platform
import shutil
from typing import Any

from fastapi import Request

from parlons import __version__
from parlons.accounts.model import Principal
from parlons.app import doctor_database, doctor_voice
from parlons.app.settings import Settings
from parlons.runtime.db import Database
from parlons.runtime.postgres.checks import Finding, check_machine
from parlons.voice.calls.settings import all_trunks

Json = dict[str, Any]
_JOBS = """
SELECT kind, count(*) FILTER (WHERE state = 'waiting') AS waiting,
  count(*) FILTER (WHERE state = 'waiting' AND run_at <= clock_timestamp()) AS due,
  count(*) FILTER (WHERE state = 'running') AS running, count(*) FILTER (WHERE state = 'failed') AS failed
FROM jobs GROUP BY kind ORDER BY kind
"""


async def health(request: Request, principal: Principal) -> Json:
    """One look at everything."""
    state = request.app.state
    settings: Settings = state.settings
    db: Database = state.db
    async with db.transaction(principal.tenant_id) as tx:
        trunks = [
            {"name": one.name, "host": one.trunk.host, "emergency": one.emergency} for one in await all_trunks(tx)
        ]
    voice = await state.voice.status(principal, None)
    seen = await doctor_database.look(settings, db.dsn)
    wrong, notes = await asyncio.to_thread(_findings, settings, seen, ({"trunks": trunks}, voice))
    async with db.system() as tx:
        jobs = [dict(row) for row in await tx.fetch_all(_JOBS)]
    disk = shutil.disk_usage(settings.data)
    stored = seen.database or doctor_database.Database()
    return {
        "wrong": [_shown(one) for one in wrong],
        "notes": [_shown(one) for one in notes],
        "versions": {
            "parlons": __version__,
            "revision": stored.revision,
            "postgres": stored.version,
            "python": platform.python_version(),
        },
        "disk": {"free": disk.free, "total": disk.total},
        "jobs": jobs,
        "voice": {"engine": voice["engine"], "trunks": [{"name": t["name"], "up": t["up"]} for t in voice["trunks"]]},
        "last_backup": seen.last_backup,
    }


def _findings(
    settings: Settings, seen: doctor_database.Seen, told: tuple[Json, Json]
) -> tuple[list[Finding], list[Finding]]:
    wrong, notes = doctor_database.judge(seen)
    heard, worth = doctor_voice.judge(doctor_voice.look(settings, os.environ, answers=True, told=told))
    machine = [] if settings.database_url else check_machine(settings.data, os.environ)
    return [*machine, *wrong, *doctor_voice.public_silent(settings), *heard], [*notes, *worth]


def _shown(finding: Finding) -> Json:
    return {"code": finding.code, "wrong": finding.wrong, "mend": finding.mend}
