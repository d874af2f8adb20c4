"""The client for configured addresses: what it refuses, how long it waits, how much it takes, what it sends."""

import ipaddress
from collections.abc import AsyncIterator

import pytest

from parlons.runtime.safe_http import (
    LARGEST,
    AddressInvalid,
    AddressRefused,
    AnswerTooLarge,
    NoAnswer,
    NoConnection,
    SafeHttp,
    allowed,
    is_public,
)  # fmt: skip
from tests.runtime.addresses import Outsider, ok, outsider


@pytest.fixture
async def other() -> AsyncIterator[Outsider]:
    """The outside world."""
    async with outsider() as found:
        yield found


@pytest.fixture
async def http() -> AsyncIterator[SafeHttp]:
    """Loopback is allowed, as an operator would say it."""
    async with SafeHttp(allowed(["127.0.0.0/8"])) as client:
        yield client


async def test_it_sends_json_with_a_key_and_reads_json(http: SafeHttp, other: Outsider) -> None:
    answer = await http.request(
        "post", other.url("/orders?x=1"), body={"n": 1}, headers={"X-Shop": "a"}, idempotency_key="FN1/3"
    )
    assert (answer.status, answer.json()) == (200, {"late": True})
    (request,) = other.requests
    assert request.line == "POST /orders?x=1 HTTP/1.1"
    assert (request.body, request.headers["content-type"]) == (b'{"n":1}', "application/json")
    assert (request.headers["idempotency-key"], request.headers["x-shop"]) == ("FN1/3", "a")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "0x7f000001", "2130706433", "127.1", "[::ffff:127.0.0.1]", "0.0.0.0"]
)
async def test_our_own_network_is_refused_however_it_is_written(other: Outsider, host: str) -> None:
    async with SafeHttp() as http:
        with pytest.raises((AddressRefused, NoAnswer)):
            await http.request("GET", other.url(host=host))
    assert other.requests == []


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True), ("10.0.0.1", False), ("192.168.1.1", False), ("172.16.0.1", False), ("169.254.169.254", False),
        ("100.64.0.1", False), ("224.0.0.1", False), ("0.0.0.0", False), ("255.255.255.255", False), ("::1", False),
        ("fe80::1", False), ("fd00::1", False), ("ff02::1", False), ("::ffff:10.0.0.1", False), ("64:ff9b::a00:1", False),
        ("64:ff9b::808:808", True), ("2002:a00:1::", False), ("2606:4700::1111", True),
    ],
)  # fmt: skip
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is public


async def test_a_name_is_checked_by_all_its_addresses(other: Outsider, monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    async def found(*_: object, **__: object) -> list[object]:
        return [(2, 1, 6, "", ("8.8.8.8", other.port)), (2, 1, 6, "", ("127.0.0.1", other.port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", found, raising=False)
    async with SafeHttp() as http:
        with pytest.raises(AddressRefused):
            await http.request("GET", f"http://shop.example:{other.port}/")
    assert other.requests == []


async def test_a_private_place_is_allowed_by_name_and_port(other: Outsider) -> None:
    async with SafeHttp(allowed([f"localhost:{other.port}"])) as http:
        assert (await http.request("GET", other.url(host="localhost"))).status == 200
        with pytest.raises(AddressRefused):
            await http.request("GET", other.url(host="127.0.0.1"))


async def test_a_redirect_is_an_answer_and_not_followed(http: SafeHttp, other: Outsider) -> None:
    other.answer = lambda _: ok(b"", status="302 Found", headers="location: http://169.254.169.254/\r\n")
    answer = await http.request("GET", other.url())
    assert (answer.status, len(other.requests)) == (302, 1)


async def test_who_never_answers_is_given_up(http: SafeHttp, other: Outsider) -> None:
    other.answer = lambda _: b""
    with pytest.raises(NoAnswer) as failure:
        await http.request("GET", other.url(), timeout_seconds=0.2)
    assert failure.value.details == {"reason": "timeout"}
    assert not isinstance(failure.value, NoConnection), "it may have heard the request"


async def test_who_is_not_there_is_said(http: SafeHttp) -> None:
    with pytest.raises(NoConnection):
        await http.request("GET", "http://127.0.0.1:1/")


async def test_who_says_too_much_is_cut(http: SafeHttp, other: Outsider) -> None:
    other.answer = lambda _: ok(b"x" * (LARGEST + 1))
    with pytest.raises(AnswerTooLarge):
        await http.request("GET", other.url())
    answer = await http.request("GET", other.url(), largest=LARGEST + 1)
    assert len(answer.content) == LARGEST + 1


async def test_what_is_no_http_is_no_answer(http: SafeHttp, other: Outsider) -> None:
    other.answer = lambda _: b"SSH-2.0-x\r\n\r\n"
    with pytest.raises(NoAnswer):
        await http.request("GET", other.url())


async def test_text_and_nothing_are_read_too(http: SafeHttp, other: Outsider) -> None:
    other.answer = lambda _: ok("é".encode())
    assert (await http.request("GET", other.url())).json() == "é"
    other.answer = lambda _: ok(b"", status="204 No Content")
    assert (await http.request("DELETE", other.url("/é?q=ü"))).json() is None
    assert other.requests[-1].line == "DELETE /%C3%A9?q=%C3%BC HTTP/1.1"


@pytest.mark.parametrize(
    "url", ["ftp://x/", "http://", "file:///etc/passwd", "http://x y/", "http://[::1", "x", "http://x:99999/"]
)
async def test_what_is_no_address_is_refused(http: SafeHttp, url: str) -> None:
    with pytest.raises(AddressInvalid):
        await http.request("GET", url)


async def test_a_header_cannot_smuggle_another(http: SafeHttp, other: Outsider) -> None:
    with pytest.raises(AddressInvalid):
        await http.request("GET", other.url(), headers={"x": "a\r\nb: c"})
    with pytest.raises(AddressInvalid):
        await http.request("GET\r\nx: y", other.url())
    assert other.requests == []


@pytest.mark.parametrize("text", ["10.0.0.0/99", "a b/8", ":8080", "[::1"])
def test_a_list_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(AddressInvalid):
        allowed([text])
