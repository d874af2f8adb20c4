"""Answers on their way: what a mail of ours looks like, and what each answer of a mail server means."""

import asyncio
import email.policy
from email import message_from_bytes
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from parlons.channels.email import automatic, building
from parlons.channels.email.channel import Email, open_channel
from parlons.channels.email.parsing import parse
from parlons.channels.model import Account, Outgoing, OutgoingFile
from parlons.channels.plugin import Failed, Tools, TryLater, Unsure
from parlons.kit.clock import Millis
from parlons.runtime.safe_http import SafeHttp, allowed
from tests.channels.email.office import SHOP, account
from tests.channels.email.servers import Sink, sink

NOW = 1_790_000_000_000
MARK = "a2" * 18


def outgoing(**more: Any) -> Outgoing:
    plain = {
        "key": "DL1234",
        "message_id": "ME1",
        "conversation_id": "CH1",
        "to": "claire@client.example",
        "text": "Voilà",
    }
    return Outgoing(**{**plain, "subject": "Vela 3", "token": MARK, **more})


def at(there: Sink, **settings: Any) -> Account:
    found = account(smtp_host="127.0.0.1", smtp_port=there.port, smtp_safety="none", **settings)
    return found


async def send(box: Account, message: Outgoing) -> Any:
    async with SafeHttp(allowed(["127.0.0.0/8"])) as http:
        channel: Email = open_channel(Tools(http, lambda: Millis(NOW)))
        return await channel.send(box, message)


def test_a_mail_of_ours_is_read_as_it_was_meant() -> None:
    box = account(name="Garage d’Été", mark_in="subject")
    message = outgoing(
        subject="Où est ma voiture ? " + "é" * 60, text="Bonjour\n\nÇa va ? 🚗", html='<p>Bonjour</p><img src="cid:p">',
        cc=("marc@client.example",), bcc=("secret@client.example",), reply_to=("last@x", "first@x"), automatic=True,
        files=(OutgoingFile("F1", "carnet é.pdf", "application/pdf", b"%PDF"),
               OutgoingFile("F2", "p.png", "image/png", b"PNG", "p")),
    )  # fmt: skip
    raw = building.build(box, message, now=NOW)
    assert b"secret@" not in raw
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    read = parse(raw)
    assert read.sender is not None
    assert (read.sender.name, read.sender.address) == ("Garage d’Été", SHOP)
    assert read.subject == f"Re: Où est ma voiture ? {'é' * 60} [ref:{MARK}]"
    assert read.text.strip() == "Bonjour\n\nÇa va ? 🚗"
    assert read.references == ("last@x", "first@x")
    assert [(part.name, part.content) for part in read.parts] == [("p.png", b"PNG"), ("carnet é.pdf", b"%PDF")]
    assert automatic.is_automatic(read)
    assert automatic.is_own(read, box.key)
    assert building.build(box, message, now=NOW).count(building.mail_id(box, message).encode()) == 1


def test_no_value_begins_a_header_of_its_own() -> None:
    message = outgoing(subject="x\r\nBcc: thief@evil.example", reply_to=("a\r\nX: y",))
    raw = building.build(account(name="D\r\nBcc: thief@evil.example"), message, now=NOW)
    read = message_from_bytes(raw, policy=email.policy.default)
    assert read["Bcc"] is None
    assert read["X"] is None
    for bad in ("a@b.example\r\nBcc: x@y.example", "two words@x.example", "nobody", "<a@b.example>", "é@x.example", ""):
        with pytest.raises(Failed, match="bad-address"):
            building.recipients(outgoing(to=bad))
    assert building.recipients(outgoing(to="a@müller.example")) == ["a@xn--mller-kva.example"]


def test_an_answer_comes_from_the_address_that_was_written_to() -> None:
    box = account(identities=["Ventes <ventes@delmas.example>"], mark_in="address", name="Delmas")
    read = parse(building.build(box, outgoing(last_in={"identity": "ventes@delmas.example"}), now=NOW))
    assert read.sender is not None
    assert read.reply_to is not None
    assert (read.sender.name, read.sender.address) == ("Ventes", "ventes@delmas.example")
    assert read.reply_to.address == f"ventes+{MARK}@delmas.example"
    assert read.subject == "Vela 3"
    forged = parse(building.build(box, outgoing(last_in={"identity": "boss@bank.example"}), now=NOW))
    assert forged.sender is not None
    assert forged.sender.address == SHOP


def test_answers_are_signed() -> None:
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    plain = account(dkim_selector="mail")
    box = Account(plain.id, plain.tenant_id, plain.workspace_id, plain.firm_id, "email", "shop", SHOP, plain.settings,
                  {"dkim-key": pem.decode()})  # fmt: skip
    raw = building.build(box, outgoing(subject="Été"), now=NOW)
    import base64

    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)

    def dns(name: bytes, timeout: int = 5) -> bytes:
        assert name == b"mail._domainkey.delmas.example."
        return record

    assert dkim.verify(raw, dnsfunc=dns)
    assert not dkim.verify(raw.replace(b"claire@client", b"thief@client"), dnsfunc=dns)


async def test_a_mail_leaves_with_password_for_everybody(server: Sink) -> None:
    plain = at(server, user="delmas")
    box = Account(plain.id, "T", "W", "F", "email", "shop", SHOP, plain.settings, {"password": "secret"})
    sent = await send(box, outgoing(cc=("marc@client.example",), bcc=("chef@delmas.example",)))
    ((envelope, raw),) = server.mails
    assert sorted(envelope.rcpt_tos) == ["chef@delmas.example", "claire@client.example", "marc@client.example"]
    assert envelope.mail_from == SHOP
    assert server.user == "delmas"
    assert sent.ids == (parse(raw).message_id,)


@pytest.mark.parametrize(
    ("answers", "error", "code"),
    [
        ({"rcpt": ["550 5.1.1 <claire@client.example> unknown"]}, Failed, "unknown-mailbox"),
        ({"rcpt": ["250 OK", "550 5.1.1 no"]}, Failed, "unknown-mailbox"),
        ({"rcpt": ["450 4.2.2 full"]}, TryLater, "mailbox-full"),
        ({"rcpt": ["552 5.2.2 full"]}, Failed, "mailbox-full"),
        ({"data": ["451 4.3.0 later"]}, TryLater, "refused"),
        ({"data": ["554 5.7.1 spam"]}, Failed, "refused-by-policy"),
    ],
)
async def test_what_a_refusal_means(
    server: Sink, answers: dict[str, list[str]], error: type[Exception], code: str
) -> None:
    server.answers = answers
    with pytest.raises(error) as told:
        await send(at(server), outgoing(cc=("marc@client.example",)))
    assert getattr(told.value, "code", "") == code
    assert "claire" not in getattr(told.value, "reason", "")
    assert not server.mails, "all recipients or none"


async def test_a_line_that_breaks_after_the_mail_left_is_doubt(server: Sink) -> None:
    server.cut_after_data = True
    with pytest.raises(Unsure):
        await send(at(server), outgoing())
    assert len(server.mails) == 1


async def test_a_server_that_is_not_there_or_refuses_us_is_for_later(server: Sink) -> None:
    nowhere = account(smtp_host="127.0.0.1", smtp_port=1, smtp_safety="none")
    with pytest.raises(TryLater, match="no-connection"):
        await send(nowhere, outgoing())
    plain = at(server)
    wrong = Account(plain.id, "T", "W", "F", "email", "shop", SHOP, plain.settings, {"password": "wrong"})
    with pytest.raises(TryLater, match="login-refused"):
        await send(wrong, outgoing())
    with pytest.raises(Failed, match="no-smtp-server"):
        await send(account(), outgoing())


async def test_a_mail_larger_than_the_server_takes_is_refused_before_it_leaves() -> None:
    async with sink(data_size_limit=100_000) as small:
        with pytest.raises(Failed, match="too-large"):
            await send(at(small), outgoing(files=(OutgoingFile("F", "x.pdf", "application/pdf", b"x" * 200_000),)))
        assert not small.mails


async def test_a_server_that_never_answers_is_given_up() -> None:
    held = asyncio.Event()

    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await held.wait()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    from parlons.channels.email import smtp_out

    before, smtp_out.SECONDS = smtp_out.SECONDS, 1
    try:
        box = account(smtp_host="127.0.0.1", smtp_port=server.sockets[0].getsockname()[1], smtp_safety="none")
        with pytest.raises(TryLater, match="no-connection"):
            await send(box, outgoing())
    finally:
        smtp_out.SECONDS = before
        held.set()
        server.close()
