"""What a screen must know to draw a form for each kind of thing: the JSON schema of the file's model, nothing written twice.

`variants` stand for the fields that another one decides: a channel's own settings and secrets. `refers` names the kind a
text means, `keys` what the names in a mapping are; `secret` marks what is written and never read; `format: expression` an
expression.
"""

from functools import cache
from typing import Any

from parlons.app.configuration import lookups, model, panels, webhooks
from parlons.app.configuration.channels import variants
from parlons.app.configuration.check import KINDS, SECTIONS
from parlons.kit.hours import WEEKDAYS

Json = dict[str, Any]


@cache
def schema() -> Json:
    """By kind: a JSON schema that stands for itself. Not to be changed."""
    return {"kinds": {kind: _of_kind(kind) for kind in KINDS}, "sections": SECTIONS}


def _of_kind(kind: str) -> Json:
    found = KINDS[kind].model_json_schema()
    if kind == "hours":
        firm = model.FirmPart.model_json_schema()["properties"]["name"]
        found["properties"] = {"firm": {**firm, "refers": "firm"}, "name": firm, **found["properties"]}
        found["required"] = ["firm", "name", *found["required"]]
        found["properties"]["week"]["propertyNames"] = {"enum": list(WEEKDAYS)}
        found["properties"]["days"]["keys"] = "date"
    if kind == "firm":
        del found["properties"]["hours"]
        for name in ("HoursPart", "Day"):
            found["$defs"].pop(name, None)
    if kind == "channel":
        found["properties"]["channel"]["enum"] = list(variants())
        found["variants"] = variants()
    if kind == "lookup":
        found["properties"]["system"]["enum"] = list(lookups.variants())
        found["variants"] = lookups.variants()
    if kind == "panel":
        found["properties"]["secrets"] = {**panels.SECRETS, "default": {}}
    if kind == "webhook":
        found["properties"]["secrets"] = {**webhooks.SECRETS, "default": {}}
    if "SecretName" in found.get("$defs", {}):
        found["$defs"]["SecretName"] = {"type": "string", "secret": True}
    return found
