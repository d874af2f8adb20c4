"""Roles in a configuration: own ones round-trip, the last who can put everything right stays, nobody gives beyond his own."""

import pytest
import sqlalchemy as sa

from parlons.accounts import store
from parlons.accounts.errors import BeyondYourRights
from parlons.accounts.model import Principal, Role
from parlons.accounts.rights import Right, whole
from parlons.app.configuration.apply import apply
from parlons.app.configuration.text import InvalidConfigurationFile
from parlons.kit.errors import Forbidden
from tests.app.test_apply import SECRET, Centre, acts, centre

__all__ = ["centre"]

PEOPLE = """
workspace: {default_activity: Offline, timeout_activity: Offline}
activities: [{name: Offline, available: false}]
queues:
- {name: Sales, workers: '1 == 1'}
roles:
- {name: Night lead, rights: [steer, serve]}
- {name: Reader, rights: [read]}
users:
- {email: ines@firm.test, name: Ines, role: Night lead, queues: [Sales]}
- {email: remi@firm.test, name: Remi, role: Reader}
- {email: paul@firm.test, name: Paul, role: planner, firms: all}
"""


async def test_own_roles_and_queues_round_trip(centre: Centre) -> None:
    await centre.apply(PEOPLE)
    file = await centre.export()
    ines, paul, remi = (next(u for u in file["users"] if u["email"].startswith(n)) for n in ("ines", "paul", "remi"))
    assert (ines["role"], ines["queues"], paul["role"], remi["role"]) == ("Night lead", ["Sales"], "planner", "Reader")
    assert {role["name"] for role in file["roles"]} == {"Night lead", "Reader"}
    assert not (await centre.apply(await _text(centre))).plan.changes, "applied again, it changes nothing"


async def _text(centre: Centre) -> str:
    from parlons.app.configuration.apply import export

    return await export(centre.db, centre.principal)


async def _worker(centre: Centre, email: str) -> str | None:
    async with centre.db.transaction(centre.installation.tenant_id) as tx:
        worker: str | None = await tx.scalar(sa.select(store.users.c.worker_id).where(store.users.c.email == email))
    return worker if worker in centre.dispatch.state(centre.installation.workspace_id).workers else None


async def test_who_serves_has_a_worker_and_a_role_that_loses_the_right_takes_it_away(centre: Centre) -> None:
    await centre.apply(PEOPLE)
    assert await _worker(centre, "ines@firm.test") is not None
    assert await _worker(centre, "remi@firm.test") is None
    await centre.apply("roles:\n- {name: Night lead, rights: [steer]}\n- {name: Reader, rights: [read, serve]}")
    assert await _worker(centre, "ines@firm.test") is None
    assert await _worker(centre, "remi@firm.test") is not None


@pytest.mark.parametrize(
    ("bound", "fault"),
    [
        ("firms: [Parlons]", "no administrator would be left"),
        ("queues: [Sales]", "no administrator would be left"),
        ("role: manager", "no administrator would be left"),
        ("role: client", "bound to no firm"),
        ("role: Nobody knows", "Nobody knows"),
    ],
)
async def test_the_last_one_who_can_put_all_right_stays(centre: Centre, bound: str, fault: str) -> None:
    await centre.apply(PEOPLE)
    role = "" if bound.startswith("role") else "role: administrator, "
    with pytest.raises(InvalidConfigurationFile, match=fault):
        await centre.apply(f"users:\n- {{email: admin@parlons.local, name: Administrator, {role}{bound}}}")


async def test_a_role_that_somebody_has_is_not_removed(centre: Centre) -> None:
    await centre.apply(PEOPLE)
    with pytest.raises(InvalidConfigurationFile, match="still names the role Reader"):
        await centre.apply("roles:\n- {name: Night lead, rights: [steer, serve]}", prune=True)


async def test_the_settings_do_not_make_an_administrator(centre: Centre) -> None:
    """Who may change the settings, but not people, cannot give himself or others rights by the file."""
    await centre.apply(PEOPLE)
    here = centre.installation

    async def by(*rights: Right) -> None:
        who = Principal(
            here.tenant_id, here.workspace_id, Role.ADMINISTRATOR, user_id="US1", given=whole(frozenset(rights))
        )
        source = "users:\n- {email: remi@firm.test, name: Remi, role: administrator}"
        await apply(centre.db, centre.dispatch, who, source, now=centre.clock(), environ=SECRET)

    with pytest.raises(Forbidden):
        await by(Right.CONFIGURE)
    with pytest.raises(BeyondYourRights):
        await by(Right.CONFIGURE, Right.PEOPLE)


async def test_a_role_is_added_and_changed_as_such(centre: Centre) -> None:
    assert ("add", "role", "Reader") in acts(await centre.apply(PEOPLE))
    changed = await centre.apply("roles:\n- {name: Reader, rights: [coach]}")
    assert acts(changed) == {("change", "role", "Reader")}
