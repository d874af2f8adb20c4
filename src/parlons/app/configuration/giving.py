"""Whether somebody who changes the configuration may give and take the rights it gives and takes. Pure.

The settings are one right, people another: who may change the first does not thereby make himself an administrator.
"""

from parlons.accounts.model import Principal
from parlons.accounts.people import check_covers
from parlons.accounts.rights import Right
from parlons.app.configuration.current import Current
from parlons.app.configuration.plan import Plan
from parlons.app.configuration.roles import rights_in


def check_given(principal: Principal, plan: Plan, current: Current) -> None:
    """Raise Forbidden or BeyondYourRights when the plan changes people, roles or webhooks in a way that is not his."""
    if any(plan.of("webhook", "add", "change", "remove")):
        principal.check_right(Right.WEBHOOKS)
    users, roles = list(plan.of("user", "add", "change", "remove")), list(plan.of("role", "add", "change", "remove"))
    if users or roles:
        principal.check_right(Right.PEOPLE)
    for change in roles:
        for things in (current.things, plan.after):
            check_covers(principal, rights_in(things, change.name), None, None)
    for change in users:
        if change.act != "add":
            check_covers(principal, rights_in(current.things, change.before["role"]), None, None)
        if change.act != "remove":
            check_covers(principal, rights_in(plan.after, change.after["role"]), None, None)
