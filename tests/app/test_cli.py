"""The command line against a running server: which one, with which key, and what it says when something is wrong."""

import json
import socket
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from click.testing import Result
from typer.testing import CliRunner

from parlons.app import cli, doctor
from parlons.app.server import PortTaken, bind
from parlons.app.settings import Settings, WrongSetting, default_data, read_settings
from tests.app.conftest import CENTRE, Centre

Parlons = Callable[..., Result]


@pytest.fixture
def parlons(shared: Centre, monkeypatch: pytest.MonkeyPatch) -> Parlons:
    """`parlons ...` with the environment of the shared server's owner; more of it by name."""
    for name in ("PARLONS_KEY", "DATABASE_URL", "PARLONS_PORT"):
        monkeypatch.delenv(name, raising=False)

    def run(*words: str, **environ: str) -> Result:
        env = {"PARLONS_URL": shared.server.url, "PARLONS_DATA": str(shared.data), **environ}
        return CliRunner().invoke(cli.app, list(words), env=env)

    return run


def test_url_and_data_folder_lead_to_a_server_and_its_key(parlons: Parlons, tmp_path: Path) -> None:
    told = parlons("demo", "status", "--json")
    assert told.exit_code == 0, told.output
    assert set(json.loads(told.output)["channels"]["webchat"]) == {"in", "out"}
    nobody = parlons("demo", "status", PARLONS_URL="http://127.0.0.1:9")
    assert nobody.exit_code == 1
    assert "No answer from http://127.0.0.1:9" in nobody.output
    assert "PARLONS_URL" in nobody.output
    keyless = parlons("demo", "status", PARLONS_DATA=str(tmp_path))
    assert keyless.exit_code == 1
    assert f"No key in {tmp_path}" in keyless.output
    assert all(name in keyless.output for name in ("PARLONS_URL", "PARLONS_DATA"))
    wrong = parlons("demo", "status", PARLONS_KEY="pk_wrong")
    assert wrong.exit_code == 1
    assert "(unauthenticated)" in wrong.output, wrong.output


def test_apply_shows_faults_by_line_and_column_and_changes_nothing(parlons: Parlons, tmp_path: Path) -> None:
    file = tmp_path / "centre.yaml"
    file.write_text(CENTRE)
    assert parlons("apply", str(file)).exit_code == 0
    before = parlons("export").output
    line = next(number for number, text in enumerate(CENTRE.splitlines(), 1) if "South desk, firm" in text)
    for wrong, at, told in (
        ('skills HAS "south", ordr: LIFO}', "ordr", "ordr is not known here. Did you mean order?"),
        ('skills HASS "south"}', "HASS", "an operator is missing before 'HASS'. Use one of"),
    ):
        text = CENTRE.replace('skills HAS "south"}', wrong)
        file.write_text(text)
        column = text.splitlines()[line - 1].index(at) + 1
        refused = parlons("apply", str(file))
        assert refused.exit_code == 1
        assert f"{file}:{line}:{column}: {told}" in refused.output
        assert "(invalid-configuration-file)" in refused.output
    assert parlons("export").output == before
    missing = parlons("apply", str(tmp_path / "nothing.yaml"))
    assert missing.exit_code == 1
    assert "cannot be read" in missing.output


def test_a_dry_run_shows_and_leaves(parlons: Parlons, tmp_path: Path) -> None:
    file = tmp_path / "more.yaml"
    file.write_text("queues: [{name: Night desk}]\n")
    shown = parlons("apply", str(file), "--dry-run")
    assert "Night desk" in shown.output
    assert "Night desk" not in parlons("export").output


def test_a_link_for_a_user_and_for_nobody(parlons: Parlons, tmp_path: Path) -> None:
    file = tmp_path / "centre.yaml"
    file.write_text(CENTRE)
    assert parlons("apply", str(file)).exit_code == 0
    assert "/app/link#" in parlons("link", "Ada@North.example ").output
    assert "No user has the address" in parlons("link", "nobody@north.example").output


def test_why_of_what_is_not_there(parlons: Parlons) -> None:
    for unknown in ("WT" + "0" * 32, "WR" + "0" * 32):
        told = parlons("why", unknown)
        assert told.exit_code == 1
        assert "(unknown-" in told.output


def test_a_taken_port_names_the_remedy() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} cannot be used .*--port 8090"):
            bind(Settings(data=Path("/nowhere"), port=port))


def test_wrong_settings_name_themselves(parlons: Parlons) -> None:
    for environ, named in (
        ({"PARLONS_PORT": "many"}, "PARLONS_PORT is 'many'"),
        ({"PARLONS_PORT": "70000"}, "PARLONS_PORT is '70000'"),
        ({"DATABASE_URL": "mysql://here"}, "DATABASE_URL must begin with postgresql://"),
    ):
        with pytest.raises(WrongSetting, match=named):
            read_settings(environ)
        told = parlons("doctor", **environ)
        assert told.exit_code == 1
        assert named in told.output
        assert "Traceback" not in told.output


def test_where_the_data_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert default_data({"PARLONS_DATA": str(tmp_path)}) == tmp_path
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert default_data({"XDG_DATA_HOME": "/x"}) == Path("/x/parlons")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert default_data({}) == Path("/var/lib/parlons")


def test_the_doctor_finds_a_running_server_well(shared: Centre) -> None:
    settings = Settings(data=shared.data, port=shared.server.port)
    assert [found.code for found in doctor.findings(settings, {}) if found.code != "web-missing"] == []


def test_the_doctor_says_what_is_wrong_and_how_to_mend_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "WEB", tmp_path)
    said: list[str] = []
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setattr(doctor, "_ready", lambda _: None)
        settings = Settings(data=tmp_path / "data", database_url="postgresql://127.0.0.1:1/x", port=port)
        assert doctor.report(settings, {}, said.append) == 1
    assert [line.partition(":")[0] for line in said[::2][:3]] == ["port-taken", "web-missing", "database-silent"]
    assert said[1].strip().startswith("Stop the program that holds it")
    assert said[-1] == "3 found."
    said.clear()
    unready = {"missing": {"router": "it is being read in"}}
    monkeypatch.setattr(doctor, "_ready", lambda _: unready)
    assert doctor.report(settings, {}, said.append) == 1
    assert said[0] == "not-ready-router: The running server is not ready: it is being read in"


def test_apply_says_which_waiting_tasks_would_find_nobody_and_takes_their_number(
    parlons: Parlons, shared: Centre, tmp_path: Path
) -> None:
    file = tmp_path / "stranded.yaml"
    headers = {"Authorization": f"Bearer {shared.server.operator_key()}", "If-Match": "*"}
    with httpx.Client(base_url=f"{shared.server.url}/api/v1", headers=headers) as api:
        file.write_text(
            'queues: [{name: Late desk, workers: skills HAS "late"}]\n'
            "workflows: [{name: Late, default_queue: Late desk}]\n"
            "users: [{email: late@south.example, name: Late, attributes: {skills: [late]}}]\n"
        )
        assert parlons("apply", str(file)).exit_code == 0
        late = next(each for each in api.get("/workflows").json()["items"] if each["name"] == "Late")
        task = api.post("/tasks", json={"workflow_id": late["id"]}, headers={"Idempotency-Key": "late"}).json()
        file.write_text('queues: [{name: Late desk, workers: skills HAS "later"}]\n')
        shown = parlons("apply", str(file), "--dry-run")
        assert "1 waiting task of Late desk would find nobody" in shown.output
        refused = parlons("apply", str(file))
        assert (refused.exit_code, "(would-strand)" in refused.output) == (1, True), refused.output
        assert "--accept-stranded 1" in refused.output
        done = parlons("apply", str(file), "--accept-stranded", "1")
        assert "1 changed" in done.output
        assert api.post(f"/tasks/{task['id']}/cancel", json={}).status_code == 200
        for kind, name in (("workflow", "Late"), ("queue", "Late desk"), ("user", "late@south.example")):
            assert api.delete(f"/settings/{kind}/{name}").status_code == 200
