"""What the doctor says of the telephone: each finding by what was seen, and looking at a real machine and server."""

import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from parlons.app import doctor
from parlons.app.doctor_voice import Seen, judge, look
from parlons.app.settings import Settings
from tests.app.conftest import Centre

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TRUNK = {"name": "carrier", "host": "10.0.0.5", "emergency": True}
OUTSIDE = {**TRUNK, "host": "sip.x.example"}
WELL = Seen(
    url="https://desk.example",
    public=True,
    trunks=(TRUNK,),
    trunks_up={"carrier": True},
    engine="up",
    relays=("turn:turn.example:3478",),
    certificate_ends=NOW + timedelta(days=60),
    now=NOW,
)


def test_nothing_to_say_when_all_is_well() -> None:
    assert judge(WELL) == ([], [])


@pytest.mark.parametrize(
    ("seen", "code"),
    [
        (replace(WELL, trunks=(OUTSIDE,), public_hosts=frozenset({"sip.x.example"})), "trunk-without-edge"),
        (replace(WELL, sip_host="0.0.0.0"), "sip-exposed"),
        (replace(WELL, sip_host="8.8.8.8"), "sip-exposed"),
        (replace(WELL, trunks=({**TRUNK, "emergency": False},)), "emergency-route-missing"),
        (replace(WELL, engine="down"), "voice-down"),
        (replace(WELL, trunks_up={"carrier": False}), "trunk-down"),
        (replace(WELL, engine=None, sip_port=5060, sip_port_free=False), "sip-port-taken"),
        (replace(WELL, certificate_ends=NOW + timedelta(days=3)), "certificate-ends"),
        (replace(WELL, silent_relays=("turn:turn.example:3478",)), "turn-silent"),
    ],
)  # fmt: skip
def test_wrong(seen: Seen, code: str) -> None:
    wrong, notes = judge(seen)
    assert [one.code for one in wrong] == [code]
    assert wrong[0].wrong.endswith(".")
    assert wrong[0].mend.endswith(".")
    assert notes == []


@pytest.mark.parametrize(
    ("seen", "codes"),
    [
        (replace(WELL, missing_packages=("asterisk-core-sounds-fr-wav",)), ["prompts-missing"]),
        (replace(WELL, speaks=False), ["speech-missing"]),
        (replace(WELL, url="http://desk.example"), ["plain-http"]),
        (replace(WELL, url="http://127.0.0.1:8080", public=False, relays=()), []),
        (replace(WELL, relays=()), ["turn-missing"]),
        (replace(WELL, trunks=()), ["no-trunk"]),
        (replace(WELL, trunks=(), engine=None), []),
    ],
)
def test_worth_knowing(seen: Seen, codes: list[str]) -> None:
    wrong, notes = judge(seen)
    assert wrong == []
    assert [one.code for one in notes] == codes
    assert all(note.wrong.endswith(".") and note.mend.endswith(".") for note in notes)


def test_a_missing_package_is_named_with_its_command() -> None:
    _, (note,) = judge(replace(WELL, missing_packages=("asterisk-core-sounds-fr-wav", "asterisk-moh-opsound-wav")))
    assert note.mend.endswith(
        "apt-get install --no-install-recommends asterisk-core-sounds-fr-wav asterisk-moh-opsound-wav."
    )


def test_looking_at_this_machine(tmp_path: Path) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = str(taken.getsockname()[1])
        seen = look(Settings(data=tmp_path), {"PARLONS_SIP_PORT": port}, answers=False)
        assert (seen.sip_port, seen.sip_port_free, seen.engine) == (int(port), False, None)
    assert look(Settings(data=tmp_path), {"PARLONS_SIP_PORT": port}, answers=False).sip_port_free
    assert look(Settings(data=tmp_path), {}, answers=False).url == "http://127.0.0.1:8080"


def test_looking_at_a_running_server(shared: Centre) -> None:
    seen = look(Settings(data=shared.data, port=shared.server.port), {}, answers=True)
    assert seen.engine in ("up", "down", "off")
    assert seen.trunks == ()


def test_notes_do_not_make_it_ill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "look", lambda *_, **__: replace(WELL, speaks=False))
    monkeypatch.setattr(doctor, "_ready", lambda _: {})
    monkeypatch.setattr(doctor.doctor_database, "judge", lambda _: ([], []))
    monkeypatch.setattr(doctor, "WEB", tmp_path)
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk/index.html").touch()
    said: list[str] = []
    assert doctor.report(Settings(data=tmp_path, database_url="postgresql://x/y"), {}, said.append) == 0
    assert said[0].startswith("note speech-missing: ")
    assert said[-1] == "All is well."
