"""The files of the edge, written from its settings: kamailio.cfg, tls.cfg, dispatcher.list, addresses.list, rtpengine.conf,
turnserver.conf and a page that says what to do with them. Pure but for `write`.

Sources: Kamailio 5.6 core and module documentation, rtpengine 10.5, coturn 4.6, each as Debian 12 has it.
"""

import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path

from parlons.kit.errors import Conflict
from parlons.voice.edge.settings import EdgeSettings, EdgeTrunk

_TEMPLATE = (Path(__file__).parent / "kamailio.cfg").read_text(encoding="utf-8")
_NOTE = "Written by `parlons kamailio config`. Do not edit: change the settings and write it again."
_TLS_MODULES = """\
loadmodule "tls.so"
loadmodule "xhttp.so"
loadmodule "websocket.so"
modparam("tls", "config", "@FOLDER@/tls.cfg")
modparam("websocket", "keepalive_mechanism", 1)
modparam("websocket", "keepalive_timeout", 30)"""
_WSS_ROUTE = """
# --- WebSocket (RFC 7118) ------------------------------------------------------------------------------------------------

event_route[xhttp:request] {
    set_reply_close();
    set_reply_no_connect();
    if ($sht(banned=>$si) != $null) exit;
    if ($hdr(Upgrade) =~ "websocket" && $hdr(Connection) =~ "[Uu]pgrade" && $rm == "GET") {
        if (ws_handle_handshake()) exit;
    }
    xhttp_reply("404", "Not Found", "", "");
}"""


class EdgeFilesThere(Conflict):
    """Files stand in this folder already; name another one, or say --force to write over them."""

    code = "edge-files-there"


def edge_files(settings: EdgeSettings, *, turn_secret: str = "") -> dict[str, str]:
    """Name and text of each file."""
    files = {
        "kamailio.cfg": kamailio(settings),
        "dispatcher.list": dispatcher(settings),
        "addresses.list": addresses(settings),
        "rtpengine.conf": rtpengine(settings),
    }
    if settings.encrypted:
        files["tls.cfg"] = tls(settings)
    if settings.turn is not None:
        files["turnserver.conf"] = coturn(settings, turn_secret)
    files["README.md"] = readme(settings, files)
    return files


def write(folder: Path, files: Mapping[str, str], *, force: bool = False) -> None:
    """Writes them; what holds a secret is readable by its owner only. Raises EdgeFilesThere."""
    folder.mkdir(parents=True, exist_ok=True)
    if not force and any((folder / name).exists() for name in files):
        raise EdgeFilesThere
    for name, text in files.items():
        mode = 0o600 if name == "turnserver.conf" else 0o644
        handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)


def kamailio(settings: EdgeSettings) -> str:
    """The routing of SIP."""
    ports, limits = settings.ports, settings.limits
    text = _TEMPLATE.replace("@TLS_MODULES@", _TLS_MODULES if settings.encrypted else "# no TLS, no WebSocket")
    text = text.replace("@WSS_ROUTE@", _WSS_ROUTE if settings.encrypted else "")
    values = {
        "DOMAIN": settings.domain,
        "ENABLE_TLS": "yes" if settings.encrypted else "no",
        "LISTEN": "\n".join(_listening(settings)),
        "INNER": _bracketed(settings.inner),
        "INSIDE": f"$Rp == {ports.inner} || $Rp == {ports.phones}",
        "PHONE_SOCKET": f'$fs = "udp:{_bracketed(settings.listen)}:{ports.udp}";' if ports.udp else "{ }",
        "INNER_PORT": ports.inner,
        "PHONES_PORT": ports.phones,
        "RUN": settings.run_folder,
        "FOLDER": settings.folder,
        "PING": settings.ping_seconds,
        "REQUESTS": limits.requests,
        "FAILURES": limits.failures,
        "BAN": limits.ban_seconds,
        "RTPENGINE": ports.rtpengine,
    }
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    return text


def _listening(settings: EdgeSettings) -> list[str]:
    ours, public = _bracketed(settings.listen), _bracketed(settings.public_address)
    wanted = [
        ("udp", settings.ports.udp),
        ("tcp", settings.ports.udp),
        ("tls", settings.ports.tls),
        ("tls", settings.ports.wss),
    ]
    if settings.encrypted and not (settings.ports.tls or settings.ports.wss):
        wanted.append(("tls", 0))
    return [
        f"listen={transport}:{ours}:{port}" + (f" advertise {public}:{port}" if public != ours else "")
        for transport, port in wanted
        if port
    ]


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def dispatcher(settings: EdgeSettings) -> str:
    """Workers (1) and carriers (2); a carrier of weight 0 only calls in."""
    lines = [f"# {_NOTE}", "# group address flags priority attributes"]
    inner = f"socket=udp:{_bracketed(settings.inner)}:{settings.ports.inner}"
    lines += [f"1 sip:{_bracketed(one.address)}:{one.port} 0 0 {inner}" for one in settings.workers]
    lines += [f"2 {_uri(one)} 0 0 {_attributes(settings, one)}" for one in settings.trunks if one.weight]
    return "\n".join(lines) + "\n"


def _uri(trunk: EdgeTrunk) -> str:
    return f"sip:{trunk.host}:{trunk.port};transport={trunk.transport}"


def _attributes(settings: EdgeSettings, trunk: EdgeTrunk) -> str:
    port = settings.ports.tls or settings.ports.wss if trunk.transport == "tls" else settings.ports.udp
    socket = f"socket={trunk.transport}:{_bracketed(settings.listen)}:{port};" if port else ""
    return f"{socket}rweight={trunk.weight};media={'srtp' if trunk.srtp else 'rtp'};name={trunk.name}"


def addresses(settings: EdgeSettings) -> str:
    """Who is believed: workers (1) and carriers (2), with the carrier's name."""
    lines = [f"# {_NOTE}", "# group address mask port name"]
    lines += [_believed(1, one.address, "worker") for one in settings.workers]
    for trunk in settings.trunks:
        lines += [_believed(2, network, trunk.name) for network in trunk.addresses]
    return "\n".join(dict.fromkeys(lines)) + "\n"


def _believed(group: int, network: str, name: str) -> str:
    found = ipaddress.ip_network(network)
    return f"{group} {found.network_address} {found.prefixlen} 0 {name}"


def tls(settings: EdgeSettings) -> str:
    """Certificates, both ways: carriers' are checked."""
    ours = f"certificate = {settings.certificate}\nprivate_key = {settings.key}\n" if settings.certificate else ""
    return (
        f"# {_NOTE}\n[server:default]\nmethod = TLSv1.2+\nverify_certificate = no\nrequire_certificate = no\n{ours}\n"
        f"[client:default]\nmethod = TLSv1.2+\nverify_certificate = yes\nrequire_certificate = yes\n"
        f"ca_list = {settings.ca_list}\n{ours}"
    )


def rtpengine(settings: EdgeSettings) -> str:
    """The carrier of sound."""
    public = f"!{settings.public_address}" if settings.public_address != settings.listen else ""
    low, high = settings.media_ports
    return (
        f"# {_NOTE}\n[rtpengine]\n# in user space: no kernel module is needed; about 1 % of a core for a call\ntable = -1\n"
        f"interface = inner/{settings.inner};outer/{settings.listen}{public}\n"
        f"listen-ng = 127.0.0.1:{settings.ports.rtpengine}\n"
        f"port-min = {low}\nport-max = {high}\ntimeout = 60\nsilent-timeout = 3600\ntos = 184\nlog-level = 4\n"
    )


def coturn(settings: EdgeSettings, secret: str) -> str:
    """The relay for browsers that reach nothing else. It must not relay into our own network."""
    assert settings.turn is not None
    turn = settings.turn
    public = f"/{settings.listen}" if settings.public_address != settings.listen else ""
    encrypted = f"tls-listening-port={turn.tls_port}\ncert={settings.certificate}\npkey={settings.key}\n"
    denied = "".join(
        f"denied-peer-ip={first}-{last}\n"
        for first, last in (
            ("0.0.0.0", "0.255.255.255"),  # noqa: S104
            ("127.0.0.0", "127.255.255.255"),
            ("169.254.0.0", "169.254.255.255"),
            ("224.0.0.0", "255.255.255.255"),
        )
    )
    kept = (
        f"static-auth-secret={secret}\n"
        if secret
        else "# PARLONS_TURN_SECRET was not set: put it here\n# static-auth-secret=\n"
    )
    return (
        f"# {_NOTE}\nrealm={turn.realm}\nlistening-ip={settings.listen}\nlistening-port={turn.port}\n"
        f"external-ip={settings.public_address}{public}\nuse-auth-secret\n{kept}{encrypted if settings.certificate else ''}"
        f"fingerprint\nno-multicast-peers\nno-cli\nno-rfc5780\nuser-quota=8\ntotal-quota=1200\nstale-nonce=600\n"
        f"{denied}allowed-peer-ip={settings.inner}\n"
    )


def readme(settings: EdgeSettings, files: Mapping[str, str]) -> str:
    """What to do with them, with the ports to open."""
    ports = settings.ports
    opened = [f"- UDP and TCP {ports.udp}: SIP"] if ports.udp else []
    opened += [f"- TCP {ports.tls}: SIP over TLS"] if ports.tls else []
    opened += [f"- TCP {ports.wss}: SIP over WebSocket (wss://{settings.domain}:{ports.wss})"] if ports.wss else []
    opened += [f"- UDP {settings.media_ports[0]} to {settings.media_ports[1]}: sound"]
    if settings.turn:
        opened.append(f"- UDP and TCP {settings.turn.port}, TCP {settings.turn.tls_port}: TURN")
    workers = ", ".join(f"{one.address}:{one.port}" for one in settings.workers)
    listed = "\n".join(f"- `{name}`" for name in files)
    return f"""# The edge of {settings.domain}

{_NOTE}

{listed}

1. `apt-get install kamailio kamailio-websocket-modules kamailio-tls-modules rtpengine-daemon coturn`
2. Copy the files to `{settings.folder}`, `rtpengine.conf` to `/etc/rtpengine/`, `turnserver.conf` to `/etc/`.
3. `kamailio -c -f {settings.folder}/kamailio.cfg` checks; then start rtpengine-daemon, kamailio and coturn.
4. In Parlons, a trunk with host {settings.inner} and port {ports.inner}: calls out go to it, calls in come from it.
5. Workers ({workers}) are reached from this machine only.

Open to the internet:

{chr(10).join(opened)}

Not open to the internet: UDP {ports.inner} and {ports.phones} (workers), UDP {ports.rtpengine} (rtpengine's control, on this
machine only).

`kamcmd -s {settings.run_folder}/kamailio_ctl dispatcher.list` shows who is up; `htable.dump banned` who is banned.
"""
