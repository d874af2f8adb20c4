"""Pure router: workers, queues, tasks, workflows, reservations and their clocks as one deterministic step function.

    from parlons.routing.state import new_state
    from parlons.routing.step import step
    state = new_state(workspace_id)
    transitions = step(state, command, now)     # mutates state; raises a kit Refusal before it changes anything

- `now` (ms) never goes back. Timers fire only inside `commands.Tick()`: send one (journalled) before any command when
  `state.next_deadline` (None | ms) is `<= now`.
- commands.py: values; `COMMANDS` by wire name; `to_wire`, `from_wire`; `sealed(command) -> (command, attributes)`
  takes a task's attribute values out for the journal, `unsealed` puts them back. transitions.py: values with `.type`;
  `TRANSITIONS`, `to_wire`, `from_wire`. Both are msgspec structs: `msgspec.msgpack.encode` takes them as they are
  (the tag is the field `type`, resp. `command`).
- Replay: `step(state, command, now, recorded=what it led to then)`. Every outcome that depended on a task's attributes
  (filter, known worker, class of workers) comes from the record, so a task whose attributes are gone, or were changed
  later, replays to the same state. Attributes that still exist must be given, as they are at present: they serve the
  commands after the replay.
- snapshot.py: `dump(state) -> bytes` (no attribute value in it), `load(bytes, attributes) -> state`,
  `state_digest(state) -> str`.
- why.py: `decision(transition)`, `explain(state, task_id, now)`. statistics.py: `Statistics` (a fold over
  transitions), `real_time`.
- workflow.py: `check_configuration(text or dict)` -> problems with line, column and remedy.

The function that chooses the next worker is `choose_worker` in matching.py; the one that chooses a free worker's next
task is `choose_task`, beside it. This room does no I/O and reads no clock.
"""
