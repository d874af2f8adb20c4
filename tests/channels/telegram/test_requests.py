"""What goes out: parts, captions, buttons, and what each refusal of the service means."""

import orjson
import pytest

from parlons.channels.calling import divide, form, size
from parlons.channels.model import Button, Outgoing, OutgoingFile
from parlons.channels.plugin import Failed, TryLater
from parlons.channels.telegram.requests import calls, refusal
from parlons.runtime.safe_http import Response

PNG = OutgoingFile("FI1", "plan.png", "image/png", b"\x89PNG")
PDF = OutgoingFile("FI2", 'Devis "été".pdf', "application/pdf", b"%PDF-1.7")


def message(text: str = "", *files: OutgoingFile, buttons: tuple[Button, ...] = ()) -> Outgoing:
    return Outgoing("DE1", "ME1", "CN1", "4711", text, files=files, buttons=buttons)


def test_a_text_is_one_call() -> None:
    (call,) = calls(message("Bonjour é 🚗"))
    assert (call.method, call.params["chat_id"], call.params["text"]) == ("sendMessage", "4711", "Bonjour é 🚗")
    assert "parse_mode" not in call.params, "what an agent writes is never markup"


def test_the_only_file_carries_a_short_text() -> None:
    (call,) = calls(message("Voici", PNG))
    assert (call.method, call.field, call.params["caption"]) == ("sendPhoto", "photo", "Voici")
    text, file = calls(message("x" * 1025, PDF))
    assert (text.method, file.method, "caption" in file.params) == ("sendMessage", "sendDocument", False)
    assert [each.method for each in calls(message("Voici", PNG, PDF))] == ["sendMessage", "sendPhoto", "sendDocument"]


def test_buttons_stand_below_the_last_part() -> None:
    made = calls(message("é" * 5000, buttons=(Button("Oui", "yes"), Button("Non", "no"))))
    assert ["reply_markup" in call.params for call in made] == [False, True]
    rows = made[-1].params["reply_markup"]["inline_keyboard"]
    assert rows == [[{"text": "Oui", "callback_data": "yes"}], [{"text": "Non", "callback_data": "no"}]]
    with pytest.raises(Failed) as no:
        calls(message("?", buttons=(Button("Oui", "é" * 33),)))
    assert no.value.code == "button-too-long"


def test_nothing_to_send_is_said() -> None:
    with pytest.raises(Failed):
        calls(message())


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (429, {"description": "Too Many Requests", "parameters": {"retry_after": 7}}, TryLater, "too-fast"),
        (401, {"description": "Unauthorized"}, Failed, "token-refused"),
        (403, {"description": "Forbidden: bot was blocked by the user"}, Failed, "blocked-by-customer"),
        (400, {"description": "Bad Request: chat not found"}, Failed, "unknown-recipient"),
        (400, {"description": "Bad Request: message is too long"}, Failed, "refused-by-provider"),
        (409, {"description": "Conflict: terminated by other getUpdates request"}, TryLater, "received-elsewhere"),
        (200, {"ok": False}, Failed, "refused-by-provider"),
        (302, None, Failed, "refused-by-provider"),
    ],
)
def test_refusals(status: int, body: object, kind: type[Exception], code: str) -> None:
    no = refusal(Response(status, {}, orjson.dumps(body)))
    assert isinstance(no, kind)
    assert isinstance(no, Failed | TryLater)
    assert no.code == code
    if status == 429:
        assert isinstance(no, TryLater)
        assert no.after == 7


def test_what_was_done_is_no_refusal() -> None:
    assert refusal(Response(200, {}, b'{"ok":true,"result":true}')) is None


@pytest.mark.parametrize("unit", ["utf-16", "utf-8", "characters"])
def test_long_texts_are_cut_where_people_would(unit: str) -> None:
    text = "Première partie.\n\n" + "un deux trois 🚗 " * 400
    parts = divide(text, 500, unit=unit)
    assert all(0 < size(part, unit) <= 500 for part in parts)
    assert "".join(parts).replace(" ", "").replace("\n", "") == text.replace(" ", "").replace("\n", "")
    assert all(part == part.strip() for part in parts)
    assert divide("é" * 1201, 500, unit="utf-16") == ["é" * 500, "é" * 500, "é" * 201]
    assert divide("", 5) == [""]


def test_a_name_cannot_break_out_of_a_form() -> None:
    body, headers = form([("document", 'a"\r\nX-Evil: 1\r\n.pdf', "application/pdf", b"%PDF")])
    assert b'filename="a%22X-Evil: 1.pdf"\r\n' in body
    assert headers["content-type"].startswith("multipart/form-data; boundary=")
