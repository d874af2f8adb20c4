"""Routes of operations: the health of the installation; work held since a restore, and its release."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from parlons.accounts import audit
from parlons.accounts.http import Administrator, Body, database, now
from parlons.accounts.model import Principal
from parlons.app.health import health
from parlons.kit.errors import Forbidden
from parlons.runtime import holds

router = APIRouter(tags=["operations"])


class HeldKind(BaseModel):
    """Jobs of one kind that wait; `due`: those that would run at once."""

    kind: str
    count: int
    due: int
    oldest: datetime


class Hold(BaseModel):
    """Work held since a restore; `backup` is what the backup said of itself."""

    since: datetime
    backup: dict[str, Any]
    kinds: list[HeldKind]


class Held(BaseModel):
    """`hold` is null when nothing is held."""

    hold: Hold | None


class ReleaseBody(Body):
    discard: list[str] = Field(default_factory=list)


class Released(BaseModel):
    """`released` is false when nothing was held."""

    released: bool
    discarded: dict[str, int]


class Trouble(BaseModel):
    """What the doctor found: docs/reference/doctor.md explains each code. `wrong` and `mend` are English."""

    code: str
    wrong: str
    mend: str


class Versions(BaseModel):
    parlons: str
    revision: str | None
    postgres: str
    python: str


class Disk(BaseModel):
    """Bytes of the disk of the data folder."""

    free: int
    total: int


class JobKind(BaseModel):
    """Timed work of one kind; `failed`: given up."""

    kind: str
    waiting: int
    due: int
    running: int
    failed: int


class TrunkState(BaseModel):
    name: str
    up: bool


class VoiceHealth(BaseModel):
    engine: str
    trunks: list[TrunkState]


class Health(BaseModel):
    """The installation at a glance."""

    wrong: list[Trouble]
    notes: list[Trouble]
    versions: Versions
    disk: Disk
    jobs: list[JobKind]
    voice: VoiceHealth
    last_backup: datetime | None


@router.get("/operations/health", response_model=Health)
async def get_health(request: Request, principal: Administrator) -> dict[str, Any]:
    """What the doctor sees, jobs, disk, telephone, versions."""
    _whole(principal)
    return await health(request, principal)


@router.get("/operations/held", response_model=Held)
async def held(request: Request, principal: Administrator) -> dict[str, Any]:
    """What waits since a restore."""
    _whole(principal)
    async with database(request).system() as tx:
        return {"hold": await holds.held(tx)}


@router.post("/operations/release", response_model=Released)
async def release(body: ReleaseBody, request: Request, principal: Administrator) -> dict[str, Any]:
    """Let held jobs run; kinds in `discard` are thrown away first. Again, it does nothing."""
    _whole(principal)
    async with database(request).system() as tx:
        gone = await holds.release(tx, discard=body.discard)
        if gone is not None:
            after = {"discarded": gone}
            await audit.record(tx, principal, "operations.released", "jobs", now=now(request), before={}, after=after)
    return {"released": gone is not None, "discarded": gone or {}}


def _whole(principal: Principal) -> None:
    if principal.firm_ids is not None:
        raise Forbidden("Operations belong to who sees all firms.")
