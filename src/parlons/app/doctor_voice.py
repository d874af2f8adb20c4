"""What `parlons doctor` says of the telephone: trunks on the internet, emergency calls, prompts, https, TURN, ports.

`judge` is pure: it decides on what `look` has seen. A finding is wrong and makes the exit code 1; a note is worth knowing.
"""

import contextlib
import ipaddress
import os
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import yaml
from cryptography import x509

from parlons.ai.registry import open_providers, speaks
from parlons.app.settings import OPERATOR_KEY, Settings
from parlons.runtime.postgres.checks import Finding
from parlons.voice.calls import prompts_music, prompts_shipped

SIP_PORT = 5060
CERTIFICATE_ENDS = timedelta(days=14)
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """What stands on this machine and in the running installation."""

    url: str
    public: bool = False
    """Whether people come by an address of its own (PARLONS_PUBLIC_URL)."""
    sip_host: str = "127.0.0.1"
    sip_port: int | None = None
    """As PARLONS_SIP_PORT says; None: not set."""
    sip_port_free: bool = True
    trunks: tuple[Json, ...] = ()
    """As in the configuration."""
    public_hosts: frozenset[str] = frozenset()
    """Those hosts of trunks that are on the internet."""
    trunks_up: Mapping[str, bool] = field(default_factory=dict)
    engine: str | None = None
    """up, down, off; None: no server answers."""
    missing_packages: tuple[str, ...] = ()
    speaks: bool = True
    relays: tuple[str, ...] = ()
    """TURN addresses."""
    silent_relays: tuple[str, ...] = ()
    """Those that do not answer."""
    certificate_ends: datetime | None = None
    now: datetime = field(default_factory=lambda: datetime.now(UTC))


def judge(seen: Seen) -> tuple[list[Finding], list[Finding]]:
    """(what is wrong, what is worth knowing), worst first."""
    wrong = [*_trunks(seen), *_emergency(seen), *_running(seen), *_certificate(seen)]
    for address in seen.silent_relays:
        wrong.append(
            Finding(
                "turn-silent",
                f"The TURN server {address} does not answer.",
                "Start coturn, and open its port; PARLONS_TURN_URLS names it.",
            )
        )
    return wrong, [*_prompts(seen), *_reach(seen)]


def _trunks(seen: Seen) -> list[Finding]:
    edge = "Put the edge before it: `parlons kamailio config` writes it (docs/how-to/kamailio-edge.md)."
    found = [
        Finding(
            "trunk-without-edge",
            f"The trunk {trunk['name']} leads to the internet ({trunk['host']}) without an edge.",
            f"{edge} Then the trunk's host is the edge's inner address.",
        )
        for trunk in seen.trunks
        if trunk["host"] in seen.public_hosts
    ]
    if seen.sip_host in ("0.0.0.0", "::") or _is_public(seen.sip_host):  # noqa: S104
        found.append(
            Finding(
                "sip-exposed",
                f"SIP listens on {seen.sip_host}: whoever reaches this machine reaches it, unencrypted.",
                f"Set PARLONS_SIP_HOST to an address of a trusted network. {edge}",
            )
        )
    return found


def _emergency(seen: Seen) -> list[Finding]:
    if not seen.trunks or any(trunk.get("emergency") for trunk in seen.trunks):
        return []
    return [
        Finding(
            "emergency-route-missing",
            "No trunk takes emergency calls: 112 and the like cannot be called from here.",
            "Ask your carrier which trunk does, and set `emergency: true` on it; until then tell everybody who works here.",
        )
    ]


def _running(seen: Seen) -> list[Finding]:
    found = []
    if seen.engine == "down":
        found.append(
            Finding(
                "voice-down", "The voice process does not answer.", "It is started again by itself; its log says why."
            )
        )
    found += [
        Finding("trunk-down", f"The trunk {name} does not answer.", "Look at its host, port, user name and password.")
        for name, up in seen.trunks_up.items()
        if not up
    ]
    if seen.sip_port and not seen.sip_port_free and seen.engine is None:
        found.append(
            Finding(
                "sip-port-taken",
                f"UDP port {seen.sip_port} for SIP is taken by another program.",
                "Stop it (`ss -lunp` shows which), or set PARLONS_SIP_PORT.",
            )
        )
    return found


def _certificate(seen: Seen) -> list[Finding]:
    if seen.certificate_ends is None or seen.certificate_ends - seen.now > CERTIFICATE_ENDS:
        return []
    return [
        Finding(
            "certificate-ends",
            f"The certificate for https ends on {seen.certificate_ends:%Y-%m-%d}.",
            "Renew it; a running server takes the new files within a minute.",
        )
    ]


def _prompts(seen: Seen) -> list[Finding]:
    found = []
    if seen.missing_packages:
        names = " ".join(seen.missing_packages)
        heard = "spoken by the machine" if seen.speaks else "heard as tones"
        found.append(
            Finding(
                "prompts-missing",
                f"Recorded prompts or music are not installed ({names}): callers' announcements are {heard}.",
                f"As root: apt-get install --no-install-recommends {names}.",
            )
        )
    if not seen.speaks:
        found.append(
            Finding(
                "speech-missing",
                "Nothing here turns text into speech: what nobody recorded is heard as tones.",
                "As root: apt-get install espeak-ng; or name an endpoint by PARLONS_TTS_URL; or upload recordings.",
            )
        )
    return found


def _reach(seen: Seen) -> list[Finding]:
    parts = urlsplit(seen.url)
    found = []
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        found.append(
            Finding(
                "plain-http",
                f"People come by {seen.url}: over plain http, browsers on other machines give no microphone.",
                "Serve https: --tls-cert and --tls-key, or a proxy (docs/how-to/https.md).",
            )
        )
    if seen.public and not seen.relays:
        found.append(
            Finding(
                "turn-missing",
                "No TURN server is named: browsers behind strict firewalls cannot carry calls.",
                "Run coturn and set PARLONS_TURN_URLS and PARLONS_TURN_SECRET (docs/how-to/kamailio-edge.md).",
            )
        )
    if not seen.trunks and seen.engine is not None:
        found.append(
            Finding(
                "no-trunk",
                "There is no trunk: calls come and go by browser and desk phone only, and nobody can call 112 from here.",
                "Connect one (docs/how-to/connect-a-trunk.md).",
            )
        )
    return found


def look(
    settings: Settings, environ: Mapping[str, str], *, answers: bool, told: tuple[Json, Json] | None = None
) -> Seen:
    """Looks at machine and installation; changes nothing. `answers`: whether a server answers at this address.

    `told`: configuration and status of the telephone, by whom the server itself is looking. Raises UnknownProvider."""
    port = environ.get("PARLONS_SIP_PORT", "")
    configuration, status = told or (_asked(settings) if answers else ({}, {}))
    trunks = tuple(configuration.get("trunks") or ())
    relays = tuple(url for url in settings.turn.urls if url.startswith("turn"))
    return Seen(
        url=settings.url,
        public=settings.public_url is not None,
        sip_host=environ.get("PARLONS_SIP_HOST", "127.0.0.1"),
        sip_port=int(port) if port.isdecimal() else None,
        sip_port_free=_is_free(environ.get("PARLONS_SIP_HOST", "127.0.0.1"), int(port) if port.isdecimal() else 0),
        trunks=trunks,
        public_hosts=frozenset(trunk["host"] for trunk in trunks if _leads_out(trunk["host"])),
        trunks_up={one["name"]: one["up"] for one in status.get("trunks", ())},
        engine=status.get("engine"),
        missing_packages=tuple(missing_packages()),
        speaks=speaks(settings.speech, open_providers(settings.provider_options)),
        relays=relays,
        silent_relays=tuple(url for url in relays if not _answers_stun(url)),
        certificate_ends=_ends(settings),
    )


def local_client(settings: Settings) -> httpx.Client:
    """Speaks to the server of this machine, past a proxy: its own certificate is trusted, whatever name is in it."""
    verify: bool | ssl.SSLContext = True
    if settings.tls_cert is not None:
        verify = ssl.create_default_context(cafile=str(settings.tls_cert))
        verify.check_hostname = False
        verify.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return httpx.Client(base_url=replace(settings, public_url=None).url, timeout=5, verify=verify)


def public_silent(settings: Settings) -> list[Finding]:
    """Whether people reach us by the address they use."""
    if settings.public_url is None:
        return []
    try:
        answered = httpx.get(f"{settings.public_url}/health/live", timeout=5).is_success
        why = "something else answers there"
    except httpx.HTTPError as error:
        answered, why = False, " ".join(str(error).split()) or type(error).__name__
    if answered:
        return []
    return [
        Finding(
            "public-url-silent",
            f"Parlons is not reached at {settings.public_url} from this machine ({why}).",
            "Look at the name in DNS, the proxy, its certificate and the firewall; PARLONS_PUBLIC_URL is the address people use.",
        )
    ]


def _asked(settings: Settings) -> tuple[Json, Json]:
    with contextlib.suppress(OSError, httpx.HTTPError, ValueError, yaml.YAMLError):
        headers = {"Authorization": f"Bearer {(settings.data / OPERATOR_KEY).read_text().strip()}"}
        with local_client(settings) as client:
            told = client.get("/api/v1/configuration", headers=headers)
            status = client.get("/api/v1/voice/status", headers=headers)
        configuration = yaml.safe_load(told.text) if told.is_success else {}
        return configuration or {}, status.json() if status.is_success else {}
    return {}, {}


def missing_packages() -> list[str]:
    """Debian's packages of recorded prompts and music that this machine lacks."""
    missing = [name for language, name in prompts_shipped.PACKAGES.items() if not prompts_shipped.installed(language)]
    return missing + ([] if prompts_music.packaged() else [prompts_music.PACKAGE])


def _is_public(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_global
    return False


def _is_loopback(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost" or host.endswith(".localhost")


def _leads_out(host: str) -> bool:
    """Whether a host is on the internet; a name nobody resolves now is taken for one of there."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_global
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None)}
    except OSError:
        return "." in host
    return any(_is_public(address) for address in found)


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as trial:
        try:
            trial.bind((host, port))
        except OSError:
            return False
    return True


def _answers_stun(url: str) -> bool:
    """Whether a server answers a STUN binding request (RFC 8489 section 6) by UDP; by TCP and TLS, whether it can be
    connected to."""
    scheme, _, rest = url.partition(":")
    place, _, query = rest.partition("?")
    host, _, port = place.rpartition(":") if place.rpartition(":")[2].isdecimal() else (place, "", "")
    address = (host.strip("[]"), int(port or (5349 if scheme == "turns" else 3478)))
    try:
        if scheme == "turns" or "transport=tcp" in query:
            socket.create_connection(address, timeout=3).close()
            return True
        family = socket.getaddrinfo(*address, type=socket.SOCK_DGRAM)[0][0]
        with socket.socket(family, socket.SOCK_DGRAM) as asking:
            asking.settimeout(1)
            transaction = os.urandom(12)
            for _ in range(3):
                asking.sendto(b"\x00\x01\x00\x00\x21\x12\xa4\x42" + transaction, address)
                with contextlib.suppress(TimeoutError):
                    return asking.recv(2048)[8:20] == transaction
    except OSError:
        pass
    return False


def _ends(settings: Settings) -> datetime | None:
    if settings.tls_cert is None:
        return None
    try:
        return x509.load_pem_x509_certificate(settings.tls_cert.read_bytes()).not_valid_after_utc
    except (OSError, ValueError):
        return datetime.fromtimestamp(0, UTC)
