"""What a carrier hands in: every message once, whatever is lost between it, us and the database; parts joined; nothing torn."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from parlons.channels.model import Event, Incoming, Receipt, Unknown
from parlons.channels.sms import parts
from parlons.channels.sms.pdu import ShortMessage
from parlons.channels.sms.senders import Address
from parlons.channels.sms.settings import Settings
from parlons.channels.sms.shelf import PARTS_WAIT, REPEATED_WITHIN, Shelf, arrive, overdue

HERE = Address(1, 1, "33755000000")
SETTINGS = Settings(host="h", system_id="s")


def said(text: str, who: str = "33612345678", **more: Any) -> ShortMessage:
    return ShortMessage(Address(1, 1, who), HERE, text.encode(), **more)


def part(number: int, total: int, text: str, reference: int = 9, who: str = "33612345678") -> ShortMessage:
    octets = parts.header(parts.Place(reference, total, number)) + text.encode()
    return ShortMessage(Address(1, 1, who), HERE, octets, esm_class=0x40)


def texts(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, Incoming)]


def taken(shelf: Shelf, *messages: ShortMessage, now: int = 1) -> tuple[Shelf, list[Event]]:
    found: list[Event] = []
    for message in messages:
        shelf, events = arrive(shelf, message, SETTINGS, now)
        found += events
    return shelf, found


def test_a_message_says_who_wrote_to_whom() -> None:
    _, (event,) = taken(Shelf(), said("Bonjour"))
    assert isinstance(event, Incoming)
    assert (event.sender.kind, event.sender.value, event.sender.verified) == ("phone", "+33612345678", True)
    assert (event.to, event.text, event.kind) == ("+33755000000", "Bonjour", "text")


def test_a_name_and_a_short_code_are_no_telephone_numbers() -> None:
    for who, ton in (("CreditBank", 5), ("36180", 3)):
        _, (event,) = taken(Shelf(), replace(said("Solde"), source=Address(ton, 0, who)))
        assert isinstance(event, Incoming)
        assert (event.sender.kind, event.sender.value) == ("external", f"sms:{who}")


def test_octets_that_are_no_text_are_kept_as_such() -> None:
    _, (event,) = taken(Shelf(), replace(said("x"), data_coding=4))
    assert isinstance(event, Incoming)
    assert (event.kind, event.text) == ("binary", "")


def test_a_text_in_message_payload() -> None:
    long = "a" * 400
    _, events = taken(Shelf(), replace(said(""), options={parts.PAYLOAD: long.encode()}))
    assert texts(events) == [long]


def test_the_same_words_twice_on_one_connection_are_two_messages() -> None:
    _, events = taken(Shelf(), said("ok"), said("ok"))
    assert len({event.id for event in events}) == 2  # type: ignore[union-attr]


def test_the_same_again_after_a_new_bind_is_a_repetition_once() -> None:
    shelf, _ = taken(Shelf(), said("ok"))
    shelf = Shelf.read(shelf.written(), 1000)
    shelf, again = taken(shelf, said("ok"), now=1000)
    assert again == []
    _, third = taken(shelf, said("ok"), now=1001)
    assert texts(third) == ["ok"], "he said it once more"


def test_long_after_a_bind_the_same_words_are_new() -> None:
    shelf, _ = taken(Shelf(), said("ok"))
    shelf = Shelf.read(shelf.written(), 1000)
    _, events = taken(shelf, said("ok"), now=1000 + REPEATED_WITHIN)
    assert texts(events) == ["ok"]


def test_parts_in_any_order_and_of_two_people_at_once() -> None:
    shelf, first = taken(Shelf(), part(2, 2, "monde"), part(1, 2, "autre ", who="33699999999"))
    assert first == []
    shelf = Shelf.read(shelf.written(), 1)
    _, events = taken(shelf, part(1, 2, "le "), part(2, 2, "voix", who="33699999999"), now=2)
    assert texts(events) == ["le monde", "autre voix"]


def test_parts_that_stay_alone_are_shown_as_they_are() -> None:
    shelf, _ = taken(Shelf(), part(1, 3, "le "), part(3, 3, "fin"))
    assert overdue(shelf, SETTINGS, PARTS_WAIT)[1] == []
    shelf, events = overdue(shelf, SETTINGS, PARTS_WAIT + 1)
    assert texts(events) == ["le […]fin"]
    assert shelf.held == {}


def test_receipts_pass_by_the_shelf() -> None:
    text = "id:7f stat:UNDELIV err:034"
    shelf, events = taken(Shelf(), said(text, esm_class=4))
    assert events == [Receipt("7f", "failed", "not-delivered", "UNDELIV 034")]
    assert shelf == Shelf()
    _, (unread,) = taken(Shelf(), said("no receipt at all", esm_class=4))
    assert isinstance(unread, Unknown)
    _, events = taken(Shelf(), said("id:1 stat:UNKNOWN", esm_class=4))
    assert events == []


def test_an_epoch_ends_before_it_is_long_and_loses_no_memory() -> None:
    shelf = Shelf()
    for number in range(200):
        shelf, _ = taken(shelf, said(f"m{number}"), now=number)
    assert shelf.full(200)
    shelf = shelf.renewed(200)
    again = Shelf.read(shelf.written(), 201)
    assert taken(again, said("m199"), now=202)[1] == []


@settings(max_examples=60)
@given(st.lists(st.integers(1, 3), max_size=10), st.data())
def test_whatever_dies_when_every_message_is_taken_once(said_: list[int], data: st.DataObject) -> None:
    """A centre that hands in again what was not answered; we die before the commit, between events, or before the answer."""
    whole = [[f"{number}.{at}" for at in range(parts_)] for number, parts_ in enumerate(said_)]
    wire = [
        said(texts_[0]) if len(texts_) == 1 else part(at, len(texts_), text, number)
        for number, texts_ in enumerate(whole)
        for at, text in enumerate(texts_, 1)
    ]
    database: dict[str, str] = {}
    position: dict[str, Any] = {}
    shelf, now = Shelf.read(position, 0), 0
    while wire:
        now += 1
        batch = wire[: data.draw(st.integers(1, 3))]
        after, events = taken(shelf, *batch, now=now)
        dies = data.draw(st.sampled_from(["no", "no", "before", "between", "after"]))
        kept = {"before": 0, "between": 1}.get(dies, len(events))
        database |= {event.id: event.text for event in events[:kept] if isinstance(event, Incoming)}
        if dies in ("no", "after"):
            position = after.written()
        if dies == "no":
            wire, shelf = wire[len(batch) :], after
        else:
            shelf = Shelf.read(position, now)
    assert sorted(database.values()) == sorted("".join(texts_) for texts_ in whole)
