"""The bridge of the browser SDK refuses what a token does not reach, and what is no command, in that API's shape."""

import json
from typing import Any

import httpx
import pytest
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import TaskRouterGrant
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.app.conftest import Centre
from tests.app.existing_client import Keys

PATH = "/_event-bridge/v1/wschannels"
NOBODY = "WK" + "0" * 32


def token(keys: Keys, workspace: str, worker: str) -> str:
    made = AccessToken(keys["account_sid"], keys["key_sid"], keys["key_secret"], identity="ada")
    made.add_grant(TaskRouterGrant(workspace_sid=workspace, worker_sid=worker, role="worker"))
    text: str = made.to_jwt()
    return text


def test_a_workers_token_reaches_himself_and_his_work(shared: Centre, keys: Keys, place: Any) -> None:
    here = place.fetch().sid
    own, other = (place.workers.create(friendly_name=name).sid for name in ("Own", "Other"))
    task = place.tasks.create(attributes="{}").sid
    signed = token(keys, here, own)

    def asked(method: str, below: str, params: dict[str, Any] | None = None, **more: str) -> tuple[int, int | None]:
        body = {"url": f"Workspaces/{here}/{below}", "method": method, "params": params or {}, "token": signed, **more}
        answer = httpx.post(shared.server.url + PATH, content=json.dumps(body), headers={"apiVersion": "v1"})
        assert answer.headers["access-control-allow-origin"] == "*"
        return answer.status_code, answer.json().get("code")

    assert asked("GET", f"Workers/{own}") == (200, None)
    refused = [
        asked("GET", f"Workers/{other}"),
        asked("POST", f"Workers/{other}", {"Attributes": {"level": 9}}),
        asked("GET", f"Workers/{other}/Reservations"),
        asked("GET", "Workers"),
        asked("GET", "TaskQueues"),
        asked("GET", f"Tasks/{task}"),
        asked("POST", f"Tasks/{task}", {"AssignmentStatus": "canceled"}),
        asked("POST", "Tasks", {"Attributes": {}, "RoutingTarget": other}),
        asked("GET", f"Workers/{own}", url=f"Workspaces/{'WS' + '0' * 32}/Workers/{own}"),
    ]
    assert refused == [(403, 20403)] * len(refused)
    assert place.tasks(task).fetch().assignment_status == "pending"
    assert asked("POST", "Activities", {"FriendlyName": "More"}) == (501, 20501)
    assert asked("POST", f"Workers/{own}/Transfers", {"To": other}) == (501, 20501)
    assert asked("GET", f"Workers/{own}/Reservations", {"Colour": "red"}) == (400, 20001)
    assert asked("POST", f"Workers/{own}", {"Attributes": "{"}) == (400, 20001)
    assert asked("POST", f"Workers/{own}", {"Attributes": "\0"}) == (400, 20001)
    assert asked("GET", f"Workers/{own}", token="no.such.token") == (401, 20101)


def test_what_is_no_command_is_refused(shared: Centre) -> None:
    url = shared.server.url + PATH
    assert [httpx.post(url, content=each).status_code for each in (b"", b"{", b"[]", b'{"url": 1}')] == [400] * 4
    assert httpx.get(url).status_code == 405
    assert httpx.post(url + "/more", content=b"{}").status_code == 404
    before = httpx.options(url, headers={"Origin": "https://shop.example"})
    assert before.status_code == 204
    assert "apiversion" in before.headers["access-control-allow-headers"]


async def test_a_socket_needs_a_worker_and_ends_when_another_one_replaces_it(
    shared: Centre, keys: Keys, place: Any
) -> None:
    here = place.fetch().sid
    worker = place.workers.create(friendly_name="Own").sid
    base = shared.server.url.replace("http", "ws") + PATH
    for signed, status, code in (("", 401, 20101), (token(keys, here, NOBODY), 404, 20404)):
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"{base}?token={signed}")
        answer = refused.value.response
        assert (answer.status_code, json.loads(answer.body or b"{}")["code"]) == (status, code)
    signed = token(keys, here, worker)
    async with connect(f"{base}?token={signed}") as first:
        begun = json.loads(await first.recv())
        assert begun["event_type"] == "init"
        assert begun["payload"]["channel_id"] == worker
        assert 0 < begun["payload"]["token_lifetime"] <= 3_600_000
        async with connect(f"{base}?token={signed}&closeExistingSessions=true") as second:
            assert json.loads(await second.recv())["event_type"] == "init"
            await first.wait_closed()
            assert first.close_code == 4409
            place.workers(worker).update(attributes='{"level": 3}')
            told = json.loads(await second.recv())
            assert told["event_type"] == "worker.attributes.update"
            assert told["payload"]["attributes"] == '{"level":3}'
