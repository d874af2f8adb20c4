"""Users, firms, keys and audit through the API: rights, isolation of tenants, an audit nobody can change."""

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from parlons.accounts import store
from parlons.accounts.loading import put_hours
from parlons.accounts.model import Principal, Role, Scope
from parlons.accounts.opening import HoursRow
from parlons.kit.clock import to_datetime
from parlons.kit.ids import FIRM, TENANT, WORKSPACE, new_id
from parlons.runtime.db import Database

from .conftest import Office

SOFIA = {
    "email": "sofia@firm.test",
    "name": "Sofia",
    "role": "agent",
    "attributes": {"skills": ["sales"]},
    "channels": {"chat": 3},
}


async def _made(browser: httpx.AsyncClient, path: str, body: object) -> dict[str, object]:
    answer = await browser.post(path, json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, object] = answer.json()
    return made


async def _agent(office: Office, browser: httpx.AsyncClient, **changes: object) -> httpx.AsyncClient:
    made = await _made(browser, "/users", {**SOFIA, **changes})
    return await office.signed_in(str(made["link"]).partition("#")[2])


async def test_an_agent_gets_a_worker_and_a_link(office: Office) -> None:
    browser = await office.signed_in()
    made = await _made(browser, "/users", SOFIA)
    (agent,) = office.agents
    assert (agent.worker_id, agent.name, agent.active) == (made["worker_id"], "Sofia", True)
    assert (agent.attributes, agent.channels) == ({"skills": ["sales"]}, {"chat": 3})
    sofia = await office.signed_in(str(made["link"]).partition("#")[2])
    assert (await sofia.get("/me")).json()["worker_id"] == made["worker_id"]


async def test_people_are_listed_by_roles_that_exist(office: Office) -> None:
    browser = await office.signed_in()
    await _made(browser, "/roles", {"name": "Keeper", "rights": ["people"]})
    for role, count in (("administrator", 1), ("agent", 0), ("Keeper", 0)):
        assert len((await browser.get("/users", params={"role": role})).json()["items"]) == count
    refused = await browser.get("/users?role=nope")
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (422, "invalid", "role")


async def test_roles_bound_what_one_may_call(office: Office) -> None:
    browser = await office.signed_in()
    agent = await _agent(office, browser)
    supervisor = await _agent(office, browser, email="theo@firm.test", role="supervisor")
    assert (await agent.get("/users")).json()["code"] == "forbidden"
    assert (await supervisor.get("/users")).status_code == 200
    assert (await supervisor.post("/users", json={**SOFIA, "email": "x@firm.test"})).status_code == 403
    assert (await supervisor.get("/audit")).status_code == 403


async def test_a_change_of_role_ends_sessions_and_the_worker(office: Office) -> None:
    browser = await office.signed_in()
    made = await _made(browser, "/users", SOFIA)
    sofia = await office.signed_in(str(made["link"]).partition("#")[2])
    changed = await browser.patch(f"/users/{made['id']}", json={"role": "administrator", "version": made["version"]})
    assert changed.status_code == 200, changed.text
    assert not office.agents[-1].active
    assert (await sofia.get("/me")).status_code == 401


async def test_an_old_version_is_refused(office: Office) -> None:
    browser = await office.signed_in()
    made = await _made(browser, "/users", SOFIA)
    assert (await browser.patch(f"/users/{made['id']}", json={"name": "Sofie", "version": 1})).status_code == 200
    refused = await browser.patch(f"/users/{made['id']}", json={"name": "Sophie", "version": 1})
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")


async def test_an_address_is_used_once(office: Office) -> None:
    browser = await office.signed_in()
    await _made(browser, "/users", SOFIA)
    refused = await browser.post("/users", json={**SOFIA, "email": "SOFIA@firm.test"})
    assert refused.json()["code"] == "email-taken"


async def test_the_last_administrator_stays(office: Office) -> None:
    browser = await office.signed_in()
    mine = (await browser.get("/me")).json()["user"]["id"]
    assert (await browser.delete(f"/users/{mine}")).json()["code"] == "last-administrator"
    await _made(browser, "/users", {**SOFIA, "role": "administrator"})
    assert (await browser.delete(f"/users/{mine}")).status_code == 204


async def test_who_has_rights_to_one_firm_sees_and_gives_no_other(office: Office) -> None:
    browser = await office.signed_in()
    north = await _made(browser, "/firms", {"name": "North", "languages": ["fr", "en"], "colour": "#A03020"})
    south = await _made(browser, "/firms", {"name": "South"})
    await _made(browser, "/users", {**SOFIA, "email": "south@firm.test", "firm_ids": [south["id"]]})
    clerk = await _agent(office, browser, email="clerk@firm.test", role="administrator", firm_ids=[north["id"]])
    assert [firm["name"] for firm in (await clerk.get("/firms")).json()["items"]] == ["North"]
    assert (await clerk.get(f"/firms/{south['id']}")).json()["code"] == "firm-not-found"
    assert {user["email"] for user in (await clerk.get("/users")).json()["items"]} == {
        "clerk@firm.test",
        "admin@parlons.local",
    }
    assert (await clerk.post("/users", json={**SOFIA, "firm_ids": [south["id"]]})).status_code == 404
    assert (await clerk.post("/users", json=SOFIA)).json()["code"] == "invalid-account"
    assert (await clerk.post("/firms", json={"name": "East"})).json()["code"] == "invalid-account"


async def test_firms(office: Office) -> None:
    browser = await office.signed_in()
    north = await _made(browser, "/firms", {"name": "North", "colour": "#A03020"})
    assert north["colour"] == "#a03020"
    assert (await browser.post("/firms", json={"name": "North"})).json()["code"] == "firm-name-taken"
    assert (await browser.patch(f"/firms/{north['id']}", json={"colour": "red"})).json()["code"] == "invalid-account"
    assert (await browser.patch(f"/firms/{north['id']}", json={"languages": ["fr"]})).json()["languages"] == ["fr"]
    made = await _made(browser, "/users", {**SOFIA, "firm_ids": [north["id"]]})
    assert (await browser.delete(f"/firms/{north['id']}")).json()["code"] == "firm-in-use"
    assert (await browser.patch(f"/users/{made['id']}", json={"firm_ids": None})).json()["firm_ids"] is None
    office.firm_uses = ["queues"]
    assert (await browser.delete(f"/firms/{north['id']}")).json()["used"] == ["queues"]
    office.firm_uses = []
    assert (await browser.delete(f"/firms/{north['id']}")).status_code == 204
    assert (await browser.delete(f"/firms/{office.installation.firm_id}")).json()["code"] == "default-firm"


async def test_when_a_firm_is_open(office: Office) -> None:
    browser, firm_id = await office.signed_in(), office.installation.firm_id
    opening = (await browser.get(f"/firms/{firm_id}/opening")).json()
    assert (opening["always"], opening["spans"]) == (True, [])
    row = HoursRow("HO" + "1" * 32, firm_id, "Desk", "Europe/Paris", {"mon": ["09:00-18:00"], "tue": ["09:00-12:00"]})
    async with office.db.transaction(office.installation.tenant_id) as tx:
        await put_hours(tx, [row])
    assert (await browser.patch(f"/firms/{firm_id}", json={"hours_id": row.id})).status_code == 200
    opening = (await browser.get(f"/firms/{firm_id}/opening")).json()
    assert not opening["always"]
    assert (opening["from_at"][:10], opening["until_at"][:10]) == ("2026-08-21", "2026-10-05")
    mondays = ("2026-08-24", "2026-08-31", "2026-09-07", "2026-09-14", "2026-09-21", "2026-09-28", "2026-10-05")
    opens = [span["opens_at"] for span in opening["spans"]]
    assert tuple(at[:10] for at in opens[::2]) == mondays
    assert {at[11:16] for at in opens} == {"07:00"}
    assert opening["spans"][1]["closes_at"][:16] == "2026-08-25T10:00"
    assert (await browser.get("/firms/FI0/opening")).json()["code"] == "firm-not-found"


def _with_key(office: Office, secret: object) -> httpx.AsyncClient:
    browser = office.browser()
    browser.headers["Authorization"] = f"Bearer {secret}"
    del browser.headers["X-Parlons"]
    return browser


async def _one_key_a_scope(office: Office, browser: httpx.AsyncClient) -> dict[Scope, httpx.AsyncClient]:
    keys = {}
    for scope in Scope:
        made = await _made(browser, "/keys", {"name": scope.value, "scopes": [scope.value]})
        keys[scope] = _with_key(office, made["secret"])
    return keys


async def test_scopes_of_keys(office: Office) -> None:
    browser = await office.signed_in()
    keys = await _one_key_a_scope(office, browser)
    for scope, client in keys.items():
        assert (await client.get("/users")).status_code == (403 if scope is Scope.PHONE else 200)
    assert (await keys[Scope.READ].post("/firms", json={"name": "A"})).status_code == 403
    assert (await keys[Scope.WRITE].post("/firms", json={"name": "A"})).status_code == 403
    assert (await keys[Scope.CONFIGURE].post("/firms", json={"name": "A"})).status_code == 201
    assert (await keys[Scope.READ].get("/keys")).status_code == 403


async def test_a_refused_key_is_told_the_scope_it_needs_and_a_person_the_role(office: Office) -> None:
    browser = await office.signed_in()
    keys = await _one_key_a_scope(office, browser)
    for scope, method, path, needed in (
        (Scope.PHONE, "GET", "/users", "read"),
        (Scope.READ, "POST", "/firms", "configure"),
        (Scope.WRITE, "POST", "/firms", "configure"),
        (Scope.READ, "GET", "/keys", "configure"),
    ):
        refused = (await keys[scope].request(method, path, json={"name": "A"})).json()
        assert (refused["code"], refused["detail"]) == ("forbidden", f"This needs a key with the scope {needed}.")
    agent = await _agent(office, browser)
    refused = (await agent.post("/firms", json={"name": "A"})).json()
    assert (refused["code"], refused["detail"]) == ("forbidden", "This needs the role administrator.")


def test_a_key_that_only_reads_is_told_that_work_needs_write() -> None:
    reads = Principal("AC", "WS", Role.SUPERVISOR, key_id="SK", scopes=frozenset({Scope.READ}))
    refused = reads.without_role(Role.SUPERVISOR, lambda one: one.may_call(Role.SUPERVISOR, "POST"))
    assert refused.message == "This needs a key with the scope write."
    assert refused.details == {"role": "supervisor", "scope": "write"}


@pytest.mark.parametrize(
    ("scopes", "role", "method", "allowed"),
    [
        ({Scope.READ}, Role.AGENT, "GET", True),
        ({Scope.READ}, Role.AGENT, "POST", False),
        ({Scope.WRITE}, Role.SUPERVISOR, "POST", True),
        ({Scope.WRITE}, Role.ADMINISTRATOR, "POST", False),
        ({Scope.CONFIGURE}, Role.ADMINISTRATOR, "DELETE", True),
    ],
)
def test_what_a_key_may_call(scopes: set[Scope], role: Role, method: str, allowed: bool) -> None:
    own = Role.ADMINISTRATOR if Scope.CONFIGURE in scopes else Role.SUPERVISOR
    principal = Principal("AC", "WS", own, key_id="SK", scopes=frozenset(scopes))
    assert principal.may_call(role, method) is allowed


async def test_a_key_reaches_the_queues_it_is_bound_to_and_no_further_than_its_maker(office: Office) -> None:
    browser = await office.signed_in()
    north = await _made(browser, "/firms", {"name": "North"})
    office.queues = {"WQ1": north["id"], "WQ2": north["id"], "WQ3": None}
    bounds = {"firm_ids": [north["id"]], "queue_ids": ["WQ1"]}
    made = await _made(browser, "/keys", {"name": "Shop", "scopes": ["write"], **bounds})
    assert made["queue_ids"] == ["WQ1"]
    unknown = await browser.post("/keys", json={"name": "None", "scopes": ["read"], "queue_ids": ["WQ9"]})
    assert (unknown.json()["code"], unknown.json()["field"]) == ("invalid-account", "queue_ids")
    wide = await _made(browser, "/keys", {"name": "Whole firm", "scopes": ["read"], "firm_ids": [north["id"]]})
    await _made(browser, "/roles", {"name": "Keeper", "rights": ["steer", "keys"]})
    keeper = await _agent(office, browser, email="keeper@firm.test", role="Keeper", **bounds)
    assert [key["name"] for key in (await keeper.get("/keys")).json()["items"]] == ["Shop"]
    assert (await keeper.delete(f"/keys/{wide['id']}")).json()["code"] == "key-not-found"
    beyond = {"name": "More", "scopes": ["read"], "firm_ids": [north["id"]]}
    for queues in (None, ["WQ1", "WQ2"]):
        refused = await keeper.post("/keys", json={**beyond, "queue_ids": queues})
        assert refused.json()["code"] == "beyond-your-rights"
    await _made(keeper, "/keys", {**beyond, "queue_ids": ["WQ1"]})


async def test_a_key_is_shown_once_revoked_at_once_and_expires(office: Office, database: Database) -> None:
    browser = await office.signed_in()
    expires = to_datetime(office.clock.now + 1000).isoformat()
    short = await _made(browser, "/keys", {"name": "short", "scopes": ["read"], "expires_at": expires})
    made = await _made(browser, "/keys", {"name": "integration", "scopes": ["read"]})
    listed = (await browser.get("/keys")).json()["items"]
    assert all("secret" not in key for key in listed)
    assert str(made["secret"]).startswith(str(made["prefix"]))
    async with database.system() as tx:
        dump = str(await tx.fetch_all(sa.select(store.api_keys)))
    assert str(made["secret"]) not in dump
    client = _with_key(office, made["secret"])
    assert (await client.get("/firms")).status_code == 200
    assert (await browser.delete(f"/keys/{made['id']}")).status_code == 204
    assert (await client.get("/firms")).status_code == 401
    assert "key" in (await client.get("/firms")).json()["detail"], "who sent a key is not told to sign in"
    assert (await _with_key(office, "wrong").get("/firms")).json()["detail"].startswith("This API key is not in force")
    for headers, told in (({}, "Sign in first."), ({"Authorization": "Basic eDp5"}, "Bearer")):
        assert told in (await office.browser().get("/firms", headers=headers)).json()["detail"]
    office.clock.advance(1001)
    assert (await _with_key(office, short["secret"]).get("/firms")).status_code == 401


async def _other_tenant(office: Office) -> tuple[str, str]:
    tenant, firm, now = new_id(TENANT, office.clock()), new_id(FIRM, office.clock()), to_datetime(office.clock())
    async with office.db.transaction(tenant) as tx:
        await tx.execute(sa.insert(store.tenants).values(tenant_id=tenant, name="Other", created_at=now))
        mine = {"tenant_id": tenant, "created_at": now, "name": "Other"}
        await tx.execute(
            sa.insert(store.workspaces).values(**mine, id=new_id(WORKSPACE, office.clock()), is_default=True)
        )
        await tx.execute(sa.insert(store.firms).values(**mine, id=firm, languages=["en"], is_default=True))
    return tenant, firm


async def test_nothing_of_another_tenant_is_seen_or_changed(office: Office) -> None:
    _, firm = await _other_tenant(office)
    browser = await office.signed_in()
    assert firm not in [item["id"] for item in (await browser.get("/firms")).json()["items"]]
    assert (await browser.get(f"/firms/{firm}")).status_code == 404
    assert (await browser.patch(f"/firms/{firm}", json={"name": "Mine"})).status_code == 404
    assert (await browser.delete(f"/firms/{firm}")).status_code == 404
    assert (await browser.post("/users", json={**SOFIA, "firm_ids": [firm]})).json()["code"] == "invalid-account"


async def test_every_act_has_an_audit_row_with_author_and_difference(office: Office) -> None:
    browser = await office.signed_in()
    mine = (await browser.get("/me")).json()["user"]["id"]
    made = await _made(browser, "/users", SOFIA)
    await browser.patch(f"/users/{made['id']}", json={"name": "Sofie"})
    await browser.patch(f"/users/{made['id']}", json={"name": "Sofie"})
    rows = (await browser.get("/audit", params={"object_id": made["id"]})).json()["items"]
    assert {(row["action"], row["actor"]) for row in rows} == {
        ("user.created", mine),
        ("link.issued", mine),
        ("user.updated", mine),
    }
    assert next(row["diff"] for row in rows if row["action"] == "user.updated") == {"name": ["Sofia", "Sofie"]}


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit", "TRUNCATE audit"])
@pytest.mark.parametrize("role", ["app", "system"])
async def test_the_audit_is_never_changed(office: Office, statement: str, role: str) -> None:
    async def attempt() -> None:
        opened = office.db.system() if role == "system" else office.db.transaction(office.installation.tenant_id)
        async with opened as tx:
            await tx.execute(statement)

    with pytest.raises(DBAPIError, match="permission denied"):
        await attempt()


async def test_the_owner_of_the_tables_cannot_change_the_audit_either(office: Office, empty_database: str) -> None:
    import asyncpg

    connection = await asyncpg.connect(empty_database)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="never changed"):
            await connection.execute("DELETE FROM audit")
    finally:
        await connection.close()
