"""Rules of recontact in a configuration: round trip, faults at their place, and that a queue they name stays."""

import pytest

from parlons.app.configuration.apply import export
from parlons.app.configuration.text import InvalidConfigurationFile
from parlons.recontact.loading import all_rules
from parlons.recontact.model import Rule
from tests.app.test_apply import Centre, acts, centre

__all__ = ["centre"]

FILE = """
firms: [{name: North}]
queues: [{name: Sales, firm: North}, {name: Service}]
recontact:
- {name: Everybody, texts: {fr: "Pouvons-nous vous aider, {{ customer.first_name }} ?"}, subjects: {fr: Votre appel}}
- name: Callers of sales
  firm: North
  queues: [Sales]
  reasons: [hung-up]
  how: callback
  waited_seconds: 30
  after_minutes: 5
  once_hours: 12
  within_hours: 4
  zone: Europe/Brussels
  active: false
"""


async def stored(centre: Centre) -> dict[str, Rule]:
    async with centre.db.transaction(centre.installation.tenant_id) as tx:
        return {one.name: one for one in await all_rules(tx, centre.installation.workspace_id)}


async def test_rules_round_trip(centre: Centre) -> None:
    await centre.apply(FILE)
    rules = await stored(centre)
    found = rules["Callers of sales"]
    assert (found.how, found.reasons, found.waited_seconds, found.active) == ("callback", ("hung-up",), 30, False)
    assert (found.after_minutes, found.once_hours, found.within_hours, found.zone) == (5, 12, 4, "Europe/Brussels")
    assert (len(found.queue_ids), rules["Everybody"].subjects) == (1, {"fr": "Votre appel"})
    text = await export(centre.db, centre.principal)
    assert (await centre.apply(text, prune=True)).plan.changes == []
    changed = await centre.apply(FILE.replace("once_hours: 12", "once_hours: 13"))
    assert acts(changed) == {("change", "recontact", "Callers of sales")}
    await centre.apply(FILE[: FILE.index("- name: Callers")], prune=True)
    assert set(await stored(centre)) == {"Everybody"}


@pytest.mark.parametrize(
    ("wrong", "path", "told"),
    [
        ("{name: A}", "recontact[1].texts", "needs its words"),
        ("{name: A, how: callback, texts: {en: Hi}}", "recontact[1].texts", "has no words"),
        ('{name: A, texts: {en: "{{ customer.secret }}"}}', "recontact[1].texts", "customer.secret"),
        ("{name: A, texts: {en: Hi}, reasons: [bored]}", "recontact[1].reasons[1]", "'hung-up'"),
        ("{name: A, texts: {en: Hi}, queues: [Nowhere]}", "recontact[1].queues[1]", "no queue 'Nowhere'"),
        ("{name: A, texts: {en: Hi}, zone: Mars}", "recontact[1].zone", "time zone"),
    ],
)
async def test_a_wrong_rule_is_told_at_its_place(centre: Centre, wrong: str, path: str, told: str) -> None:
    with pytest.raises(InvalidConfigurationFile) as refused:
        await centre.apply(f"recontact: [{wrong}]")
    (fault,) = refused.value.faults
    assert (fault.path, told in fault.message) == (path, True), fault
