"""The telephone as it is configured now, in the words of the file: trunks, queues, limits, desk phones, where agents are rung.

Passwords are named by the environment variable that holds them; in the picture stands a fingerprint, and a file without one
leaves the password there is.
"""

from collections.abc import Callable

import msgspec

from parlons.app.configuration.check import Thing
from parlons.voice.calls.settings import ContactAddress, Limits, QueueVoice, TrunkRow

Fingerprint = Callable[[str], str]
"""What stands for a secret."""


def trunk_thing(row: TrunkRow, fingerprint: Fingerprint) -> Thing:
    """A trunk in the file's words."""
    trunk = row.trunk
    return {
        "name": row.name,
        "host": trunk.host,
        "port": trunk.port,
        "transport": trunk.transport,
        "username": trunk.username,
        "password": fingerprint(trunk.password) if trunk.password else None,
        "registers": trunk.register,
        "addresses": list(trunk.addresses),
        "caller_numbers": list(trunk.caller_numbers),
        "national_prefix": trunk.national_prefix,
        "send_national": trunk.send_national,
        "options_seconds": trunk.options_seconds,
        "assert_identity": trunk.assert_identity,
        "emergency": row.emergency,
        "country": row.country,
        "recording_notice": row.recording_notice,
    }


def voice_thing(voice: QueueVoice) -> Thing:
    """The voice part of a queue in the file's words."""
    found: Thing = msgspec.to_builtins(voice)
    return {**found, "transfer_numbers": list(voice.transfer_numbers)}


def limits_thing(limits: Limits) -> Thing:
    """The limits in the file's words."""
    return {**msgspec.to_builtins(limits), "allowed_countries": list(limits.allowed_countries)}


def phone_thing(phone: tuple[str, str] | None, fingerprint: Fingerprint) -> Thing | None:
    """A desk phone in the file's words."""
    if phone is None:
        return None
    return {"username": phone[0], "password": fingerprint(phone[1]) if phone[1] else None}


def rings_thing(addresses: tuple[ContactAddress, ...]) -> list[Thing]:
    """Where a user is rung, in the file's words."""
    return [{"kind": one.kind, "number": one.number, "seconds": one.ring_seconds} for one in addresses]
