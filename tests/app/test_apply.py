"""parlons apply and export on a real database with a real router: what changes, what stays, what goes, and nothing by halves."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

from parlons.accounts import audit_log, store
from parlons.accounts.bootstrap import Installation, bootstrap
from parlons.accounts.model import Principal, Role
from parlons.accounts.sessions import sign_in_by_link
from parlons.app.configuration.apply import Applied, apply, export
from parlons.app.configuration.check import KINDS, SECTIONS
from parlons.app.configuration.refusals import ConfigurationWaits, StillInUse
from parlons.app.configuration.text import InvalidConfigurationFile
from parlons.app.demo_channels import BOT, CHANNELS, Ports, whole
from parlons.channels.webchat.widgets import list_widgets
from parlons.dispatch.dispatch import Dispatch, submit
from parlons.kit.errors import Forbidden, Refusal
from parlons.routing.commands import Configure, CreateTask
from parlons.runtime.db import Database
from tests.conftest import StillClock

CENTRE = """
workspace: {default_activity: Offline, timeout_activity: Missed}
activities:
  - {name: Offline}
  - {name: Available, available: true}
  - {name: Missed}
firms:
  - name: Garage Nord
    colour: "#1F6F5C"
    languages: [fr, en]
    hours:
      Accueil:
        zone: Europe/Paris
        week: {mon-fri: ["9:00-12:00", "14:00-18:00"], sat: ["09:00-12:00"]}
        holidays: FR
        days:
          2026-12-24: {label: Réveillon, open: ["09:00-12:00"]}
          2026-12-26: []
      Atelier: {zone: Europe/Paris, week: {mon-fri: ["07:30-17:00"]}}
  - name: Garage Sud
task_channels: [{name: email, optimized: true}]
queues:
  - name: Sales
    firm: Garage Nord
    workers: skills HAS 'sales'
    service_level: {within_seconds: 30, target_percent: 90}
    dispositions: {required: true, choices: [Sold, {fr: À rappeler, en: Call back}]}
  - {name: Everyone, order: LIFO, max_reserved: 2}
workflows:
  - name: Shop
    filters:
      - name: sales
        when: topic == 'sales'
        targets:
          - {queue: Sales, expression: task.language IN worker.languages, timeout_seconds: 30, priority: 5}
          - {queue: Everyone, order_by: worker.levels.sales DESC, skip_if: workers.available == 0}
    default_queue: Everyone
users:
  - email: Sofia@garage.test
    name: Sofia
    firms: [Garage Nord]
    attributes: {skills: [sales], levels: {sales: 8}, languages: [fr, en]}
    channels: {chat: 3}
  - {email: theo@garage.test, name: Theo, role: supervisor, locale: fr}
widgets:
  - key: garage-nord
    firm: Garage Nord
    origins: [https://nord.test]
    accent: "#1f6f5c"
    texts: {fr: {title: Garage Nord}, en: {greeting: Hello}}
    identity: {secret: SHOP_SECRET}
entry_points:
  - {channel: webchat, address: garage-nord, firm: Garage Nord, hours: Accueil, workflow: Shop, attributes: {topic: sales}}
"""
SECRET = {
    CHANNELS: "the stand-ins' secret",
    BOT: "4100:" + "a" * 40,
    "SHOP_SECRET": "s3cret-of-the-shop",
    "PARLONS_DEMO_IDENTITY": "of the practice shops",
    "PARLONS_DEMO_PHONES": "of the practice phones",
}


@dataclass
class Centre:
    """An installation whose router runs here."""

    db: Database
    dispatch: Dispatch
    clock: StillClock
    installation: Installation

    @property
    def principal(self) -> Principal:
        return self.installation.principal

    async def apply(self, source: str, **options: Any) -> Applied:
        return await apply(self.db, self.dispatch, self.principal, source, now=self.clock(), environ=SECRET, **options)

    async def export(self) -> dict[str, Any]:
        text = await export(self.db, self.principal)
        assert SECRET["SHOP_SECRET"] not in text
        data: dict[str, Any] = yaml.safe_load(text)
        return data

    async def counted(self, table: str) -> int:
        async with self.db.transaction(self.installation.tenant_id) as tx:
            return int(await tx.scalar(f"SELECT count(*) FROM {table}"))


@pytest.fixture
async def centre(database: Database, clock: StillClock) -> AsyncIterator[Centre]:
    """A first start with its router."""
    installation = await bootstrap(database, now=clock())
    dispatch = Dispatch(database, clock=clock)
    await dispatch.open(installation.workspace_id, installation.tenant_id)
    await dispatch.ready(installation.workspace_id, as_owner=True)
    yield Centre(database, dispatch, clock, installation)
    await dispatch.close()


def acts(applied: Applied) -> set[tuple[str, str, str]]:
    return {(change.act, change.kind, change.name) for change in applied.plan.changes}


async def test_a_file_makes_a_centre_and_a_second_time_nothing(centre: Centre) -> None:
    applied = await centre.apply(CENTRE)
    assert ("add", "queue", "Sales") in acts(applied)
    assert ("add", "hours", "Garage Nord / Accueil") in acts(applied)
    state = centre.dispatch.state(centre.installation.workspace_id)
    assert sorted(queue.config.name for queue in state.queues.values()) == ["Everyone", "Sales"]
    sofia = next(worker for worker in state.workers.values() if worker.name == "Sofia")
    assert sofia.attributes["levels"] == {"sales": 8}
    assert sofia.channels["chat"].capacity == 3
    assert sorted(applied.links) == ["sofia@garage.test", "theo@garage.test"]
    again = await centre.apply(CENTRE)
    assert again.plan.changes == []
    assert again.as_text().endswith("Nothing to do.")


async def test_the_link_of_a_new_person_opens_his_account(centre: Centre) -> None:
    applied = await centre.apply(CENTRE)
    signed_in = await sign_in_by_link(centre.db, applied.links["sofia@garage.test"], now=centre.clock())
    assert signed_in.principal.role is Role.AGENT
    assert centre.dispatch.users[signed_in.principal.worker_id or ""] == signed_in.principal.user_id


async def test_an_export_applied_changes_nothing_here_and_makes_the_same_elsewhere(centre: Centre) -> None:
    await centre.apply(CENTRE)
    text = await export(centre.db, centre.principal)
    applied = await centre.apply(text, prune=True, dry_run=True)
    assert applied.plan.changes == []
    data = yaml.safe_load(text)
    assert data["firms"][0]["hours"]["Accueil"]["week"] == {
        "mon-fri": ["09:00-12:00", "14:00-18:00"],
        "sat": ["09:00-12:00"],
    }
    assert "identity" not in data["widgets"][0]


async def test_a_dry_run_changes_nothing(centre: Centre) -> None:
    before = await centre.export()
    applied = await centre.apply(CENTRE, dry_run=True)
    assert ("add", "firm", "Garage Nord") in acts(applied)
    assert applied.links == {}
    assert await centre.export() == before
    assert await centre.counted("commands") == 0


async def test_what_the_file_does_not_name_stays(centre: Centre) -> None:
    await centre.apply(CENTRE)
    applied = await centre.apply("queues: [{name: Sales, wrap_up_seconds: 30}, {name: Service}]")
    assert acts(applied) == {("change", "queue", "Sales"), ("add", "queue", "Service")}
    changed = next(change for change in applied.plan.changes if change.act == "change")
    assert changed.diff() == {"wrap_up_seconds": [0, 30]}
    sales = next(queue for queue in (await centre.export())["queues"] if queue["name"] == "Sales")
    assert (sales["workers"], sales["wrap_up_seconds"]) == ("skills HAS 'sales'", 30)
    assert ("queue", "Everyone") in applied.plan.kept


async def test_prune_removes_what_the_file_does_not_name(centre: Centre) -> None:
    await centre.apply(CENTRE)
    smaller = yaml.safe_load(CENTRE)
    smaller["firms"] = smaller["firms"][:1]
    del smaller["firms"][0]["hours"]["Atelier"]
    smaller["users"] = smaller["users"][:1]
    del smaller["widgets"]
    applied = await centre.apply(yaml.safe_dump(smaller), prune=True)
    assert acts(applied) == {
        ("remove", "firm", "Garage Sud"),
        ("remove", "hours", "Garage Nord / Atelier"),
        ("remove", "user", "theo@garage.test"),
        ("remove", "widget", "garage-nord"),
    }
    exported = await centre.export()
    assert [user["email"] for user in exported["users"]] == ["admin@parlons.local", "sofia@garage.test"]
    assert "widgets" not in exported
    state = centre.dispatch.state(centre.installation.workspace_id)
    assert [worker.name for worker in state.workers.values()] == ["Sofia"]
    back = await centre.apply(CENTRE)
    assert ("add", "user", "theo@garage.test") in acts(back)
    assert (await centre.apply(CENTRE)).plan.changes == []


async def test_prune_refuses_what_waiting_tasks_use_and_changes_nothing(centre: Centre) -> None:
    await centre.apply(CENTRE)
    state = centre.dispatch.state(centre.installation.workspace_id)
    shop = next(iter(state.workflows))
    await centre.dispatch.send(
        centre.installation.workspace_id, CreateTask("WT" + "1" * 32, {"topic": "sales"}, shop, channel="chat")
    )
    smaller = yaml.safe_load(CENTRE)
    del smaller["entry_points"], smaller["workflows"]
    smaller["queues"][1]["wrap_up_seconds"] = 60
    before = await centre.export()
    with pytest.raises(StillInUse, match="workflow Shop by 1 open task"):
        await centre.apply(yaml.safe_dump(smaller), prune=True)
    assert await centre.export() == before


async def test_prune_refuses_when_what_stays_names_what_goes(centre: Centre) -> None:
    await centre.apply(CENTRE)
    smaller = yaml.safe_load(CENTRE)
    smaller["queues"] = smaller["queues"][1:]
    with pytest.raises(InvalidConfigurationFile, match="workflow Shop still names the queue Sales"):
        await centre.apply(yaml.safe_dump(smaller), prune=True)
    smaller = yaml.safe_load(CENTRE)
    del smaller["users"]
    smaller["firms"] = smaller["firms"][1:]
    for section in ("widgets", "entry_points"):
        del smaller[section]
    del smaller["queues"][0]["firm"]
    with pytest.raises(InvalidConfigurationFile, match=r"user sofia@garage\.test still names the firm Garage Nord"):
        await centre.apply(yaml.safe_dump(smaller), prune=True)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("skills HAS 'sales'", "skills HAZ 'sales'", "line 25"),
        ("firms: [Garage Nord]", "firms: [Garage Nort]", "Did you mean Garage Nord"),
        ("workflow: Shop", "workflow: Shap", "Did you mean Shop"),
        ("hours: Accueil", "hours: Atelie", "no such opening hours"),
        ("{name: Available, available: true}", "{name: Available, availabel: true}", "Did you mean available"),
        ("default_activity: Offline, ", "", "no default activity"),
        ("name: Theo", "name: Sofia", "two agents are called Sofia"),
        ("secret: SHOP_SECRET", "secret: OTHER_SECRET", "OTHER_SECRET is not set"),
        ('accent: "#1f6f5c"', 'accent: "#ffff00"', "not readable"),
    ],
)
async def test_an_error_anywhere_leaves_nothing_behind(centre: Centre, old: str, new: str, message: str) -> None:
    before = await centre.export()
    with pytest.raises(Refusal, match=message):
        await centre.apply(CENTRE.replace(old, new, 1))
    assert await centre.export() == before
    assert await centre.counted("commands") == 0
    assert await centre.counted("audit") == 1  # the first administrator's invitation


async def test_where_there_are_several_workflows_an_entry_point_names_one(centre: Centre) -> None:
    """Its contacts would wait for a task that no workflow takes."""
    await centre.apply(CENTRE)
    firm = yaml.safe_load(CENTRE)["firms"][0]["name"]
    more = "workflows: [{name: Second, filters: [], default_queue: Sales}]\n"
    point = f"entry_points: [{{channel: webhook, address: shop, firm: {firm}%s}}]"
    with pytest.raises(InvalidConfigurationFile, match=r"names no workflow.*One of Second, Shop"):
        await centre.apply(more + point % "")
    await centre.apply(more + point % ", workflow: Second")


async def test_an_activity_cannot_turn(centre: Centre) -> None:
    await centre.apply(CENTRE)
    with pytest.raises(InvalidConfigurationFile, match="line 1, column 40"):
        await centre.apply("activities: [{name: Missed, available: true}]")


async def test_an_administrator_remains(centre: Centre) -> None:
    with pytest.raises(InvalidConfigurationFile, match="no administrator would be left"):
        await centre.apply(
            "users: [{email: admin@parlons.local, name: A, role: agent}]" + CENTRE.partition("users:")[0]
        )


async def test_a_secret_that_changes_is_shown_as_changed_and_never_exported(centre: Centre) -> None:
    await centre.apply(CENTRE)
    applied = await apply(
        centre.db, centre.dispatch, centre.principal, CENTRE, now=centre.clock(), environ={"SHOP_SECRET": "another"}
    )
    assert acts(applied) == {("change", "widget", "garage-nord")}
    assert "another" not in applied.as_text() + str(applied.as_json())
    async with centre.db.transaction(centre.installation.tenant_id) as tx:
        (widget,) = await list_widgets(tx)
        assert widget.identity_secret == "another"
        assert "another" not in str(await tx.fetch_all(sa.select(store.audit)))


async def test_outcomes_keep_their_ids(centre: Centre) -> None:
    await centre.apply(CENTRE)

    async def ids() -> dict[str, str]:
        async with centre.db.transaction(centre.installation.tenant_id) as tx:
            items = await tx.scalar("SELECT items FROM disposition_sets")
        return {item["name"]["en"]: item["id"] for item in items}

    before = await ids()
    await centre.apply(CENTRE.replace("choices: [Sold,", "choices: [Lost, Sold,"))
    after = await ids()
    assert list(after) == ["Lost", "Sold", "Call back"]
    assert {name: after[name] for name in before} == before


async def test_every_change_is_audited_with_its_author(centre: Centre) -> None:
    await centre.apply(CENTRE)
    await centre.apply("queues: [{name: Sales, wrap_up_seconds: 30}]")
    async with centre.db.transaction(centre.installation.tenant_id) as tx:
        rows = await audit_log.audit_rows(tx, centre.principal, limit=500)
    assert {"queue.created", "user.created", "firm.created", "widget.created"} <= {row["action"] for row in rows}
    (changed,) = [row for row in rows if row["action"] == "queue.updated"]
    assert (changed["actor"], changed["diff"]) == ("system", {"wrap_up_seconds": [0, 30]})


async def test_who_sees_one_firm_only_may_not_configure(centre: Centre) -> None:
    installation = centre.installation
    clerk = Principal(
        installation.tenant_id,
        installation.workspace_id,
        Role.ADMINISTRATOR,
        firm_ids=frozenset({installation.firm_id}),
    )
    supervisor = Principal(installation.tenant_id, installation.workspace_id, Role.SUPERVISOR)
    for principal in (clerk, supervisor):
        with pytest.raises(Forbidden):
            await export(centre.db, principal)


@pytest.mark.parametrize("name", ["first_start.yaml", "demo.yaml", "demo.yaml with channels"])
async def test_the_files_we_ship(centre: Centre, name: str) -> None:
    with_channels = name == "demo.yaml with channels"
    source = whole(Ports(4101, 4102, 4103, 4104)) if with_channels else (files("parlons.app") / name).read_text()
    await centre.apply(source)
    assert (await centre.apply(source)).plan.changes == []
    assert (await centre.apply(await export(centre.db, centre.principal), prune=True)).plan.changes == []


async def test_two_applies_at_once_are_one_after_the_other(centre: Centre) -> None:
    both = await asyncio.gather(centre.apply(CENTRE), centre.apply(CENTRE))
    assert sorted(bool(applied.plan.changes) for applied in both) == [False, True]


async def test_a_file_applied_where_no_router_runs_waits_and_says_so(centre: Centre) -> None:
    async with centre.db.transaction(centre.installation.tenant_id) as tx:
        await submit(tx, "WS" + "9" * 32, Configure(), key="elsewhere")
    stranded = replace(centre.principal, workspace_id="WS" + "9" * 32)
    with pytest.raises(ConfigurationWaits):
        await apply(centre.db, centre.dispatch, stranded, CENTRE, now=centre.clock(), environ=SECRET, patience=0)


async def test_the_example_of_the_reference_page(centre: Centre) -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "configuration.md"
    example = page.read_text().partition("```yaml\n")[2].partition("```")[0]
    await centre.apply(example)
    assert (await centre.apply(example)).plan.changes == []


def test_the_reference_page_names_every_word() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "configuration.md").read_text()
    words = {name for kind in KINDS.values() for name in kind.model_fields} | set(SECTIONS.values())
    assert {word for word in words if f"`{word}" not in page and f"{word}`" not in page} == set()
