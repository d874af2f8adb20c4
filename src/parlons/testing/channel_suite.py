"""The contract every channel must pass: `STATIC` for its description alone, `CASES` for what it does on its wire.

    @pytest.mark.parametrize("case", STATIC)
    def test_description(case): STATIC[case](name, open_channel(tools))

    @pytest.mark.parametrize("case", CASES)
    async def test_contract(case, scene):
        if not await run(case, scene): pytest.skip("this channel has no ...")

A case raises when the contract is broken; it returns False when it does not concern the channel (`channel_scene.Can`).
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from parlons.channels.model import Event, HookRequest, Incoming, Receipt, Sent, Unknown
from parlons.channels.plugin import (
    BadHook,
    Channel,
    Failed,
    InvalidAccount,
    KeepsConnection,
    NotFromProvider,
    ReceivesHooks,
    TryLater,
    Unsure,
)
from parlons.channels.registry import CHANNELS
from parlons.customers.model import KINDS, normal
from parlons.kit.clock import wall_clock
from parlons.testing.channel_scene import Scene, Written, letter
from parlons.testing.plugin_suite import DESCRIBED

PATIENCE = 60.0
TEXT = "Où est-ce ? Voilà l’été, « déjà » à 10 € – 日本語 😀"
PLAIN = "Bonjour, ou est ma commande"
GARBAGE = (b"", b"null", b"[]", b"{", b"\xff\xfe\x00", b'{"a":' * 50, b"=&=&", b'{"entry": 3}', b"<xml/>", b"0" * 5000)
_CODE = re.compile(r"[a-z][a-z0-9-]{0,60}")
Static = Callable[[str, Channel], None]
Case = Callable[[Scene], Awaitable[bool]]


async def run(case: str, scene: Scene) -> bool:
    """Runs one case; False: it does not concern this channel."""
    async with asyncio.timeout(PATIENCE):
        return await CASES[case](scene)


def it_receives_somehow(name: str, channel: Channel) -> None:
    """By hooks, or by a connection of its own; what visitors write, the widget brings."""
    receives: object = channel
    assert isinstance(receives, ReceivesHooks | KeepsConnection) or name in ("webchat", "push")


def wrong_addresses_are_refused(name: str, channel: Channel) -> None:
    """As a refusal that can be shown, never otherwise."""
    for text in ("", " ", "\x00", "x" * 5000):
        try:
            channel.address(text)
        except InvalidAccount:
            continue
        raise AssertionError(f"{text[:20]!r} was taken for an address")


STATIC: dict[str, Static] = {
    one.__name__: one
    for one in (
        *DESCRIBED,
        it_receives_somehow,
        wrong_addresses_are_refused,
    )
}


def _only(events: Sequence[Event]) -> Incoming:
    found = [one for one in events if isinstance(one, Incoming)]
    assert len(found) == 1, events
    return found[0]


async def words_come_whole(scene: Scene) -> bool:
    """Accents, signs and other scripts, not one changed."""
    assert _only(await scene.writes(Written(TEXT))).text == TEXT
    return True


async def every_message_has_an_id_of_its_own(scene: Scene) -> bool:
    """And the same comes again under the same."""
    first = _only(await scene.writes(Written("Un")))
    second = _only(await scene.writes(Written("Deux")))
    assert first.id
    assert first.id != second.id
    return True


async def a_call_read_twice_says_the_same(scene: Scene) -> bool:
    """Parsing is pure: what was taken once is known again."""
    request, channel = await scene.request(Written(TEXT)), _hooks(scene)
    if request is None or channel is None:
        return False
    assert list(channel.parse(scene.account, request)) == list(channel.parse(scene.account, request))
    return True


async def a_sender_can_be_found_again(scene: Scene) -> bool:
    """The same person has the same address, another has another; it is of a kind that customers have."""
    one = _only(await scene.writes(Written("A", who="claire"))).sender
    same = _only(await scene.writes(Written("B", who="claire"))).sender
    other = _only(await scene.writes(Written("C", who="bob"))).sender
    assert (one.kind, one.value, one.address) == (same.kind, same.value, same.address)
    assert one.value != other.value
    assert one.kind in KINDS
    assert normal(one.kind, one.value) == one.value, "the value stands in its normal form"
    if one.kind == "external":
        whose = one.value.partition(":")[0]
        assert whose == scene.account.channel or whose in CHANNELS, "an external value says whose it is"
    return True


async def who_wrote_can_be_reached(scene: Scene) -> bool:
    """The account writes back to where the message came from; what was said in public leads to nobody elsewhere."""
    sender = _only(await scene.writes(Written("Bonjour"))).sender
    if scene.channel.capabilities(scene.account).public:
        assert scene.channel.reach(scene.account, sender.kind, sender.value) is None
        return True
    assert scene.channel.reach(scene.account, sender.kind, sender.value) == sender.address
    return True


async def strangers_addresses_are_not_reached(scene: Scene) -> bool:
    """Nothing is sent to an address of another channel."""
    for kind, value in (("external", "pigeon:7"), ("webchat", "VI1"), ("external", "")):
        assert scene.channel.reach(scene.account, kind, value) is None
    return True


async def an_unproven_call_is_refused(scene: Scene) -> bool:
    """Tampered, unsigned, or signed by somebody else."""
    request, channel = await scene.request(Written("Bonjour")), _hooks(scene)
    if request is None or channel is None:
        return False
    channel.verify(scene.account, request)
    unsigned = replace(request, headers={"content-type": request.headers.get("content-type", "")}, query={})
    stranger = replace(scene.account, secrets=dict.fromkeys(scene.account.secrets, "another secret"))
    forgotten = replace(scene.account, secrets={})
    for account, call in ((scene.account, unsigned), (stranger, request), (forgotten, request), (forgotten, unsigned)):
        try:
            channel.verify(account, call)
        except NotFromProvider:
            continue
        raise AssertionError("a call nobody proved was taken")
    return True


async def a_question_without_proof_gets_no_answer(scene: Scene) -> bool:
    """A hand-shake is answered to whoever knows the secret, and only then."""
    channel = _hooks(scene)
    if channel is None:
        return False
    query = {"hub.mode": "subscribe", "hub.challenge": "42", "hub.verify_token": "guessed"}
    asked = HookRequest("GET", "/hooks/x/y", query, {}, b"", wall_clock())
    try:
        channel.verify(scene.account, asked)
    except NotFromProvider:
        return True
    raise AssertionError("a guessed token was taken")


async def garbage_is_refused_or_unknown(scene: Scene) -> bool:
    """Whatever bytes come: a refusal, nothing, or an unknown event."""
    request, channel = await scene.request(Written("Bonjour")), _hooks(scene)
    if request is None or channel is None:
        return False
    for body in GARBAGE:
        for call in (replace(request, body=body), replace(request, body=body, query={})):
            try:
                events = channel.parse(scene.account, call)
            except BadHook:
                continue
            assert not [one for one in events if isinstance(one, Receipt)], body
    return True


async def a_broken_message_is_no_exception(scene: Scene) -> bool:
    """A call that is cut anywhere is refused or read as what is there."""
    request, channel = await scene.request(Written("Bonjour")), _hooks(scene)
    if request is None or channel is None:
        return False
    for cut in range(0, len(request.body), max(1, len(request.body) // 40)):
        try:
            channel.parse(scene.account, replace(request, body=request.body[:cut]))
        except BadHook:
            continue
    return True


async def an_accepted_call_is_answered(scene: Scene) -> bool:
    """With a success, or the provider calls for ever."""
    request, channel = await scene.request(Written("Bonjour")), _hooks(scene)
    if request is None or channel is None:
        return False
    assert 200 <= channel.accepted(scene.account, request).status < 300
    return True


async def files_come_with_name_type_and_bytes_or_a_way_to_get_them(scene: Scene) -> bool:
    """Nothing that was sent is passed over."""
    if not scene.can.files_in:
        return False
    picture = ("été.png", "image/png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 64)
    event = _only(await scene.writes(Written("Voici", files=(picture,))))
    (file,) = event.files
    assert file.name
    assert file.body == picture[2] or file.ref
    return True


async def a_text_arrives_as_it_was_written(scene: Scene) -> bool:
    """Accents, signs, other scripts."""
    to = await _somebody(scene)
    sent = await scene.channel.send(scene.account, letter(to, TEXT))
    assert isinstance(sent, Sent)
    (got,) = await scene.got()
    assert TEXT in got.text
    return True


async def what_is_sent_has_an_id_by_which_it_is_known(scene: Scene) -> bool:
    """Where receipts come, they name it."""
    to = await _somebody(scene)
    sent = await scene.channel.send(scene.account, letter(to, PLAIN))
    assert len(set(sent.ids)) == len(sent.ids)
    assert sent.parts >= 1
    assert sent.ids or not scene.can.receipts
    return True


async def a_text_of_the_greatest_length_goes_through(scene: Scene) -> bool:
    """What the capabilities promise is kept."""
    to = await _somebody(scene)
    longest = min(scene.channel.capabilities(scene.account).text or 4000, 4000)
    text = ("abcdefghi " * (longest // 10 + 1))[:longest].strip()
    await scene.channel.send(scene.account, letter(to, text))
    whole = "".join(got.text for got in await scene.got())
    assert whole.replace("\r\n", "\n").replace("\n", " ").count("abcdefghi") == text.count("abcdefghi")
    return True


async def the_same_key_arrives_once_where_that_is_promised(scene: Scene) -> bool:
    """What was in flight when a process died is sent again with it."""
    if not scene.channel.capabilities(scene.account).repeatable:
        return False
    to = await _somebody(scene)
    await scene.channel.send(scene.account, letter(to, PLAIN))
    await scene.channel.send(scene.account, letter(to, PLAIN))
    keys = [got.key for got in await scene.got()]
    assert len(set(keys)) == 1
    assert keys[0]
    return True


async def a_busy_provider_is_tried_later(scene: Scene) -> bool:
    """And nothing has left."""
    return await _raises(scene, "busy", TryLater)


async def a_refusal_is_final(scene: Scene) -> bool:
    """The agent is told at once."""
    return await _raises(scene, "refuses", Failed)


async def a_lost_answer_is_doubt(scene: Scene) -> bool:
    """Never a failure, never a success: it may have arrived."""
    return await _raises(scene, "breaks", Unsure)


async def nobody_there_is_tried_later(scene: Scene) -> bool:
    """Nothing can have left."""
    return await _raises(scene, "away", TryLater)


async def after_trouble_all_is_well(scene: Scene) -> bool:
    """A channel does not stay broken."""
    if "busy" not in scene.can.troubles:
        return False
    to = await _somebody(scene)
    await scene.trouble("busy")
    try:
        await scene.channel.send(scene.account, letter(to, PLAIN))
    except TryLater:
        pass
    else:
        raise AssertionError("a busy provider took it")
    await scene.trouble(None)
    await scene.channel.send(scene.account, letter(to, PLAIN))
    return True


async def receipts_name_what_was_sent(scene: Scene) -> bool:
    """Delivered, and failed with a code."""
    if not scene.can.receipts:
        return False
    to = await _somebody(scene)
    sent = await scene.channel.send(scene.account, letter(to, PLAIN))
    (heard,) = [one for one in await scene.receipt(sent.ids[0], "delivered") if isinstance(one, Receipt)]
    assert (heard.provider_id, heard.state) == (sent.ids[0], "delivered")
    other = await scene.channel.send(scene.account, letter(to, PLAIN, key="DV" + "9" * 32))
    (heard,) = [one for one in await scene.receipt(other.ids[0], "failed") if isinstance(one, Receipt)]
    assert heard.state == "failed"
    assert _CODE.fullmatch(heard.code), heard.code
    return True


async def capabilities_hold_together(scene: Scene) -> bool:
    """And are the same each time they are asked for."""
    able = scene.channel.capabilities(scene.account)
    assert able == scene.channel.capabilities(scene.account)
    assert bool(able.media) == bool(able.media_bytes)
    assert able.text is None or able.text > 0
    assert not able.templates or able.reply_window is not None or able.starts
    return True


async def secrets_stay_secret(scene: Scene) -> bool:
    """No event, no answer and no failure shows one."""
    events = await scene.writes(Written("Bonjour"))
    to = await _somebody(scene)
    shown = [repr(events), repr(await scene.channel.send(scene.account, letter(to, PLAIN)))]
    for kind in sorted(scene.can.troubles):
        await scene.trouble(kind)
        try:
            await scene.channel.send(scene.account, letter(to, PLAIN))
        except (TryLater, Failed, Unsure) as error:
            shown.append(f"{error!r} {error.code} {error.reason}")
        await scene.trouble(None)
    for secret in scene.account.secrets.values():
        assert not [text for text in shown if secret in text]
    return True


async def what_is_unknown_is_no_error(scene: Scene) -> bool:
    """A kind of event nobody has heard of."""
    request, channel = await scene.request(Written("Bonjour")), _hooks(scene)
    if request is None or channel is None or not request.body.startswith(b"{"):
        return False
    strange = replace(
        request, body=b'{"type": "hologram", "update_id": 1, "object": "hologram", "entry": [], "id": "h1"}'
    )
    try:
        events = channel.parse(scene.account, strange)
    except BadHook:
        return True
    assert all(isinstance(one, Unknown | Incoming) for one in events)
    return True


def _hooks(scene: Scene) -> ReceivesHooks | None:
    channel: object = scene.channel
    return channel if isinstance(channel, ReceivesHooks) else None


async def _somebody(scene: Scene) -> str:
    """An address this account may write to: of somebody who wrote, where it may not write first."""
    if not scene.can.starts:
        await scene.writes(Written("Bonjour"))
    return await scene.address_of("claire")


async def _raises(scene: Scene, kind: Any, expected: type[Exception]) -> bool:
    if kind not in scene.can.troubles:
        return False
    to = await _somebody(scene)
    await scene.trouble(kind)
    try:
        await scene.channel.send(scene.account, letter(to, PLAIN))
    except expected as error:
        code = str(getattr(error, "code", ""))
    else:
        raise AssertionError(f"a provider in trouble ({kind}) was taken for one that is well")
    finally:
        await scene.trouble(None)
    assert _CODE.fullmatch(code), code
    return True


CASES: dict[str, Case] = {
    one.__name__: one
    for one in (
        words_come_whole,
        every_message_has_an_id_of_its_own,
        a_call_read_twice_says_the_same,
        a_sender_can_be_found_again,
        who_wrote_can_be_reached,
        strangers_addresses_are_not_reached,
        an_unproven_call_is_refused,
        a_question_without_proof_gets_no_answer,
        garbage_is_refused_or_unknown,
        a_broken_message_is_no_exception,
        an_accepted_call_is_answered,
        files_come_with_name_type_and_bytes_or_a_way_to_get_them,
        a_text_arrives_as_it_was_written,
        what_is_sent_has_an_id_by_which_it_is_known,
        a_text_of_the_greatest_length_goes_through,
        the_same_key_arrives_once_where_that_is_promised,
        a_busy_provider_is_tried_later,
        a_refusal_is_final,
        a_lost_answer_is_doubt,
        nobody_there_is_tried_later,
        after_trouble_all_is_well,
        receipts_name_what_was_sent,
        capabilities_hold_together,
        secrets_stay_secret,
        what_is_unknown_is_no_error,
    )
}
