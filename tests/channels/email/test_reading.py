"""What bytes say: whatever is broken in them, in character sets, quotes, pages and reports."""

import time

import pytest

from parlons.channels.email import automatic, bounces, html, incoming, threads
from parlons.channels.email.charsets import codec_of, header_text, to_text
from parlons.channels.email.model import Mail
from parlons.channels.email.parsing import parse
from parlons.channels.email.quotes import divide
from parlons.channels.email.senders import proven
from parlons.channels.email.settings import Settings
from parlons.channels.model import Incoming, Unknown
from tests.channels.email.office import SHOP, account, letter, report

HEAD = b"From: c@x.example\nTo: shop@delmas.example\nSubject: s\nMessage-ID: <a@x>\n"


@pytest.mark.parametrize(
    ("content", "declared", "expected"),
    [
        ("é€".encode("cp1252"), "iso-8859-1", "é€"),
        ("déjà".encode(), "iso-8859-1", "déjà"),
        ("déjà".encode(), "us-ascii", "déjà"),
        ("déjà".encode(), None, "déjà"),
        ("déjà".encode("latin-1"), None, "déjà"),
        ("déjà".encode("latin-1"), "utf-8", "déjà"),
        ("Привет".encode("koi8-r"), "koi8-r", "Привет"),
        ("こんにちは".encode("iso-2022-jp"), "ISO-2022-JP", "こんにちは"),
        ("你好".encode("gb18030"), "gb2312", "你好"),
        ("déjà".encode(), "no-such-set", "déjà"),
        ("déjà".encode(), "idna", "déjà"),
        (b"\xff\xfe", "utf-8", "ÿþ"),
    ],
)
def test_text_in_a_wrongly_named_set_is_read(content: bytes, declared: str | None, expected: str) -> None:
    assert to_text(content, declared) == expected


def test_codecs_that_hold_no_text_are_none() -> None:
    assert [
        codec_of(name) for name in ("zlib", "rot13", "punycode", "idna", "unicode_escape", "x" * 100, "", None)
    ] == [None] * 8


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("=?utf-8?Q?Ren=C3=A9?=", "René"),
        ("=?utf-8?B?UmVuw6k=?= =?utf-8?B?IQ?=", "René!"),
        ("=?utf-8?B?UmVu?= suite", "Ren suite"),
        ("=?utf-8?Q?caf=C3?= =?utf-8?Q?=A9?=", "café"),
        ("=?iso-8859-1*fr?Q?caf=E9?=", "café"),
        ("Ren\udcc3\udca9", "René"),
        ("=?nonsense?Q?abc?=", "abc"),
        ("=?utf-8?B?!!!?=", ""),
        ("a\r\n b\x00c", "a bc"),
    ],
)
def test_headers_are_read_as_people_wrote_them(raw: str, expected: str) -> None:
    assert header_text(raw) == expected


def test_a_mail_with_every_kind_of_part() -> None:
    mail = parse(
        HEAD
        + b'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n\nUn\n--b\n'
        b"Content-Type: image/png\nContent-Disposition: inline; filename*=utf-8''caf%C3%A9.png\n"
        b"Content-Transfer-Encoding: base64\n\n"
        b"iVBORw0KGgo=\n--b\nContent-Type: text/plain\n\nDeux\n--b\n"
        b"Content-Type: message/rfc822\n\nSubject: inner\n\nold\n--b--\n"
    )
    assert mail.text == "Un\n\nDeux"
    assert [(part.name, part.content_type) for part in mail.parts] == [
        ("café.png", "image/png"),
        ("part-2.eml", "message/rfc822"),
    ]
    assert mail.parts[0].content.startswith(b"\x89PNG")
    assert b"inner" in mail.parts[1].content


@pytest.mark.parametrize(
    ("raw", "text", "defect"),
    [
        (HEAD + b"Content-Type: multipart/mixed\n\nBonjour", "", "no-boundary-in-multipart"),
        (
            HEAD + b'Content-Type: multipart/mixed; boundary="b"\n\n--b\n\nBonjour',
            "Bonjour",
            "close-boundary-not-found",
        ),
        (HEAD + b"Content-Transfer-Encoding: base64\n\nQm9uam91cg", "Bonjour", ""),
        (HEAD + b"Content-Type: text/plain; charset=\n\nBonjour", "Bonjour", ""),
        (HEAD + b"Content-Type: nonsense\n\nBonjour", "Bonjour", ""),
        (b"\x00\xff\xfe garbage", "", "no-message-id"),
        (b"", "", "no-message-id"),
        (b"From: a@b.example\n\nBonjour", "Bonjour", "no-message-id"),
        (HEAD.replace(b"c@x.example", b'"Broken <c@x.example'), "", ""),
    ],
)
def test_broken_mime_is_read_as_far_as_it_goes(raw: bytes, text: str, defect: str) -> None:
    mail = parse(raw)
    assert text in mail.text
    assert defect in mail.defects or not defect
    assert mail.message_id


def test_a_broken_name_still_leads_to_an_address() -> None:
    mail = parse(HEAD.replace(b"c@x.example", b'"Broken <c@x.example>'))
    assert mail.sender is not None
    assert mail.sender.address == "c@x.example"


def test_what_a_stranger_can_make_large_is_bounded() -> None:
    deep = (
        HEAD
        + b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(300))
        + b"\nx"
    )
    many = (
        HEAD
        + b'Content-Type: multipart/mixed; boundary="b"\n\n'
        + b"--b\nContent-Type: a/b; name=x\n\nx\n" * 3000
        + b"--b--"
    )
    words = HEAD + b"\n" + b"On " + b"a " * 400_000
    lines = HEAD + b"\n" + b"On a <b@c> wrote:\n> x\ny\n" * 20_000
    page = HEAD + b"Content-Type: text/html\n\n" + b"<div>" * 60_000
    began = time.process_time()
    assert parse(deep).message_id == "a@x"
    assert len(parse(many).parts) == 200
    for raw in (words, lines, page, HEAD + b"References: " + b"<a@b> " * 50_000 + b"\n\nx"):
        assert isinstance(incoming.read(account(), raw)[0], Incoming)
    assert time.process_time() - began < 30, "work that grows with the square of a mail would take minutes"


@pytest.mark.parametrize(
    ("text", "new", "folded"),
    [
        (
            "Oui\n\nLe lun. 3 nov. 2026 à 10:12, A <a@b.c> a écrit :\n\n> Bonjour\n",
            "Oui",
            "Le lun. 3 nov. 2026 à 10:12",
        ),
        ("Yes\n\nOn Mon, Nov 3, 2026 at 10:12 AM Delmas\n<a@b.c> wrote:\n> Hi\n", "Yes", "On Mon"),
        ("Oui\n\n-----Message d'origine-----\nDe : A\nBonjour", "Oui", "-----Message"),
        (
            "Oui\n\n________________________________\nDe : A <a@x>\nEnvoyé : lundi\nÀ : y\nObjet : z\n\nBonjour",
            "Oui",
            "____",
        ),
        ("Ja\n\nAm 03.11.26 um 10:12 schrieb A:\n> Hallo", "Ja", "Am 03"),
        ("> Quelle couleur ?\nBleue.\n> Quel prix ?\nDix.", "> Quelle couleur ?\nBleue.\n> Quel prix ?\nDix.", ""),
        ("Hello\n\n-- \nJohn\nACME", "Hello", "-- \nJohn"),
        ("Bonjour\n\nEnvoyé de mon iPhone", "Bonjour", "Envoyé de mon iPhone"),
        ("> only\n> quote", "> only\n> quote", ""),
        ("Le contrat est prêt. Il a écrit : rien", "Le contrat est prêt. Il a écrit : rien", ""),
        ("On the 3rd I wrote:\n- one\n- two", "On the 3rd I wrote:\n- one\n- two", ""),
        ("-- \nonly a signature", "-- \nonly a signature", ""),
        ("", "", ""),
    ],
)
def test_quotes_and_signatures_are_folded_and_nothing_else(text: str, new: str, folded: str) -> None:
    found = divide(text)
    assert found.new == new
    assert found.folded.startswith(folded)
    assert bool(found.folded) == bool(folded)


@pytest.mark.parametrize(
    "page",
    [
        '<img src=x onerror="a()">',
        "<script>a()</script>",
        '<a href="javascript:a()">x</a>',
        "<svg onload=a()>",
        "<iframe src=//x>",
        '<p style="background:url(https://t.example)">',
        "<base href=//x>",
        '<form action="//x"><input></form>',
        "<style>@import 'x'</style>",
        '<p style="position:fixed;top:0">',
        '<meta http-equiv="refresh" content="0">',
        '<object data="x">',
        '<img src="https://t.example/p.gif">',
        '<img src="//t.example/p.gif">',
        '<link rel=stylesheet href="//x">',
        '<a href="data:text/html,x">x</a>',
        '<video src="//x">',
    ],
)
def test_nothing_runs_hides_or_is_fetched(page: str) -> None:
    found = html.clean(page)
    whole = (found.new + found.quoted).lower()
    for bad in (
        "script",
        "onerror",
        "onload",
        " src=",
        "javascript:",
        "url(",
        "position",
        "<iframe",
        "<form",
        "<base",
        "<meta",
        "<link",
    ):
        assert bad not in whole
    assert "data:text" not in whole


@pytest.mark.parametrize(
    ("page", "new", "quoted"),
    [
        ('<div>Oui</div><div class="gmail_quote">old</div>', "Oui", "old"),
        ('<div>Hi</div><div id="appendonsend"></div><div id="divRplyFwdMsg">From: x</div><div>old</div>', "Hi", "old"),
        ('<p>Hi</p><blockquote type="cite">old</blockquote>', "Hi", "old"),
        (
            '<div><p>Hi</p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt">From</div></div><p>old</p></div>',
            "Hi",
            "old",
        ),
        ('<blockquote type="cite">all of it</blockquote>', "all of it", ""),
        ("<p>Un <b>mot</b><blockquote>cité par lui</blockquote></p>", "cité par lui", ""),
    ],
)
def test_the_history_of_a_page_is_folded(page: str, new: str, quoted: str) -> None:
    found = html.clean(page)
    assert new in found.new
    assert quoted in found.quoted
    assert bool(quoted) == bool(found.quoted)


def test_a_page_is_told_in_words() -> None:
    page = '<p>Bonjour</p><ul><li>un</li><li>deux</li></ul><table><tr><td>a</td><td>b</td></tr></table><a href="https://x.example">là</a>'
    assert html.to_text(page) == "Bonjour\n\n- un\n- deux\n\na b\nlà <https://x.example>"
    assert html.to_text("<style>p{}</style><p>a &lt;b&gt;</p>") == "a <b>"


@pytest.mark.parametrize(
    ("headers", "machine"),
    [
        ({}, False),
        ({"Auto_Submitted": "auto-replied; vacation"}, True),
        ({"Auto_Submitted": "no"}, False),
        ({"Precedence": "bulk"}, True),
        ({"List_Id": "<x.example>"}, True),
        ({"From": "MAILER-DAEMON@x.example"}, True),
        ({"From": "no-reply@x.example"}, True),
        ({"From": "no-reply@x.example", "Reply_To": "claire@x.example"}, False),
        ({"Subject": "Réponse automatique : Vela"}, True),
        ({"Subject": "Je suis absente lundi"}, False),
        ({"Return_Path": "<>"}, True),
    ],
)
def test_machines_are_told_from_people(headers: dict[str, str], *, machine: bool) -> None:
    assert automatic.is_automatic(parse(letter(**headers))) is machine


def _checked(line: str, **headers: str) -> Mail:
    return parse(f"Authentication-Results: {line}\n".encode() + letter(**headers))


def test_a_sender_counts_only_when_our_own_server_found_him_right() -> None:
    ours = Settings(checked_by="mx.delmas.example")
    good = "mx.delmas.example; dmarc=pass header.from=client.example"
    assert proven(_checked(good), ours)
    assert proven(_checked("mx.delmas.example 1; dkim=pass header.d=client.example; spf=fail"), ours)
    assert not proven(_checked("mx.delmas.example; dkim=pass header.d=evil.example"), ours), "another's signature"
    assert not proven(_checked("mx.evil.example; dmarc=pass header.from=client.example"), ours), "a stranger's word"
    assert not proven(
        _checked("mx.delmas.example; dmarc=fail header.from=client.example; spf=pass smtp.mailfrom=client.example"),
        ours,
    )
    assert not proven(_checked(good), Settings()), "nobody is named who checks"
    assert not proven(parse(letter()), ours)
    forged = (
        b"Authentication-Results: mx.delmas.example; dmarc=fail\nAuthentication-Results: "
        + good.encode()
        + b"\n"
        + letter()
    )
    assert not proven(parse(forged), ours), "the topmost line is our server's"
    assert proven(parse(letter()), Settings(believe="everybody"))


def test_answers_asked_for_elsewhere_prove_nothing() -> None:
    raw = letter(From="victim@bank.example", Reply_To="thief@evil.example")
    (event,) = incoming.read(account(believe="everybody"), raw)
    assert isinstance(event, Incoming)
    assert (event.sender.address, event.sender.value, event.sender.verified) == ("thief@evil.example",) * 2 + (False,)


def test_which_of_its_addresses_a_mail_was_sent_to() -> None:
    box = account(identities=["Ventes <ventes@delmas.example>", "sav@delmas.example"])
    (event,) = incoming.read(box, letter(To="x@y.example, SAV@delmas.example", Cc="autre@y.example"))
    assert isinstance(event, Incoming)
    assert event.attributes == {"mailbox": "sav@delmas.example"}
    assert event.data["cc"] == ["x@y.example", "autre@y.example"]


def test_ours_and_nobodys_are_no_messages() -> None:
    assert incoming.read(account(), letter(X_Parlons="shop", Message_ID="<a@b>")) == [Unknown("a@b", "own-mail")]
    assert incoming.read(account(), b"Message-ID: <a@b>\n\nx") == [Unknown("a@b", "nobody")]


def test_a_page_decides_what_is_new_when_its_words_do_not() -> None:
    raw = HEAD + b"Content-Type: text/html\n\n<p>Oui</p><div class=gmail_quote>old words</div>"
    (event,) = incoming.read(account(), raw)
    assert isinstance(event, Incoming)
    assert (event.text, event.folded, event.html) == ("Oui", "old words", "<p>Oui</p>")


OWN = f"<p.dl{'0' * 32}.{'a' * 36}@delmas.example>"


@pytest.mark.parametrize(
    ("status", "state", "code"),
    [
        ("Action: failed\nStatus: 5.1.1", "failed", "unknown-mailbox"),
        ("Action: failed\nStatus: 5.2.2", "failed", "mailbox-full"),
        ("Action: failed\nStatus: 5.9.9", "failed", "refused"),
        ("Action: delivered\nStatus: 2.0.0", "delivered", ""),
        ("Action: delayed\nStatus: 4.4.1", None, ""),
        ("Action: relayed\nStatus: 2.0.0", None, ""),
    ],
)
def test_reports_speak_of_our_mails(status: str, state: str | None, code: str) -> None:
    sent = f"Message-ID: {OWN}\r\nSubject: x\r\n\r\n".encode()
    found = bounces.receipts(report(sent, status))
    assert [(one.provider_id, one.state, one.code) for one in found] == (
        [(OWN.strip("<>"), state, code)] if state else []
    )


def test_a_report_about_anothers_mail_is_no_receipt() -> None:
    assert bounces.receipts(report(b"Message-ID: <x@y.example>\r\n\r\n", "Action: failed\nStatus: 5.1.1")) == ()
    assert bounces.receipts(letter(In_Reply_To=OWN)) == ()


def test_subjects_of_answers() -> None:
    mark = "a2" * 18
    assert threads.answer_subject("RE: Re[2]: AW: Vela") == "Re: Vela"
    assert threads.answer_subject(f"Vela [ref:{mark}]", mark) == f"Re: Vela [ref:{mark}]"
    assert threads.without_token(f"Vela [REF:{mark.upper()}]") == "Vela"
    assert threads.token_of(parse(letter(To=f"shop+{mark}@delmas.example"))) == mark
    assert threads.token_of(parse(letter(To=SHOP))) is None
