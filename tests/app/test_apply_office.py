"""Ready replies and alarms in a configuration: round trip, faults at their place, renames, prune, what a screen set."""

from typing import Any

import pytest

from parlons.app.configuration import history
from parlons.app.configuration.apply import export
from parlons.app.configuration.laying import lay_down
from parlons.app.configuration.refusals import StillInUse
from parlons.app.configuration.text import InvalidConfigurationFile
from parlons.app.configuration.wanted import Wanted, nothing, read_thing
from parlons.floor.alerts import all_alerts, put_alert
from parlons.templates import commands, queries
from parlons.templates.model import REPLY
from parlons.templates.model import Wanted as Text
from tests.app.test_apply import Centre, acts, centre

__all__ = ["centre"]

OFFICE = """
firms: [{name: North}]
queues:
- {name: Sales, firm: North, alert: {waiting: 5, oldest_seconds: 90, share_percent: 80}}
- {name: Service}
replies:
- shortcut: delay
  title: The delivery is late
  texts: {fr: "Bonjour {{ customer.first_name }}", en: Late}
- {shortcut: delay, title: Late in the North, firm: North, texts: {en: Later}}
- {shortcut: delay, title: Sales are late, queue: Sales, texts: {en: Latest}}
"""
KEYS = {"delay", "delay / North", "delay / * / Sales"}


async def _replies(centre: Centre) -> dict[str, dict[str, Any]]:
    async with centre.db.transaction(centre.installation.tenant_id) as tx:
        return {each["title"]: each for each in await queries.listing(tx, centre.principal, REPLY)}


async def test_what_the_office_writes_round_trips(centre: Centre) -> None:
    applied = await centre.apply(OFFICE)
    assert {name for act, kind, name in acts(applied) if (act, kind) == ("add", "reply")} == KEYS
    text = await export(centre.db, centre.principal)
    again = await centre.apply(text, prune=True)
    assert again.plan.changes == []
    async with centre.db.transaction(centre.installation.tenant_id) as tx:
        (limits,) = (await all_alerts(tx)).values()
    assert (limits["waiting"], limits["oldest_seconds"], limits["share"]) == (5, 90, 0.8)
    changed = await centre.apply(OFFICE.replace("en: Later", "en: Much later"))
    assert acts(changed) == {("change", "reply", "delay / North")}


async def test_an_alarm_is_said_whole(centre: Centre) -> None:
    await centre.apply(OFFICE)
    changed = await centre.apply("queues: [{name: Sales, alert: {waiting: 7}}]")
    assert changed.plan.changes[0].diff() == {
        "alert": [
            {"waiting": 5, "oldest_seconds": 90, "share_percent": 80},
            {"waiting": 7, "oldest_seconds": None, "share_percent": None},
        ]
    }
    assert (await centre.export())["queues"][0]["alert"] == {"waiting": 7}


async def test_each_version_of_a_reply_is_kept_with_its_author(centre: Centre) -> None:
    await centre.apply(OFFICE)
    await centre.apply(OFFICE.replace("en: Later", "en: Much later"))
    reply = (await _replies(centre))["Late in the North"]
    assert (reply["version"], reply["texts"]) == (2, {"en": "Much later"})
    async with centre.db.transaction(centre.installation.tenant_id) as tx:
        versions = await queries.history(tx, centre.principal, reply["id"])
    assert [(each["version"], each["texts"]["en"]) for each in versions] == [(2, "Much later"), (1, "Later")]
    assert {each["changed_by"] for each in versions} == {centre.principal.name}


async def test_what_a_screen_set_is_in_the_text(centre: Centre) -> None:
    await centre.apply("firms: [{name: North}]\nqueues: [{name: Sales}]")
    (queue_id,) = centre.dispatch.state(centre.installation.workspace_id).queues
    async with centre.db.transaction(centre.installation.tenant_id) as tx:
        await commands.write(tx, centre.principal, REPLY, Text("hello", "Greeting", {"fr": "Bonjour"}, None, queue_id))
        await commands.write(
            tx, centre.principal, REPLY, Text("gone", "Of no queue", {"fr": "Oh"}, None, "WQ" + "0" * 32)
        )
        await put_alert(tx, centre.principal, queue_id, None, {"waiting": None, "oldest_seconds": None, "share": 0.805})
    file = await centre.export()
    assert file["replies"] == [{"shortcut": "hello", "title": "Greeting", "queue": "Sales", "texts": {"fr": "Bonjour"}}]
    assert file["queues"][0]["alert"] == {"share_percent": 80}
    assert not (await centre.apply("queues: [{name: Sales, alert: {share_percent: 80}}]")).plan.changes


@pytest.mark.parametrize(
    ("wrong", "path", "told"),
    [
        ("{shortcut: A B, title: T, texts: {en: x}}", "replies[1].shortcut", "1 to 60 small letters"),
        ("{shortcut: a, title: ' ', texts: {en: x}}", "replies[1].title", "A title has between"),
        ("{shortcut: a, title: T, texts: {}}", "replies[1].texts", "at least 1"),
        ("{shortcut: a, title: T, texts: {de: x}}", "replies[1].texts.de", "'en' or 'fr'"),
        ("{shortcut: a, title: T, texts: {en: '{{ customer.nmae }}'}}", "replies[1].texts.en", "nmae"),
        ("{shortcut: a, title: T, texts: {en: '{% if x %}'}}", "replies[1].texts.en", ""),
        ("{shortcut: a, title: T, queue: Nowhere, texts: {en: x}}", "replies[1].queue", "no queue 'Nowhere'"),
        ("{shortcut: a, title: T, firm: Nowhere, texts: {en: x}}", "replies[1].firm", "no firm 'Nowhere'"),
    ],
)
async def test_a_wrong_reply_is_told_at_its_place(centre: Centre, wrong: str, path: str, told: str) -> None:
    with pytest.raises(InvalidConfigurationFile) as caught:
        await centre.apply(f"replies:\n- {wrong}\n- {{shortcut: fine, title: Fine, texts: {{en: x}}}}")
    (fault,) = caught.value.faults
    assert (fault.path, fault.line) == (path, 2), fault
    assert told in fault.message
    assert await _replies(centre) == {}


async def test_prune_takes_replies_only_where_the_file_has_the_section(centre: Centre) -> None:
    await centre.apply(OFFICE)
    without = OFFICE.partition("replies:")[0]
    assert not [act for act in acts(await centre.apply(without, prune=True)) if act[1] == "reply"]
    pruned = await centre.apply(without + "replies: [{shortcut: delay, title: One, texts: {en: One}}]", prune=True)
    assert acts(pruned) == {
        ("change", "reply", "delay"),
        ("remove", "reply", "delay / North"),
        ("remove", "reply", "delay / * / Sales"),
    }
    assert set(await _replies(centre)) == {"One"}


async def _screen(centre: Centre, wanted: Wanted) -> Any:
    return await lay_down(centre.db, centre.dispatch, centre.principal, wanted, now=centre.clock())


async def test_a_rename_carries_replies_along_and_a_queue_they_name_stays(centre: Centre) -> None:
    await centre.apply(OFFICE)
    await _screen(centre, read_thing("queue", "Sales", {"name": "Ventes"}))
    await _screen(centre, read_thing("firm", "North", {"name": "Nord"}))
    file = await centre.export()
    assert {(each["shortcut"], each.get("firm"), each.get("queue")) for each in file["replies"]} == {
        ("delay", None, None),
        ("delay", "Nord", None),
        ("delay", None, "Ventes"),
    }
    with pytest.raises(StillInUse) as caught:
        await _screen(centre, Wanted(nothing(), remove=[("queue", "Ventes")]))
    assert caught.value.details["used"] == [{"kind": "reply", "name": "delay / * / Ventes", "path": "queue"}]


async def test_a_change_of_replies_and_alarms_is_taken_back(centre: Centre) -> None:
    await centre.apply(OFFICE)
    before = await export(centre.db, centre.principal)
    changed = await centre.apply(
        OFFICE.replace("waiting: 5", "waiting: 6")
        .replace("en: Later", "en: Never")
        .partition("- {shortcut: delay, title: S")[0],
        prune=True,
    )
    assert ("remove", "reply", "delay / * / Sales") in acts(changed)
    async with centre.db.transaction(centre.installation.tenant_id) as tx:
        wanted = await history.undoing(tx, centre.principal, changed.revision or "")
    await _screen(centre, wanted)
    assert await export(centre.db, centre.principal) == before
