"""Makers of work: visitors, conversations in somebody's hands, letters, tasks, offers, customers. What each makes it names as the
path parameters do."""

from secrets import token_hex

from parlons.channels.webchat.tokens import identity_signature
from tests.fuzz.centre import IDENTITY, Json, World

PAGE = {"path": "/shop/", "title": "Shop"}


def visit(world: World, widget: str = "fuzz") -> Json:
    """The visitor has a page open; he is somebody new."""
    guest = world.people["visitor"]
    guest.headers = {"Origin": world.server.url}
    begun = guest.call("POST", f"/webchat/{widget}/visits", {"consent": "given", "language": "fr", "page": PAGE})
    guest.headers = {**guest.headers, "Authorization": f"Bearer {begun['visitor_token']}"}
    user = f"user-{token_hex(4)}"
    proof = identity_signature(IDENTITY, user, "")
    return {"widget_key": widget, "visitor_id": begun["visitor_id"], "user": user, "signature": proof}


def _writes(world: World, widget: str, text: str) -> str:
    body = {"client_id": token_hex(12), "text": text, "attachment_ids": [], "language": "fr"}
    return str(world.call("visitor", "POST", f"/webchat/{widget}/messages", body)["message"]["id"])


def written(world: World, widget: str = "fuzz", text: str = "Bonjour") -> Json:
    """The visitor has written; his conversation, wherever it is."""
    made = visit(world, widget)
    made["message_id"] = _writes(world, widget, text)
    made["conversation_id"] = world.call("visitor", "GET", f"/webchat/{widget}/conversation")["conversation"]["id"]
    found = world.call("operator", "GET", f"/conversations/{made['conversation_id']}")
    return {**made, "customer_id": found["customer"]["id"]}


def offered(world: World) -> Json:
    """A chat that is offered to Hand."""
    ready(world, "Hand")
    return offer_of(world, written(world))


def chat(world: World) -> Json:
    """A chat that Hand has."""
    return taken(world, offered(world))


def waiting(world: World) -> Json:
    """A chat in a queue in which nobody serves."""
    made = written(world, "fuzz-waiting")
    return {**made, "task_id": _task(world, made)}


def ready(world: World, who: str) -> None:
    """He takes contacts."""
    body = {"activity_id": world.known["available"]}
    world.call(who, "PUT", f"/workers/{world.known[f'{who.lower()}_worker_id']}/activity", body)


def _task(world: World, made: Json) -> str:
    return str(world.until(f"/conversations/{made['conversation_id']}", lambda found: found["lead_task_id"]))


def offer_of(world: World, made: Json) -> Json:
    """With the offer of its task."""
    task_id = made.get("task_id") or _task(world, made)
    found = world.until(
        f"/tasks/{task_id}/reservations",
        lambda page: next((one for one in page["items"] if one["status"] == "pending"), None),
    )
    return {**made, "task_id": task_id, "reservation_id": found["id"]}


def taken(world: World, made: Json) -> Json:
    """Hand accepts what is offered."""
    world.call("Hand", "POST", f"/reservations/{made['reservation_id']}/accept")
    if "conversation_id" in made:
        path = f"/conversations/{made['conversation_id']}"
        world.until(path, lambda found: (found["assigned"] or {}).get("worker_id") == world.known["hand_worker_id"])
    return made


def customer(world: World) -> Json:
    """A customer of the firm with a mail address and a telephone."""
    mail, number = f"c-{token_hex(5)}@customer.example", f"+336{int(token_hex(4), 16) % 10**8:08d}"
    body = {
        "firm_id": world.known["firm_id"],
        "kind": "email",
        "value": mail,
        "verified": True,
        "name": "Claire Rousseau",
    }
    made = world.call("operator", "POST", "/customers", body)
    phone = {"kind": "phone", "value": number, "verified": True}
    world.call("operator", "POST", f"/customers/{made['id']}/addresses", phone)
    return {"customer_id": made["id"], "mail": mail, "number": number}


def task(world: World) -> Json:
    """A task without conversation, in a queue in which nobody serves."""
    body = {"to": {"queue_id": world.known["nobody_queue_id"]}, "firm_id": world.known["firm_id"]}
    return {"task_id": world.call("Lead", "POST", "/tasks", body)["id"]}


def offered_task(world: World) -> Json:
    """A task that is offered to Hand."""
    ready(world, "Hand")
    body = {"to": {"worker_id": world.known["hand_worker_id"]}, "firm_id": world.known["firm_id"]}
    return offer_of(world, {"task_id": world.call("Lead", "POST", "/tasks", body)["id"]})


def own_task(world: World) -> Json:
    """A task that Hand has."""
    return taken(world, offered_task(world))


def transferred(world: World) -> Json:
    """A task that Hand has, and that is offered to others."""
    made = own_task(world)
    to = {"to": {"queue_id": world.known["nobody_queue_id"]}}
    world.call("Hand", "POST", f"/tasks/{made['task_id']}/transfer", to)
    return made


def parked(world: World) -> Json:
    """A conversation that Hand set aside."""
    made = chat(world)
    world.call("Hand", "POST", f"/conversations/{made['conversation_id']}/park", {})
    return made


def closed(world: World) -> Json:
    """A conversation that is over."""
    made = chat(world)
    world.call("Hand", "POST", f"/conversations/{made['conversation_id']}/close", {})
    return made


def not_served(world: World) -> Json:
    """A conversation that waits, and nobody is asked to work on it."""
    made = waiting(world)
    world.call("operator", "POST", f"/tasks/{made['task_id']}/cancel", {"reason": "fuzz"})
    world.until(f"/conversations/{made['conversation_id']}", lambda found: found["not_served_reason"])
    return made


def answered(world: World) -> Json:
    """A chat of Hand's with two messages of the customer, and his answer."""
    made = chat(world)
    made["other_message_id"] = _writes(world, "fuzz", "Une autre question")
    body = {"text": "Bonjour", "client_id": token_hex(8)}
    made["answer_id"] = world.call("Hand", "POST", f"/conversations/{made['conversation_id']}/messages", body)["id"]
    return made


def split(world: World) -> Json:
    """A conversation that was split."""
    made = answered(world)
    body = {"message_ids": [made["other_message_id"]]}
    done = world.call("Hand", "POST", f"/conversations/{made['conversation_id']}/split", body)
    return {**made, "split_id": done["id"]}


def letter(world: World) -> Json:
    """A mail that Hand wrote first, with formatting."""
    body = {
        "account_id": world.known["email_account_id"], "to": f"l-{token_hex(4)}@letters.example", "subject": "Devis",
        "text": "Bonjour", "html": "<p>Bonjour</p>", "client_id": token_hex(8),
    }  # fmt: skip
    made = world.call("Hand", "POST", "/conversations", body)
    found = made["conversation"]
    return {
        "conversation_id": found["id"], "message_id": made["message"]["id"], "customer_id": found["customer"]["id"],
    }  # fmt: skip


def failed(world: World) -> Json:
    """A text message that the gateway refused."""
    body = {
        "account_id": world.known["sms_account_id"], "to": f"+336{int(token_hex(4), 16) % 10**8:08d}",
        "text": "refuse this", "client_id": token_hex(8),
    }  # fmt: skip
    made = world.call("Hand", "POST", "/conversations", body)
    found, message_id = made["conversation"]["id"], made["message"]["id"]

    def refused(full: Json) -> bool:
        return any(one["id"] == message_id and one["delivery"]["state"] == "failed" for one in full["messages"])

    world.until(f"/conversations/{found}", refused)
    return {"conversation_id": found, "message_id": message_id}


def remark(world: World) -> Json:
    """A comment under a post, in Hand's hands."""
    ready(world, "Hand")
    name = f"Person {token_hex(3)}"
    world.outside.do(world.outside.comments(name, "Joli !"))
    found = world.until(
        "/conversations?view=open&limit=100",
        lambda page: next((one for one in page["items"] if one["customer"]["name"] == name), None),
    )
    made = offer_of(world, {"conversation_id": found["id"], "message_id": found["last_message"]["id"]})
    return taken(world, made)


def two_customers(world: World) -> Json:
    """Two who may be one."""
    return {**customer(world), "other_id": customer(world)["customer_id"]}


def merged(world: World) -> Json:
    """One who was merged into another."""
    made = two_customers(world)
    body = {"other_id": made["other_id"]}
    return {**made, "merge_id": world.call("Hand", "POST", f"/customers/{made['customer_id']}/merge", body)["id"]}


def page_link(world: World) -> Json:
    """A link into a conversation that Hand has."""
    made = chat(world)
    link = world.call("Hand", "POST", f"/conversations/{made['conversation_id']}/links", {"kind": "chat"})
    return {**made, "token": link["path"].rpartition("/")[2].rpartition("#")[2]}


def miss(world: World) -> Json:
    """Words that were not understood."""
    made = written(world, "fuzz-asks", "La lune est en fromage")
    found = world.until("/intents/misses", lambda page: page["items"])
    return {**made, "miss_id": found[0]["id"]}


def upload(world: World) -> Json:
    """A file that a visitor handed in, in his own conversation."""
    made = chat(world)
    files = {"file": ("note.txt", b"some words", "text/plain")}
    made["file_id"] = world.call("visitor", "POST", "/webchat/fuzz/files", files=files)["id"]
    body = {"client_id": token_hex(12), "text": "Voici", "attachment_ids": [made["file_id"]], "language": "fr"}
    world.call("visitor", "POST", "/webchat/fuzz/messages", body)
    return made


def notice(world: World) -> Json:
    """A note in which Lead named Hand."""
    made = chat(world)
    note = {"text": "Regarde", "mentions": [world.known["hand_user_id"]]}
    world.call("Lead", "POST", f"/conversations/{made['conversation_id']}/notes", note)
    found = world.until("/notices", lambda page: page["items"], "Hand")
    return {**made, "notice_id": found[0]["id"]}


def joined(world: World) -> Json:
    """A chat of Hand's in which Lead is too."""
    made = chat(world)
    world.call("Lead", "POST", f"/conversations/{made['conversation_id']}/join")
    return made


def chat_of_lead(world: World) -> Json:
    """A chat of Hand's; Lead may take it."""
    ready(world, "Lead")
    return chat(world)


def closed_visit(world: World) -> Json:
    """A visitor at closed doors."""
    return visit(world, "fuzz-closed")


def browser(world: World) -> Json:
    """A visitor whose browser can be told."""
    return {**visit(world), **subscription(world)}


def told(world: World) -> Json:
    """A customer whose browser is told."""
    made = chat(world)
    accepted = {**subscription(world), "page": f"{world.server.url}/shop/"}
    world.call("visitor", "POST", "/webchat/fuzz/push", accepted)
    return made


def subscription(world: World) -> Json:
    """What a browser says of itself."""
    return {"address": f"{world.known['gateway']}/push/{token_hex(4)}", "public_key": "B" * 87, "secret": "A" * 22}
