"""The contract every look-up must pass: `STATIC` for its description alone, `CASES` for what it does with its system.

    @pytest.mark.parametrize("case", STATIC)
    def test_description(case): STATIC[case]("mycrm", open_lookup(tools))

    @pytest.mark.parametrize("case", CASES)
    async def test_contract(case, scene):
        if not await run(case, scene): pytest.skip("this system has no ...")

A case raises when the contract is broken; it returns False when it does not concern the system. The scene stands before a
stand-in for the system, of one's own or one of `parlons.simulator.providers.crm`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from parlons.customers.lookups.plugin import (
    Activity,
    HearsChanges,
    HookCall,
    ListsChanges,
    Lookup,
    LookupAway,
    LookupRefused,
    NotFromLookup,
    RecordChanged,
    RecordGone,
    System,
)
from parlons.kit.errors import Refusal
from parlons.testing.plugin_suite import DESCRIBED

PATIENCE = 60.0
AT = 1_790_000_000_000
ODD = ("o'neill@x.example", 'quote"@x.example', "per%cent@x.example", "back\\slash@x.example", "under_score@x.example")
GARBAGE = (b"", b"null", b"[]", b"{", b"\xff\xfe", b"[1]", b'{"ids": 3}', b'{"ids": [{}]}', b"0" * 3000)


@dataclass(frozen=True, slots=True)
class Troubles:
    """What a scene can make its stand-in do."""

    add: Callable[[dict[str, Any]], str]
    """A customer with these values, by the system's own names; his id."""
    values: Callable[[str], dict[str, Any]]
    """What stands there of a customer."""
    change: Callable[[str, dict[str, Any]], None]
    """Somebody there changes him."""
    notes: Callable[[str], int]
    """How many activities stand beside him."""
    down: Callable[[bool], None]
    """It answers nothing of use any more, or again."""
    answers: Callable[[int, Any, bool], None]
    """The next request is answered so; True: after the work was done."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A look-up before its system."""

    lookup: Lookup
    system: System
    """Configured rightly; its fields hold those named below."""
    troubles: Troubles
    name: str
    """The field that holds a name (where there are two, the one that must not be empty)."""
    email: str
    phone: str
    wrong: System
    """The same with secrets that are wrong."""
    pass_time: Callable[[], Awaitable[None]]
    """Returns when the system would tell a later change from an earlier one."""
    hook: Callable[[Sequence[str]], HookCall] | None = None
    """A call that the system makes when these changed."""
    numbers: list[int] = field(default_factory=lambda: [0])

    def person(self, **more: Any) -> tuple[str, str]:
        """A customer nobody else uses: (id, e-mail address)."""
        self.numbers[0] += 1
        address = f"person{self.numbers[0]}@firm.example"
        return self.troubles.add({self.name: "Rousseau", self.email: address, **more}), address


Static = Callable[[str, Lookup], None]
Case = Callable[[Scene], Awaitable[bool]]


async def run(case: str, scene: Scene) -> bool:
    """Runs one case; False: it does not concern this system."""
    async with asyncio.timeout(PATIENCE):
        return await CASES[case](scene)


def usual_fields_lead_to_the_customer(name: str, lookup: Lookup) -> None:
    """One holds a name, one an address; each is there once."""
    names = [one.name for one in lookup.usual]
    assert len(set(names)) == len(names)
    meant = {one.to for one in lookup.usual}
    assert meant & {"name", "last_name"}
    assert meant & {"email", "phone"}


STATIC: dict[str, Static] = {
    one.__name__: one
    for one in (
        *DESCRIBED,
        usual_fields_lead_to_the_customer,
    )
}


async def finds_by_email(scene: Scene) -> bool:
    """Whatever the capitals there."""
    person, address = scene.person()
    (found,) = await scene.lookup.find(scene.system, "email", address)
    assert (found.id, found.values[scene.name], found.values[scene.email]) == (person, "Rousseau", address)
    return True


async def finds_by_phone(scene: Scene) -> bool:
    """In our normal form."""
    person, _ = scene.person(**{scene.phone: "+33612345678"})
    scene.person(**{scene.phone: "+33612345679"})
    assert [one.id for one in await scene.lookup.find(scene.system, "phone", "+33612345678")] == [person]
    return True


async def finds_nobody(scene: Scene) -> bool:
    """An empty answer is no failure."""
    scene.person()
    assert list(await scene.lookup.find(scene.system, "email", "nobody@firm.example")) == []
    assert list(await scene.lookup.find(scene.system, "phone", "+4930123456")) == []
    return True


async def finds_several(scene: Scene) -> bool:
    """Two with one address are both told."""
    first, second = scene.person(), scene.person()
    scene.troubles.change(second[0], {scene.email: first[1]})
    assert {one.id for one in await scene.lookup.find(scene.system, "email", first[1])} == {first[0], second[0]}
    return True


async def odd_addresses_are_values_and_nothing_else(scene: Scene) -> bool:
    """A quote ends no query, a wildcard stands for itself."""
    scene.person()
    for address in ODD:
        person = scene.troubles.add({scene.name: "Odd", scene.email: address})
        assert [one.id for one in await scene.lookup.find(scene.system, "email", address)] == [person], address
    return True


async def reads_the_wanted_fields_and_no_others(scene: Scene) -> bool:
    """Each is there, empty ones too."""
    person, _ = scene.person(unwanted="x")
    found = await scene.lookup.read(scene.system, person)
    assert set(found.values) == set(scene.system.fields)
    assert found.values[scene.phone] in (None, "")
    return True


async def who_is_gone_is_said_to_be_gone(scene: Scene) -> bool:
    """For reading, for a change."""
    for strange in ("999999", "x' OR 1=1", "../../etc"):
        await _raises(scene.lookup.read(scene.system, strange), RecordGone, LookupRefused)
    person, _ = scene.person()
    gone = replace(await scene.lookup.read(scene.system, person), id="999999")
    with_values = scene.lookup.update(scene.system, gone, {scene.name: "Nobody"})
    await _raises(with_values, RecordGone, RecordChanged, LookupRefused)
    return True


async def creates(scene: Scene) -> bool:
    """And answers with the record as it stands."""
    made = await scene.lookup.create(
        scene.system, {scene.name: "Okafor", scene.email: "d.okafor@firm.example"}, "key-1"
    )
    assert made.values[scene.name] == "Okafor"
    (found,) = await scene.lookup.find(scene.system, "email", "d.okafor@firm.example")
    assert found.id == made.id
    return True


async def updates_what_is_named_only(scene: Scene) -> bool:
    """The rest stays, what others changed too."""
    person, address = scene.person()
    seen = await scene.lookup.read(scene.system, person)
    after = await scene.lookup.update(scene.system, seen, {scene.phone: "+33199001122"})
    assert (after.values[scene.phone], after.values[scene.email]) == ("+33199001122", address)
    assert scene.troubles.values(person)[scene.email] == address
    return True


async def updates_again_without_harm(scene: Scene) -> bool:
    """The same change once more."""
    person, _ = scene.person()
    for _ in range(2):
        seen = await scene.lookup.read(scene.system, person)
        after = await scene.lookup.update(scene.system, seen, {scene.name: "Again"})
    assert after.values[scene.name] == "Again"
    return True


async def an_empty_value_clears(scene: Scene) -> bool:
    """None is written as nothing."""
    person, _ = scene.person(**{scene.phone: "+33612000000"})
    seen = await scene.lookup.read(scene.system, person)
    after = await scene.lookup.update(scene.system, seen, {scene.phone: None})
    assert after.values[scene.phone] in (None, "")
    return True


async def what_it_does_not_take_is_refused(scene: Scene) -> bool:
    """Nothing is half written."""
    person, address = scene.person()
    seen = await scene.lookup.read(scene.system, person)
    refusal = await _raises(scene.lookup.update(scene.system, seen, {scene.email: "no address"}), LookupRefused)
    assert "no address" not in f"{refusal.message}{refusal.details}"
    assert scene.troubles.values(person)[scene.email] == address
    return True


async def an_activity_stands_beside_the_record(scene: Scene) -> bool:
    """And has an id."""
    person, _ = scene.person()
    other, _ = scene.person()
    assert await scene.lookup.note(scene.system, person, _activity("CH1"))
    assert (scene.troubles.notes(person), scene.troubles.notes(other)) == (1, 0)
    return True


async def an_activity_stands_there_once(scene: Scene) -> bool:
    """However often it is written; another one beside it."""
    person, _ = scene.person()
    for _ in range(3):
        await scene.lookup.note(scene.system, person, _activity("CH2"))
    await scene.lookup.note(scene.system, person, _activity("CH3"))
    assert scene.troubles.notes(person) == 2
    return True


async def an_activity_whose_answer_was_lost_stands_there_once(scene: Scene) -> bool:
    """It was carried out, and nobody heard."""
    person, _ = scene.person()
    scene.troubles.answers(502, None, True)
    await _raises(scene.lookup.note(scene.system, person, _activity("CH4")), LookupAway)
    await scene.lookup.note(scene.system, person, _activity("CH4"))
    assert scene.troubles.notes(person) == 1
    return True


async def while_it_is_down_it_is_away(scene: Scene) -> bool:
    """Whatever is asked; and back afterwards."""
    person, address = scene.person()
    seen = await scene.lookup.read(scene.system, person)
    scene.troubles.down(True)
    asked = (
        scene.lookup.find(scene.system, "email", address),
        scene.lookup.read(scene.system, person),
        scene.lookup.create(scene.system, {scene.name: "Later"}, "key-2"),
        scene.lookup.update(scene.system, seen, {scene.name: "Later"}),
        scene.lookup.note(scene.system, person, _activity("CH5")),
        scene.lookup.test(scene.system),
    )
    for one in asked:
        await _raises(one, LookupAway)
    scene.troubles.down(False)
    assert (await scene.lookup.read(scene.system, person)).id == person
    return True


async def too_many_requests_are_for_later(scene: Scene) -> bool:
    """So is an error of its own."""
    person, _ = scene.person()
    await scene.lookup.read(scene.system, person)
    for status in (429, 500, 503):
        scene.troubles.answers(status, {"message": "later"}, False)
        await _raises(scene.lookup.read(scene.system, person), LookupAway)
    return True


async def wrong_secrets_lose_nothing(scene: Scene) -> bool:
    """They are mended by people, so what waits must wait."""
    await _raises(scene.lookup.test(scene.wrong), LookupAway)
    return True


async def an_answer_that_makes_no_sense_is_a_refusal(scene: Scene) -> bool:
    """Never another exception."""
    person, address = scene.person()
    await scene.lookup.read(scene.system, person)
    bodies: tuple[Any, ...] = ([], {}, {"results": 3}, {"records": [1]}, "text", None, 5)
    for body in bodies:
        scene.troubles.answers(200, body, False)
        try:
            await scene.lookup.find(scene.system, "email", address)
        except Refusal:
            continue
    return True


async def a_right_configuration_passes_its_test(scene: Scene) -> bool:
    """Nothing is written by it."""
    await scene.lookup.test(scene.system)
    return True


async def changes_are_listed_once_they_happen(scene: Scene) -> bool:
    """Asked for the first time there are none; what happened before is not told."""
    if not isinstance(scene.lookup, ListsChanges):
        return False
    person, _ = scene.person()
    await scene.pass_time()
    begun = await scene.lookup.changes(scene.system, {})
    assert list(begun.record_ids) == []
    await scene.pass_time()
    scene.troubles.change(person, {scene.name: "Changed"})
    await scene.pass_time()
    told = await scene.lookup.changes(scene.system, begun.position)
    assert list(told.record_ids) == [person]
    return True


async def a_hook_that_proves_nothing_is_refused(scene: Scene) -> bool:
    """Without a secret, with another body, before anything is read."""
    if not isinstance(scene.lookup, HearsChanges) or scene.hook is None:
        return False
    call = scene.hook(["1"])
    for body in GARBAGE:
        _refused(scene.lookup, scene.wrong, replace(call, body=body), NotFromLookup)
    _refused(scene.lookup, scene.system, replace(call, headers={}, query={}), NotFromLookup)
    return True


async def a_hook_names_who_changed(scene: Scene) -> bool:
    """Each once."""
    if not isinstance(scene.lookup, HearsChanges) or scene.hook is None:
        return False
    assert list(scene.lookup.heard(scene.system, scene.hook(["41"]))) == ["41"]
    return True


CASES: dict[str, Case] = {
    one.__name__: one
    for one in (
        finds_by_email,
        finds_by_phone,
        finds_nobody,
        finds_several,
        odd_addresses_are_values_and_nothing_else,
        reads_the_wanted_fields_and_no_others,
        who_is_gone_is_said_to_be_gone,
        creates,
        updates_what_is_named_only,
        updates_again_without_harm,
        an_empty_value_clears,
        what_it_does_not_take_is_refused,
        an_activity_stands_beside_the_record,
        an_activity_stands_there_once,
        an_activity_whose_answer_was_lost_stands_there_once,
        while_it_is_down_it_is_away,
        too_many_requests_are_for_later,
        wrong_secrets_lose_nothing,
        an_answer_that_makes_no_sense_is_a_refusal,
        a_right_configuration_passes_its_test,
        changes_are_listed_once_they_happen,
        a_hook_that_proves_nothing_is_refused,
        a_hook_names_who_changed,
    )
}


def _activity(key: str) -> Activity:
    text = "Sold.\nShe asked for <b>blue</b> & paid « cash »."
    return Activity(key, "Chat, sold", text, AT, AT + 60_000, "webchat", f"https://desk.example/app/c/{key}")


async def _raises(asked: Awaitable[Any], *kinds: type[Refusal]) -> Refusal:
    try:
        await asked
    except kinds as refusal:
        return refusal
    raise AssertionError(f"this should have been {', '.join(one.__name__ for one in kinds)}")


def _refused(lookup: HearsChanges, system: System, call: HookCall, kind: type[Refusal]) -> None:
    try:
        lookup.heard(system, call)
    except kind:
        return
    raise AssertionError(f"this should have been {kind.__name__}")
