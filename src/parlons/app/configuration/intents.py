"""Intents in the file's words, and laid down in their room with the workspace's threshold."""

from typing import TYPE_CHECKING

from parlons.app.configuration.check import Thing
from parlons.intents.loading import Intent, all_intents, put_intents, put_threshold, remove_intents, state_of
from parlons.runtime.db import Tx

if TYPE_CHECKING:  # both read current, which reads intents
    from parlons.app.configuration.plan import Plan
    from parlons.app.configuration.router import Names

THRESHOLD = "intent_threshold"
"""Word of the workspace."""


async def read_intents(tx: Tx, workspace_id: str) -> tuple[list[tuple[Thing, str]], float | None]:
    """Every intent in the file's words, with its id; and the threshold."""
    found = [({"name": one.name, "phrases": one.phrases}, one.id) for one in await all_intents(tx, workspace_id)]
    return found, (await state_of(tx, workspace_id)).threshold


async def write_intents(tx: Tx, workspace_id: str, plan: "Plan", names: "Names") -> None:
    """Lays the intents of a plan down."""
    gone = [names.ids["intent"][change.name] for change in plan.of("intent", "remove")]
    await remove_intents(tx, workspace_id, gone)
    changed = [change.after for change in plan.of("intent", "add", "change")]
    wanted = [Intent(names.ids["intent"][thing["name"]], thing["name"], thing["phrases"]) for thing in changed]
    await put_intents(tx, workspace_id, wanted)
    for change in plan.of("workspace", "add", "change"):
        await put_threshold(tx, workspace_id, change.after[THRESHOLD])
