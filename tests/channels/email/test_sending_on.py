"""A conversation sent on to somebody outside: what goes along, what does not, and that nothing of it is kept twice."""

import email.policy
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.message import EmailMessage
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from parlons.accounts import http as accounts_http
from parlons.accounts.model import Principal, Role
from parlons.channels import http_sending_on, sending_on
from parlons.conversations.commands import assign
from parlons.conversations.erasing import erase_conversations
from parlons.conversations.model import Attachment, Author, Message
from parlons.kit.clock import Millis
from parlons.runtime.http import install_problems
from tests.channels.email.office import Office
from tests.channels.email.test_conversation import rich_letter

GARAGE = "garage@parts.example"


async def _zoe_wrote(office: Office) -> str:
    """And US1 has it."""
    conversation_id = await office.comes(rich_letter())
    async with office.db.transaction(office.home.tenant_id) as tx:
        await assign(tx, conversation_id, user_id="US1", worker_id="WK1", name="Inès")
    return conversation_id


def said(number: int, text: str, kind: Any = "customer", *names: str, size: int = 10) -> Message:
    files = tuple(Attachment(f"FL{number}{name}", name, size, "text/plain") for name in names)
    return Message(
        f"IM{number}", "CH1", number, "in", "email", Author(kind, "CU1", "Zoé"), text, files, None, None,
        Millis(1_790_000_000_000 + number * 60_000),
    )  # fmt: skip


def test_what_was_said_is_told_in_order_and_the_oldest_goes_when_it_is_too_much(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    talk = [said(1, "Bonjour\n\nune question"), said(2, "", "customer", "devis.txt")]
    assert sending_on.history(talk, "fr").split("\n") == [
        "---------- Conversation transférée ----------", "",
        "Zoé · 2026-09-21 14:14 UTC", "> Bonjour", ">", "> une question", "",
        "Zoé · 2026-09-21 14:15 UTC", "> Fichiers\u00a0: devis.txt",
    ]  # fmt: skip
    monkeypatch.setattr(sending_on, "LONGEST", 60)
    assert "Bonjour" not in sending_on.history(talk, "en")
    assert sending_on.history([], "en") == ""


@pytest.mark.parametrize(
    ("subject", "expected"), [("Vela", "Fwd: Vela"), ("Fwd: Vela", "Fwd: Vela"), ("TR: x", "TR: x"), ("", "Fwd:")]
)
def test_the_subject_says_once_that_it_was_sent_on(subject: str, expected: str) -> None:
    assert sending_on.subject_of(subject) == expected


@pytest.fixture
async def client(office: Office, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.state.db, app.state.clock, app.state.post, app.state.letters = (
        office.db,
        office.clock,
        office.post,
        office.post.ways,
    )
    app.include_router(http_sending_on.router)
    install_problems(app)
    who = Principal(office.home.tenant_id, office.home.workspace_id, Role.AGENT, user_id="US1", worker_id="WK1")

    async def caller(*_: Any) -> Principal:
        return who

    monkeypatch.setattr(accounts_http, "caller", caller)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.test") as made:
        yield made


async def test_it_leaves_with_words_and_files_and_the_answer_comes_to_a_matter_of_its_own(
    office: Office, client: httpx.AsyncClient
) -> None:
    conversation_id = await _zoe_wrote(office)
    body = {"account_id": office.account_id, "to": GARAGE, "text": "Avez-vous cette pièce ?", "client_id": "f1"}
    path = f"/conversations/{conversation_id}/send-on"
    first = await client.post(path, json=body, headers={"Idempotency-Key": "f1"})
    again = await client.post(path, json=body, headers={"Idempotency-Key": "f1"})
    assert first.status_code == 201, first.text
    assert first.json() == again.json()
    await office.answers(conversation_id, "Un instant.")
    ((envelope, raw), _) = sorted(office.server.mails, key=lambda one: one[0].rcpt_tos != [GARAGE])
    assert envelope.rcpt_tos == [GARAGE]
    mail = message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    assert mail["Subject"].startswith("Fwd: Où est ma commande ?")
    plain = mail.get_body(("plain",))
    assert plain is not None
    words = plain.get_content().replace("\r\n", "\n")
    assert words.startswith("Avez-vous cette pièce ?\n\n---------- Forwarded conversation ----------\n\nZoé Lefèvre · ")
    assert "> voici le carnet." in words
    assert "Un instant" not in words, "said afterwards"
    assert [part.get_filename() for part in mail.iter_attachments()] == ["photo.png", "carnet d’entretien é.pdf"]
    new_id = first.json()["conversation"]["id"]
    assert new_id != conversation_id
    (kept,) = [row for row in await office.messages(new_id) if row["direction"] == "out"]
    assert (kept["text"], kept["attachments"]) == ("Avez-vous cette pièce ?", []), "nothing is kept twice"
    (note,) = await office.rows("SELECT text FROM notes WHERE conversation_id = :id", id=conversation_id)
    assert note["text"] == f"Forwarded to {GARAGE}\n\nAvez-vous cette pièce ?"
    answer = EmailMessage()
    answer["From"], answer["To"], answer["In-Reply-To"] = GARAGE, "shop@delmas.example", mail["Message-ID"]
    answer["Message-ID"] = "<garage-1@parts.example>"
    answer.set_content("Oui, demain.")
    assert await office.comes(answer.as_bytes()) == new_id
    assert [row["text"] for row in await office.messages(conversation_id) if row["direction"] == "in"] == [
        "Bonjour,\n\nvoici le carnet."
    ]


async def test_an_erased_customers_words_leave_nowhere_any_more(office: Office, client: httpx.AsyncClient) -> None:
    conversation_id = await _zoe_wrote(office)
    (row,) = await office.rows("SELECT customer_id FROM conversations WHERE id = :id", id=conversation_id)
    body = {"account_id": office.account_id, "to": GARAGE, "text": "Voyez", "client_id": "f2", "files": False}
    assert (await client.post(f"/conversations/{conversation_id}/send-on", json=body)).status_code == 201
    async with office.db.transaction(office.home.tenant_id) as tx:
        await erase_conversations(tx, row["customer_id"])
    await office.post.sender.run_due()
    ((_, raw),) = office.server.mails
    assert b"carnet" not in raw


async def test_only_by_a_mailbox_of_its_firm_and_to_an_address(office: Office, client: httpx.AsyncClient) -> None:
    conversation_id = await _zoe_wrote(office)
    path, body = f"/conversations/{conversation_id}/send-on", {"to": "nobody", "text": "x", "client_id": "f3"}
    assert (await client.post(path, json=body | {"account_id": office.account_id})).json()["code"] == "not-this-way"
    assert (await client.post(path, json=body | {"account_id": "CAnone"})).status_code == 404
    assert await office.rows("SELECT id FROM notes") == []
