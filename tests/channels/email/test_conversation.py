"""A mail becomes a routed conversation and its answer goes out in its thread: on a real database, a real dovecot, a real SMTP
server."""

import asyncio
import smtplib
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from parlons.channels.email.channel import Email
from parlons.conversations.messages import add_message
from parlons.conversations.model import Author
from tests.channels.email.office import SHOP, Office, letter, report
from tests.channels.email.servers import Dovecot

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def rich_letter() -> bytes:
    """Accents, an HTML part with a picture inside and one outside, two files."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Cc"] = (
        "Zoé Lefèvre <zoe@client.example>",
        f"Delmas <{SHOP}>",
        "Marc <marc@client.example>",
    )
    mail["Subject"], mail["Message-ID"] = "Où est ma commande ?", "<first@client.example>"
    mail.set_content("Bonjour,\n\nvoici le carnet.\n\n-- \nZoé\n")
    page = '<p>Bonjour,</p><p>voici le carnet.</p><img src="cid:p1"><img src="https://track.example/x.gif"><script>x()</script>'
    mail.add_alternative(page, subtype="html")
    mail.get_payload()[1].add_related(PNG, "image", "png", cid="<p1>", filename="photo.png")  # type: ignore[index,union-attr]
    mail.add_attachment(b"%PDF-1.7 x", maintype="application", subtype="pdf", filename="carnet d’entretien é.pdf")
    mail.add_attachment(b"MZ", maintype="application", subtype="octet-stream", filename="photo.exe")
    return mail.as_bytes()


async def test_a_mail_is_fetched_routed_answered_in_its_thread_and_answered_again(
    office: Office, store: Dovecot
) -> None:
    await office.configure(
        receive="imap", imap_host="127.0.0.1", imap_port=store.imap, imap_safety="none", user="routed"
    )
    await office.runs()
    await asyncio.to_thread(store.deliver, rich_letter(), to="routed")
    (message,) = await office.until(lambda rows: len(rows) == 1)
    conversation_id = message["conversation_id"]
    assert message["text"] == "Bonjour,\n\nvoici le carnet."
    assert message["content"]["folded"] == "-- \nZoé"
    assert "script" not in message["content"]["html"]
    assert 'data-remote="https://track.example/x.gif"' in message["content"]["html"]
    assert [one["name"] for one in message["attachments"]] == ["photo.png", "carnet d’entretien é.pdf"]
    assert message["content"]["inline"] == {"p1": message["attachments"][0]["id"]}
    assert [(one["name"], one["state"]) for one in message["content"]["files"]] == [("photo.exe", "refused")]
    assert message["content"]["data"]["cc"] == ["marc@client.example"]
    (conversation,) = await office.rows("SELECT * FROM conversations")
    assert (conversation["channel"], conversation["subject"]) == ("email", "Où est ma commande ?")
    assert conversation["lead_task_id"], "an agent was asked for"

    sent = await office.answers(conversation_id, "Elle part demain.\nInès")
    (answer,) = office.server.messages()
    assert (await office.delivery(sent))["state"] == "sent"
    assert answer["In-Reply-To"] == answer["References"] == "<first@client.example>"
    assert (answer["From"], answer["To"]) == (f"Delmas <{SHOP}>", "zoe@client.example")
    read = message_from_bytes(office.server.mails[0][1], policy=policy.default)
    assert read["Subject"].startswith("Re: Où est ma commande ? [ref:")
    assert read.get_content() == "Elle part demain.\r\nInès\r\n"

    again = letter("Merci !\n\nLe lundi 3 nov. 2026, Delmas <shop@delmas.example> a écrit :\n> Elle part demain.\n",
                   From="zoe@client.example", In_Reply_To=str(answer["Message-ID"]))  # fmt: skip
    await asyncio.to_thread(store.deliver, again, to="routed")
    rows = await office.until(lambda rows: len(rows) == 3)
    assert [row["text"] for row in rows if row["direction"] == "in"][-1] == "Merci !"
    assert {row["conversation_id"] for row in rows} == {conversation_id}
    assert await store.seen("routed", 2)


async def test_a_mail_comes_by_direct_smtp_and_nobody_relays(office: Office) -> None:
    account = await office.configure(receive="smtp", listen="127.0.0.1:0")
    await office.runs()
    channel: Any = office.post.channels["email"]
    assert isinstance(channel, Email)
    async with asyncio.timeout(60):
        while (port := channel.listeners.port(account.settings.listen)) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    def send(to: str) -> dict[str, tuple[int, bytes]]:
        with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
            return client.sendmail(
                "claire@client.example", [to, SHOP], letter("Direct", Message_ID="<d1@client.example>")
            )

    refused = await asyncio.to_thread(send, "somebody@else.example")
    assert refused["somebody@else.example"][0] == 550
    assert not await asyncio.to_thread(send, "shop+abc@delmas.example"), "a mark after + is the same mailbox"
    (message,) = await office.rows("SELECT * FROM messages")
    assert message["text"] == "Direct"


async def test_an_answer_finds_its_conversation_by_its_mark_alone(office: Office) -> None:
    conversation_id = await office.comes(letter("Un", Message_ID="<a@client.example>"))
    await office.answers(conversation_id, "Deux")
    subject = str(message_from_bytes(office.server.mails[0][1], policy=policy.default)["Subject"])
    found = await office.comes(
        letter("Trois", From="Her office <other@client.example>", Subject=subject.upper(), Message_ID="<c@x>")
    )
    assert found == conversation_id
    forged = subject[:-3] + ("aa]" if not subject.endswith("aa]") else "bb]")
    assert await office.comes(letter("Quatre", Subject=forged, Message_ID="<d@x>")) != conversation_id
    assert not [row for row in await office.rows("SELECT subject FROM conversations") if "ref:" in row["subject"]]


async def test_an_id_used_twice_loses_nothing_and_doubles_nothing(office: Office) -> None:
    twice = {"Message_ID": "<same@broken.example>"}
    first = await office.comes(letter("Un", **twice))
    await office.comes(letter("Un", **twice))
    await office.comes(letter("Deux", From="bob@client.example", **twice))
    rows = await office.rows("SELECT text, conversation_id FROM messages ORDER BY at, text DESC")
    assert sorted(row["text"] for row in rows) == ["Deux", "Un"]
    assert len({row["conversation_id"] for row in rows}) == 2, "two people who share an id share no conversation"
    answer = letter("Trois", In_Reply_To="<same@broken.example>", Message_ID="<t@x>")
    assert await office.comes(answer) == first
    nameless = letter("Sans nom")
    await office.comes(nameless)
    await office.comes(nameless)
    assert len(await office.rows("SELECT id FROM messages WHERE text = 'Sans nom'")) == 1


async def test_a_machine_is_heard_in_a_known_conversation_and_never_asks_for_an_agent(office: Office) -> None:
    conversation_id = await office.comes(letter("Un", Message_ID="<a@client.example>"))
    sent = await office.answers(conversation_id, "Deux")
    ours = str(office.server.messages()[0]["Message-ID"])
    away = letter(
        "Je suis absente",
        Subject="Absence du bureau",
        In_Reply_To=ours,
        Auto_Submitted="auto-replied",
        Message_ID="<b@x>",
    )
    assert await office.comes(away) == conversation_id
    assert await office.comes(letter("News", List_Id="<news.example>", Message_ID="<n@x>"))
    tasks = await office.rows("SELECT lead_task_id FROM conversations WHERE lead_task_id IS NOT NULL")
    assert len(tasks) == 1, "only the customer's"
    own = letter("loop", X_Parlons="shop", Message_ID="<o@x>")
    assert await office.comes(own) == ""
    assert (await office.delivery(sent))["state"] == "sent"
    assert len(office.server.mails) == 1, "nobody answered the machine"


async def test_a_bounce_is_told_on_the_message_it_speaks_of(office: Office) -> None:
    conversation_id = await office.comes(letter("Un", From="claire@full.example", Message_ID="<a@client.example>"))
    sent = await office.answers(conversation_id, "Deux")
    raw = office.server.mails[0][1]
    await office.comes(
        report(raw, "Action: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 <claire@full.example>: full")
    )
    told = await office.delivery(sent)
    assert (told["state"], told["code"]) == ("failed", "mailbox-full")
    assert "claire" not in told.get("reason", "")
    assert len(await office.rows("SELECT id FROM messages")) == 2, "a bounce is no message of the customer"


async def test_the_process_that_owns_the_channels_reads_and_sends_by_itself(office: Office, store: Dovecot) -> None:
    await office.configure(
        receive="imap", imap_host="127.0.0.1", imap_port=store.imap, imap_safety="none", user="owned"
    )
    owning = asyncio.create_task(office.post.owner.run())
    try:
        await asyncio.to_thread(store.deliver, letter("Bonjour", Message_ID="<o@client.example>"), to="owned")
        (came,) = await office.until(lambda rows: len(rows) == 1)
        async with office.db.transaction(office.home.tenant_id) as tx:
            await add_message(
                tx, came["conversation_id"], direction="out", author=Author("agent", "US1", "Inès"), text="Oui"
            )
        async with asyncio.timeout(60):
            await office.server.came.wait()
        assert office.server.messages()[0]["In-Reply-To"] == "<o@client.example>"
        await office.until(lambda rows: rows[0]["state"] == "sent", "SELECT state FROM deliveries")
        standing = office.post.owner.standing[office.account_id]
        assert standing.problem is None
        await office.configure(receive="imap", imap_host="127.0.0.1", imap_port=store.imap, imap_safety="none", user="owned",
                               secrets={"password": "no longer"})  # fmt: skip
        async with asyncio.timeout(60):
            while office.post.owner.standing.get(office.account_id, standing).problem != "login-refused":  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    finally:
        owning.cancel()
        await asyncio.gather(owning, return_exceptions=True)
