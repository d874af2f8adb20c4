"""What an engine is told from the tenant's settings: trunks, desk phones, limits."""

from typing import Literal

from msgspec import Struct


class Trunk(Struct, frozen=True):
    """A carrier's SIP trunk."""

    id: str
    host: str
    port: int = 5060
    transport: Literal["udp", "tcp"] = "udp"
    username: str = ""
    password: str = ""
    """For digest, and for registration when `register`."""
    register: bool = False
    addresses: tuple[str, ...] = ()
    """IP addresses (or networks) it may call from, besides what `host` resolves to."""
    caller_numbers: tuple[str, ...] = ()
    """Numbers it lets us show; the first is shown when another is wanted. Empty: any."""
    national_prefix: str = ""
    """Country's E.164 prefix such as +33: numbers without + come in and may go out in national form."""
    send_national: bool = False
    options_seconds: int = 30
    """Between two OPTIONS that watch its health; 0: none."""
    assert_identity: bool = True
    """Send P-Asserted-Identity; what comes in one is believed from `addresses` only."""


class Phone(Struct, frozen=True):
    """A desk phone that may register."""

    username: str
    password: str


class SipLimits(Struct, frozen=True):
    """Against floods."""

    invites_per_second: int = 50
    """From one address that is no trunk; more are refused 503 with Retry-After, then dropped."""
    calls: int = 600
    """Legs at once; a further one is refused 503."""


class EngineConfig(Struct, frozen=True):
    """What an engine is told at its start and whenever settings change."""

    trunks: tuple[Trunk, ...] = ()
    phones: tuple[Phone, ...] = ()
    limits: SipLimits = SipLimits()
    ice_servers: tuple[str, ...] = ()
    """TURN and STUN for the engine's own browser legs, as `turn:host:port?user=U&secret=S`."""
