"""One account against a real SMPP centre (smpp34): texts out and in, receipts in any order, and everything that goes wrong."""

import asyncio
from typing import Any

import pytest

from parlons.channels.model import Incoming, Receipt, Unknown
from parlons.channels.plugin import Failed, TryLater, Unsure
from parlons.channels.sms import channel as sms_channel
from parlons.channels.sms import coding, parts, pdu, session
from tests.channels.sms.centre import Centre, report, write
from tests.channels.sms.conftest import Line


async def test_a_text_goes_out_and_its_receipt_comes_back(smsc: Centre, line: Line) -> None:
    await line.bind()
    bind = await smsc.bound()
    sent = await line.send("C’est prêt : 12 € à régler")
    event = await smsc.next()
    assert (event.source_addr, event.source_addr_ton, event.destination_addr) == ("33755000000", 1, "33612345678")
    assert coding.decode(event.short_message, event.data_coding) == "C’est prêt : 12 € à régler"
    assert event.registered_delivery == 1
    assert (sent.ids, sent.parts) == (("1",), 1)
    assert (await report(bind, event, "1")).is_success
    assert await line.inbox.next() == Receipt("1", "delivered")


async def test_a_long_text_is_one_message_with_an_id_for_each_part(smsc: Centre, line: Line) -> None:
    await line.bind()
    text = "Bonjour, votre voiture est là. " * 12
    sent = await line.send(text)
    assert (sent.parts, sent.ids) == (3, ("1", "2", "3"))
    pieces = {}
    for _ in range(3):
        event = await smsc.next()
        assert event.esm_class == parts.UDHI
        place, octets = parts.opened(event.short_message)
        assert place is not None
        pieces[place.number] = (event.data_coding, octets)
    assert parts.joined(3, pieces, coding.USUAL) == text


async def test_a_short_code_and_a_name_as_sender(smsc: Centre, line: Line) -> None:
    line.setting(sender="Delmas Auto")
    await line.bind()
    await line.send("Bonjour")
    event = await smsc.next()
    assert (event.source_addr, event.source_addr_ton) == ("Delmas Auto", 5)


async def test_a_receipt_that_is_faster_than_the_answer(smsc: Centre, line: Line) -> None:
    smsc.by_hand = True
    await line.bind()
    bind = await smsc.bound()
    sending = asyncio.create_task(line.send("Bonjour"))
    event = await smsc.next()
    await report(bind, event, "77")
    assert await line.inbox.next() == Receipt("77", "delivered"), "told at once; who it is for is known later"
    assert not sending.done()
    event.accept("77")
    assert (await sending).ids == ("77",)


async def test_ids_written_one_way_in_answers_and_another_in_receipts(smsc: Centre, line: Line) -> None:
    line.setting(answer_ids="hex", receipt_ids="decimal")
    smsc.count = 0x0A1E
    await line.bind()
    bind = await smsc.bound()
    sent = await line.send("Bonjour")
    await report(bind, await smsc.next(), "0002591")
    assert sent.ids == ((await line.inbox.next()).provider_id,) == ("2591",)


async def test_a_message_comes_in_with_accents_and_is_answered_when_it_is_kept(smsc: Centre, line: Line) -> None:
    await line.bind()
    bind = await smsc.bound()
    line.inbox.down = 1
    refused = await write(bind, "Réponse € 😀")
    assert refused.command_status == pdu.TRY_AGAIN, "not kept: the centre keeps it"
    assert (await write(bind, "Réponse € 😀")).is_success
    event = await line.inbox.next()
    assert (event.sender.value, event.text, event.to) == ("+33612345678", "Réponse € 😀", "+33755000000")
    assert line.inbox.events.empty()


async def test_a_long_message_comes_in_over_two_binds(smsc: Centre, line: Line) -> None:
    await line.bind()
    bind = await smsc.bound()
    text = "é" * 90
    first, second = (
        parts.header(parts.Place(7, 2, n)) + part.encode("utf-16-be") for n, part in ((1, text[:67]), (2, text[67:]))
    )

    async def hand_in(bind_: Any, octets: bytes) -> None:
        answer = await bind_.deliver_sm(
            "33755000000", octets, source_addr="33612345678", source_addr_ton=1, data_coding=8, esm_class=parts.UDHI
        )
        assert answer.is_success

    await hand_in(bind, second)
    await line.stop()
    await line.bind()
    bind = await smsc.bound()
    await hand_in(bind, second)
    await hand_in(bind, first)
    assert (await line.inbox.next()).text == text
    assert line.inbox.events.empty(), "the part that came twice counted once"


async def test_what_the_carrier_says_no_to(smsc: Centre, line: Line) -> None:
    await line.bind()
    smsc.statuses = [0x58, 0x0B, 0x45]
    with pytest.raises(TryLater) as later:
        await line.send("a")
    assert later.value.code == "too-fast"
    for code in ("unknown-subscriber", "refused-by-provider"):
        with pytest.raises(Failed) as never:
            await line.send("b")
        assert never.value.code == code
    with pytest.raises(Failed) as never:
        await line.send("x" * 2000)
    assert never.value.code == "text-too-long"
    assert smsc.submitted.empty()


async def test_too_fast_in_the_middle_of_a_long_text_is_waited_for(
    smsc: Centre, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sms_channel, "PATIENCE", (0.0, 0.0))
    await line.bind()
    smsc.statuses = [0, 0x58, 0x14]
    assert (await line.send("y" * 200)).parts == 2
    smsc.statuses = [0, 0x58, 0x58, 0x58]
    with pytest.raises(Unsure) as unsure:
        await line.send("z" * 200)
    assert unsure.value.code == "partly-sent", "the first part is out: sending all again would double it"
    smsc.statuses = [0, 0x0B]
    with pytest.raises(Failed) as never:
        await line.send("z" * 200)
    assert never.value.code == "partly-sent"


async def test_without_a_bind_nothing_leaves(smsc: Centre, line: Line) -> None:
    with pytest.raises(TryLater) as later:
        await line.send("a")
    assert later.value.code == "provider-unreachable"


async def test_a_connection_that_ends_before_the_answer_leaves_it_open(line: Line) -> None:
    async with Rough() as rough:
        line.setting(port=rough.port)
        await line.bind()
        sending = asyncio.create_task(line.send("Bonjour"))
        await rough.hears(pdu.SUBMIT)
        assert rough.writer is not None
        rough.writer.close()
        with pytest.raises(Unsure):
            await sending
        assert line.running is not None
        with pytest.raises(session.Ended):
            await line.running
        assert await line.inbox.states.get() == "provider-unreachable"
        with pytest.raises(TryLater):
            await line.send("Encore")


async def test_an_answer_that_comes_after_all_settles_it(
    smsc: Centre, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    smsc.by_hand = True
    await line.bind()
    monkeypatch.setattr(session, "ANSWERS_WITHIN", 0.2)
    with pytest.raises(Unsure):
        await line.send("Bonjour", key="DL9")
    (await smsc.next()).accept("9")
    assert await line.inbox.next() == Receipt("DL9", "sent")


async def test_no_centre_there(line: Line) -> None:
    line.setting(port=1)
    with pytest.raises(OSError):
        await line.bind()


def written(*pdus: pdu.Pdu) -> bytes:
    return b"".join(each.packed() for each in pdus)


class Rough:
    """A centre of bytes: what it says to a bind is the test's."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[pdu.Pdu] = asyncio.Queue()
        self.writer: asyncio.StreamWriter | None = None
        self.status = 0
        self.port = 0

    async def __aenter__(self) -> "Rough":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        if self.writer is not None:
            self.writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        try:
            while True:
                size, head = pdu.head(await reader.readexactly(16))
                got = pdu.Pdu(head.command, head.sequence, head.status, await reader.readexactly(size))
                if got.command == pdu.BIND_TRANSCEIVER:
                    writer.write(got.answer(self.status, b"ROUGH\0").packed())
                self.heard.put_nowait(got)
        except (asyncio.IncompleteReadError, OSError):
            writer.close()

    def says(self, *pdus: pdu.Pdu) -> None:
        assert self.writer is not None
        self.writer.write(written(*pdus))

    async def hears(self, command: int) -> pdu.Pdu:
        async with asyncio.timeout(60):
            while (got := await self.heard.get()).command != command:
                pass
            return got


async def test_who_is_not_let_in_is_told_so(line: Line) -> None:
    async with Rough() as rough:
        rough.status = 0x0E
        line.setting(port=rough.port)
        line.running = asyncio.create_task(line.channel.run(line.account, line.inbox))
        with pytest.raises(session.BindRefused):
            await line.running
        assert line.inbox.states.get_nowait() == "token-refused"


async def test_a_broken_message_is_answered_and_holds_up_nothing(line: Line) -> None:
    async with Rough() as rough:
        line.setting(port=rough.port)
        await line.bind()
        good = pdu.submit(
            pdu.ShortMessage(
                sms_channel.senders.on_the_wire("+33612345678"), sms_channel.senders.on_the_wire("+33755000000"), b"hi"
            )
        )
        rough.says(pdu.Pdu(pdu.DELIVER, 1, body=b"\x00broken"), pdu.Pdu(pdu.DELIVER, 2, body=good))
        assert isinstance(await line.inbox.next(), Unknown)
        event = await line.inbox.next()
        assert isinstance(event, Incoming)
        assert event.text == "hi"
        answers = [await rough.hears(pdu.DELIVER | pdu.RESPONSE) for _ in range(2)]
        assert [(each.sequence, each.status) for each in answers] == [(1, 0), (2, 0)]
        rough.says(pdu.Pdu(0x55, 3))
        assert (await rough.hears(pdu.NACK)).status == pdu.BAD_COMMAND


async def test_receipts_as_data_sm(line: Line) -> None:
    async with Rough() as rough:
        line.setting(port=rough.port)
        await line.bind()
        address = b"\x01\x0133612345678\x00"
        options = b"\x00\x1e\x00\x03ab\x00" + b"\x04\x27\x00\x01\x02"
        rough.says(pdu.Pdu(pdu.DATA, 1, body=b"\x00" + address + address + b"\x04\x00\x00" + options))
        assert await line.inbox.next() == Receipt("ab", "delivered")


async def test_what_is_no_smpp_ends_the_connection(line: Line) -> None:
    async with Rough() as rough:
        line.setting(port=rough.port)
        await line.bind()
        assert rough.writer is not None
        rough.writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        assert line.running is not None
        with pytest.raises(session.Ended):
            await line.running


async def test_a_silent_centre_is_asked_and_then_left(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Rough() as rough:
        line.setting(port=rough.port, enquire_seconds=0.05)
        await line.bind()
        asked = await rough.hears(pdu.ENQUIRE)
        rough.says(asked.answer())
        monkeypatch.setattr(session, "ANSWERS_WITHIN", 0.1)
        await rough.hears(pdu.ENQUIRE)
        assert line.running is not None
        with pytest.raises(session.Ended):
            await line.running
        assert line.running.done()


async def test_we_leave_politely(line: Line) -> None:
    async with Rough() as rough:
        line.setting(port=rough.port)
        await line.bind()
        stopping = asyncio.create_task(line.stop())
        rough.says((await rough.hears(pdu.UNBIND)).answer())
        await stopping


async def test_a_centre_that_unbinds_is_let_go(line: Line) -> None:
    async with Rough() as rough:
        line.setting(port=rough.port)
        await line.bind()
        rough.says(pdu.Pdu(pdu.UNBIND, 5))
        assert (await rough.hears(pdu.UNBIND | pdu.RESPONSE)).sequence == 5
        assert line.running is not None
        with pytest.raises(session.Ended):
            await line.running
