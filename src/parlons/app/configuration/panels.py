"""A company's own panels at the desk in the file's words, and laid down in their room."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from parlons.crm.panels import SIGNING, PanelRow, all_panels, put_panel, remove_panels
from parlons.runtime.db import Tx

if TYPE_CHECKING:  # both read current, which reads these panels
    from parlons.app.configuration.plan import Plan
    from parlons.app.configuration.router import Names

_SAME = ("name", "active", "url", "height")
SECRETS = {"type": "object", "properties": {SIGNING: {"type": "string", "secret": True}}}
"""What its secrets hold, for the form."""


async def read_panels(
    tx: Tx, workspace_id: str, firms: Mapping[str, str], fingerprint: Callable[[str], str]
) -> list[tuple[dict[str, Any], str]]:
    """Every panel in the file's words, with its id; of its key the fingerprint."""
    return [
        (
            {
                **{name: getattr(row, name) for name in _SAME},
                "firm": firms.get(row.firm_id or ""),
                "secrets": {name: fingerprint(value) for name, value in row.secrets.items()},
            },
            row.id,
        )
        for row in await all_panels(tx, workspace_id)
    ]


async def write_panels(tx: Tx, workspace_id: str, plan: "Plan", names: "Names", secrets: Mapping[str, str]) -> None:
    """Lays the panels of a plan down. `secrets`: values by `panel NAME:SECRET`; those not given stay."""
    await remove_panels(tx, [names.ids["panel"][change.name] for change in plan.of("panel", "remove")])
    for change in plan.of("panel", "add", "change"):
        lead = f"panel {change.name}:"
        row = PanelRow(
            id=names.ids["panel"][change.name],
            workspace_id=workspace_id,
            firm_id=names.id("firm", change.after["firm"]),
            secrets={name.removeprefix(lead): value for name, value in secrets.items() if name.startswith(lead)},
            **{name: change.after[name] for name in _SAME},
        )
        await put_panel(tx, row)
