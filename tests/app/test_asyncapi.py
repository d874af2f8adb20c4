"""The document of events is one by AsyncAPI's own schema, names every event, and fits what is told."""

import json
from pathlib import Path
from typing import Any

import fastjsonschema

from parlons.app.asyncapi import document, route
from parlons.app.openapi import ALL
from parlons.webhooks.commands import body_of
from parlons.webhooks.kinds import KINDS, TEST
from tests.app.published import fetched

PACKAGE = "@asyncapi/specs@6.11.1"
DIGEST = "01af8744dc33c0c7eb2e908f6a955319ee58b70ecadc9387d1aeb16c0cd28928"
INSIDE = "package/schemas/3.0.0-without-$id.json"


def test_it_is_a_document_by_the_published_schema(tmp_path: Path) -> None:
    fastjsonschema.validate(_rules(fetched(tmp_path, PACKAGE, DIGEST, INSIDE)), document(), use_default=False)


def _rules(part: Any) -> Any:
    """Without its examples: they hold references of other documents."""
    if isinstance(part, list):
        return [_rules(each) for each in part]
    if not isinstance(part, dict):
        return part
    return {name: _rules(value) for name, value in part.items() if name != "examples" or not isinstance(value, list)}


def test_it_names_every_event_on_the_socket_and_to_webhooks() -> None:
    messages = document()["components"]["messages"]
    assert {name.partition(".")[2] for name in messages if name.startswith("event.")} == {*KINDS, *ALL}
    assert {name.partition(".")[2] for name in messages if name.startswith("webhook.")} == {*KINDS, TEST}


def test_every_reference_leads_somewhere() -> None:
    found = document()

    def walk(part: object) -> None:
        if isinstance(part, dict):
            if isinstance(named := part.get("$ref"), str):
                place: object = found
                for step in named.removeprefix("#/").split("/"):
                    assert isinstance(place, dict)
                    place = place[step]
            for each in part.values():
                walk(each)
        elif isinstance(part, list):
            for each in part:
                walk(each)

    walk(found)
    assert route("/api/v1").path == "/api/v1/asyncapi.json"


def test_what_a_webhook_is_sent_fits_its_description() -> None:
    payload = document()["components"]["messages"]["webhook.task.created"]["payload"]
    fastjsonschema.validate(payload, json.loads(body_of("task.created", 0, {"task_id": "WT1"}, seq=7)))
