"""Ready replies and alarms of a plan, laid down in their rooms."""

from parlons.app.configuration.office import alert_thing
from parlons.app.configuration.plan import Plan
from parlons.app.configuration.router import Names
from parlons.floor.alerts import lay_alert
from parlons.runtime.db import Tx
from parlons.templates.loading import put_templates, remove_templates
from parlons.templates.model import REPLY, Wanted


async def write_office(tx: Tx, workspace_id: str, plan: Plan, names: Names, *, author: str) -> None:
    """Lays the replies and alarms of a plan down."""
    await remove_templates(tx, [names.ids["reply"][change.name] for change in plan.of("reply", "remove")])
    texts = [
        (
            names.ids["reply"][change.name],
            Wanted(
                shortcut=change.after["shortcut"],
                title=change.after["title"],
                texts=change.after["texts"],
                firm_id=names.id("firm", change.after["firm"]),
                queue_id=names.id("queue", change.after["queue"]),
            ),
        )
        for change in plan.of("reply", "add", "change")
    ]
    await put_templates(tx, REPLY, texts, author=author)
    for change in plan.of("queue", "add", "change"):
        alert = change.after["alert"]
        if alert != change.before.get("alert", alert_thing(None)):
            share = None if alert["share_percent"] is None else alert["share_percent"] / 100
            limits = {"waiting": alert["waiting"], "oldest_seconds": alert["oldest_seconds"], "share": share}
            firm_id = names.id("firm", change.after["firm"])
            await lay_alert(tx, workspace_id, names.ids["queue"][change.name], firm_id, limits)
