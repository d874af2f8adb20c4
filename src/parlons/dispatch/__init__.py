"""Shell of routing: owns a workspace's router. Commands in, journal out, timers, presence, live figures, `why`.

Other rooms use:

- `dispatch.Dispatch`: seats at workspaces, `send` (returns after the commit), `snapshot_for`, `screens` and `tail` to follow;
- `dispatch.submit(tx, workspace_id, command, key=...)`: a command in the caller's own transaction;
- `contacts`: the inner port `ContactHandler` which reception implements;
- `presence.Presence`, `returns.Returns`, `statistics.LiveFigures`: started by app;
- `configured`, `queries`: what is configured, and what is or was; `events.EVENTS` for the API's description.

How it works, in order of reading: seat.py (standby, owner, standby again), lease.py (who may own), owner.py (group commit),
stepper.py and views.py (memory and what a step changed), projections.py (what a commit writes), replay.py, screens.py, why.py.
"""
