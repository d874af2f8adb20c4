"""What webhooks of the graph say: tables of its published shapes, and that nothing whatever makes reading raise."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parlons.channels.meta import events
from parlons.channels.meta.whatsapp import values
from parlons.channels.model import Event, Incoming, Read, Receipt, Unknown

NUMBER = {"display_phone_number": "15550783881", "phone_number_id": "106540352242922"}
KERRY = {"profile": {"name": "Zoé Lefèvre"}, "wa_id": "33612345678"}


def numbers(**value: Any) -> list[Event]:
    told = {"messaging_product": "whatsapp", "metadata": NUMBER, "contacts": [KERRY], **value}
    return values.read_entries([{"id": "102290129340398", "changes": [{"value": told, "field": "messages"}]}])


def number_message(**fields: Any) -> Incoming:
    (event,) = numbers(messages=[{"from": "33612345678", "id": "wamid.A", "timestamp": "1790000000", **fields}])
    assert isinstance(event, Incoming)
    return event


def test_a_text_to_a_number() -> None:
    event = number_message(
        type="text", text={"body": "Où en est ma commande ?"}, context={"id": "wamid.OURS", "from": "1"}
    )
    assert (event.id, event.text, event.kind, event.to) == (
        "wamid.A",
        "Où en est ma commande ?",
        "text",
        "106540352242922",
    )
    assert (event.sender.address, event.sender.kind, event.sender.value) == ("33612345678", "phone", "+33612345678")
    assert (event.sender.name, event.sender.verified) == ("Zoé Lefèvre", True)
    assert (event.reply_to, event.at) == (("wamid.OURS",), 1_790_000_000_000)


def test_a_number_written_in_two_ways_is_one_person_with_his_name() -> None:
    told = {"from": "5215512345678", "id": "wamid.C", "timestamp": "1", "type": "text", "text": {"body": "x"}}
    (event,) = numbers(messages=[told], contacts=[{"profile": {"name": "Ana Ruiz"}, "wa_id": "525512345678"}])
    assert isinstance(event, Incoming)
    assert (event.sender.value, event.sender.name) == ("+5215512345678", "Ana Ruiz")


def test_who_hides_his_number_is_known_by_his_id() -> None:
    told = [
        {
            "from_user_id": "FR.13491208655302741918",
            "id": "wamid.B",
            "timestamp": "1",
            "type": "text",
            "text": {"body": "x"},
        }
    ]
    (event,) = numbers(messages=told)
    assert isinstance(event, Incoming)
    assert (event.sender.kind, event.sender.value) == ("external", "whatsapp:FR.13491208655302741918")


@pytest.mark.parametrize(
    ("fields", "kind", "text"),
    [
        (
            {"type": "location", "location": {"latitude": 43.6, "longitude": 1.4, "name": "Ici"}},
            "location",
            "Ici\n43.600000, 1.400000",
        ),
        (
            {"type": "contacts", "contacts": [{"name": {"formatted_name": "Nora B"}, "phones": [{"phone": "+33 6"}]}]},
            "contact",
            "Nora B +33 6",
        ),
        ({"type": "reaction", "reaction": {"message_id": "wamid.X", "emoji": "👍"}}, "reaction", "👍"),
        ({"type": "sticker", "sticker": {"id": "1", "mime_type": "image/webp"}}, "sticker", ""),
        (
            {"type": "system", "system": {"body": "User A changed", "type": "user_changed_number"}},
            "system",
            "User A changed",
        ),
        ({"type": "unsupported", "errors": [{"code": 131051, "title": "x"}]}, "unsupported", ""),
        ({"type": "order", "order": {"catalog_id": "1"}}, "order", ""),
        ({"type": "button", "button": {"text": "Oui", "payload": "yes"}}, "text", "Oui"),
        (
            {
                "type": "interactive",
                "interactive": {
                    "type": "list_reply",
                    "list_reply": {"id": "a", "title": "Lundi", "description": "9 h"},
                },
            },
            "text",
            "Lundi\n9 h",
        ),
        (
            {"type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": {"body": "Sent"}}},
            "interactive",
            "",
        ),
    ],
)
def test_kinds_of_messages_to_a_number(fields: dict[str, Any], kind: str, text: str) -> None:
    event = number_message(**fields)
    assert (event.kind, event.text) == (kind, text)
    assert event.automatic is (kind in ("reaction", "system"))


def test_buttons_come_with_what_they_carry() -> None:
    reply = {"type": "button_reply", "button_reply": {"id": "sat:yes", "title": "Samedi"}}
    assert number_message(type="interactive", interactive=reply).button == "sat:yes"
    assert number_message(type="button", button={"text": "Oui", "payload": "yes"}).button == "yes"


def test_a_file_to_a_number() -> None:
    document = {"id": "4490709327384033", "mime_type": "application/pdf", "filename": "Devis é.pdf", "caption": "Voilà"}
    event = number_message(type="document", document=document)
    (file,) = event.files
    assert (file.name, file.content_type, file.ref, event.text) == (
        "Devis é.pdf",
        "application/pdf",
        "4490709327384033",
        "Voilà",
    )
    (voice,) = number_message(
        type="audio", audio={"id": "1", "mime_type": "audio/ogg; codecs=opus", "voice": True}
    ).files
    assert (voice.name, voice.content_type) == ("audio.ogg", "audio/ogg")


def test_statuses_are_receipts_in_the_order_they_came() -> None:
    closed = {"code": 131047, "title": "Re-engagement message", "error_data": {"details": "more than 24 hours"}}
    told = [
        {"id": "wamid.A", "status": "read", "timestamp": "3", "recipient_id": "33612345678"},
        {"id": "wamid.A", "status": "delivered", "timestamp": "2", "recipient_id": "33612345678"},
        {"id": "wamid.B", "status": "failed", "timestamp": "2", "errors": [closed]},
        {"id": "wamid.C", "status": "played", "timestamp": "2"},
    ]
    read, delivered, failed, other = numbers(statuses=told)
    assert (read, delivered) == (
        Receipt("wamid.A", "read", to="106540352242922"),
        Receipt("wamid.A", "delivered", to="106540352242922"),
    )
    assert failed == Receipt("wamid.B", "failed", "window-closed", "more than 24 hours", to="106540352242922")
    assert isinstance(other, Unknown)


def test_other_news_of_a_business_account_are_counted() -> None:
    (event,) = values.read_entries([{"id": "1", "changes": [{"field": "message_template_status_update", "value": {}}]}])
    assert isinstance(event, Unknown)
    assert (event.kind, event.sender) == ("message_template_status_update", None)


PAGE, PSID = "682498302938465", "6849302938475610"


def page(channel: str = "messenger", **event: Any) -> list[Event]:
    told = {"sender": {"id": PSID}, "recipient": {"id": PAGE}, "timestamp": 1_790_000_000_123, **event}
    return events.read_entries(channel, [{"id": PAGE, "time": 1, "messaging": [told]}])


def page_message(**fields: Any) -> Incoming:
    (event,) = page(message={"mid": "m_1", **fields})
    assert isinstance(event, Incoming)
    return event


def test_a_text_to_a_page() -> None:
    event = page_message(text="Bonsoir", reply_to={"mid": "m_0"}, referral={"ref": "c-token", "source": "SHORTLINK"})
    assert (event.id, event.text, event.reply_to, event.token) == ("m_1", "Bonsoir", ("m_0",), "c-token")
    assert (event.sender.address, event.sender.value) == (PSID, f"messenger:{PAGE}:{PSID}")
    assert (event.to, event.at) == (PAGE, 1_790_000_000_123)


def test_buttons_of_a_page() -> None:
    assert page_message(text="Oui", quick_reply={"payload": "yes"}).button == "yes"
    (event,) = page(
        postback={"mid": "m_2", "title": "Commencer", "payload": "GET_STARTED", "referral": {"ref": "ad-7"}}
    )
    assert isinstance(event, Incoming)
    assert (event.id, event.text, event.button, event.token) == ("m_2", "Commencer", "GET_STARTED", "ad-7")


def test_files_and_shares() -> None:
    picture = {"type": "image", "payload": {"url": "https://cdn.example/x/y.png?oh=1"}}
    other = {"type": "file", "payload": {"url": "https://cdn.example/z?name=Devis.pdf"}}
    event = page_message(attachments=[picture, other])
    assert [(each.name, each.ref) for each in event.files] == [
        ("y.png", "https://cdn.example/x/y.png?oh=1"),
        ("Devis.pdf", "https://cdn.example/z?name=Devis.pdf"),
    ]
    share = page_message(attachments=[{"type": "share", "payload": {"url": "https://a.example/p", "title": "Vela 3"}}])
    assert (share.kind, share.text, share.files) == ("share", "Vela 3\nhttps://a.example/p", ())
    evil = page_message(attachments=[{"type": "image", "payload": {"url": "file:///etc/passwd"}}])
    assert evil.files == ()


def test_what_becomes_of_the_pages_messages() -> None:
    assert page(delivery={"mids": ["m_1", "m_2"], "watermark": 9}) == [
        Receipt("m_1", "delivered", to=PAGE),
        Receipt("m_2", "delivered", to=PAGE),
    ]
    assert page(read={"watermark": 1_790_000_000_999}) == [Read(PSID, None, 1_790_000_000_999, PAGE)]
    (read,) = page("instagram", read={"mid": "m_5"})
    assert isinstance(read, Read)
    assert (read.address, read.provider_id) == (PSID, "m_5")


def test_what_asks_nobody_for_work() -> None:
    assert isinstance(page(message={"mid": "m_1", "text": "x", "is_echo": True})[0], Unknown)
    (reaction,) = page(reaction={"reaction": "love", "emoji": "❤", "action": "react", "mid": "m_1"})
    assert isinstance(reaction, Incoming)
    assert (reaction.kind, reaction.text, reaction.reply_to, reaction.automatic) == ("reaction", "❤", ("m_1",), True)
    deleted = page_message(is_deleted=True)
    assert (deleted.kind, deleted.id, deleted.reply_to, deleted.automatic) == ("deleted", "m_1:deleted", ("m_1",), True)
    assert page_message(is_unsupported=True).kind == "unsupported"
    (standby,) = events.read_entries("messenger", [{"id": PAGE, "time": 1, "standby": [{"message": {}}]}])
    assert isinstance(standby, Unknown)
    (comment,) = events.read_entries("messenger", [{"id": PAGE, "time": 1, "changes": [{"field": "feed"}]}])
    assert isinstance(comment, Unknown)
    assert comment.kind == "feed"
    (optin,) = page(optin={"type": "notification_messages"})
    assert isinstance(optin, Unknown)


_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(_JSON, st.sampled_from(["text", "image", "interactive", "location", "contacts", "reaction", "button", "system"]))
def test_nothing_makes_reading_raise(anything: Any, kind: str) -> None:
    entry: dict[str, Any] = {"id": "1", "changes": [{"field": "messages", "value": anything}, anything]}
    numbers(metadata=anything, contacts=anything, messages=[{"id": "1"}])
    values.read_entries([entry, {"id": "1", "changes": anything}])
    broken = {"from": "33612345678", "id": "wamid.A", "timestamp": "1", "type": kind, kind: anything}
    assert len(numbers(messages=[broken, anything] if not isinstance(anything, dict) else [broken])) == 1
    numbers(statuses=[{"id": "x", "status": "failed", "errors": anything}])
    for field in ("message", "postback", "reaction", "read", "delivery"):
        page(**{field: anything})
    page(message={"mid": "m", "attachments": anything, "reply_to": anything, "referral": anything, "text": anything})
    events.read_entries("messenger", [{"id": PAGE, "messaging": anything, "standby": anything, "changes": anything}])
