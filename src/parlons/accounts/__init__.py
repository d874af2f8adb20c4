"""Tenants, firms, workspaces, users, roles, sessions, API keys, audit, opening hours as data.

Other rooms use:

- `model.Principal` (who calls, with which rights) and `http.require(role)`, the one dependency every route states;
- `sessions.principal_of(connection, db, now)` for the event socket;
- `audit.record(tx, principal, ...)` inside every administrative command;
- `opening.hours_of(tx, hours_id, at)` for opening hours with their holidays;
- `bootstrap.bootstrap(db, now=...)` at the first start, `links.issue_link(...)` for one-time sign-in links;
- `agents.SyncAgent`, the one call this room makes upwards, handed in by app: a user who serves customers has a worker.
"""
