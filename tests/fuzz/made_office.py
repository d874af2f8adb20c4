"""Makers of what an office has: settings and their history, flows with versions and trials, articles, sends, webhooks, records in
a customer system, appointments, discussions, people."""

import asyncio
import io
import wave
from secrets import token_hex

import asyncpg

from parlons.testing.processes import OwnPostgres
from tests.fuzz.centre import Json, World
from tests.fuzz.made_work import customer, subscription, written

FLOW = """\
name: {name}
start: hello
steps:
  hello: {{do: say, text: {text}, next: offer}}
  offer: {{do: queue, queue: Fuzz nobody}}
"""
ANY = {"If-Match": "*"}


def setting(world: World) -> Json:
    """A queue that nothing needs, and its history."""
    name = f"Spare {token_hex(3)}"
    thing = {"name": name, "firm": "Fuzz Motors", "workers": 'skills HAS "spare"'}
    world.call("Administrator", "PUT", f"/settings/queue/{name}", thing)
    found = world.call("Administrator", "GET", f"/settings/queue/{name}")
    world.call("Administrator", "PUT", f"/settings/drafts/queue/{name}", {"etag": found["etag"], "thing": thing})
    newest = world.call("Administrator", "GET", "/settings/revisions?limit=1")["items"][0]
    return {"kind": "queue", "name": name, "etag": found["etag"], "revision": newest["id"]}


def flow(world: World) -> Json:
    """A flow that nothing leads to, with a second text kept beside it and a draft of the administrator's."""
    name = f"Spare {token_hex(3)}"
    steps = {"hello": {"do": "say", "text": "Hello", "next": "offer"}, "offer": {"do": "queue", "queue": "Fuzz nobody"}}
    thing = {"name": name, "firm": "Fuzz Motors", "start": "hello", "steps": steps}
    world.call("Administrator", "PUT", f"/settings/flow/{name}", thing)
    found = world.one("/flows", name=name)
    text = FLOW.format(name=name, text=f"Hello {token_hex(3)}")
    kept = world.call("Administrator", "POST", f"/flows/{found['id']}/versions", {"text": text, "note": "Another"})
    world.call("Administrator", "PUT", f"/flows/{found['id']}/drafts/me", {"text": text, "version": found["version"]})
    draft = world.call("Administrator", "GET", f"/flows/{found['id']}/drafts")["items"][0]
    return {
        "flow_id": found["id"], "version": kept["version"], "live": found["version"], "etag": found["etag"], "text": text,
        "user_id": world.known["administrator_user_id"], "draft_etag": draft["etag"],
    }  # fmt: skip


def trial(world: World) -> Json:
    """A flow of which another text is tried on some."""
    made = flow(world)
    body = {"version": made["version"], "percent": 10}
    path = f"/flows/{made['flow_id']}/trials"
    begun = world.call("Administrator", "POST", path, body, headers={"If-Match": made["etag"]})
    return {**made, "trial_id": begun["id"]}


def article(world: World) -> Json:
    """A draft of an article, with a second version, a file and a section beside it."""
    body = {
        "title": f"Pneus {token_hex(3)}",
        "html": "<p>Les pneus</p>",
        "firm_id": world.known["firm_id"],
        "language": "fr",
    }
    made = world.call("Administrator", "POST", "/articles", body)
    change = {
        "title": made["title"],
        "html": "<p>Les pneus d’hiver</p>",
        "slug": made["slug"],
        "version": made["version"],
    }
    found = world.call("Administrator", "PUT", f"/articles/{made['id']}", change)
    names = {"names": {"fr": f"Roues {token_hex(3)}"}, "firm_id": world.known["firm_id"]}
    section = world.call("Administrator", "POST", "/article-sections", names)
    picture = {"file": ("note.pdf", b"%PDF-1.4\n%%EOF\n", "application/pdf"), "article_id": (None, made["id"])}
    file = world.call("Administrator", "POST", "/article-files", files=picture)
    return {
        "article_id": made["id"], "version": found["version"], "section_id": section["id"], "file_id": file["id"],
        "conversation_id": written(world)["conversation_id"],
    }  # fmt: skip


def published(world: World) -> Json:
    """An article that everybody may read."""
    made = article(world)
    for act in ("submit", "publish"):
        body = {"act": act, "version": made["version"]}
        made["version"] = world.call("Administrator", "POST", f"/articles/{made['article_id']}/act", body)["version"]
    return made


def reply(world: World) -> Json:
    """A ready reply."""
    word = f"mot{token_hex(3)}"
    made = world.call(
        "Administrator", "POST", "/replies", {"shortcut": word, "title": word, "texts": {"fr": "Bonjour"}}
    )
    return {"reply_id": made["id"], "version": made["version"], "shortcut": word}


def removed_reply(world: World) -> Json:
    """One that was removed."""
    made = reply(world)
    world.call("Administrator", "DELETE", f"/replies/{made['reply_id']}")
    return made


def sound() -> bytes:
    """A WAV file of a second of nothing."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(16000))
    return out.getvalue()


def prompt(world: World) -> Json:
    """Recorded words."""
    form = {
        "file": ("hello.wav", sound(), "audio/wav"),
        "name": (None, f"mot-{token_hex(3)}"),
        "language": (None, "fr"),
    }
    return {"prompt_id": world.call("Administrator", "POST", "/prompts", files=form)["id"], "sound": sound()}


def send(world: World) -> Json:
    """A send by text message with a recipient; nothing has left."""
    body = {
        "name": f"Pneus {token_hex(3)}", "account_id": world.known["sms_account_id"], "purpose": "service",
        "texts": {"fr": {"text": "Bonjour"}, "en": {"text": "Hello"}}, "per_second": 0.1,
    }  # fmt: skip
    made = world.call("Lead", "POST", "/sends", body)
    people = [
        {"address": f"+336{int(token_hex(4), 16) % 10**8:08d}", "name": "Claire", "language": "fr"} for _ in range(9)
    ]
    world.call("Lead", "POST", f"/sends/{made['id']}/recipients", {"items": people})
    return {"send_id": made["id"], "version": made["version"], "number": people[0]["address"]}


def begun(world: World) -> Json:
    """A send that is under way."""
    made = send(world)
    world.call("Lead", "POST", f"/sends/{made['send_id']}/start")
    return made


def paused(world: World) -> Json:
    """A send that stands still."""
    made = begun(world)
    world.call("Lead", "POST", f"/sends/{made['send_id']}/pause")
    return made


def single(world: World) -> Json:
    """One message to one customer, for later."""
    made = customer(world)
    body = {
        "customer_id": made["customer_id"], "channel": "sms", "texts": {"fr": {"text": "Bonjour"}},
        "at": "2027-01-04T10:00:00Z",
    }  # fmt: skip
    return {**made, "single_id": world.call("Lead", "POST", "/single-messages", body)["id"]}


def webhook(world: World) -> Json:
    """A program that is told what happens, and was sent something."""
    body = {"name": f"Program {token_hex(3)}", "url": f"{world.known['gateway']}/hook"}
    made = world.call("Administrator", "POST", "/webhooks", body)
    world.call("Administrator", "POST", f"/webhooks/{made['id']}/test")
    sent = world.until(f"/webhooks/{made['id']}/deliveries", lambda page: page["items"], "Administrator")
    return {"webhook_id": made["id"], "version": made["version"], "message_id": sent[0]["id"]}


def record(world: World) -> Json:
    """A customer who stands in the customer system too, under another name."""
    made = customer(world)
    person = world.outside.shop.books.add(name="Claire R.", email=made["mail"], tier="or")
    path = f"/customers/{made['customer_id']}/records"
    world.until(f"{path}?fresh=true", lambda page: [one for one in page["items"] if one["state"] == "linked"], "Hand")
    return {**made, "lookup_id": world.known["lookup_id"], "record_id": person.id}


def refused_write(world: World) -> Json:
    """A change that the customer system refused."""
    made = record(world)
    path = f"/customers/{made['customer_id']}/records"
    body = {"values": {"email": "nonsense"}, "seen": {"email": made["mail"]}}
    world.call("Hand", "PATCH", f"{path}/{made['lookup_id']}", body)
    writes = world.until(
        path, lambda page: [w for one in page["items"] for w in one["writes"] if w["state"] != "waiting"], "Hand"
    )
    return {**made, "write_id": writes[0]["id"]}


def slot(world: World) -> Json:
    """A customer, and times that are free."""
    free = world.call("Hand", "GET", f"/appointments/slots?firm_id={world.known['firm_id']}")["items"]
    chosen = world.pool.random.sample(free, 2)
    return {**customer(world), "starts_at": chosen[0]["starts_at"], "other_starts_at": chosen[1]["starts_at"]}


def appointment(world: World) -> Json:
    """An appointment to come."""
    made = slot(world)
    body = {"customer_id": made["customer_id"], "starts_at": made["starts_at"], "about": "Pneus"}
    return {**made, "appointment_id": world.call("Hand", "POST", "/appointments", body)["id"]}


def past_appointment(world: World) -> Json:
    """An appointment whose time has come: the one thing that only time makes."""
    made = appointment(world)

    async def age() -> None:
        database = await asyncpg.connect(OwnPostgres(world.server.data).dsn)
        shift = "SET starts_at = starts_at - interval '30 days', ends_at = ends_at - interval '30 days'"
        await database.execute(f"UPDATE appointments {shift} WHERE id = $1", made["appointment_id"])
        await database.close()

    asyncio.run(age())
    return made


def discussion(world: World) -> Json:
    """Hand and Mate talk among themselves."""
    body = {"name": f"Entre nous {token_hex(3)}", "user_ids": [world.known["mate_user_id"]]}
    made = world.call("Hand", "POST", "/team/discussions", body)
    line = world.call("Hand", "POST", f"/team/discussions/{made['id']}/lines", {"text": "Bonjour"})
    return {"discussion_id": made["id"], "version": made["version"], "line_id": line["id"]}


def move(world: World) -> Json:
    """Mate helps elsewhere for a while."""
    body = {"skills": {f"helping_{token_hex(3)}": True}, "until_at": world.known["soon"], "reason": "fuzz"}
    made = world.call("Lead", "POST", f"/workers/{world.known['mate_worker_id']}/moves", body)
    return {"move_id": made["id"], "worker_id": world.known["mate_worker_id"]}


def memo(world: World) -> Json:
    """Words to a team that Hand has not seen."""
    world.call("Lead", "POST", "/floor/messages", {"text": "Bonjour à tous", "queue_id": world.known["desk_queue_id"]})
    return {"memo_id": next(iter(world.until("/me/memos", lambda found: found, "Hand")))}


def user(world: World) -> Json:
    """Somebody new, with an own password."""
    email, word = f"new-{token_hex(4)}@fuzz.example", f"a long word {token_hex(4)}"
    made = world.call(
        "Administrator", "POST", "/users", {"email": email, "name": f"New {token_hex(4)}", "role": "agent"}
    )
    token = world.call("Administrator", "POST", f"/users/{made['id']}/link")["link"].rpartition("#")[2]
    return {"user_id": made["id"], "version": made["version"], "email": email, "password": word, "link_token": token}


def role(world: World) -> Json:
    """A role that nobody has."""
    made = world.call("Administrator", "POST", "/roles", {"name": f"Role {token_hex(3)}", "rights": ["read"]})
    return {"role_id": made["id"], "version": made["version"]}


def firm(world: World) -> Json:
    """A firm without anything."""
    made = world.call("Administrator", "POST", "/firms", {"name": f"Firm {token_hex(3)}", "languages": ["fr"]})
    return {"firm_id": made["id"], "version": made["version"]}


def key(world: World) -> Json:
    """A key of another program."""
    return {"key_id": world.call("Administrator", "POST", "/keys", {"name": "Fuzz", "scopes": ["read"]})["id"]}


def device(world: World) -> Json:
    """A browser of Hand's that is told."""
    body = subscription(world)
    return {
        **body,
        "device_id": world.call("Hand", "PUT", "/me/push", {**body, "locale": "fr", "time_zone": "UTC"})["id"],
    }


def newcomer(world: World) -> Json:
    """Somebody new who came in by a link."""
    made = user(world)
    person = world.people["newcomer"]
    person.client.cookies.clear()
    person.call("POST", "/session/link", {"token": made["link_token"]})
    return made


def settled(world: World) -> Json:
    """The same, who has chosen his password."""
    made = newcomer(world)
    world.call("newcomer", "PUT", "/me/password", {"password": made["password"]})
    return made
