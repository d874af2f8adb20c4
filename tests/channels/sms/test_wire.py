"""What goes over the wire: packets against another implementation's codec, alphabets, joined parts, receipts, addresses."""

import contextlib

import pytest
import smpp34
from hypothesis import given
from hypothesis import strategies as st

from parlons.channels.sms import coding, outgoing, parts, pdu, receipts, senders
from parlons.channels.sms.segments import BASIC, EXTENSION, segments
from parlons.channels.sms.settings import Settings

PARIS, SHOP = senders.Address(1, 1, "33612345678"), senders.Address(3, 0, "36180")
GSM = st.text(st.sampled_from(sorted((set(BASIC) - {"\x1b"}) | set(EXTENSION))))
SMPP = Settings(host="smsc.example", system_id="shop")
MESSAGES = st.builds(
    pdu.ShortMessage, st.just(SHOP), st.just(PARIS), st.binary(max_size=254), st.sampled_from([0, 1, 3, 8]),
    st.sampled_from([0, 4, 0x40]), st.booleans(), st.just(""),
    st.dictionaries(st.sampled_from([0x020C, 0x0424, 0x001E, 0x1403]), st.binary(max_size=80)),
)  # fmt: skip


@given(MESSAGES)
def test_another_codec_reads_what_we_write_and_we_what_it_writes(message: pdu.ShortMessage) -> None:
    theirs = smpp34.decode(pdu.Pdu(pdu.SUBMIT, 7, body=pdu.submit(message)).packed())
    assert isinstance(theirs, smpp34.SubmitSm)
    assert (theirs.source_addr, theirs.source_addr_ton, theirs.destination_addr) == ("36180", 3, "33612345678")
    assert (theirs.short_message, theirs.data_coding, theirs.esm_class) == (
        message.octets, message.data_coding, message.esm_class,
    )  # fmt: skip
    assert {each.tag: each.value for each in theirs.tlvs} == message.options
    raw = theirs.encode()
    size, head = pdu.head(raw[:16])
    assert size == len(raw) - 16
    assert pdu.message_of(pdu.Pdu(head.command, head.sequence, body=raw[16:])) == message


@given(st.binary(max_size=120), st.sampled_from([pdu.SUBMIT, pdu.DELIVER, pdu.DATA]))
def test_any_bytes_are_a_message_or_are_told_as_broken(body: bytes, command: int) -> None:
    with contextlib.suppress(pdu.BrokenPdu):
        pdu.message_of(pdu.Pdu(command, 1, body=body))


def test_a_torn_option_costs_only_itself() -> None:
    message = pdu.ShortMessage(PARIS, SHOP, b"hi", options={0x001E: b"42\0"})
    body = pdu.submit(message)
    read = pdu.message_of(pdu.Pdu(pdu.DELIVER, 1, body=body + b"\x04\x27\x00\x09x"))
    assert (read.octets, read.options) == (b"hi", {0x001E: b"42\0"})


@pytest.mark.parametrize("length", [0, 15, 70_001, 0xFFFFFFFF])
def test_a_length_that_cannot_be_is_broken(length: int) -> None:
    with pytest.raises(pdu.BrokenPdu):
        pdu.head(length.to_bytes(4, "big") + bytes(12))


@given(GSM)
def test_the_7_bit_alphabet_there_and_back(text: str) -> None:
    assert coding.gsm_text(coding.gsm_octets(text)) == text


@given(st.binary(max_size=200), st.integers(0, 255))
def test_any_octets_under_any_coding_read_as_something(octets: bytes, data_coding: int) -> None:
    text = coding.decode(octets, data_coding)
    assert text is None or isinstance(text, str)


def test_codings_and_their_habits() -> None:
    assert coding.encode("é€", "gsm7") == (0, b"\x05\x1b\x65")
    assert coding.decode(b"\x05\x1b\x65", 1) == "é€", "GSM octets under 1, as some centres send them"
    assert coding.decode("é".encode("latin-1"), 0, coding.Coding("latin1")) == "é"
    assert coding.encode("é€", "gsm7", coding.Coding("latin1")) == (8, "é€".encode("utf-16-be"))
    assert coding.decode("Réponse € 😀".encode("utf-16-be"), 8) == "Réponse € 😀"
    assert coding.decode(b"\x00a\x00", 8) == "a", "half a unit at the end is left off"
    assert coding.decode(b"\xff\xd8", 4) is None
    assert coding.decode(b"hello", 0xF1) == "hello"
    assert coding.decode("salé".encode("latin-1"), 0) == "salé", "octets no septet has are meant as Latin-1"


@given(st.integers(0, 255), st.integers(2, 255), st.data())
def test_headers_of_long_messages_there_and_back(reference: int, total: int, data: st.DataObject) -> None:
    place = parts.Place(reference, total, data.draw(st.integers(1, total)))
    assert parts.opened(parts.header(place) + b"rest") == (place, b"rest")
    assert parts.by_options(parts.options(place)) == place


@given(st.binary(max_size=30))
def test_a_broken_header_never_hurts(octets: bytes) -> None:
    parts.opened(octets)


def test_headers_of_16_bits_and_of_other_kinds() -> None:
    assert parts.opened(bytes((6, 8, 4, 1, 2, 3, 1)) + b"x") == (parts.Place(258, 3, 1), b"x")
    assert parts.opened(bytes((6, 5, 4, 0, 1, 0, 2)) + b"x") == (None, b"x"), "ports, no long message"
    assert parts.opened(bytes((5, 0, 3, 9, 2, 3)) + b"x") == (None, b"x"), "part 3 of 2"


def test_a_sign_torn_between_parts_is_whole_again() -> None:
    octets = "😀".encode("utf-16-be")
    assert parts.joined(2, {1: (8, octets[:2]), 2: (8, octets[2:])}, coding.USUAL) == "😀"
    assert parts.joined(3, {1: (0, b"abc"), 3: (0, b"xyz")}, coding.USUAL) == "abc[…]xyz"


@pytest.mark.parametrize("how", ["header", "sar", "payload"])
def test_a_long_text_goes_out_as_the_carrier_wants_it(how: str) -> None:
    text = "Votre véhicule est prêt. " * 12
    settings = Settings(host="h", system_id="s", long_messages=how)
    packets = outgoing.packets(segments(text), "+33755000000", "+33612345678", 300, settings)
    if how == "payload":
        (packet,) = packets
        assert (packet.octets, packet.options[parts.PAYLOAD].decode("utf-16-be")) == (b"", text)
        return
    assert len(packets) == 5
    pieces = {}
    for packet in packets:
        place, rest = (
            parts.opened(packet.octets) if how == "header" else (parts.by_options(packet.options), packet.octets)
        )
        assert place is not None
        assert (place.reference, place.total) == (300 & 0xFF, 5)
        pieces[place.number] = (packet.data_coding, rest)
        assert len(packet.octets) <= 140
    assert parts.joined(5, pieces, coding.USUAL) == text


def test_statuses() -> None:
    assert outgoing.verdict(0) == ("taken", "")
    assert outgoing.verdict(0x58) == ("later", "too-fast")
    assert outgoing.verdict(0x0B) == ("never", "unknown-subscriber")
    assert outgoing.verdict(0x7777) == ("never", "refused-by-provider")


def test_receipts_as_carriers_write_them() -> None:
    text = "id:0a1f sub:001 dlvrd:001 submit date:2611210000 done date:2611210001 stat:DELIVRD err:000 text:Bonjour"
    assert receipts.read(text, {}) == receipts.Receipt("0a1f", "delivered", "DELIVRD")
    assert receipts.read("id:7 stat:undeliv err:034 Text:", {}) == receipts.Receipt("7", "failed", "UNDELIV 034")
    assert receipts.read("", {0x001E: b"abc\0", 0x0427: b"\x02"}) == receipts.Receipt("abc", "delivered", "DELIVRD")
    assert receipts.read("id:old stat:ENROUTE", {0x001E: b"new\0"}) == receipts.Receipt("new", "sent", "ENROUTE")
    assert receipts.read("id:9 stat:UNKNOWN", {}) == receipts.Receipt("9", None, "UNKNOWN")
    assert receipts.read("Bonjour", {}) is None
    assert receipts.known_id("0A1F", "hex") == receipts.known_id("2591", "decimal") == "2591"
    assert receipts.known_id("uuid-1", "hex") == "uuid-1"


@given(st.text(max_size=200))
def test_any_text_is_a_receipt_or_none(text: str) -> None:
    receipts.read(text, {})


@pytest.mark.parametrize(
    ("address", "ton", "digits"),
    [("+33612345678", 1, "33612345678"), ("36180", 3, "36180"), ("Delmas", 5, "Delmas")],
)
def test_senders(address: str, ton: int, digits: str) -> None:
    made = senders.on_the_wire(address)
    assert (made.ton, made.digits) == (ton, digits)
    assert senders.from_the_wire(made.digits, made.ton) == address


@pytest.mark.parametrize("wrong", ["", "12", "DelmasAutomobiles", "Déjà", "+0123", " Delmas", "123456789"])
def test_what_is_no_sender(wrong: str) -> None:
    with pytest.raises(senders.InvalidSender):
        senders.kind_of(wrong)


def test_numbers_in_national_form() -> None:
    assert senders.from_the_wire("0612345678", 2, country_code="33") == "+33612345678"
    assert senders.from_the_wire("0612345678", 0) == "0612345678", "of which country, nobody said"
    assert senders.from_the_wire("0033612345678", 0) == "+33612345678"
    assert senders.cleaned(" +33 (6) 12-34.56 78 ") == "+33612345678"
    assert senders.cleaned("Delmas  Auto") == "Delmas Auto"
