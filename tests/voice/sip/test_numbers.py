"""Numbers and addresses: tables, and that no text at all can break the reader."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parlons.voice.media.config import Trunk
from parlons.voice.sip.addresses import BadAddress, parse_address, parse_uri, quoted
from parlons.voice.sip.checks import read
from parlons.voice.sip.numbers import to_dial, to_e164
from parlons.voice.sip.sockets import Sockets
from parlons.voice.sip.wire import Hop


@pytest.mark.parametrize(
    ("text", "prefix", "expected"),
    [
        ("0612345678", "+33", "+33612345678"),
        ("06 12.34-56 78", "+33", "+33612345678"),
        ("33612345678", "+33", "+33612345678"),
        ("0033612345678", "+33", "+33612345678"),
        ("+4930123456", "+33", "+4930123456"),
        ("004930123456", "+33", "+4930123456"),
        ("2125550123", "+1", "+12125550123"),
        ("12125550123", "+1", "+12125550123"),
        ("112", "+33", "112"),
        ("15", "+33", "15"),
        ("3949", "+33", "3949"),
        ("118218", "+33", "118218"),
        ("33612345678", "", "+33612345678"),
        ("0033612345678", "", "+33612345678"),
        ("0612345678", "", "0612345678"),
        ("sales", "+33", "sales"),
        ("", "", ""),
    ],
)
def test_numbers_that_come_in(text: str, prefix: str, expected: str) -> None:
    assert to_e164(text, prefix) == expected


@pytest.mark.parametrize(
    ("number", "prefix", "national", "expected"),
    [
        ("+33612345678", "+33", True, "0612345678"),
        ("+4930123456", "+33", True, "+4930123456"),
        ("+33612345678", "+33", False, "+33612345678"),
        ("+12125550123", "+1", True, "2125550123"),
        ("112", "+33", True, "112"),
    ],
)
def test_numbers_that_go_out(number: str, prefix: str, national: bool, expected: str) -> None:
    assert to_dial(number, Trunk(id="T", host="x", national_prefix=prefix, send_national=national)) == expected


@pytest.mark.parametrize(
    ("text", "user", "host", "port", "params"),
    [
        ("sip:a@h", "a", "h", None, {}),
        ("sip:h:5070;transport=TCP", "", "h", 5070, {"transport": "TCP"}),
        ("sips:a:b@[::1]:5061;lr", "a:b", "::1", 5061, {"lr": None}),
        ("sip:a;b=c?d@h", "a;b=c?d", "h", None, {}),
        ("sip:+33123;phone-context=x@h", "+33123;phone-context=x", "h", None, {}),
    ],
)
def test_uris(text: str, user: str, host: str, port: int | None, params: dict[str, str | None]) -> None:
    uri = parse_uri(text)
    assert (uri.user, uri.host, uri.port, uri.params) == (user, host, port, params)


def test_headers_of_a_uri_with_and_without_user() -> None:
    for text in ("sip:a@h?Replaces=x%40y%3Bto-tag%3D1", "sip:h?Replaces=x%40y%3Bto-tag%3D1"):
        assert parse_uri(text).headers == {"replaces": "x@y;to-tag=1"}


@pytest.mark.parametrize("text", ["", "a", "sip:", "sip:@h", "sip:a@", "sip:a@h:99999", "sip:a b@h", "<sip:a@h>"])
def test_no_uris(text: str) -> None:
    with pytest.raises(BadAddress):
        parse_uri(text)


def test_a_name_with_everything_in_it_comes_back() -> None:
    name = 'A "B" \\ <sip:fake@x>;tag=1, é'
    address = parse_address(f"{quoted(name)} <sip:a@h;x=1>;tag=t;q=0.5")
    assert (address.name, address.text, address.tag) == (name, "sip:a@h;x=1", "t")


def test_without_brackets_parameters_are_the_headers() -> None:
    address = parse_address("sip:a@h;tag=1;expires=5")
    assert (address.uri.params, address.params) == ({}, {"tag": "1", "expires": "5"})


@given(st.text())
def test_addresses_never_break(text: str) -> None:
    with contextlib.suppress(BadAddress):
        parse_address(text)


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP 1.1.1.1\r\n", b"SIP/2.0 200 OK\r\n"]),
)
def test_messages_never_break(data: bytes, start: bytes) -> None:
    read(start + data, Hop("udp", "127.0.0.1", 5060))


@pytest.mark.parametrize(
    ("far", "expected"), [("127.0.0.1", "127.0.0.1"), ("10.0.0.1", "127.0.0.1"), ("8.8.8.8", "203.0.113.5")]
)
def test_behind_nat_the_world_is_told_another_address(far: str, expected: str) -> None:
    sockets = Sockets(lambda data, hop: None, lambda hop: None)
    sockets.host, sockets.advertised = "127.0.0.1", "203.0.113.5"
    assert sockets.local_host(far) == expected
