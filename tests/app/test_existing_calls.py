"""Programs lead calls: the unmodified client places and redirects them, call XML of a program's address is heard on the
telephone, keys are answered, and everything is told, signed."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from parlons.compat.operations import OPERATIONS
from parlons.simulator.telephone import Dialog, Telephone
from parlons.testing.people import Operator
from parlons.testing.processes import Running, data_folder
from parlons.testing.stream_program import program as stream_program
from tests.app.call_stage import CENTRE, CUSTOMER, NUMBER, SECOND, Stage, Work
from tests.app.caller import Program, free_udp_port
from tests.app.existing_client import Keys, client
from tests.app.published import INSIDE_CALLS, fetched
from tests.app.test_existing_clients_tour import described_operations, template_of, wrong
from tools.compatibility import PYTHON, check_ran


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Running, int, int]]:
    """A server of these tests' own: it speaks SIP, and may call this machine; its SIP port, and the customer's beyond the trunk,
    which stays the same, so that no test meets an engine that still has the one before."""
    port = free_udp_port()
    environ = {
        "PARLONS_SIP_PORT": str(port), "PARLONS_LOG": "info", "PARLONS_TTS": "none", "PARLONS_HTTP_ALLOW": "127.0.0.1",
        "ADA_PHONE": "a long secret", "BOB_PHONE": "another secret",
    }  # fmt: skip
    with data_folder() as data, Running(data, environ=environ) as running:
        yield running, port, free_udp_port()


@pytest.fixture(scope="module")
def keys(server: tuple[Running, int, int]) -> Keys:
    """What signs in."""
    environ = {**os.environ, "PARLONS_URL": server[0].url, "PARLONS_KEY": server[0].operator_key()}
    command = [sys.executable, "-m", "parlons.app.cli", "keys", "create", "Calls", "--json"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    found: Keys = json.loads(done.stdout)
    return found


@pytest.fixture
async def stage(server: tuple[Running, int, int], keys: Keys) -> AsyncIterator[Stage]:
    running, port, customer = server
    phone = Telephone(("127.0.0.1", port), CUSTOMER)
    await phone.open(customer)
    async with Program() as program, Operator([running.url], running.operator_key()) as operator:
        await operator.apply(CENTRE.format(port=phone.port, number=NUMBER, second=SECOND))
        api = client(running.url, keys["account_sid"], keys["auth_token"])
        made = Stage(api, program, phone, keys, ("127.0.0.1", port))
        await made.is_told()
        yield made
        for one in (phone, *made.phones):
            one.close()
        for ear in made.ears:
            ear.close()


async def test_a_caller_hears_a_document_and_presses_keys(stage: Stage) -> None:
    stage.program.says(
        "/welcome", '<Gather numDigits="2" action="keys"><Play>tone.wav</Play><Say>Two keys</Say></Gather>'
    )
    stage.program.says("/keys", '<Redirect method="GET">bye?then=1</Redirect>')
    stage.program.says("/bye", '<Pause length="1"/><Play loop="2">tone.wav</Play><Hangup/>')
    await stage.leads(NUMBER, "/welcome", status_callback=stage.program.url + "/over")
    dialog, ear = await stage.calls(NUMBER)
    await ear.hears(1000)
    await ear.press("42", ear.where)
    keyed = await stage.program.next("/keys")
    assert (keyed.form["Digits"], keyed.form["From"], keyed.form["To"]) == ("42", CUSTOMER, NUMBER)
    assert (keyed.form["CallStatus"], keyed.form["Direction"]) == ("in-progress", "inbound")
    assert (await stage.program.next("/bye")).form["then"] == "1"
    async with asyncio.timeout(60):
        await dialog.ended.wait()
    over = await stage.program.next("/over")
    assert over.form["CallStatus"] == "completed"
    assert int(over.form["CallDuration"]) >= 1
    stage.signed()
    call = await stage.does(lambda: stage.api.calls(over.form["CallSid"]).fetch())
    assert (call.status, call.to, call.from_formatted) == ("completed", NUMBER, CUSTOMER)
    assert call.start_time <= call.end_time
    listed = await stage.does(lambda: stage.api.calls.list(to=NUMBER, status="completed", limit=20, page_size=1))
    assert call.sid in [one.sid for one in listed]


async def test_what_is_not_known_is_refused_and_the_fallback_asked(stage: Stage) -> None:
    stage.program.says("/odd", "<Say>Hello</Say><Pay/>")
    stage.program.says("/instead", '<Reject reason="busy"/>')
    url = stage.program.url
    await stage.leads(SECOND, "/odd", voice_fallback_url=url + "/instead", voice_fallback_method="GET")
    ear = await stage.ear()
    dialog = stage.phone.call(SECOND, ear.port)
    async with asyncio.timeout(60):
        assert await asyncio.shield(dialog.answered) == 486
    asked = await stage.program.next("/instead")
    assert (asked.form["ErrorCode"], asked.form["ErrorUrl"]) == ("12200", url + "/odd")
    call = await stage.until(
        lambda: next((one for one in stage.api.calls.list(to=SECOND) if one.status == "busy"), None)
    )
    assert (call.duration, call.start_time) == ("0", None)


async def test_a_call_is_placed_led_redirected_and_told(stage: Stage) -> None:
    taken = stage.answers(stage.phone)
    url = stage.program.url
    stage.program.says("/first", "<Play loop='0'>tone.wav</Play>")

    def place() -> Any:
        return stage.api.calls.create(
            to=CUSTOMER, from_=NUMBER, url=url + "/first", status_callback=url + "/told",
            status_callback_event=["initiated", "ringing", "answered", "completed"],
        )  # fmt: skip

    made = await stage.does(place)
    assert (made.status, made.direction, made.to) == ("queued", "outbound-api", CUSTOMER)
    async with asyncio.timeout(60):
        dialog, ear = await taken.get()
    await ear.hears(1000)
    await stage.does(lambda: stage.api.calls(made.sid).update(twiml="<Response><Pause length='1'/></Response>"))
    async with asyncio.timeout(60):
        await dialog.ended.wait()
    told = [await stage.program.next("/told") for _ in range(4)]
    assert [one.form["CallStatus"] for one in told] == ["queued", "ringing", "in-progress", "completed"]
    assert [one.form["SequenceNumber"] for one in told] == ["0", "1", "2", "3"]
    stage.signed()
    with pytest.raises(TwilioRestException) as late:
        await stage.does(lambda: stage.api.calls(made.sid).update(status="completed"))
    assert late.value.code == 21220
    assert await stage.does(lambda: stage.api.calls(made.sid).delete())


async def test_a_caller_is_joined_with_who_answers_first(stage: Stage) -> None:
    ada, bob = await stage.desk_phone("ada"), await stage.desk_phone("bob")
    taken = stage.answers(ada)
    bob.ring = ringing_only
    nouns = "<Client>ada</Client><Client statusCallback='told'>bob</Client>"
    stage.program.says("/in", f'<Dial action="after" callerId="{SECOND}">{nouns}</Dial><Reject/>')
    stage.program.says("/after", "<Hangup/>")
    await stage.leads(NUMBER, "/in")
    dialog, ear = await stage.calls(NUMBER)
    async with asyncio.timeout(60):
        agent, heard = await taken.get()
    assert (await stage.program.next("/told")).form["CallStatus"] == "canceled"
    await ear.speaks(700)
    await heard.hears(700)
    agent.hang_up()
    after = await stage.program.next("/after")
    assert (after.form["DialCallStatus"], after.form["CallStatus"]) == ("completed", "in-progress")
    async with asyncio.timeout(60):
        await dialog.ended.wait()
    child = await stage.does(lambda: stage.api.calls(after.form["DialCallSid"]).fetch())
    assert (child.to, child._from, child.parent_call_sid) == ("client:ada", SECOND, after.form["CallSid"])
    stage.signed()


async def test_programs_hear_a_caller_and_talk_with_him_over_media_streams(stage: Stage) -> None:
    async with stream_program() as bot, stream_program() as listener:
        start = f"<Start><Stream name='ear' track='both_tracks' url='ws://127.0.0.1:{listener.port}/'/></Start>"
        told = "<Parameter name='plan' value='gold'/>"
        connect = f"<Connect action='after'><Stream url='ws://127.0.0.1:{bot.port}/'>{told}</Stream></Connect>"
        stage.program.says("/in", f"{start}{connect}")
        stage.program.says("/after", "<Stop><Stream name='ear'/></Stop><Play loop='0'>tone.wav</Play>")
        await stage.leads(NUMBER, "/in")
        dialog, ear = await stage.calls(NUMBER)
        begun = (await bot.message("start"))["start"]
        assert (begun["customParameters"], begun["tracks"]) == ({"plan": "gold"}, ["inbound"])
        await ear.speaks(700)
        await bot.hears_tone(700)
        bot.sid = begun["streamSid"]
        await bot.says(440, 20_000)
        await ear.hears(440)
        await listener.hears_tone(440, "outbound")
        await bot.leaves()
        await ear.hears(1000)
        after = await stage.program.next("/after")
        assert after.form["CallSid"] == begun["callSid"]
        await listener.message("stop")
        dialog.hang_up()
    stage.signed()


async def test_a_conference_with_a_coach(stage: Stage) -> None:
    url, api = stage.program.url, stage.api
    wanted = 'statusCallback="conf" statusCallbackEvent="start end join leave mute hold"'
    stage.program.says("/in", f'<Dial action="after"><Conference beep="false" {wanted}>Care</Conference></Dial>')
    stage.program.says("/after", "<Hangup/>")
    stage.program.says("/words", "<Play>tone.wav</Play>")
    ada, bob = await stage.desk_phone("ada"), await stage.desk_phone("bob")
    by_agent, by_coach = stage.answers(ada), stage.answers(bob)
    await stage.leads(SECOND, "/in")
    dialog, customer = await stage.calls(SECOND)
    joined = await stage.program.next("/conf")
    assert joined.form["StatusCallbackEvent"] == "conference-start"
    room = api.conferences(joined.form["ConferenceSid"])

    def invite(to: str, **more: Any) -> Any:
        return room.participants.create(to=to, from_=NUMBER, label=to[-3:], beep="false", **more)

    agent = await stage.does(lambda: invite("client:ada", end_conference_on_exit=True))
    async with asyncio.timeout(60):
        _, agent_ear = await by_agent.get()
    await stage.until(lambda: len(room.participants.list()) == 2)
    coach = await stage.does(lambda: invite("client:bob", coaching=True, call_sid_to_coach=agent.call_sid))
    async with asyncio.timeout(60):
        _, coach_ear = await by_coach.get()
    await stage.until(lambda: len(room.participants.list(coaching=True)) == 1)
    for ear, hertz in ((customer, 500), (agent_ear, 700), (coach_ear, 900)):
        await ear.speaks(hertz)
    await coach_ear.hears(500)
    await agent_ear.hears(900)
    await customer.hears(700)
    await customer.hears_nothing_of(900)
    part = room.participants
    assert (await stage.does(lambda: part("bob").update(coaching=False))).coaching is False
    await customer.hears(900)
    assert (await stage.does(lambda: part(agent.call_sid).update(muted=True))).muted is True
    await customer.hears_no_more_of(700)
    assert (await stage.does(lambda: part("bob").update(hold=True))).hold is True
    await customer.hears_no_more_of(900)
    await stage.does(lambda: room.update(announce_url=url + "/words"))
    await customer.hears(1000)
    assert await stage.does(lambda: part(coach.call_sid).delete())
    assert (await stage.does(room.fetch)).status == "in-progress"
    assert await stage.does(lambda: part(agent.call_sid).delete())
    after = await stage.program.next("/after")
    assert after.form["DialCallStatus"] == "completed"
    over = await stage.until(lambda: (found := room.fetch()).status == "completed" and found)
    assert over.reason_conference_ended == "participant-with-end-conference-on-exit-kicked"
    assert over.call_sid_ending_conference == agent.call_sid
    async with asyncio.timeout(60):
        await dialog.ended.wait()
    told = [joined.form["StatusCallbackEvent"]]
    while told[-1] != "conference-end":
        told.append((await stage.program.next("/conf")).form["StatusCallbackEvent"].removeprefix("participant-"))
    assert told[1:-1] == ["join", "join", "join", "mute", "hold", "leave", "leave"]
    stage.signed()


async def test_an_enqueued_call_is_dequeued_by_its_worker(stage: Stage) -> None:
    ada = await stage.desk_phone("ada")
    taken = stage.answers(ada)
    work = await stage.does(lambda: Work(stage, "client:ada"))
    activity = {"instruction": "dequeue", "post_work_activity_sid": work.away, "timeout": 30}
    stage.program.answers("/assign", json.dumps(activity).encode())
    stage.program.says(
        "/in", f'<Enqueue workflowSid="{work.way.sid}" action="after"><Task priority="5">{{"vip": 1}}</Task></Enqueue>'
    )
    stage.program.says("/after", "<Play>tone.wav</Play>")
    await stage.leads(NUMBER, "/in")
    dialog, ear = await stage.calls(NUMBER)
    assigned = await stage.program.next("/assign")
    about = json.loads(assigned.form["TaskAttributes"])
    assert (about["vip"], about["from"], about["direction"]) == (1, CUSTOMER, "inbound")
    async with asyncio.timeout(60):
        agent, heard = await taken.get()
    await ear.speaks(700)
    await heard.hears(700)
    (offer,) = await stage.until(lambda: [one for one in work.offers() if one.reservation_status == "accepted"])
    task = work.place.tasks(offer.task_sid)
    assert (await stage.does(task.fetch)).assignment_status == "assigned"
    agent.hang_up()
    after = await stage.program.next("/after")
    assert after.form["QueueResult"] == "bridged"
    await ear.hears(1000)
    await stage.until(lambda: task.fetch().assignment_status == "wrapping")
    worker = work.place.workers(work.worker.sid)
    await stage.until(lambda: worker.fetch().activity_sid == work.away)
    dialog.hang_up()
    stage.signed()
    assert await stage.does(work.place.delete)


async def test_who_hangs_up_waiting_leaves_no_work_and_a_conference_is_met(stage: Stage) -> None:
    ada = await stage.desk_phone("ada")
    taken = stage.answers(ada)
    work = await stage.does(lambda: Work(stage, "client:ada"))
    stage.program.answers("/assign", b"{}")
    stage.program.says("/in", f'<Enqueue workflowSid="{work.way.sid}" waitUrl="wait"/>')
    stage.program.says("/wait", "<Play>tone.wav</Play>")
    await stage.leads(NUMBER, "/in")
    dialog, ear = await stage.calls(NUMBER)
    await ear.hears(1000)
    first = (await stage.program.next("/wait")).form
    assert (first["QueuePosition"], first["CurrentQueueSize"]) == ("1", "1")
    await stage.program.next("/wait")
    task = (await stage.program.next("/assign")).form["TaskSid"]
    dialog.hang_up()
    await stage.until(lambda: work.place.tasks(task).fetch().assignment_status == "canceled")
    dialog, ear = await stage.calls(NUMBER)
    second = (await stage.program.next("/assign")).form
    mine = work.place.workers(work.worker.sid).reservations(second["ReservationSid"])
    await stage.does(lambda: mine.update(instruction="conference", from_=NUMBER, timeout=20, beep="false"))
    async with asyncio.timeout(60):
        agent, heard = await taken.get()
    await ear.speaks(700)
    await heard.hears(700)
    assert (await stage.does(mine.fetch)).reservation_status == "accepted"
    (room,) = await stage.does(lambda: stage.api.conferences.list(friendly_name=second["TaskSid"]))
    assert room.status == "in-progress"
    listens = stage.answers(await stage.desk_phone("bob"))
    held = work.place.tasks(second["TaskSid"]).reservations(second["ReservationSid"])
    await stage.does(lambda: held.update(instruction="supervise", supervisor="client:bob", supervisor_mode="monitor"))
    async with asyncio.timeout(60):
        supervisor, overhears = await listens.get()
    await overhears.hears(700)
    await overhears.speaks(1500)
    await ear.hears_nothing_of(1500)
    dialog.hang_up()
    for one in (agent, supervisor):
        async with asyncio.timeout(60):
            await one.ended.wait()
    await stage.until(lambda: work.place.tasks(second["TaskSid"]).fetch().assignment_status == "wrapping")
    assert await stage.does(work.place.delete)


async def ringing_only(_dialog: Dialog, _invite: Any) -> None:
    """A telephone that nobody takes."""


async def test_what_may_not_be_dialled_is_refused(stage: Stage) -> None:
    xml = "<Response><Hangup/></Response>"
    for to, shown, more, code in (
        (CUSTOMER, CUSTOMER, {"twiml": xml}, 21210),
        ("tomorrow", NUMBER, {"twiml": xml}, 21211),
        ("sip:x@10.0.0.1", NUMBER, {"twiml": xml}, 13224),
        (CUSTOMER, NUMBER, {"twiml": "<Response><Pay/></Response>"}, 12200),
        (CUSTOMER, NUMBER, {"twiml": "<!DOCTYPE a [<!ENTITY b 'c'>]><Response/>"}, 12100),
        (CUSTOMER, NUMBER, {"url": "http://169.254.169.254/"}, 20001),
        (CUSTOMER, NUMBER, {}, 21205),
        (CUSTOMER, NUMBER, {"twiml": xml, "machine_detection": "Enable"}, 20001),
        ("+18885550100", NUMBER, {"twiml": xml}, 20403),
    ):
        with pytest.raises(TwilioRestException) as refused:
            await stage.does(lambda to=to, shown=shown, more=more: stage.api.calls.create(to=to, from_=shown, **more))  # type: ignore[misc]
        assert refused.value.code == code, (to, more)
    assert await stage.does(lambda: stage.api.calls.list(to="+18885550100")) == []


def until(holds: Callable[[], Any]) -> None:
    """Waits until the client finds it so."""
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def everything(api: Client, url: str) -> None:
    """Each operation that is answered, once."""
    made = api.applications.create(friendly_name="Tour", voice_url=url + "/tour", voice_method="GET")
    assert api.applications(made.sid).fetch().voice_method == "GET"
    assert api.applications(made.sid).update(friendly_name="Grand tour").voice_url == url + "/tour"
    assert [one.sid for one in api.applications.list(friendly_name="Grand tour")] == [made.sid]
    (number,) = api.incoming_phone_numbers.list(phone_number=NUMBER)
    led = api.incoming_phone_numbers(number.sid).update(voice_application_sid=made.sid, voice_url=url + "/other")
    assert (led.voice_application_sid, led.phone_number) == (made.sid, NUMBER)
    assert api.incoming_phone_numbers(number.sid).fetch().voice_url == url + "/other"
    assert api.incoming_phone_numbers(number.sid).update(voice_application_sid="", voice_url="").voice_url is None
    call = api.calls.create(to=CUSTOMER, from_=NUMBER, application_sid=made.sid, timeout=60)
    assert api.applications(made.sid).delete()
    assert api.calls(call.sid).fetch().status in ("queued", "ringing", "in-progress")
    assert call.sid in [one.sid for one in api.calls.list(from_=NUMBER, limit=5)]
    assert api.calls(call.sid).update(status="completed").status in ("canceled", "completed")
    assert api.calls(call.sid).delete()
    invited = [api.conferences("Tour").participants.create(to=CUSTOMER, from_=NUMBER, label=one) for one in ("a", "b")]
    room = api.conferences(invited[0].conference_sid)
    until(lambda: len(room.participants.list()) == 2)
    assert room.participants("a").fetch().call_sid == invited[0].call_sid
    assert room.participants("a").update(muted=True).muted is True
    assert room.participants("b").delete()
    assert room.fetch().friendly_name == "Tour"
    assert [one.sid for one in api.conferences.list(status="in-progress", friendly_name="Tour")] == [
        room._solution["sid"]
    ]
    assert room.update(status="completed").reason_conference_ended == "conference-ended-via-api"
    waits_and_is_recorded(api, url)


def waits_and_is_recorded(api: Client, url: str) -> None:
    """Queues with who waits in them, and what is recorded of a call."""
    queue = api.queues.create(friendly_name="Line", max_size=5)
    assert api.queues(queue.sid).update(max_size=7).max_size == 7
    waiting = api.calls.create(to=CUSTOMER, from_=NUMBER, twiml="<Response><Enqueue>Line</Enqueue></Response>")
    until(lambda: api.queues(queue.sid).fetch().current_size == 1)
    assert [one.call_sid for one in api.queues(queue.sid).members.list()] == [waiting.sid]
    assert api.queues(queue.sid).members("Front").fetch().position == 1
    assert queue.sid in [one.sid for one in api.queues.list()]
    with pytest.raises(TwilioRestException) as full:
        api.queues(queue.sid).delete()
    assert full.value.code == 22005
    assert api.queues(queue.sid).members(waiting.sid).update(url=url + "/record").call_sid == waiting.sid
    until(lambda: [one for one in api.calls(waiting.sid).recordings.list() if one.status == "completed"])
    kept = api.calls(waiting.sid).recordings.list()
    assert api.queues(queue.sid).delete()
    assert api.recordings(kept[0].sid).fetch().source == "RecordVerb"
    assert [one.sid for one in api.recordings.list(call_sid=waiting.sid)] == [kept[0].sid]
    assert api.calls(waiting.sid).recordings(kept[0].sid).fetch().call_sid == waiting.sid
    path = api.recordings(kept[0].sid).fetch().uri.removesuffix(".json")
    media = f"{api.http_client.base}/_api{path}"
    assert httpx.get(media, auth=(api.username, api.password)).content[:4] == b"RIFF"
    assert httpx.get(media + ".wav").status_code == 401
    assert api.calls(waiting.sid).recordings(kept[0].sid).delete()
    second = api.calls.create(to=CUSTOMER, from_=NUMBER, url=url + "/record")
    until(lambda: api.calls(second.sid).recordings.list())
    assert api.recordings(api.recordings.list(call_sid=second.sid)[0].sid).delete()


async def test_every_answered_operation_answers_as_published(stage: Stage, tmp_path: Path) -> None:
    stage.answers(stage.phone)
    stage.program.says("/tour", '<Play loop="0">tone.wav</Play>')
    stage.program.says("/record", '<Record maxLength="2" action="end"/>')
    stage.program.says("/end", "<Hangup/>")
    await stage.does(lambda: everything(stage.api, stage.program.url))
    seen = stage.api.http_client.seen
    called = {template_of(each) for each in seen if each.status < 300}
    check_ran(PYTHON, [(each.method, each.path) for each in seen if each.status < 300], "/2010-04-01/")
    ours = [each for each in OPERATIONS if each.template.startswith("/2010-04-01/")]
    ours = [each for each in ours if each.template.endswith(".json")]
    assert {f"{each.method} {each.template}" for each in ours if each.answer is not None} - called == set()
    described = fetched(tmp_path, inside=INSIDE_CALLS)
    # Most of its own examples of conferences have null here, against its own schema.
    described["components"]["schemas"]["conference_enum_reason_conference_ended"]["nullable"] = True
    assert wrong(described, seen) == {}
    assert {f"{each.method} {each.template}" for each in ours} <= described_operations(described)
