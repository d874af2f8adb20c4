"""The communications API's face: its task-routing part, answered so that its unmodified official clients work.

Thin: it reads a request of that API, carries it out by the commands of `dispatch` and `accounts`, and answers in that API's
shapes. It decides nothing about routing. Interfaces compatible with the Twilio(R) API; not affiliated with or endorsed by
Twilio Inc.

- `doors.py`: by which host or path a request came, and what its own addresses look like then (pure);
- `face.py`: one request from door to answer: who calls, which operation, errors in that API's shape;
- `operations.py`: every operation, and who answers it; `call.py`: one request's parameters; `pages.py`: lists;
- `shapes_*.py`: resources as that API shows them (pure); `errors.py`: its error codes;
- `workspaces.py`, `configured.py`, `workers.py`, `tasks.py`, `reservations.py`, `statistics.py`, `events.py`: the operations;
- `checks.py`: what every request satisfies; `access.py`: access tokens; `bridge.py`, `bridge_socket.py`, `shapes_bridge.py`: the
  commands and the socket of the browser SDK;
- `store.py`, `notes.py`: what that API has and the router has not: callback addresses, times of the last change.
"""
