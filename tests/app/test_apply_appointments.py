"""How a firm takes appointments, in a configuration: round trip, faults at their place, and hours that go."""

from typing import Any

import pytest

from parlons.app.configuration.apply import export
from parlons.app.configuration.text import InvalidConfigurationFile
from parlons.appointments.offering import all_settings
from tests.app.test_apply import Centre, acts, centre

__all__ = ["centre"]

WEEK = '{zone: Europe/Paris, week: {mon-fri: ["09:00-17:00"]}}'
FILE = f"""
firms:
- name: North
  hours: {{Shop: {WEEK}, Diary: {WEEK}}}
  appointments: {{hours: Diary, length_minutes: 20, capacity: 2, reminders: [60, 1440, 60], lookup_url: "https://diary.example/free"}}
- {{name: South, appointments: {{}}}}
- {{name: East}}
"""


async def stored(centre: Centre) -> dict[int, dict[str, Any]]:
    """By their length."""
    async with centre.db.transaction(centre.installation.tenant_id) as tx:
        return {one["length_minutes"]: one for one in await all_settings(tx, None)}


async def test_they_round_trip(centre: Centre) -> None:
    await centre.apply(FILE)
    found = await stored(centre)
    assert found.keys() == {20, 30}, "East takes none"
    assert (found[20]["capacity"], found[20]["reminders"], found[20]["version"]) == (2, [1440, 60], 1)
    text = await export(centre.db, centre.principal)
    assert "appointments:\n    active: true\n" in text
    assert (await centre.apply(text, prune=True)).plan.changes == []
    changed = await centre.apply(FILE.replace("capacity: 2", "capacity: 3"))
    assert acts(changed) == {("change", "firm", "North")}
    assert ((await stored(centre))[20]["capacity"], (await stored(centre))[20]["version"]) == (3, 2)
    await centre.apply("firms: [{name: South, appointments: null}]")
    assert (await stored(centre)).keys() == {20}


async def test_hours_that_are_removed_are_the_usual_ones_from_then_on(centre: Centre) -> None:
    await centre.apply(FILE)
    await centre.apply(f"firms: [{{name: North, hours: {{Shop: {WEEK}}}}}]", prune=True)
    assert (await stored(centre))[20]["hours_id"] is None


@pytest.mark.parametrize(
    ("wrong", "path", "told"),
    [
        ("{length_minutes: 4}", "length_minutes", "greater than or equal to 5"),
        ("{reminders: [1, 2, 3, 4]}", "reminders", "at most 3"),
        ("{hours: Nowhere}", "hours", "no such opening hours"),
        ("{zone: Mars}", "zone", "time zone"),
        ("{lookup_url: 'file:///etc'}", "lookup_url", "pattern"),
        ("{colour: red}", "colour", "not known here"),
    ],
)
async def test_what_cannot_be_is_told_at_its_place(centre: Centre, wrong: str, path: str, told: str) -> None:
    with pytest.raises(InvalidConfigurationFile) as refusal:
        await centre.apply(f"firms: [{{name: North, appointments: {wrong}}}]")
    faults = refusal.value.details["faults"]
    assert any(one["path"].startswith(f"firms[1].appointments.{path}") and told in one["message"] for one in faults), (
        faults
    )
    assert await stored(centre) == {}
