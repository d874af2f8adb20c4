"""Mail that means harm or is plainly broken, from its bytes to what an agent sees; and a mailbox that stays full for an hour."""

import io
import zipfile
from email.message import EmailMessage

from parlons.customers import queries as customers
from tests.channels.email.office import SHOP, Office, letter

CHECKED = "Authentication-Results: mx.delmas.example; dmarc=pass header.from=client.example\n"


def _with(name: str, content: bytes, message_id: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Message-ID"] = "claire@client.example", SHOP, message_id
    mail.set_content("Voir le fichier")
    mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()


def _bomb() -> bytes:
    """A few thousand bytes that unpack to thirty megabytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for number in range(3):
            file.writestr(f"word/{number}.xml", bytes(10_000_000))
    return packed.getvalue()


async def test_nothing_is_unpacked_and_an_archive_is_shown_as_refused(office: Office) -> None:
    bomb = _bomb()
    assert len(bomb) < 100_000
    conversation_id = await office.comes(_with("devis.docx", bomb, "<bomb@x>"))
    (row,) = await office.messages(conversation_id)
    assert [(one["name"], one["size"]) for one in row["attachments"]] == [("devis.docx", len(bomb))]
    (kept,) = await office.rows("SELECT size FROM files WHERE name = 'devis.docx'")
    assert kept["size"] == len(bomb), "kept as it came"
    conversation_id = await office.comes(_with("photos.zip", bomb, "<zip@x>"))
    row = (await office.messages(conversation_id))[-1]
    (told,) = row["content"]["files"]
    assert (row["attachments"], told["name"], told["code"]) == ([], "photos.zip", "forbidden-attachment")


async def test_a_page_reaches_the_agent_without_its_scripts_and_trackers(office: Office) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Message-ID"] = "claire@client.example", SHOP, "<page@x>"
    mail.set_content("Bonjour")
    mail.add_alternative(
        '<p onclick="x()">Bonjour <b>Claire</b></p><script>fetch("//evil.example")</script>'
        '<img src="https://track.example/p.gif?who=claire" width=1><a href="javascript:x()">ici</a>',
        subtype="html",
    )
    (row,) = await office.messages(await office.comes(mail.as_bytes()))
    shown = row["content"]["html"]
    assert "<b>Claire</b>" in shown
    assert not [bad for bad in ("<script", "onclick", "javascript:", "evil") if bad in shown]
    assert " src=" not in shown, "nothing is fetched when an agent looks"


async def test_a_forged_sender_is_answered_and_opens_no_history_but_is_shown_as_maybe(office: Office) -> None:
    await office.configure(checked_by="mx.delmas.example")
    hers = await office.comes(CHECKED.encode() + letter("Mon dossier", Message_ID="<a@client.example>"))
    forged = await office.comes(letter("Mon dossier ?", Message_ID="<b@evil.example>"))
    again = await office.comes(CHECKED.encode() + letter("Et moi ?", Message_ID="<c@client.example>"))
    rows = await office.rows("SELECT id, customer_id FROM conversations")
    owner = {row["id"]: row["customer_id"] for row in rows}
    assert owner[hers] == owner[again]
    assert owner[forged] != owner[hers]
    async with office.db.transaction(office.home.tenant_id) as tx:
        who = await customers.customer(tx, owner[forged])
        assert who is not None
        assert [one.id for one in await customers.alike(tx, who)] == [owner[hers]], "maybe, and never by itself"
    assert {row["merged_into"] for row in await office.rows("SELECT merged_into FROM customers")} == {None}


async def test_a_nameless_mail_is_taken_once_and_another_of_the_same_words_is_another(office: Office) -> None:
    first = await office.comes(letter("Sans nom", Date="Sun, 22 Nov 2026 10:00:00 +0100"))
    assert await office.comes(letter("Sans nom", Date="Sun, 22 Nov 2026 10:00:00 +0100")) == first
    await office.comes(letter("Sans nom", Date="Sun, 22 Nov 2026 10:05:00 +0100"))
    rows = await office.rows("SELECT provider_id FROM channel_received ORDER BY at")
    assert len(rows) == len(await office.rows("SELECT id FROM messages")) == 2
    assert all(row["provider_id"] for row in rows)


async def test_a_mailbox_that_is_full_for_an_hour_gets_its_answer_once(office: Office) -> None:
    conversation_id = await office.comes(letter("Bonjour", Message_ID="<full@x>"))
    office.server.answers = {"rcpt": ["452 4.2.2 mailbox full"] * 10_000}
    message = await office.answers(conversation_id, "Voilà")
    for _ in range(60):
        told = await office.delivery(message)
        assert (told["state"], told["code"]) == ("queued", "mailbox-full")
        office.clock.advance(60_000)
        await office.post.sender.run_due()
    office.server.answers = {}
    office.clock.advance(600_000)
    await office.post.sender.run_due()
    assert (await office.delivery(message))["state"] == "sent"
    assert len(office.server.mails) == 1
