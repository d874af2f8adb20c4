"""Discussions of colleagues on a real database: who may, what screens are told, unread, drafts, taking back, and forgetting."""

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import reduce
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI, Request

from parlons.accounts import store as accounts
from parlons.accounts.model import Principal, Role
from parlons.app.fold import fold
from parlons.app.socket import rights_of
from parlons.conversations import commands as conversations
from parlons.customers.commands import find_or_create_by_address
from parlons.kit.clock import to_datetime
from parlons.kit.pages import encode_cursor
from parlons.runtime.db import Database, Tx
from parlons.runtime.http import install_problems
from parlons.runtime.rights import sees
from parlons.team import commands, http
from parlons.team.queries import team_parts
from parlons.team.rules import TAKE_BACK
from tests.app.test_events_registry import as_told, commands_of, frames, keep
from tests.conftest import StillClock

Json = dict[str, Any]
TENANT, WORKSPACE = "AC" + "1" * 32, "WS" + "1" * 32
NORTH, SOUTH = "FI" + "1" * 32, "FI" + "2" * 32


def _person(number: int, name: str, role: Role = Role.AGENT, **more: Any) -> Principal:
    worker = f"WK{number:032x}" if role is Role.AGENT else None
    return Principal(TENANT, WORKSPACE, role, f"US{number:032x}", worker_id=worker, name=name, **more)


ANA = _person(1, "Ana Roy")
BEN = _person(2, "Ben Gold", firm_ids=frozenset({NORTH}))
ZOE = _person(3, "Zoé Lis", firm_ids=frozenset({SOUTH}))
LEAD = _person(4, "Martin Lead", Role.SUPERVISOR)
CLIENT = _person(5, "A client", Role.SUPERVISOR, firm_ids=frozenset({NORTH}), role_name="client")
GONE = _person(6, "Gone Away")
KEY = Principal(TENANT, WORKSPACE, Role.ADMINISTRATOR, key_id="SK" + "1" * 32)
ELSEWHERE = Principal("AC" + "2" * 32, "WS" + "2" * 32, Role.ADMINISTRATOR, "US" + "9" * 32, name="Stranger")
EVERYBODY = (ANA, BEN, ZOE, LEAD, CLIENT, GONE)


class Api:
    """The routes, called as anybody."""

    def __init__(self, app: FastAPI, db: Database) -> None:
        self.db, self.who, self._keys = db, ANA, 0
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test/api/v1/team")

    async def call(
        self, who: Principal, method: str, path: str, body: Json | None = None, **more: Any
    ) -> httpx.Response:
        """One request; a POST has a key of its own unless it names one."""
        self.who, self._keys = who, self._keys + 1
        headers = {"Idempotency-Key": more.pop("key", f"k{self._keys}")} if method == "POST" else {}
        return await self.client.request(method, path, json=body, headers=headers, **more)

    async def direct(self, who: Principal, other: Principal) -> str:
        return str((await self.call(who, "POST", "/discussions", {"user_id": other.user_id})).json()["id"])

    async def team(self, who: Principal, name: str, *others: Principal) -> Json:
        made = await self.call(who, "POST", "/discussions", {"name": name, "user_ids": [one.user_id for one in others]})
        assert made.status_code == 201, made.text
        return dict(made.json())

    async def say(self, who: Principal, discussion_id: str, text: str, **more: Any) -> Json:
        said = await self.call(who, "POST", f"/discussions/{discussion_id}/lines", {"text": text, **more})
        assert said.status_code == 201, said.text
        return dict(said.json())

    async def refused(self, who: Principal, method: str, path: str, body: Json | None = None) -> str:
        answer = await self.call(who, method, path, body)
        assert answer.status_code >= 400, answer.text
        return str(answer.json()["code"])

    async def texts(self, who: Principal, discussion_id: str) -> list[str]:
        return [
            line["text"]
            for line in (await self.call(who, "GET", f"/discussions/{discussion_id}/lines")).json()["items"]
        ]

    async def screen(self, who: Principal) -> Json:
        """What his screen begins with."""
        async with self.db.transaction(who.tenant_id) as tx:
            return await team_parts(tx, who)

    async def unread(self, who: Principal, discussion_id: str) -> tuple[int, bool]:
        """How many lines he has not read, and whether one of them names him."""
        screen = await self.screen(who)
        discussion, reading = screen["discussions"][discussion_id], screen["readings"][discussion_id]
        return discussion["last_number"] - reading["read_number"], reading["named_number"] > reading["read_number"]


@pytest.fixture
async def api(database: Database, clock: StillClock) -> AsyncIterator[Api]:
    """Ana works for every firm, Ben for the north, Zoé for the south."""
    async with database.transaction(TENANT) as tx:
        for one in EVERYBODY:
            firms = None if one.firm_ids is None else sorted(one.firm_ids)
            await tx.execute(
                sa.insert(accounts.users).values(
                    id=one.user_id, tenant_id=TENANT, workspace_id=WORKSPACE, worker_id=one.worker_id,
                    email=f"{one.name.split()[0].lower()}@example.test", name=one.name, role=one.role_name or one.role.value,
                    firm_ids=firms, active=one is not GONE, created_at=to_datetime(clock()),
                )
            )  # fmt: skip
    app = FastAPI()
    install_problems(app)
    app.include_router(http.router, prefix="/api/v1")
    app.state.db, app.state.clock = database, clock
    api = Api(app, database)

    @app.middleware("http")
    async def identify(request: Request, call_next):  # type: ignore[no-untyped-def]
        request.state.principal = api.who
        return await call_next(request)

    yield api
    await api.client.aclose()


async def _conversation(db: Database, firm_id: str) -> str:
    async with db.transaction(TENANT) as tx:
        address = {"kind": "webchat", "value": f"V-{firm_id}", "verified": True}
        customer = await find_or_create_by_address(tx, workspace_id=WORKSPACE, firm_id=firm_id, **address)
        opened = await conversations.open_conversation(
            tx, workspace_id=WORKSPACE, firm_id=firm_id, customer_id=customer.id, channel="webchat", address="V1"
        )
    return opened.id


async def test_two_have_one_discussion_whoever_begins_it(api: Api) -> None:
    discussion_id = await api.direct(ANA, BEN)
    assert await api.direct(BEN, ANA) == discussion_id
    await api.say(ANA, discussion_id, "  Bonjour Ben  ")
    assert await api.texts(BEN, discussion_id) == ["Bonjour Ben"]
    assert await api.unread(BEN, discussion_id) == (1, False)
    assert await api.unread(ANA, discussion_id) == (0, False)
    assert (await api.call(BEN, "POST", f"/discussions/{discussion_id}/read", {"number": 99})).json()[
        "read_number"
    ] == 1
    assert (await api.call(BEN, "POST", f"/discussions/{discussion_id}/read", {"number": 0})).json()["read_number"] == 1
    assert await api.unread(BEN, discussion_id) == (0, False)


async def test_the_same_wish_twice_is_said_once(api: Api) -> None:
    discussion_id = await api.direct(ANA, BEN)
    path, body = f"/discussions/{discussion_id}/lines", {"text": "Once"}
    first, second = [await api.call(ANA, "POST", path, body, key="same") for _ in range(2)]
    assert first.json() == second.json()
    assert await api.texts(BEN, discussion_id) == ["Once"]


async def test_a_discussion_is_its_members_alone(api: Api) -> None:
    discussion_id = await api.direct(ANA, BEN)
    line = await api.say(ANA, discussion_id, "Between us")
    at = f"/discussions/{discussion_id}"
    for stranger in (ZOE, LEAD, GONE, ELSEWHERE):
        for method, path, body in (
            ("GET", f"{at}/lines", None),
            ("POST", f"{at}/lines", {"text": "Hello"}),
            ("POST", f"{at}/read", {"number": 1}),
            ("PUT", f"{at}/draft", {"text": "x"}),
            ("PATCH", at, {"name": "Ours", "version": 1}),
            ("POST", f"{at}/leave", None),
            ("DELETE", f"{at}/lines/{line['id']}", None),
        ):
            assert await api.refused(stranger, method, path, body) == "unknown-discussion"
        assert (await api.screen(stranger))["discussions"] == {}
    for nobody in (KEY, CLIENT):
        assert await api.refused(nobody, "GET", "/discussions") == "not-a-person"
        assert await api.refused(nobody, "POST", "/discussions", {"user_id": ANA.user_id}) == "not-a-person"
        assert await api.screen(nobody) == {"discussions": {}, "readings": {}}
    async with api.db.system() as tx:
        told = frames(list(await tx.fetch_all("SELECT * FROM outbox ORDER BY id")))
    for stranger in (ZOE, LEAD, CLIENT):
        assert not [event for audience, event in told if sees(rights_of(stranger), audience)]


async def test_whom_one_may_write_to(api: Api) -> None:
    async def names(who: Principal, **query: str) -> set[str]:
        found = (await api.call(who, "GET", "/colleagues", params=query)).json()["items"]
        return {each["name"] for each in found}

    assert await names(ANA) == {"Ben Gold", "Zoé Lis", "Martin Lead"}
    assert await names(BEN) == {"Ana Roy", "Martin Lead"}
    assert await names(ANA, q="lis") == {"Zoé Lis"}
    page = (await api.call(ANA, "GET", "/colleagues", params={"limit": "1"})).json()
    seen = [*page["items"]]
    while page["next"]:
        page = (await api.call(ANA, "GET", "/colleagues", params={"limit": "1", "cursor": page["next"]})).json()
        seen += page["items"]
    assert {each["name"] for each in seen} == await names(ANA)
    for other in (ZOE, CLIENT, GONE, BEN, ELSEWHERE):
        assert await api.refused(BEN, "POST", "/discussions", {"user_id": other.user_id}) == "unknown-colleague"
    body = {"name": "Mixed", "user_ids": [ANA.user_id, ZOE.user_id]}
    assert await api.refused(BEN, "POST", "/discussions", body) == "unknown-colleague"


async def test_a_team_changes_its_people(api: Api) -> None:
    team = await api.team(ANA, "  Used   cars ", BEN, LEAD)
    assert (team["name"], len(team["members"])) == ("Used cars", 3)
    at = f"/discussions/{team['id']}"
    await api.say(BEN, team["id"], "The blue one is sold", mentions=[LEAD.user_id, BEN.user_id])
    assert (await api.unread(LEAD, team["id"]), await api.unread(ANA, team["id"])) == ((1, True), (1, False))
    body = {"name": "Cars", "user_ids": [BEN.user_id, ZOE.user_id], "version": team["version"]}
    changed = (await api.call(ANA, "PATCH", at, body)).json()
    assert (changed["name"], {each["name"] for each in changed["members"]}) == (
        "Cars",
        {"Ana Roy", "Ben Gold", "Zoé Lis"},
    )
    assert await api.refused(ANA, "PATCH", at, body) == "discussion-changed"
    assert (await api.screen(LEAD))["discussions"] == {}
    assert await api.texts(ZOE, team["id"]) == ["The blue one is sold"]
    assert await api.unread(ZOE, team["id"]) == (0, False)
    assert (await api.call(BEN, "POST", f"{at}/leave")).status_code == 204
    assert await api.refused(BEN, "GET", f"{at}/lines") == "unknown-discussion"
    assert (
        await api.refused(ANA, "POST", f"{at}/lines", {"text": "x", "mentions": [BEN.user_id]}) == "not-in-discussion"
    )
    for wrong in ({"name": " ", "user_ids": [BEN.user_id]}, {"name": "A", "user_ids": [ANA.user_id]}):
        assert await api.refused(ANA, "POST", "/discussions", wrong) == "invalid-team"
    two = f"/discussions/{await api.direct(ANA, BEN)}"
    assert await api.refused(ANA, "POST", f"{two}/leave") == "not-a-team"
    assert await api.refused(ANA, "PATCH", two, {"name": "x", "version": 1}) == "not-a-team"


async def test_a_line_is_taken_back_by_its_author_while_it_is_fresh(api: Api, clock: StillClock) -> None:
    discussion_id = await api.direct(ANA, BEN)
    first, second = [await api.say(ANA, discussion_id, text) for text in ("Wrong", "Right")]
    at = f"/discussions/{discussion_id}/lines"
    assert await api.refused(BEN, "DELETE", f"{at}/{first['id']}") == "too-late-to-take-back"
    assert await api.refused(ANA, "DELETE", f"{at}/TL0") == "unknown-line"
    for _ in range(2):
        gone = (await api.call(ANA, "DELETE", f"{at}/{first['id']}")).json()
        assert (gone["text"], gone["gone"]) == ("", True)
    assert await api.texts(BEN, discussion_id) == ["Right", ""]
    clock.advance(TAKE_BACK + 1)
    assert await api.refused(ANA, "DELETE", f"{at}/{second['id']}") == "too-late-to-take-back"


async def test_history_comes_in_pages_and_texts_have_limits(api: Api) -> None:
    discussion_id = await api.direct(ANA, BEN)
    for number in range(5):
        await api.say(ANA, discussion_id, f"Line {number}")
    at = f"/discussions/{discussion_id}/lines"
    page = (await api.call(BEN, "GET", at, params={"limit": 2})).json()
    await api.say(ANA, discussion_id, "Meanwhile")
    rest = (await api.call(BEN, "GET", at, params={"limit": 3, "cursor": page["next"]})).json()
    assert [each["number"] for each in page["items"] + rest["items"]] == [5, 4, 3, 2, 1]
    assert rest["next"] is None
    for text in ("", "  \x00 ", "x" * 4001):
        assert await api.refused(ANA, "POST", at, {"text": text}) == "invalid-line"
    assert await api.refused(BEN, "GET", f"{at}?cursor=zzz") == "invalid-cursor"
    never = encode_cursor(10**18, "TD1")
    assert await api.refused(BEN, "GET", f"/discussions?cursor={never}") == "invalid-cursor"
    await api.team(BEN, "Others", ANA)
    found = (await api.call(ANA, "GET", "/discussions", params={"limit": 1})).json()
    more = (await api.call(ANA, "GET", "/discussions", params={"limit": 1, "cursor": found["next"]})).json()
    assert len({each["id"] for each in found["items"] + more["items"]}) == 2
    assert more["next"] is None


async def test_a_line_points_at_a_conversation_its_author_may_read(api: Api) -> None:
    conversation_id = await _conversation(api.db, SOUTH)
    discussion_id = await api.direct(LEAD, BEN)
    path, body = f"/discussions/{discussion_id}/lines", {"text": "Look", "conversation_id": conversation_id}
    assert (await api.say(LEAD, discussion_id, "Look", conversation_id=conversation_id))[
        "conversation_id"
    ] == conversation_id
    assert await api.refused(BEN, "POST", path, body) == "unknown-conversation"


async def test_who_works_here_no_more_gets_no_more_lines(api: Api) -> None:
    two, team = await api.direct(ANA, BEN), await api.team(ANA, "Cars", BEN, LEAD)
    await api.say(BEN, two, "My last day")
    async with api.db.transaction(TENANT) as tx:
        await tx.execute(sa.update(accounts.users).where(accounts.users.c.id == BEN.user_id).values(active=False))
    assert await api.refused(ANA, "POST", f"/discussions/{two}/lines", {"text": "Hello?"}) == "colleague-gone"
    assert await api.texts(ANA, two) == ["My last day"]
    await api.say(ANA, team["id"], "Ben has left")
    (ben,) = [each for each in (await api.screen(ANA))["discussions"][two]["members"] if each["user_id"] == BEN.user_id]
    assert (ben["name"], ben["active"]) == ("Ben Gold", False)


async def test_forgetting_a_customer_empties_what_was_said_of_him(api: Api) -> None:
    conversation_id = await _conversation(api.db, NORTH)
    discussion_id = await api.direct(LEAD, ANA)
    await api.say(LEAD, discussion_id, "Unrelated")
    await api.say(LEAD, discussion_id, "Zéphyrine is angry", conversation_id=conversation_id)
    async with api.db.transaction(TENANT) as tx:
        await commands.erase_lines(tx, [conversation_id])
    assert await api.texts(ANA, discussion_id) == ["", "Unrelated"]
    async with api.db.system() as tx:
        rows = await tx.fetch_all("SELECT data::text AS data, private::text AS private, private_key FROM outbox")
    assert not [row for row in rows if "Zéphyrine" in row["data"]]
    assert {row["private_key"] for row in rows if "Zéphyrine" in (row["private"] or "")} == {conversation_id}


Step = Callable[[Tx], Awaitable[Any]]


async def test_each_screen_ends_where_a_fresh_one_begins(api: Api, clock: StillClock) -> None:
    two = await api.direct(ANA, BEN)
    clock.advance(1000)
    team = await api.team(ANA, "Cars", BEN, LEAD)
    conversation_id = await _conversation(api.db, NORTH)
    line = await api.say(ANA, two, "Wrong")
    ana = ANA.user_id or ""
    steps: dict[str, Step] = {
        "start_direct": lambda tx: commands.start_direct(tx, LEAD, ana),
        "start_team": lambda tx: commands.start_team(tx, LEAD, "Floor", [ana]),
        "say": lambda tx: commands.say(tx, BEN, team["id"], "@Ana Roy here", mentions=[ana], conversation_id=conversation_id),
        "keep_draft": lambda tx: commands.keep_draft(tx, ANA, two, "I beg"),
        "mark_read": lambda tx: commands.mark_read(tx, ANA, team["id"], 1),
        "take_back": lambda tx: commands.take_back(tx, ANA, two, line["id"]),
        "erase_lines": lambda tx: commands.erase_lines(tx, [conversation_id]),
        "leave": lambda tx: commands.leave(tx, LEAD, team["id"]),
        "change_team": lambda tx: commands.change_team(tx, BEN, team["id"], name="Used", user_ids=None, version=2),
    }  # fmt: skip
    assert set(steps) == commands_of(commands)
    for name, step in steps.items():
        clock.advance(1000)
        before = {who: await api.screen(who) for who in EVERYBODY}
        async with api.db.system() as tx:
            first = await tx.scalar("SELECT max(id) FROM outbox")
        async with api.db.transaction(TENANT) as tx:
            await step(tx)
        async with api.db.system() as tx:
            told = frames(
                list(await tx.fetch_all("SELECT * FROM outbox WHERE id > :first ORDER BY id", {"first": first}))
            )
        assert told, f"{name}: nothing was told"
        for who in EVERYBODY:
            after = await api.screen(who)
            assert reduce(fold, as_told(who, told), before[who]) == after, f"{name}: the screen of {who.name}"
        mine = as_told(ANA, told)
        keep(f"team_{name}", {"snapshot": before[ANA], "events": mine, "after": await api.screen(ANA)})
