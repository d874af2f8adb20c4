"""What the edge is told: one YAML file, checked whole. `EXAMPLE` is such a file with its explanations.

Secrets do not stand in it; the TURN secret comes from the environment (PARLONS_TURN_SECRET).
"""

import ipaddress
from pathlib import Path
from typing import Literal

import msgspec
import yaml
from msgspec import Struct, field

from parlons.kit.errors import Invalid

EXAMPLE = (Path(__file__).parent / "example.yaml").read_text(encoding="utf-8")
Transport = Literal["udp", "tcp", "tls"]


class EdgeSettingsWrong(Invalid):
    """The settings of the edge cannot be used."""

    code = "edge-settings-wrong"


class Ports(Struct, frozen=True, forbid_unknown_fields=True):
    """0: not offered (`inner` must be there)."""

    udp: int = 5060
    """Also TCP."""
    tls: int = 5061
    wss: int = 8443
    inner: int = 5080
    """For our own workers only, UDP: carriers' calls."""
    phones: int = 5081
    """For our own workers only, UDP: phones' calls and registrations."""
    rtpengine: int = 2223
    """Control of rtpengine, on this machine."""


class Worker(Struct, frozen=True, forbid_unknown_fields=True):
    """A voice process of ours."""

    address: str
    port: int = 5060


class EdgeTrunk(Struct, frozen=True, forbid_unknown_fields=True):
    """A carrier."""

    name: str
    host: str
    port: int = 5060
    transport: Transport = "udp"
    weight: int = 100
    """Share of the calls out among those that are up, 1 to 100; 0: calls come in only."""
    addresses: tuple[str, ...] = ()
    """Where its calls come from: addresses or networks."""
    srtp: bool = False
    """SRTP with keys in the SDP (RFC 4568)."""


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """Against floods; one address."""

    requests: int = 30
    """Within two seconds, else it is banned."""
    failures: int = 10
    """Wrong passwords within five minutes, else it is banned."""
    ban_seconds: int = 300


class Turn(Struct, frozen=True, forbid_unknown_fields=True):
    """coturn beside it."""

    realm: str
    port: int = 3478
    tls_port: int = 5349


class EdgeSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    public_address: str
    """As the internet sees it."""
    domain: str
    workers: tuple[Worker, ...]
    listen_address: str = ""
    """This machine's address facing the internet; empty: the public one."""
    inner_address: str = ""
    """This machine's address facing the workers; empty: `listen_address`."""
    certificate: str = ""
    key: str = ""
    ca_list: str = "/etc/ssl/certs/ca-certificates.crt"
    """Authorities that carriers' certificates are checked by."""
    folder: str = "/etc/kamailio"
    """Where the files will stand."""
    run_folder: str = "/run/kamailio"
    ports: Ports = field(default_factory=Ports)
    media_ports: tuple[int, int] = (30_000, 39_999)
    trunks: tuple[EdgeTrunk, ...] = ()
    limits: Limits = field(default_factory=Limits)
    ping_seconds: int = 5
    """Between two OPTIONS to each worker and carrier."""
    turn: Turn | None = None

    @property
    def listen(self) -> str:
        """Our own address facing the internet."""
        return self.listen_address or self.public_address

    @property
    def inner(self) -> str:
        """Our own address facing the workers."""
        return self.inner_address or self.listen

    @property
    def encrypted(self) -> bool:
        """Whether TLS or WSS is offered, or a carrier is reached by it."""
        return bool(self.ports.tls or self.ports.wss) or any(trunk.transport == "tls" for trunk in self.trunks)


def read_edge(text: str) -> EdgeSettings:
    """The settings in a file's text. Raises EdgeSettingsWrong, which names what is wrong and where."""
    try:
        found = msgspec.convert(yaml.safe_load(text), EdgeSettings)
    except yaml.YAMLError as error:
        raise EdgeSettingsWrong(f"This is no YAML: {' '.join(str(error).split())}.") from error
    except msgspec.ValidationError as error:
        raise EdgeSettingsWrong(f"{error}.") from error
    _check(found)
    return found


def _check(found: EdgeSettings) -> None:
    for name in ("public_address", "listen", "inner"):
        _address(name, str(getattr(found, name)))
    if not found.workers:
        raise EdgeSettingsWrong("workers is empty: name at least one voice process.")
    for worker in found.workers:
        _address("workers", worker.address)
    if (found.ports.tls or found.ports.wss) and not (found.certificate and found.key):
        raise EdgeSettingsWrong("TLS and WSS need certificate and key; without them set ports: {tls: 0, wss: 0}.")
    if not (found.ports.inner and found.ports.phones):
        raise EdgeSettingsWrong("ports.inner and ports.phones must be given: the workers speak to them.")
    if not 1024 <= found.media_ports[0] < found.media_ports[1] <= 65_535:
        raise EdgeSettingsWrong("media_ports are two ports from 1024 to 65535, the lower first.")
    names = [trunk.name for trunk in found.trunks]
    for trunk in found.trunks:
        if not trunk.name.replace("-", "").isalnum() or not trunk.name.isascii() or names.count(trunk.name) > 1:
            raise EdgeSettingsWrong(f"trunks: {trunk.name!r} must be a name of its own, of letters, digits and dashes.")
        if not 0 <= trunk.weight <= 100:
            raise EdgeSettingsWrong(f"trunks: the weight of {trunk.name} is a number from 0 to 100.")
        if not trunk.host.replace("-", "").replace(".", "").isalnum():
            raise EdgeSettingsWrong(f"trunks: {trunk.host!r} is no host.")
        for address in trunk.addresses:
            _address(f"trunks: {trunk.name}", address, network=True)
    for name in (found.domain, found.certificate, found.key, found.folder, found.run_folder, found.ca_list):
        if any(sign in name for sign in "\"'\\\n;# ") or not name.isprintable():
            raise EdgeSettingsWrong(f"{name!r} has a sign which no configuration file can hold.")


def _address(name: str, value: str, *, network: bool = False) -> None:
    try:
        (ipaddress.ip_network if network else ipaddress.ip_address)(value)
    except ValueError as error:
        raise EdgeSettingsWrong(f"{name}: {value!r} is no {'network' if network else 'IP address'}.") from error
