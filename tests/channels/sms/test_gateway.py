"""A gateway by HTTP: what its calls say, what its answers mean; and a real Kannel between us and an SMPP centre."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from parlons.channels.model import HookRequest, Incoming, Receipt
from parlons.channels.plugin import BadHook, Failed, NotFromProvider, NotSent, Tools, TryLater, Unsure
from parlons.channels.sms import coding, gateway, parts
from parlons.channels.sms.channel import Sms
from parlons.channels.sms.segments import segments
from parlons.channels.sms.settings import Settings
from parlons.runtime.safe_http import Response, SafeHttp
from tests.channels.engine.desk import other_side
from tests.channels.sms.centre import Centre, report, write
from tests.channels.sms.conftest import account, outgoing
from tests.channels.sms.kannel import kannel, needed
from tests.channels.sms.shop import shop

SETTINGS = Settings(transport="http", url="http://127.0.0.1:1/cgi-bin/sendsms", username="shop")
ACCOUNT = account(SETTINGS, hook_url="https://desk.example/hooks/sms/main")


def asked(
    query: dict[str, str] | None = None, *, method: str = "POST", body: bytes = b"", **headers: str
) -> HookRequest:
    named = {f"x-kannel-{name}": value for name, value in headers.items()}
    return HookRequest(method, "/hooks/sms/main", {"token": "t0ken", **(query or {})}, named, body, 1)  # type: ignore[arg-type]


@pytest.mark.parametrize("token", ["", "other", "t0ke", "t0kén"])
def test_a_call_without_the_token_is_refused(token: str) -> None:
    with pytest.raises(NotFromProvider):
        gateway.verify(ACCOUNT, asked({"token": token}))
    with pytest.raises(NotFromProvider):
        gateway.verify(replace(ACCOUNT, secrets={}), asked({"token": ""}))
    gateway.verify(ACCOUNT, asked())


def test_an_smpp_account_takes_no_calls(http: SafeHttp, clock: Any) -> None:
    channel = Sms(Tools(http, clock))
    with pytest.raises(NotFromProvider):
        channel.verify(account(Settings(host="h", system_id="s")), asked())


def test_messages_by_post_and_by_get() -> None:
    (event,) = gateway.parse(
        ACCOUNT, asked({"id": "u1"}, body="Déjà".encode(), to="33755000000", coding="0", **{"from": "+33612345678"})
    )
    assert isinstance(event, Incoming)
    assert (event.id, event.sender.value, event.text) == ("u1", "+33612345678", "Déjà")
    (event,) = gateway.parse(ACCOUNT, asked(body="Où ? 😀".encode("utf-16-be"), coding="2", **{"from": "+33612345678"}))
    assert isinstance(event, Incoming)
    assert event.text == "Où ? 😀"
    (event,) = gateway.parse(ACCOUNT, asked(body=b"\xff\xd8", coding="1", **{"from": "+33612345678"}))
    assert isinstance(event, Incoming)
    assert event.kind == "binary"
    (event,) = gateway.parse(ACCOUNT, asked({"from": "33612345678", "text": "Oui"}, method="GET"))
    assert isinstance(event, Incoming)
    assert (event.sender.value, event.text) == ("+33612345678", "Oui")


def test_the_same_call_is_the_same_message_and_others_are_not() -> None:
    def own_id(**more: str) -> str:
        (event,) = gateway.parse(ACCOUNT, asked({"from": "33612345678", "text": "Oui", **more}, method="GET"))
        assert isinstance(event, Incoming)
        return event.id

    assert own_id() == own_id() != own_id(time="2026-11-22 09:00:00")


def test_receipts_and_what_is_none() -> None:
    for state, expected in (("8", "sent"), ("1", "delivered"), ("2", "failed"), ("16", "failed")):
        (event,) = gateway.parse(ACCOUNT, asked({"receipt": "DL1", "state": state}, method="GET"))
        assert isinstance(event, Receipt)
        assert (event.provider_id, event.state) == ("DL1", expected)
    for wrong in ({"receipt": "DL1", "state": "%d"}, {"receipt": "DL1"}, {"text": "from nobody"}):
        with pytest.raises(BadHook):
            gateway.parse(ACCOUNT, asked(wrong, method="GET"))


@pytest.mark.parametrize(
    ("status", "raised"),
    [(202, None), (403, TryLater), (503, TryLater), (429, TryLater), (500, Unsure), (502, Unsure), (400, Failed)],
)
def test_what_its_answers_mean(status: int, raised: type[Exception] | None) -> None:
    answer = Response(status, {"retry-after": "7"}, b"3: Queued for later delivery")
    if raised is None:
        gateway.taken(answer)
        return
    with pytest.raises(raised) as refusal:
        gateway.taken(answer)
    if isinstance(refusal.value, TryLater) and status != 403:
        assert refusal.value.after == 7


def test_a_call_names_where_receipts_go_and_shows_no_secret_in_an_address() -> None:
    headers, body = gateway.call(ACCOUNT, segments("C’est l’heure"), "+33612345678", "DL7-2")
    assert body == b"C'est l'heure"
    assert headers["X-Kannel-Coding"] == "0"
    assert headers["X-Kannel-DLR-Url"] == "https://desk.example/hooks/sms/main?token=t0ken&receipt=DL7&state=%d"
    headers, _ = gateway.call(replace(ACCOUNT, hook_url="/hooks/sms/main"), segments("prêt"), "+33612345678", "DL7")
    assert headers["X-Kannel-Coding"] == "2"
    assert "X-Kannel-DLR-Url" not in headers, "without a public address no receipt can come"


async def test_a_gateway_that_is_not_there_and_one_that_does_not_answer(http: SafeHttp, clock: Any) -> None:
    channel = Sms(Tools(http, clock))
    with pytest.raises(TryLater) as later:
        await channel.send(ACCOUNT, outgoing("a"))
    assert later.value.code == "provider-unreachable"
    private = account(SETTINGS.model_copy(update={"url": "http://10.9.9.9/"}))
    with pytest.raises(NotSent) as never:
        await channel.send(private, outgoing("a"))
    assert never.value.code == "address-refused", "an inner address nobody allowed"
    async with other_side() as there:
        url = SETTINGS.model_copy(update={"url": there.url})
        with pytest.raises(Unsure):
            await channel.send(account(url), outgoing("a"))


@needed
async def test_two_way_through_a_real_kannel(empty_database: str, tmp_path: Path, smsc: Centre) -> None:
    async with shop(empty_database, tmp_path / "files") as open_shop:
        hook = f"http://127.0.0.1:{open_shop.port}/hooks/sms/main?token=t0ken&id=%I&from=%p&to=%P"
        async with kannel(tmp_path, smsc.port, hook) as box:
            settings = {"transport": "http", "url": box.url, "username": "shop"}
            await open_shop.connected(await open_shop.account(settings))
            bind = await smsc.bound()
            for text in ("Réponse € 😀", "Deja vu"):
                await write(bind, text, data_coding=8 if "é" in text else 0)
            conversation_id = await open_shop.said("Réponse € 😀")
            assert await open_shop.said("Deja vu") == conversation_id
            answer = await open_shop.answers(conversation_id, "Prêt à 14 h : 12 €")
            event = await smsc.next()
            assert coding.decode(event.short_message, event.data_coding) == "Prêt à 14 h : 12 €"
            await box.awaits_report("1")
            await report(bind, event, "1")
            await open_shop.stands(answer, "delivered")
            plain = await open_shop.answers(conversation_id, "C’est réglé : 3 €")
            event = await smsc.next()
            assert (event.data_coding, coding.decode(event.short_message, 0)) == (0, "C'est réglé : 3 €")
            await box.awaits_report("2")
            await report(bind, event, "2", "UNDELIV")
            await open_shop.stands(plain, "failed")
            long = "Votre voiture vous attend. " * 10
            await open_shop.answers(conversation_id, long)
            pieces = {}
            for _ in range(2):
                event = await smsc.next()
                place, octets = parts.opened(event.short_message)
                assert place is not None
                pieces[place.number] = (event.data_coding, octets)
            assert parts.joined(2, pieces, coding.USUAL) == long.strip()
