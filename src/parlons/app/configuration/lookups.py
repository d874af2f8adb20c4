"""Customer systems as the file writes them: settings in the words of their kind, secrets by name, fields and what they mean.

What the settings of a kind may hold is its adapter's own model (`customers.lookups.plugin.Lookup.settings`). They stand in one
normal form: without what has its default value.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError, ValidationInfo

from parlons.app.configuration.text import Path
from parlons.crm.fields import ATTRIBUTE, MEANT, Field
from parlons.crm.loading import all_lookups, put_lookup, remove_lookups
from parlons.crm.model import LookupRow
from parlons.customers.lookups.plugin import Lookup, Tools
from parlons.customers.lookups.registry import open_lookups
from parlons.kit.clock import wall_clock
from parlons.runtime.db import Tx
from parlons.runtime.safe_http import SafeHttp

if TYPE_CHECKING:  # both read current, which reads these systems
    from parlons.app.configuration.plan import Plan
    from parlons.app.configuration.router import Names

Thing = dict[str, Any]
_SAME = (
    "name", "system", "active", "settings", "pop_url", "write_contacts", "create_missing", "language", "poll_minutes",
)  # fmt: skip


@cache
def described() -> Mapping[str, Lookup]:
    """The kinds of customer systems, for what they say of themselves; nothing is called by these."""
    return open_lookups(Tools(SafeHttp(), wall_clock))


def check_system(name: str) -> str:
    """The name of a kind."""
    if name not in described():
        raise ValueError(f"there is no customer system {name!r}; known here: {', '.join(sorted(described()))}")
    return name


def own_settings(settings: Thing, info: ValidationInfo) -> Thing:
    """The settings in their normal form; those that have none yet are refused by `lacking`, which says where."""
    adapter = described().get(info.data.get("system", ""))
    try:
        return settings if adapter is None else _checked(adapter, settings, defaults=False)
    except ValidationError:
        return settings


def own_secrets(secrets: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
    """Secrets that the kind has."""
    adapter = described().get(info.data.get("system", ""))
    known = [one.name for one in adapter.secrets] if adapter else list(secrets)
    for name in secrets:
        if name not in known:
            raise ValueError(f"{info.data['system']} has no secret {name!r}; known here: {', '.join(known) or 'none'}")
    return secrets


def meant(to: str) -> str:
    """What a field is of a customer."""
    if to in MEANT or (to.startswith(ATTRIBUTE) and 0 < len(to) - len(ATTRIBUTE) <= 100):
        return to
    raise ValueError(f"write one of {', '.join(filter(None, MEANT))} or attributes.NAME")


def lacking(thing: Thing) -> Iterator[tuple[Path, str, str]]:
    """(where, what is wrong, its code) of a whole thing: settings that its kind does not take, secrets it cannot do without."""
    adapter = described()[thing["system"]]
    try:
        _checked(adapter, thing["settings"], defaults=False)
    except ValidationError as error:
        for each in error.errors(include_url=False):
            yield ("settings", *each["loc"]), each["msg"].removeprefix("Value error, "), each["type"]
    for one in adapter.secrets:
        if one.required and not thing["secrets"].get(one.name):
            yield ("secrets", one.name), f"{one.name} is missing", "missing"


def whole_settings(thing: Thing) -> Thing:
    """Settings with what has its default value, as a form shows them."""
    adapter = described().get(thing["system"])
    try:
        return dict(thing["settings"]) if adapter is None else _checked(adapter, thing["settings"], defaults=True)
    except ValidationError:
        return dict(thing["settings"])


def variants() -> dict[str, dict[str, Any]]:
    """By kind: what `settings` and `secrets` hold, as JSON schemas for the form."""
    found = {}
    for name, adapter in sorted(described().items()):
        settings = adapter.settings.model_json_schema()
        secrets = {one.name: {"type": "string", "secret": True} for one in adapter.secrets}
        found[name] = {
            "settings": {**settings, "title": "settings", "properties": settings.get("properties", {})},
            "secrets": {"type": "object", "properties": secrets},
        }
    return found


async def read_systems(
    tx: Tx, workspace_id: str, firms: Mapping[str, str], fingerprint: Callable[[str], str]
) -> list[tuple[Thing, str]]:
    """Every customer system in the file's words, with its id; of its secrets the fingerprints."""
    return [
        (
            {
                **{name: getattr(row, name) for name in _SAME},
                "firm": firms.get(row.firm_id or ""),
                "secrets": {name: fingerprint(value) for name, value in sorted(row.secrets.items())},
                "fields": [asdict(one) for one in row.fields],
            },
            row.id,
        )
        for row in await all_lookups(tx, workspace_id)
    ]


async def write_systems(tx: Tx, workspace_id: str, plan: "Plan", names: "Names", secrets: Mapping[str, str]) -> None:
    """Lays the customer systems of a plan down. `secrets`: values by `lookup NAME:SECRET`; those not given stay."""
    await remove_lookups(tx, [names.ids["lookup"][change.name] for change in plan.of("lookup", "remove")])
    for change in plan.of("lookup", "add", "change"):
        thing, lead = change.after, f"lookup {change.name}:"
        row = LookupRow(
            id=names.ids["lookup"][change.name],
            workspace_id=workspace_id,
            firm_id=names.id("firm", thing["firm"]),
            secrets={name.removeprefix(lead): value for name, value in secrets.items() if name.startswith(lead)},
            fields=tuple(Field(**one) for one in thing["fields"]),
            **{name: thing[name] for name in _SAME},
        )
        await put_lookup(tx, row)


def _checked(adapter: Lookup, settings: Thing, *, defaults: bool) -> Thing:
    return adapter.settings.model_validate(settings).model_dump(mode="json", exclude_defaults=not defaults)
