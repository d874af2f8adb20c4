"""By which hosts and paths a request of the API comes in, and what its own addresses begin with then."""

import pytest

from parlons.compat.doors import Door, door_of
from parlons.compat.operations import OPERATIONS, find, names_of


@pytest.mark.parametrize(
    ("host", "path", "door"),
    [
        ("desk.example.org", "/_taskrouter/v1/Workspaces", Door("taskrouter", "/v1/Workspaces", "/_taskrouter")),
        ("127.0.0.1:8080", "/_taskrouter/v1/Workspaces", Door("taskrouter", "/v1/Workspaces", "/_taskrouter")),
        ("taskrouter.example.org", "/v1/Workspaces", Door("taskrouter", "/v1/Workspaces", "")),
        ("TaskRouter.example.org:8443", "/v1/Workspaces", Door("taskrouter", "/v1/Workspaces", "")),
        ("taskrouter.example.org", "/.twilio.com/v1/Workspaces", Door("taskrouter", "/v1/Workspaces", "/.twilio.com")),
        ("a.b", "/_taskrouter/.twilio.com/v1/X", Door("taskrouter", "/v1/X", "/_taskrouter/.twilio.com")),
        ("taskrouter.example.org", "/app/", None),
        ("taskrouter", "/v1/Workspaces", None),
        ("desk.example.org", "/v1/Workspaces", None),
        ("api.example.org", "/2010-04-01/X.json", Door("api", "/2010-04-01/X.json", "")),
        ("desk.example.org", "/_api/2010-04-01/X.json", Door("api", "/2010-04-01/X.json", "/_api")),
        ("desk.example.org", "/_unheard/v1/Workspaces", None),
        ("desk.example.org", "/api/v1/tasks", None),
    ],
)
def test_the_doors(host: str, path: str, door: Door | None) -> None:
    assert door_of(host, path) == door


def test_every_operation_is_found_by_its_path() -> None:
    routing = [each for each in OPERATIONS if each.template.startswith("/v1/")]
    assert len(routing) == 61
    assert len({each.template for each in routing}) == 37
    for operation in OPERATIONS:
        names = names_of(operation)
        path = operation.template
        for name in names:
            path = path.replace(f"{{{name}}}", f"WS{name}", 1)
        found, variables = find(path)
        assert found[operation.method] is operation
        assert variables == [f"WS{name}" for name in names]
    for path in ("/v1", "/v1/", "/v1/Workspaces/", "/v2/Workspaces", "/v1/Workspaces/WS1/Nothing", ""):
        assert find(path) == ({}, [])
