"""A letter with formatting: as harmless as what strangers write, told as text too, its pictures inside it."""

import email.policy
from email import message_from_bytes
from email.message import EmailMessage

import pytest

from parlons.channels.email import rich
from parlons.conversations import queries
from parlons.conversations.http_files import keep_upload
from parlons.conversations.letters import Letter
from parlons.conversations.sidework import save_draft
from parlons.runtime.files import Files
from tests.channels.email.office import Office, letter

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
FILE = "FL" + "a" * 32


@pytest.mark.parametrize(
    ("page", "kept", "text"),
    [
        ("<p>Un <strong>deux</strong> <em>trois</em></p>", "<p>Un <strong>deux</strong> <em>trois</em></p>", "Un deux trois"),
        ("<ul><li><p>a</p></li><li><p>b</p></li></ul>", "<ul><li><p>a</p></li><li><p>b</p></li></ul>", "- a\n- b"),
        ("<ol><li><p>a</p><ul><li>b</li></ul></li></ol><p>c</p>", "<ol><li><p>a</p><ul><li>b</li></ul></li></ol><p>c</p>",
         "1. a\n  - b\n\nc"),
        ("<blockquote><p>So</p></blockquote><p>ja</p>", "<blockquote><p>So</p></blockquote><p>ja</p>", "> So\n\nja"),
        ('<p onclick="x()">a<script>x()</script></p><style>p{}</style>', "<p>a</p>", "a"),
        ('<p><a href="javascript:x()">a</a></p>', '<p><a rel="noopener noreferrer nofollow">a</a></p>', "a"),
        ('<p>a<img src="/etc/passwd"><img src="cid:FLother"></p>', "<p>a<img></p>", "a"),
        (f'<p><img src="cid:{FILE}" alt="carte"></p>', f'<p><img alt="carte" data-cid="{FILE}@parlons"></p>', "[carte]"),
    ],
)  # fmt: skip
def test_what_an_agent_formats_is_harmless_and_told_as_text(page: str, kept: str, text: str) -> None:
    found = rich.written(page, [FILE])
    assert (found.html, found.text) == (kept, text)
    assert found.inline == ({f"{FILE}@parlons": FILE} if FILE in page else {})


def test_pictures_have_addresses_again_when_it_leaves_and_words_stay_words() -> None:
    page = '<p>say data-cid="x"</p><img alt="p" data-cid="a@parlons"><img data-remote="https://x.example/1.gif">'
    assert rich.for_wire(page) == (
        '<p>say data-cid="x"</p><img alt="p" src="cid:a@parlons"><img src="https://x.example/1.gif">'
    )


async def test_a_formatted_answer_leaves_in_both_forms_with_its_picture_inside(office: Office) -> None:
    conversation_id = await office.comes(letter(Message_ID="<f@x>"))
    files: Files = office.post.sender.packing.files
    async with office.db.transaction(office.home.tenant_id) as tx:
        inside = await keep_upload(tx, files, "US1", "plan.png", PNG)
        beside = await keep_upload(tx, files, "US1", "devis.txt", "Prix : 12 €".encode())
    page = (
        f'<p>Voici <strong>le plan</strong> :</p><p><img src="cid:{inside["id"]}" alt="plan"></p><script>x()</script>'
    )
    ids = [inside["id"], beside["id"]]
    async with office.db.transaction(office.home.tenant_id) as tx:
        conversation = await queries.conversation(tx, conversation_id)
        assert conversation is not None
        prepared = await office.post.ways.prepare(tx, conversation, Letter("not this", ids, html=page))
    assert prepared.text == "Voici le plan :\n\n[plan]"
    await office.answers(conversation_id, prepared.text, attachment_ids=ids, content=prepared.content)
    ((_, raw),) = office.server.mails
    mail = message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    plain, shown = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert shown is not None
    assert plain.get_content() == "Voici le plan :\r\n\r\n[plan]\r\n"
    assert "<strong>le plan</strong>" in shown.get_content()
    assert "script" not in shown.get_content()
    pictures = {part["Content-ID"]: part.get_payload(decode=True) for part in mail.walk() if part["Content-ID"]}
    assert pictures == {f"<{inside['id']}@parlons>": PNG}
    assert [part.get_content_disposition() for part in mail.walk() if part["Content-ID"]] == ["inline"]
    assert f'src="cid:{inside["id"]}@parlons"' in shown.get_content()
    assert [part.get_filename() for part in mail.iter_attachments()] == ["devis.txt"]


async def test_a_draft_keeps_its_formatting_and_its_pictures_beyond_a_day(office: Office) -> None:
    conversation_id = await office.comes(letter(Message_ID="<d@x>"))
    files: Files = office.post.sender.packing.files
    async with office.db.transaction(office.home.tenant_id) as tx:
        picture = await keep_upload(tx, files, "US1", "plan.png", PNG)
        page = f'<p><img src="/api/v1/files/{picture["id"]}"></p>'
        await save_draft(tx, conversation_id, user_id="US1", channel="email", text="", html=page)
    office.clock.advance(3 * 86_400_000)
    await files.delete_due(office.db)
    async with office.db.transaction(office.home.tenant_id) as tx:
        assert (await files.open(tx, picture["id"]))[1] == PNG
    (row,) = await office.rows("SELECT text, html FROM drafts")
    assert (row["text"], row["html"]) == ("", page)
