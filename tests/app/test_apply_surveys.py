"""Surveys in a configuration: round trip, faults at their place, renames, and that a queue they name stays."""

from typing import Any

import pytest

from parlons.app.configuration.apply import export
from parlons.app.configuration.text import InvalidConfigurationFile
from parlons.surveys.loading import all_surveys
from parlons.surveys.model import Survey
from tests.app.test_apply import Centre, acts, centre

__all__ = ["centre"]

FILE = """
firms: [{name: North}]
queues: [{name: Sales, firm: North}, {name: Service}]
surveys:
- {name: After a chat, question: {fr: Êtes-vous satisfait ?, en: Are you satisfied?}, comment: {fr: Pourquoi ?}}
- name: How found
  firm: North
  kind: choice
  question: {en: How did you find us?}
  choices: [{en: A friend, fr: Un ami}, {en: The site}]
  thanks: {en: Thanks}
  queues: [Sales]
  channels: [sms, webchat]
  share_percent: 20
  every_days: 90
  valid_days: 3
  active: false
"""


async def stored(centre: Centre) -> dict[str, Survey]:
    async with centre.db.transaction(centre.installation.tenant_id) as tx:
        return {one.name: one for one in await all_surveys(tx, centre.installation.workspace_id)}


async def test_surveys_round_trip(centre: Centre) -> None:
    applied = await centre.apply(FILE)
    assert {name for act, kind, name in acts(applied) if (act, kind) == ("add", "survey")} == {
        "After a chat",
        "How found",
    }
    surveys = await stored(centre)
    found = surveys["How found"]
    assert (found.kind, found.words.choices[1], found.words.comment) == ("choice", {"en": "The site"}, None)
    assert (found.rule.share_percent, found.rule.channels, found.rule.active) == (20, ("sms", "webchat"), False)
    assert len(found.rule.queue_ids) == 1
    assert surveys["After a chat"].words.comment == {"fr": "Pourquoi ?"}
    text = await export(centre.db, centre.principal)
    again = await centre.apply(text, prune=True)
    assert again.plan.changes == []
    changed = await centre.apply(FILE.replace("valid_days: 3", "valid_days: 4"))
    assert acts(changed) == {("change", "survey", "How found")}


async def test_a_survey_goes_with_its_line_and_holds_its_queue(centre: Centre) -> None:
    await centre.apply(FILE)
    with pytest.raises(InvalidConfigurationFile) as refused:
        await centre.apply("surveys: [{name: How found, question: {en: Well?}}]\nqueues: [{name: Service}]", prune=True)
    assert any("survey How found still names the queue Sales" in fault.message for fault in refused.value.faults)
    await centre.apply(FILE[: FILE.index("- name: How found")], prune=True)
    assert set(await stored(centre)) == {"After a chat"}


@pytest.mark.parametrize(
    ("wrong", "path", "told"),
    [
        ("{name: A, question: {}}", "surveys[1].question", "at least 1"),
        ("{name: A, question: {de: Wie?}}", "surveys[1].question.de", "'en' or 'fr'"),
        ("{name: A, kind: choice, question: {en: Q}}", "surveys[1].choices", "at least two answers"),
        ("{name: A, question: {en: Q}, choices: [{en: x}]}", "surveys[1].choices", "only a survey of the kind choice"),
        ("{name: A, question: {en: Q}, share_percent: 101}", "surveys[1].share_percent", "100"),
        ("{name: A, question: {en: Q}, queues: [Nowhere]}", "surveys[1].queues[1]", "no queue 'Nowhere'"),
        ("{name: A, question: {en: Q}, firm: Nowhere}", "surveys[1].firm", "no firm 'Nowhere'"),
    ],
)
async def test_a_wrong_survey_is_told_at_its_place(centre: Centre, wrong: str, path: str, told: str) -> None:
    with pytest.raises(InvalidConfigurationFile) as refused:
        await centre.apply(f"surveys:\n- {wrong}\n- {{name: Fine, question: {{en: Q}}}}")
    faults: list[Any] = [fault for fault in refused.value.faults if fault.path == path]
    assert faults, [(fault.path, fault.message) for fault in refused.value.faults]
    assert told in faults[0].message
