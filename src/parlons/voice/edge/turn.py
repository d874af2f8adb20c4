"""Short-lived credentials for a TURN server that shares a secret with us, such as coturn with `use-auth-secret`. Pure.

The user name is the second the credential ends and whom it is for; the password is its HMAC-SHA1 by the secret. The server
keeps no accounts. Source: draft-uberti-behave-turn-rest-00, as coturn has it; RFC 7065 for the addresses.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from parlons.kit.clock import Millis
from parlons.kit.errors import Refusal

TTL = 8 * 3600
"""Seconds a credential is good for: a shift. A browser asks anew with each connection."""
_URL = re.compile(r"(stun|stuns|turn|turns):[\w.\-\[\]:]+(\?transport=(udp|tcp))?")


class TurnWrong(Refusal):
    """The TURN settings cannot be used."""

    code = "turn-wrong"
    status = 500


@dataclass(frozen=True, slots=True)
class TurnSettings:
    """Which servers, and the secret shared with them."""

    urls: tuple[str, ...] = ()
    """Such as turn:turn.example:3478?transport=udp, turns:turn.example:5349, stun:turn.example:3478."""
    secret: str = field(default="", repr=False)

    @property
    def relays(self) -> bool:
        """Whether one of them relays (STUN alone does not)."""
        return any(url.startswith("turn") for url in self.urls)


def read_turn(environ: Mapping[str, str]) -> TurnSettings:
    """From PARLONS_TURN_URLS (separated by commas) and PARLONS_TURN_SECRET. Raises TurnWrong."""
    urls = tuple(url.strip() for url in environ.get("PARLONS_TURN_URLS", "").split(",") if url.strip())
    for url in urls:
        if _URL.fullmatch(url) is None:
            raise TurnWrong(f"PARLONS_TURN_URLS has {url!r}: an address looks like turn:host:3478?transport=udp.")
    found = TurnSettings(urls, environ.get("PARLONS_TURN_SECRET", ""))
    if found.relays and not found.secret:
        raise TurnWrong(
            "PARLONS_TURN_URLS names a TURN server: PARLONS_TURN_SECRET must hold the secret it shares with us."
        )
    return found


def credentials(secret: str, who: str, now: Millis, ttl: int = TTL) -> tuple[str, str]:
    """(user name, password) for `who` (an id, no name of a person), good for `ttl` seconds."""
    username = f"{now // 1000 + ttl}:{who}"
    digest = hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()
    return username, base64.b64encode(digest).decode()


def ice_servers(settings: TurnSettings, who: str, now: Millis, ttl: int = TTL) -> list[dict[str, object]]:
    """What a browser's RTCPeerConnection takes as `iceServers`; empty when nothing is set."""
    found: list[dict[str, object]] = []
    if plain := [url for url in settings.urls if url.startswith("stun")]:
        found.append({"urls": plain})
    if settings.relays:
        username, password = credentials(settings.secret, who, now, ttl)
        urls = [url for url in settings.urls if url.startswith("turn")]
        found.append({"urls": urls, "username": username, "credential": password})
    return found
