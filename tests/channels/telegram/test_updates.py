"""What updates say: a table of the service's own shapes, and that nothing whatever makes reading raise."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parlons.channels.model import Incoming, Unknown
from parlons.channels.telegram.updates import read_update

CLAIRE = {"id": 4711, "is_bot": False, "first_name": "Claire", "last_name": "Rousseau", "language_code": "fr-FR"}
CHAT = {"id": 4711, "type": "private", "first_name": "Claire"}
MESSAGE = {"message_id": 17, "from": CLAIRE, "chat": CHAT, "date": 1_790_000_000}
FILE = {"file_id": "AgAD", "file_unique_id": "u", "file_size": 1234}


def read(**fields: Any) -> Incoming:
    (event,) = read_update({"update_id": 1, "message": {**MESSAGE, **fields}})
    assert isinstance(event, Incoming)
    return event


def test_a_text_with_its_sender() -> None:
    event = read(text="Bonjour, la Solène 5 est-elle là ? 🚗")
    assert (event.id, event.text, event.kind) == ("4711:17", "Bonjour, la Solène 5 est-elle là ? 🚗", "text")
    assert (event.sender.address, event.sender.kind, event.sender.value) == ("4711", "external", "telegram:4711")
    assert (event.sender.name, event.sender.language, event.sender.verified) == ("Claire Rousseau", "fr", True)
    assert event.at == 1_790_000_000_000


@pytest.mark.parametrize(
    ("fields", "kind", "text"),
    [
        ({"location": {"latitude": 43.6, "longitude": 1.44}}, "location", "43.600000, 1.440000"),
        (
            {"contact": {"first_name": "Nora", "phone_number": "+33612345678"}},
            "contact",
            "Nora +33612345678",
        ),
        (
            {
                "location": {"latitude": 1, "longitude": 2},
                "venue": {"location": {"latitude": 1, "longitude": 2}, "title": "Delmas", "address": "Rue A"},
            },
            "venue",
            "Delmas\nRue A\n1.000000, 2.000000",
        ),
        ({"poll": {"question": "Quand ?", "options": [{"text": "Lundi"}]}}, "poll", "Quand ?\n- Lundi"),
        ({"dice": {"emoji": "🎲", "value": 4}}, "dice", "🎲 4"),
        ({"story": {"id": 1}}, "story", ""),
        ({"something_of_next_year": {"x": 1}}, "something_of_next_year", ""),
        ({}, "empty", ""),
    ],
)
def test_other_kinds_are_kept_and_described(fields: dict[str, Any], kind: str, text: str) -> None:
    event = read(**fields)
    assert (event.kind, event.text) == (kind, text)


@pytest.mark.parametrize(
    ("fields", "name", "content_type"),
    [
        ({"photo": [FILE | {"file_id": "small"}, FILE]}, "photo.jpg", "image/jpeg"),
        (
            {"document": FILE | {"file_name": "Facture é.pdf", "mime_type": "application/pdf"}},
            "Facture é.pdf",
            "application/pdf",
        ),
        ({"voice": FILE | {"duration": 2, "mime_type": "audio/ogg"}}, "voice.ogg", "audio/ogg"),
        ({"video_note": FILE}, "video.mp4", "video/mp4"),
        ({"sticker": FILE | {"emoji": "👍", "is_animated": True}}, "sticker.tgs", "application/gzip"),
    ],
)
def test_files_are_named_for_fetching(fields: dict[str, Any], name: str, content_type: str) -> None:
    event = read(**fields, caption="voilà")
    (file,) = event.files
    assert (file.name, file.content_type, file.ref, file.size) == (name, content_type, "AgAD", 1234)
    assert event.text == ("👍" if "sticker" in fields else "voilà")


def test_an_edit_is_a_message_of_its_own_that_answers_the_first() -> None:
    edited = {**MESSAGE, "text": "non, la Vela", "edit_date": 1_790_000_060}
    (event,) = read_update({"update_id": 2, "edited_message": edited})
    assert isinstance(event, Incoming)
    assert (event.kind, event.reply_to, event.text) == ("edit", ("4711:17",), "non, la Vela")
    assert event.id != "4711:17"


def test_a_reply_names_what_it_answers() -> None:
    assert read(text="oui", reply_to_message={"message_id": 9, "chat": CHAT}).reply_to == ("4711:9",)


def test_opening_the_chat_is_nothing_yet_unless_it_carries_a_token() -> None:
    (event,) = read_update({"update_id": 1, "message": {**MESSAGE, "text": "/start"}})
    assert event == Unknown("4711:17", "start")
    opened = read(text="/start abc123")
    assert (opened.token, opened.text, opened.kind, opened.automatic) == ("abc123", "", "start", True)
    assert read(text="/starting soon?").automatic is False


def test_a_pressed_button_comes_with_its_label() -> None:
    keyboard = {
        "inline_keyboard": [[{"text": "Oui", "callback_data": "yes:1"}], [{"text": "Non", "callback_data": "no"}]]
    }
    query = {"id": "99", "from": CLAIRE, "message": MESSAGE | {"reply_markup": keyboard}, "data": "yes:1"}
    (event,) = read_update({"update_id": 3, "callback_query": query})
    assert isinstance(event, Incoming)
    assert (event.text, event.button, event.reply_to) == ("Oui", "yes:1", ("4711:17",))


def test_groups_and_other_bots_are_counted_only() -> None:
    group = {"id": -100123, "type": "supergroup", "title": "Amis"}
    for message in (
        {**MESSAGE, "chat": group, "text": "x"},
        {**MESSAGE, "from": CLAIRE | {"is_bot": True}, "text": "x"},
    ):
        (event,) = read_update({"update_id": 4, "message": message})
        assert isinstance(event, Unknown)
        assert event.sender is None


def test_unknown_updates_are_said_to_be() -> None:
    (event,) = read_update({"update_id": 5, "message_reaction": {"chat": CHAT}})
    assert event == Unknown("update:5", "message_reaction")
    (event,) = read_update({"update_id": 6, "message": {"message_id": 1}})
    assert event == Unknown("update:6", "message")


_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = st.sampled_from(
    ["text", "photo", "document", "location", "from", "chat", "caption", "reply_to_message", "venue"]
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    _JSON, st.dictionaries(_FIELDS, _JSON, max_size=4), st.sampled_from(["message", "edited_message", "callback_query"])
)
def test_nothing_makes_reading_raise(anything: Any, fields: dict[str, Any], kind: str) -> None:
    assert len(read_update(anything)) == 1
    for inner in (anything, {**MESSAGE, **fields}):
        assert len(read_update({"update_id": 1, kind: inner})) == 1
