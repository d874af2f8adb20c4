"""Dispatch's part of /api/v1 about single skills: the cells of the grid of skills, levels and languages.

A cell is changed by itself, so two who work on the same person at once do not undo each other. Capacity per task channel is
already changed by itself (`PATCH /workers/{id}`).
"""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field

from parlons.accounts import audit
from parlons.accounts.http import Supervisor
from parlons.dispatch import schemas
from parlons.dispatch.http_work import carry_out, database_of, dispatch_of
from parlons.dispatch.skills import Json, with_skills
from parlons.routing import commands as c

router = APIRouter(tags=["dispatch"])
Word = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^\S(.*\S)?$")]
Level = Annotated[int, Field(ge=0, le=1000, strict=True)]


class ChangedSkills(schemas.Body):
    """By name: a level, true (has it, without a level), false or null (does not have it). Names left out stay."""

    skills: dict[Word, Level | bool | None] = Field(default_factory=dict, max_length=200)
    languages: dict[Word, bool] = Field(default_factory=dict, max_length=50)


def _one_by_one(request: Request) -> asyncio.Lock:
    """What a cell becomes depends on what stands beside it: changes are read and made one after the other."""
    state = request.app.state
    found: asyncio.Lock | None = getattr(state, "skills_lock", None)
    if found is None:
        found = state.skills_lock = asyncio.Lock()
    return found


@router.patch("/workers/{worker_id}/skills", response_model=schemas.Worker)
async def change_skills(worker_id: str, body: ChangedSkills, request: Request, principal: Supervisor) -> Json:
    """Change some skills, levels or languages of a worker; what waits is looked at again at once."""
    async with _one_by_one(request):
        before = await dispatch_of(request).seen_worker(principal, worker_id)
        attributes = with_skills(before["attributes"], body.skills, body.languages)
        if attributes == before["attributes"]:
            return before
        await carry_out(request, principal, c.SetWorkerAttributes(worker_id, attributes))
    async with database_of(request).transaction(principal.tenant_id) as tx:
        old, new = {"attributes": before["attributes"]}, {"attributes": attributes}
        await audit.record(tx, principal, "worker.updated", worker_id, now=tx.now, before=old, after=new)
    return await dispatch_of(request).seen_worker(principal, worker_id)
