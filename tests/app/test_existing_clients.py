"""Unmodified clients of the communications API work against a running server: whole cycles of task routing."""

import json
from typing import Any

import httpx
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.app.conftest import Centre
from tests.app.existing_client import Keys, client


def activity(place: Any, name: str) -> str:
    (found,) = place.activities.list(friendly_name=name)
    return str(found.sid)


def workflow(place: Any, queue: str, timeout: int = 120) -> Any:
    routing = {
        "task_routing": {
            "filters": [
                {"filter_friendly_name": "french", "expression": "lang == 'fr'", "targets": [{"queue": queue}]}
            ],
            "default_filter": {"queue": queue},
        }
    }
    return place.workflows.create(
        friendly_name=f"Into {queue[-6:]}", configuration=json.dumps(routing), task_reservation_timeout=timeout
    )


def test_a_workspace_from_nothing_serves_a_hundred_tasks(place: Any) -> None:
    ready = activity(place, "Available")
    for number, lang in enumerate(("fr", "fr", "en")):
        made = place.workers.create(
            friendly_name=f"Worker {number}", attributes=json.dumps({"languages": [lang], "level": number})
        )
        assert made.activity_name == "Offline"
        assert made.available is False
        room = place.workers(made.sid).worker_channels("default").update(capacity=40)
        assert (room.configured_capacity, room.available_capacity_percentage) == (40, 100)
    queue = place.task_queues.create(friendly_name="French", target_workers="languages HAS 'fr'")
    way = workflow(place, queue.sid)
    tasks = [
        place.tasks.create(
            attributes=json.dumps({"lang": "fr", "number": number}),
            workflow_sid=way.sid,
            priority=number % 3,
            timeout=600,
        )
        for number in range(100)
    ]
    assert {each.assignment_status for each in tasks} == {"pending"}
    assert json.loads(tasks[7].attributes) == {"lang": "fr", "number": 7}
    assert tasks[0].date_created is not None
    assert tasks[0].date_created.tzinfo is not None
    paged = place.tasks.list(page_size=30)
    assert [each.sid for each in paged] == [each.sid for each in tasks], "four pages, followed by the client"

    workers = place.workers.list(target_workers_expression="languages HAS 'fr'")
    for worker in workers:
        place.workers(worker.sid).update(activity_sid=ready)
    served = 0
    while waiting := [each for worker in workers for each in offers(place, worker.sid)]:
        for offer in waiting:
            taken = place.workers(offer.worker_sid).reservations(offer.sid).update(reservation_status="accepted")
            assert taken.reservation_status == "accepted"
            done = place.tasks(offer.task_sid).update(assignment_status="completed", reason="done")
            assert (done.assignment_status, done.reason) == ("completed", "done")
            served += 1
    assert served == 100
    assert place.tasks.list(assignment_status=["pending", "reserved", "assigned"]) == []
    assert len(place.tasks.list(assignment_status=["completed"])) == 100, "shown for five minutes"
    counted_as_done(place, queue.sid, way.sid, [each.sid for each in workers])
    in_order(place, tasks[0].sid)


def counted_as_done(place: Any, queue: str, way: str, workers: list[str]) -> None:
    """The figures say what was done, wherever one looks."""
    over = place.cumulative_statistics().fetch(minutes=60, split_by_wait_time="0,3600")
    done = (over.tasks_created, over.tasks_completed, over.tasks_canceled, over.tasks_deleted)
    assert done == (100, 100, 0, 0)
    assert (over.reservations_created, over.reservations_accepted, over.reservations_rejected) == (100, 100, 0)
    assert over.split_by_wait_time["3600"]["below"]["reservations_accepted"] == 100
    assert over.split_by_wait_time["0"]["above"]["reservations_accepted"] == 100
    line = place.task_queues(queue).cumulative_statistics().fetch()
    assert (line.tasks_entered, line.tasks_completed, line.reservations_accepted) == (100, 100, 100)
    led = place.workflows(way).cumulative_statistics().fetch()
    assert (led.tasks_entered, led.tasks_completed, led.tasks_timed_out_in_workflow) == (100, 100, 0)
    took = [place.workers(each).statistics().fetch().cumulative["reservations_accepted"] for each in workers]
    assert sum(took) == 100
    all_of_them = place.workers.cumulative_statistics().fetch()
    assert all_of_them.reservations_accepted == 100
    now = place.real_time_statistics().fetch()
    assert (now.total_tasks, now.total_workers) == (0, 3)
    assert {each["friendly_name"]: each["workers"] for each in now.activity_statistics}["Available"] == 2


def in_order(place: Any, task: str) -> None:
    """What happened to one task, as it happened."""
    told = [each.event_type for each in place.events.list(task_sid=task, minutes=60)]
    assert told == [
        "workflow.entered", "task-queue.entered", "task.created", "workflow.target-matched", "reservation.created",
        "reservation.accepted", "task.completed", "reservation.completed", "task.updated",
    ]  # fmt: skip
    paged = place.events.list(minutes=60, page_size=200)
    dates = [each.event_date_ms for each in paged]
    assert dates == sorted(dates)
    assert len({each.sid for each in paged}) == len(paged) > 700


def offers(place: Any, worker_sid: str) -> list[Any]:
    found: list[Any] = place.workers(worker_sid).reservations.list(reservation_status="pending")
    return found


def test_reservations_are_rejected_and_run_out(place: Any) -> None:
    ready, away = activity(place, "Available"), activity(place, "Unavailable")
    queue = place.task_queues.create(friendly_name="All")
    assert queue.target_workers == "1==1"
    assert queue.max_reserved_workers == 1
    way = workflow(place, queue.sid)
    worker = place.workers.create(friendly_name="One", activity_sid=ready)
    task = place.tasks.create(attributes="{}", workflow_sid=way.sid)
    (offer,) = place.tasks(task.sid).reservations.list()
    assert offer.worker_name == "One"
    assert offer.reservation_status == "pending"
    refused = (
        place.tasks(task.sid).reservations(offer.sid).update(reservation_status="rejected", worker_activity_sid=away)
    )
    assert refused.reservation_status == "rejected"
    assert place.workers(worker.sid).fetch().activity_sid == away
    assert place.tasks(task.sid).fetch().assignment_status == "pending"
    with pytest.raises(TwilioRestException) as late:
        place.tasks(task.sid).reservations(offer.sid).update(reservation_status="accepted")
    assert (late.value.status, late.value.code) == (400, 20001)

    place.workflows(way.sid).update(task_reservation_timeout=1)
    place.workers(worker.sid).update(activity_sid=ready)
    while not (ran_out := place.tasks(task.sid).reservations.list(reservation_status="timeout")):
        pass  # each look is a request: the offer's second is awaited by asking
    assert len(ran_out) == 1
    assert place.workers(worker.sid).fetch().activity_name == "Offline", "the workspace's timeout activity"
    canceled = place.tasks(task.sid).update(assignment_status="canceled", reason="not wanted")
    assert (canceled.assignment_status, canceled.reason) == ("canceled", "not wanted")
    over = place.cumulative_statistics().fetch(minutes=60)
    assert (over.tasks_created, over.tasks_completed, over.tasks_canceled) == (1, 0, 1)
    ended = (over.reservations_rejected, over.reservations_timed_out, over.reservations_accepted)
    assert (over.reservations_created, *ended) == (2, 1, 1, 0)
    told = [each.event_type for each in place.events.list(task_sid=task.sid, minutes=60)]
    assert [each for each in told if each.startswith("reservation.")] == [
        "reservation.created", "reservation.rejected", "reservation.created", "reservation.timeout",
    ]  # fmt: skip
    assert "task.canceled" in told


def test_a_key_signs_in_and_a_stale_tag_is_refused(shared: Centre, keys: Keys, place: Any) -> None:
    base = shared.server.url
    by_key = client(base, keys["key_sid"], keys["key_secret"], keys["account_sid"])
    here = by_key.taskrouter.v1.workspaces(place.fetch().sid)
    queue = here.task_queues.create(friendly_name="Tagged", target_workers="1==2")
    task = here.tasks.create(attributes="{}", workflow_sid=workflow(here, queue.sid).sid)
    answer = by_key.request("GET", f"{base}/_taskrouter/v1/Workspaces/{task.workspace_sid}/Tasks/{task.sid}")
    tag = answer.headers["ETag"]
    changed = here.tasks(task.sid).update(priority=5, if_match=tag)
    assert changed.priority == 5
    with pytest.raises(TwilioRestException) as stale:
        here.tasks(task.sid).update(priority=6, if_match=tag)
    assert stale.value.status == 412
    assert here.tasks(task.sid).delete()
    with pytest.raises(TwilioRestException) as gone:
        here.tasks(task.sid).fetch()
    assert gone.value.code == 20404


def test_the_desks_workspace_is_worked_in_and_not_set_up(api: Client) -> None:
    (desk,) = [each for each in api.taskrouter.v1.workspaces.list() if each.friendly_name == "Parlons"]
    here = api.taskrouter.v1.workspaces(desk.sid)
    assert here.task_queues.list()
    assert here.activities.list()
    assert here.fetch().default_activity_name == "Offline"
    with pytest.raises(TwilioRestException) as refused:
        here.task_queues.create(friendly_name="Not here")
    assert refused.value.status == 403
    with pytest.raises(TwilioRestException):
        here.delete()


NOBODY = "0" * 32
WRONG: list[tuple[str, str, Keys, int, int]] = [
    ("GET", "/Tasks/WK" + NOBODY, {}, 404, 20404),
    ("GET", "/Tasks/WT" + NOBODY, {}, 404, 20404),
    ("GET", "/Tasks/WT0", {}, 404, 20404),
    ("GET", "/Nothing", {}, 404, 20404),
    ("PUT", "/Tasks", {}, 405, 20004),
    ("POST", "/Tasks", {"Attributes": "{"}, 400, 20001),
    ("POST", "/Tasks", {"Attributes": "[]"}, 400, 20001),
    ("POST", "/Tasks", {"Attributes": '{"a": "' + "x" * 5000 + '"}'}, 400, 20001),
    ("POST", "/Tasks", {"Attributes": '{"a": "\\u0000"}'}, 400, 20001),
    ("POST", "/Tasks", {"Attributes": '{"a": ' + "[" * 3000 + "]" * 3000 + "}"}, 400, 20001),
    ("POST", "/Tasks", {"Attributes": "\0"}, 400, 20001),
    ("POST", "/Tasks", {"WorkflowSid": "WQ" + NOBODY}, 400, 20001),
    ("POST", "/Tasks", {"WorkflowSid": "WW" + NOBODY}, 400, 20001),
    ("POST", "/Tasks", {"RoutingTarget": "WT" + NOBODY}, 400, 20001),
    ("POST", "/Tasks", {"RoutingTarget": "WK" + NOBODY}, 400, 20001),
    ("POST", "/Tasks", {"TaskChannel": "smoke"}, 400, 20001),
    ("POST", "/Tasks", {"Priority": "-1"}, 400, 20001),
    ("POST", "/Tasks", {"Priority": "9" * 40}, 400, 20001),
    ("POST", "/Tasks", {"Timeout": "1209601"}, 400, 20001),
    ("POST", "/Tasks", {"VirtualStartTime": "yesterday"}, 400, 20001),
    ("POST", "/Tasks", {"Atributes": "{}"}, 400, 20001),
    ("GET", "/Tasks?PageToken=PAAAAA", {}, 400, 20001),
    ("GET", "/Tasks?PageSize=1001", {}, 400, 20001),
    ("GET", "/Tasks?AssignmentStatus=lost", {}, 400, 20001),
    ("GET", "/Tasks?EvaluateTaskAttributes=level-of%20%3E%203", {}, 400, 20001),
    ("GET", "/Tasks?Ordering=Colour:asc", {}, 400, 20001),
    ("POST", "/Workers", {}, 400, 20001),
    ("POST", "/Workers", {"FriendlyName": "x" * 65}, 400, 20001),
    ("POST", "/Workers", {"FriendlyName": "A", "ActivitySid": "WA" + NOBODY}, 400, 20001),
    ("POST", "/Workers", {"FriendlyName": "A", "Attributes": "none"}, 400, 20001),
    ("POST", "/Activities", {"FriendlyName": "Offline"}, 400, 20001),
    ("POST", "/Activities", {"FriendlyName": "Maybe", "Available": "perhaps"}, 400, 20001),
    ("POST", "/TaskQueues", {"FriendlyName": "A", "TargetWorkers": "skill-level > 3"}, 400, 20001),
    ("POST", "/TaskQueues", {"FriendlyName": "A", "MaxReservedWorkers": "51"}, 400, 20001),
    ("POST", "/TaskQueues", {"FriendlyName": "A", "TaskOrder": "RANDOM"}, 400, 20001),
    ("POST", "/TaskQueues", {"FriendlyName": "A", "ReservationActivitySid": "WA" + NOBODY}, 400, 20001),
    ("POST", "/Workflows", {"FriendlyName": "A", "Configuration": "{}"}, 400, 20001),
    ("POST", "/Workflows", {"FriendlyName": "A", "Configuration": "x"}, 400, 20001),
    ("POST", "/TaskChannels", {"FriendlyName": "Again", "UniqueName": "voice"}, 400, 20001),
    ("DELETE", "/TaskChannels/voice", {}, 400, 20001),
    ("POST", "", {"EventCallbackUrl": "http://127.0.0.1/hook"}, 400, 20001),
    ("POST", "", {"EventCallbackUrl": "http://169.254.169.254/latest"}, 400, 20001),
    ("POST", "", {"EventCallbackUrl": "http://localhost:5432/"}, 400, 20001),
    ("POST", "", {"EventCallbackUrl": "http://[::1]/"}, 400, 20001),
    ("POST", "", {"EventCallbackUrl": "ftp://1.2.3.4/"}, 400, 20001),
    ("POST", "", {"EventsFilter": "task.created,task.lost"}, 400, 20001),
    ("GET", "/Events?EventType=task.created&Minutes=0", {}, 400, 20001),
    ("GET", "/Events/EV" + NOBODY, {}, 404, 20404),
    ("GET", "/CumulativeStatistics?SplitByWaitTime=soon", {}, 400, 20001),
    ("GET", "/CumulativeStatistics?StartDate=2026-02-01&EndDate=2026-01-01", {}, 400, 20001),
    ("GET", "/TaskQueues/WQ" + NOBODY + "/Statistics", {}, 404, 20404),
    ("GET", "/RealTimeStatistics?TaskChannel=smoke", {}, 400, 20001),
    ("POST", "/TaskQueues/RealTimeStatistics", {"TaskQueueSids": "WQ"}, 400, 20001),
]
"""Method, path below the workspace, form; status and code of the answer."""


def test_what_is_wrong_is_refused_in_the_apis_own_words(shared: Centre, keys: Keys, api: Client, place: Any) -> None:
    workspace = f"{shared.server.url}/_taskrouter/v1/Workspaces/{place.fetch().sid}"
    account = (keys["account_sid"], keys["auth_token"])
    before = counted(place)
    with httpx.Client(auth=account) as web:
        for method, path, form, status, code in WRONG:
            answer = web.request(method, workspace + path, data=form or None)
            assert (answer.status_code, answer.json()["code"]) == (status, code), (method, path, form, answer.text)
            assert answer.json().keys() == {"code", "message", "more_info", "status"}
        odd = web.post(f"{workspace}/Tasks", content="{}", headers={"Content-Type": "application/xml"})
        assert odd.status_code == 415
        second = web.get(f"{workspace}/Activities?PageSize=1").json()["meta"]["next_page_url"]
        assert web.get(second).status_code == 200
        assert web.get(second.replace("/Activities?", "/Workers?")).status_code == 400, "the token of another list"
        assert web.get(second.replace("PageSize=1", "PageSize=1&Available=true")).status_code == 400
    assert counted(place) == before, "nothing was kept of what was refused"
    assert place.fetch().event_callback_url is None
    for name, secret in (
        (keys["account_sid"], "wrong"),
        (keys["key_sid"], keys["auth_token"]),
        ("AC" + NOBODY, account[1]),
    ):
        answer = httpx.get(workspace, auth=(name, secret))
        assert (answer.status_code, answer.json()["code"]) == (401, 20003)
    assert httpx.get(workspace).status_code == 401
    foreign = f"{shared.server.url}/_taskrouter/v1/Workspaces/WS{NOBODY}/Tasks"
    assert httpx.get(foreign, auth=account).json()["code"] == 20404


def counted(place: Any) -> list[int]:
    lists = (place.tasks, place.workers, place.activities, place.task_queues, place.workflows, place.task_channels)
    return [len(each.list()) for each in lists]


def test_the_api_comes_in_by_host_and_by_stripped_path(shared: Centre, keys: Keys, place: Any) -> None:
    path, account = (
        f"/v1/Workspaces/{place.fetch().sid}/Activities?PageSize=1",
        (keys["account_sid"], keys["auth_token"]),
    )
    for prefix in ("", "/.twilio.com"):
        host = {"Host": "taskrouter.cc.test"}
        answer = httpx.get(shared.server.url + prefix + path, auth=account, headers=host).json()
        assert answer["meta"]["next_page_url"].startswith(f"http://taskrouter.cc.test{prefix}/v1/Workspaces/WS")
        assert answer["activities"][0]["url"].startswith(f"http://taskrouter.cc.test{prefix}/v1/Workspaces/WS")
    assert httpx.get(shared.server.url + path, auth=account).status_code == 404


def test_a_key_does_what_its_scopes_say(shared: Centre, keys: Keys, place: Any) -> None:
    operator = {"Authorization": f"Bearer {shared.server.operator_key()}"}
    found = {}
    for scope in ("read", "write"):
        made = httpx.post(
            f"{shared.server.url}/api/v1/keys", json={"name": scope, "scopes": [scope]}, headers=operator
        ).json()
        account = client(shared.server.url, made["id"], made["secret"], keys["account_sid"])
        found[scope] = account.taskrouter.v1.workspaces(place.fetch().sid)
    assert found["read"].fetch().sid
    attempts = (
        lambda: found["read"].tasks.create(attributes="{}"),
        lambda: found["write"].task_queues.create(friendly_name="More"),
        lambda: found["write"].workers.create(friendly_name="More"),
        lambda: found["write"].delete(),
    )
    for attempt in attempts:
        with pytest.raises(TwilioRestException) as refused:
            attempt()
        assert refused.value.status == 403
    assert found["write"].tasks.create(attributes="{}").assignment_status == "pending"
    secrets = httpx.post(f"{shared.server.url}/api/v1/account-token", json={}, headers=operator).json()
    assert secrets == {"account_sid": keys["account_sid"], "auth_token": keys["auth_token"]}
