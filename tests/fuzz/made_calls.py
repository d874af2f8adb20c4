"""Makers of calls: each as a customer and Hand, who has a desk phone, find themselves in it; nobody else is on the line."""

from contextlib import suppress

from tests.fuzz.centre import Json, NotMade, World
from tests.fuzz.made_work import offer_of, ready

NUMBER, NOBODY, OF_LEAD, LINE = "+33155500900", "+33155500901", "+33155500902", "fuzz"


def _free(world: World) -> None:
    """Whoever is on the line hangs up, and what is left of his work is done."""
    for one in world.call("operator", "GET", "/calls?state=live")["items"]:
        with suppress(NotMade):
            world.call("operator", "POST", f"/calls/{one['id']}/hang_up")
    world.until("/calls?state=live", lambda page: all(one["state"] == "wrapping" for one in page["items"]) or None)
    for one in world.call("operator", "GET", "/calls?state=live")["items"]:
        with suppress(NotMade):
            world.call("operator", "POST", f"/tasks/{one['task_id']}/complete")
    world.until("/calls?state=live", lambda page: not page["items"])


def _is(world: World, call_id: str, *states: str) -> Json:
    return dict(world.until(f"/calls/{call_id}", lambda call: call if call["state"] in states else None))


def line(world: World) -> Json:
    """Hand and Mate are ready, and nobody calls."""
    _free(world)
    for who in ("Hand", "Mate"):
        ready(world, who)
    return {"offer_sdp": world.outside.do(world.outside.offer())}


def call(world: World) -> Json:
    """A customer whom Hand talks to."""
    made = line(world)
    world.outside.do(world.outside.rings(NUMBER))
    found = world.until("/calls?state=live", lambda page: next(iter(page["items"]), None))
    found = _is(world, found["id"], "talking")
    parties = {one["kind"]: one["leg_id"] for one in found["parties"]}
    ids = {"call_id": found["id"], "conversation_id": found["conversation_id"], "task_id": found["task_id"]}
    return {**made, **ids, "leg_id": parties["agent"], "customer_leg_id": parties["customer"]}


def consulting(world: World) -> Json:
    """The customer hears music while Hand talks to Mate."""
    made = call(world)
    world.call(
        "Hand", "POST", f"/calls/{made['call_id']}/consult", {"to": {"worker_id": world.known["mate_worker_id"]}}
    )
    world.until(f"/calls/{made['call_id']}", _two_agents)
    return made


def _two_agents(call: Json) -> bool:
    return len([one for one in call["parties"] if one["kind"] == "agent" and one["state"] == "talking"]) == 2


def three(world: World) -> Json:
    """Customer, Hand and Mate talk together."""
    made = consulting(world)
    world.call("Hand", "POST", f"/calls/{made['call_id']}/merge")
    parties = world.call("operator", "GET", f"/calls/{made['call_id']}")["parties"]
    mate = world.known["mate_worker_id"]
    return {**made, "mate_leg_id": next(one["leg_id"] for one in parties if one["worker_id"] == mate)}


def parked_call(world: World) -> Json:
    """A customer who hears music until somebody picks the call up."""
    made = call(world)
    world.call("Hand", "POST", f"/calls/{made['call_id']}/park")
    return made


def recording(world: World) -> Json:
    """The sound of a call that is over."""
    made = call(world)
    world.call("Hand", "POST", f"/calls/{made['call_id']}/hang_up")
    found = world.until(
        f"/recordings?call_id={made['call_id']}",
        lambda page: next((one for one in page["items"] if one["state"] == "stored"), None),
    )
    link = world.call("operator", "POST", f"/recordings/{found['id']}/link")
    return {**made, "recording_id": found["id"], "audio_token": link["url"].rpartition("token=")[2]}


def leaver(world: World) -> Json:
    """A customer who hung up before anybody answered."""
    _free(world)
    dialog = world.outside.do(world.outside.rings(NOBODY))
    found = world.until("/calls?state=live", lambda page: next(iter(page["items"]), None))
    _is(world, found["id"], "waiting")
    world.outside.do(world.outside.hangs_up(dialog))
    left = world.until(
        "/leavers",
        lambda page: next((o for o in page["items"] if o["conversation_id"] == found["conversation_id"]), None),
    )
    return {"leaver_id": left["id"], "conversation_id": found["conversation_id"]}


def taken_leaver(world: World) -> Json:
    """The same, and Lead sees to him."""
    made = leaver(world)
    world.call("Lead", "POST", f"/leavers/{made['leaver_id']}/take", {"how": "write"})
    return made


def web_call(world: World) -> Json:
    """A call from a page."""
    made = line(world)
    begun = world.call("visitor", "POST", f"/webcall/{LINE}/calls", {"offer_sdp": made["offer_sdp"], "language": "fr"})
    return {**made, "call_id": begun["call_id"], "call_token": begun["token"], "line": LINE}


def written_up(world: World) -> Json:
    """A call that is over, whose work is not."""
    made = call(world)
    world.call("Hand", "POST", f"/calls/{made['call_id']}/hang_up")
    _is(world, made["call_id"], "wrapping")
    return made


def ringing(world: World) -> Json:
    """A call that is offered to Lead, whose browser is his telephone."""
    made = line(world)
    answer = world.call("Lead", "POST", "/voice/phone", {"offer_sdp": made["offer_sdp"]})["answer_sdp"]
    world.outside.do(world.outside.connects(answer))
    ready(world, "Lead")
    world.outside.do(world.outside.rings(OF_LEAD))
    found = world.until("/calls?state=live", lambda page: next(iter(page["items"]), None))
    task_id = world.until(f"/calls/{found['id']}", lambda one: one["task_id"])
    return offer_of(world, {**made, "call_id": found["id"], "task_id": task_id})


def supervised(world: World) -> Json:
    """A call that Lead, whose browser is his telephone, may listen to."""
    made = call(world)
    answer = world.call("Lead", "POST", "/voice/phone", {"offer_sdp": made["offer_sdp"]})["answer_sdp"]
    world.outside.do(world.outside.connects(answer))
    return made


def beside(world: World) -> Json:
    """A call beside which the customer has a page open."""
    made = call(world)
    link = {"kind": "video", "call_id": made["call_id"]}
    path = world.call("Hand", "POST", f"/conversations/{made['conversation_id']}/links", link)["path"]
    joined = world.call("stranger", "POST", f"/join/{path.rpartition('/')[2].rpartition('#')[2]}")
    world.outside.do(world.outside.looks(world.server.url, joined["call_id"], joined["token"]))
    return made
