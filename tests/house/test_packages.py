"""What `tools/packages.py` installs, asks and says. apt-get itself is replaced by a program that writes down its arguments."""

import os
from pathlib import Path

import pytest

from tools import packages


@pytest.fixture
def apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An apt-get that only writes down what it was asked; policy files lie in a temporary folder."""
    log = tmp_path / "asked"
    program = tmp_path / "bin" / "apt-get"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >>{log}\ncat {tmp_path}/policy-rc.d >>{log}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/bin:/usr/bin")
    monkeypatch.setattr(packages, "POLICY", tmp_path / "policy-rc.d")
    monkeypatch.setattr(packages, "CREATE_CLUSTER", tmp_path / "postgresql-common" / "createcluster.conf")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("YES", "1")
    return log


def lacking(monkeypatch: pytest.MonkeyPatch, *, required: bool, never: bool = False) -> None:
    """A package that is there after apt-get was asked for it, or never."""
    seen: list[bool] = []

    def present() -> bool:
        seen.append(True)
        return len(seen) > 1 and not never

    monkeypatch.setattr(packages, "PACKAGES", [packages.Package("left-pad", "nothing", present, required=required)])


def test_nothing_is_done_when_nothing_is_missing(apt: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "PACKAGES", [packages.Package("left-pad", "nothing", lambda: True)])
    assert packages.main(["ensure"]) == 0
    assert not apt.exists()


def test_only_what_is_missing_is_installed_and_no_service_starts(apt: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lacking(monkeypatch, required=True)
    assert packages.main(["ensure"]) == 0
    asked = apt.read_text()
    assert "install left-pad" in asked
    assert "exit 101" in asked, "services were forbidden while it ran"
    assert not packages.POLICY.exists()
    assert packages.CREATE_CLUSTER.read_text() == "create_main_cluster = false\n"


def test_one_that_is_not_offered_keeps_no_other_away(apt: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """apt-get refuses a list whole for one unknown name."""
    program = next(Path(os.environ["PATH"].split(":")[0]).glob("apt-get"))
    program.write_text(program.read_text() + 'case "$*" in *unknown*) exit 100;; esac\n')
    monkeypatch.setattr(packages, "PACKAGES", [packages.Package(n, "", lambda: False) for n in ("left-pad", "unknown")])
    packages.main(["ensure"])
    asked = apt.read_text().splitlines()
    assert any(line.endswith("install left-pad") for line in asked)


def test_policies_of_the_machine_stay(apt: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packages.POLICY.write_text("#!/bin/sh\nexit 0\n")
    lacking(monkeypatch, required=True)
    assert packages.main(["ensure"]) == 0
    assert packages.POLICY.read_text() == "#!/bin/sh\nexit 0\n"


def test_an_ordinary_user_is_told_what_to_install(
    apt: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    lacking(monkeypatch, required=True, never=True)
    assert packages.main(["ensure"]) == 1
    assert "As root: apt-get install --no-install-recommends left-pad" in capsys.readouterr().out
    assert not apt.exists()
    lacking(monkeypatch, required=False, never=True)
    assert packages.main(["ensure"]) == 0
    assert "its tests are skipped" in capsys.readouterr().out


def test_no_is_an_answer(apt: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal:
        def isatty(self) -> bool:
            return True

        def readline(self) -> str:
            return "n\n"

    monkeypatch.delenv("YES")
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr("sys.stdin", Terminal())
    lacking(monkeypatch, required=True, never=True)
    assert packages.main(["ensure"]) == 1
    assert not apt.exists()
