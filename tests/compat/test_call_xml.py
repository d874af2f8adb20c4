"""Documents of call XML are read whole: into instructions, or not at all."""

import pytest

from parlons.compat.call_xml import (
    Gather,
    Hangup,
    Pause,
    Play,
    Record,
    Redirect,
    Reject,
    Say,
    Verb,
    XmlRefused,
    read,
)  # fmt: skip
from parlons.compat.call_xml_streams import Connect, Start, Stop, Stream


@pytest.mark.parametrize(
    ("inside", "verbs"),
    [
        ("", ()),
        ("<Say>Hello</Say>", (Say("Hello"),)),
        ('<Say language="fr-FR" voice="alice" loop="0"> Bonjour &amp; bien </Say>', (Say("Bonjour & bien", "fr", 20),)),
        ('<Play loop="2">https://a.example/b.wav</Play>', (Play("https://a.example/b.wav", 2),)),
        ('<Pause length="3"/><Hangup/>', (Pause(3), Hangup())),
        (
            '<Gather numDigits="1" action="/x" method="GET" timeout="9" finishOnKey=""><Say>1?</Say><Pause/></Gather>',
            (Gather((Say("1?"), Pause()), "/x", "GET", 9, "", 1),),
        ),
        ('<Record maxLength="30" playBeep="false"/>', (Record(max_length=30, play_beep=False),)),
        (
            '<Connect action="/z"><Stream url="wss://a.example"><Parameter name="a" value="b"/></Stream></Connect>',
            (Connect(Stream("wss://a.example", parameters={"a": "b"}), "/z"),),
        ),
        (
            '<Start><Stream url="wss://a.example" name="n" track="both_tracks"/></Start><Stop><Stream name="n"/></Stop>',
            (Start(Stream("wss://a.example", "n", "both_tracks")), Stop("n")),
        ),
        ('<Redirect method="GET">/y</Redirect><Reject/>', (Redirect("/y", "GET"), Reject())),
    ],
)
def test_what_is_read(inside: str, verbs: tuple[Verb, ...]) -> None:
    assert read(f"<?xml version='1.0'?>\n<Response>\n {inside}\n</Response>") == verbs


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("", 12100),
        ("<Response><Say>", 12100),
        ("<Other/>", 12100),
        ("<!DOCTYPE r><Response/>", 12100),
        ('<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Response><Say>&b;</Say></Response>', 12100),
        ('<!DOCTYPE r SYSTEM "file:///etc/passwd"><Response/>', 12100),
        ("<Response><Say>" + "a" * 70_000 + "</Say></Response>", 12100),
        ("<Response>" + "<Gather>" * 9 + "</Gather>" * 9 + "</Response>", 12100),
        ("<Response>" + "<Pause/>" * 201 + "</Response>", 12200),
        ("<Response>words</Response>", 12200),
        ("<Response><Pause/>words</Response>", 12200),
        ("<Response><Pay/></Response>", 12200),
        ("<Response><Connect/></Response>", 12200),
        ("<Response><Connect><ConversationRelay url='wss://a.example'/></Connect></Response>", 12200),
        ("<Response><Start><Stream url='wss://a.example'><Parameter name='a'/></Stream></Start></Response>", 12200),
        ("<Response><Connect><Stream/></Connect></Response>", 12201),
        ("<Response><Connect><Stream url='https://a.example'/></Connect></Response>", 12201),
        ("<Response><Connect><Stream url='wss://a.example' track='both_tracks'/></Connect></Response>", 12201),
        ("<Response><Start><Stream name='a'/></Start></Response>", 12201),
        ("<Response><Start><Stream url='wss://a.example' statusCallback='/x'/></Start></Response>", 12201),
        ("<Response><Stop><Stream name='a' url='wss://a.example'/></Stop></Response>", 12201),
        ("<Response><Say/></Response>", 12200),
        ("<Response><Say>a<Pause/></Say></Response>", 12200),
        ("<Response><Gather><Hangup/></Gather></Response>", 12200),
        ("<Response><Hangup>now</Hangup></Response>", 12200),
        ("<Response a='b'/>", 12201),
        ("<Response><Say pitch='2'>a</Say></Response>", 12201),
        ("<Response><Pause length='soon'/></Response>", 12201),
        ("<Response><Pause length='99999999999999999999'/></Response>", 12201),
        ("<Response><Gather input='speech'/></Response>", 12201),
        ("<Response><Gather finishOnKey='12'/></Response>", 12201),
        ("<Response><Redirect method='PUT'>/x</Redirect></Response>", 12201),
    ],
)
def test_what_is_refused(document: str, code: int) -> None:
    with pytest.raises(XmlRefused) as refused:
        read(document)
    assert refused.value.code == code
