"""The edge's files: written from settings or refused by name; Kamailio itself reads each kind; secrets are kept close."""

import shutil
import stat
import subprocess
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from parlons.app.cli import app
from parlons.voice.edge.files import EdgeFilesThere, addresses, dispatcher, edge_files, rtpengine, write
from parlons.voice.edge.settings import EXAMPLE, EdgeSettingsWrong, read_edge

LEAST = {
    "public_address": "203.0.113.10",
    "domain": "sip.example",
    "ports": {"tls": 0, "wss": 0},
    "workers": [{"address": "10.0.0.6"}],
}


def settings(**more: object) -> str:
    return yaml.safe_dump({**LEAST, **more})


def test_workers_and_carriers() -> None:
    found = read_edge(EXAMPLE)
    assert dispatcher(found).splitlines()[2:] == [
        "1 sip:10.0.0.6:5060 0 0 socket=udp:10.0.0.5:5080",
        "1 sip:10.0.0.7:5060 0 0 socket=udp:10.0.0.5:5080",
        "2 sip:sip.carrier-a.example:5061;transport=tls 0 0 socket=tls:10.0.0.5:5061;rweight=70;media=srtp;name=carrier-a",
        "2 sip:sip.carrier-b.example:5060;transport=udp 0 0 socket=udp:10.0.0.5:5060;rweight=30;media=rtp;name=carrier-b",
    ]
    assert addresses(found).splitlines()[2:] == [
        "1 10.0.0.6 32 0 worker",
        "1 10.0.0.7 32 0 worker",
        "2 198.51.100.0 24 0 carrier-a",
        "2 192.0.2.20 32 0 carrier-b",
    ]
    assert "interface = inner/10.0.0.5;outer/10.0.0.5!203.0.113.10" in rtpengine(found)


def test_behind_nat_the_public_address_is_told() -> None:
    text = edge_files(read_edge(EXAMPLE))["kamailio.cfg"]
    assert "listen=udp:10.0.0.5:5060 advertise 203.0.113.10:5060" in text
    assert "listen=tls:10.0.0.5:8443 advertise 203.0.113.10:8443" in text
    assert "listen=udp:10.0.0.5:5080\n" in text
    plain = edge_files(read_edge(settings()))["kamailio.cfg"]
    assert "listen=udp:203.0.113.10:5060\n" in plain
    assert "@" not in plain.replace("edge@sip.example", "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "no YAML"),
        ("[]", "Expected `object`"),
        (settings(workers=[]), "workers is empty"),
        (settings(wrokers=1), "wrokers"),
        (settings(public_address="sip.example"), "public_address: 'sip.example' is no IP address"),
        (settings(ports={"tls": 5061, "wss": 0}), "TLS and WSS need certificate and key"),
        (settings(media_ports=[5000, 4000]), "media_ports"),
        (settings(trunks=[{"name": "a b", "host": "x"}]), "a name of its own"),
        (settings(trunks=[{"name": "a", "host": "x"}, {"name": "a", "host": "y"}]), "a name of its own"),
        (settings(trunks=[{"name": "a", "host": "x;y"}]), "is no host"),
        (settings(trunks=[{"name": "a", "host": "x", "weight": 101}]), "0 to 100"),
        (settings(trunks=[{"name": "a", "host": "x", "addresses": ["10.0.0.1/8"]}]), "is no network"),
        (settings(domain='x"\nlisten=all'), "has a sign"),
    ],
)
def test_refused_by_name(text: str, said: str) -> None:
    with pytest.raises(EdgeSettingsWrong) as refused:
        read_edge(text)
    assert said in refused.value.message


def test_the_turn_secret_is_readable_by_its_owner_only_and_nothing_is_overwritten(tmp_path: Path) -> None:
    files = edge_files(read_edge(EXAMPLE), turn_secret="a secret word")
    write(tmp_path, files)
    kept = tmp_path / "turnserver.conf"
    assert "static-auth-secret=a secret word\n" in kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [name for name, text in files.items() if "a secret word" in text] == ["turnserver.conf"]
    with pytest.raises(EdgeFilesThere):
        write(tmp_path, files)
    write(tmp_path, files, force=True)


@pytest.mark.parametrize("text", [EXAMPLE, settings(), settings(trunks=[{"name": "a", "host": "10.0.0.9"}])])
def test_kamailio_reads_it(text: str, tmp_path: Path) -> None:
    if shutil.which("kamailio") is None:
        pytest.skip("Debian's kamailio is not installed here")
    write(tmp_path, edge_files(read_edge(text)))
    done = subprocess.run(["kamailio", "-c", "-f", tmp_path / "kamailio.cfg"], capture_output=True, text=True)
    assert "config file ok" in done.stderr + done.stdout, done.stderr


def test_by_the_command_line(tmp_path: Path) -> None:
    run = CliRunner().invoke
    example = run(app, ["kamailio", "example"])
    file = tmp_path / "edge.yaml"
    file.write_text(example.output)
    line = ["kamailio", "config", "--settings", str(file), "--out", str(tmp_path / "edge")]
    written = run(app, line, env={"PARLONS_TURN_SECRET": "x"})
    assert written.exit_code == 0, written.output
    assert all(Path(name).is_file() for name in written.output.split())
    again = run(app, line)
    assert again.exit_code == 1
    assert "edge-files-there" in again.output
    assert run(app, [*line, "--force"]).exit_code == 0
    file.write_text(settings(workers=[]))
    refused = run(app, line)
    assert refused.exit_code == 1
    assert "edge-settings-wrong" in refused.output
