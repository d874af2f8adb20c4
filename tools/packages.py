"""Debian packages that tests need: `python tools/packages.py ensure` installs what is missing, `list` only names it.

Decides what is missing by looking for the thing itself, not for the package: a browser put there by other means is fine.
As root on Debian it asks first, unless YES=1 or CI is set or nobody sits at a terminal. Otherwise it says what to install.
No service is started by the installation and no database cluster is made. Exits 1 only when a package is missing without
which tests fail; one that merely lets tests be skipped is named.
"""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

POLICY = Path("/usr/sbin/policy-rc.d")
CREATE_CLUSTER = Path("/etc/postgresql-common/createcluster.conf")


@dataclass(frozen=True)
class Package:
    """One Debian package."""

    name: str
    why: str
    present: Callable[[], bool]
    required: bool = False
    instead: str = "its tests are skipped"
    """What happens without one that is not required."""


def has_program(*names: str) -> bool:
    """Whether one of these programs is on PATH."""
    return any(shutil.which(name) for name in names)


def has_file(*patterns: str) -> bool:
    """Whether a file matches one of these patterns, relative to the root folder."""
    return any(next(Path("/").glob(pattern), None) for pattern in patterns)


def has_browser() -> bool:
    """Whether there is a Chromium, on PATH or named by PARLONS_CHROMIUM."""
    named = os.environ.get("PARLONS_CHROMIUM")
    return bool(named and os.access(named, os.X_OK)) or has_program("chromium", "chromium-browser", "google-chrome")


PACKAGES = [
    Package("chromium", "the tests in a real browser", has_browser, required=True),
    Package(
        "chromium-headless-shell",
        "the same browser without a window: a third less work a page",
        lambda: has_file("usr/lib/chromium/chromium-headless-shell"),
        instead="the whole browser is taken",
    ),
    Package(
        "fonts-liberation",
        "pages in the tests are measured with the fonts they name",
        lambda: has_file("usr/share/fonts/**/Liberation*", "usr/share/fonts/**/liberation*"),
    ),
    Package(
        "postgresql",
        "the smoke test of a system PostgreSQL",
        lambda: has_file("usr/lib/postgresql/*/bin/initdb", "usr/pgsql-*/bin/initdb"),
    ),
    Package("sip-tester", "sipp as callers, carriers and phones", lambda: has_program("sipp")),
    Package("baresip-core", "a real desk phone", lambda: has_program("baresip")),
    Package("kamailio", "the edge of SIP", lambda: has_program("kamailio")),
    Package("kamailio-tls-modules", "the edge's TLS", lambda: has_file("usr/lib/*/kamailio/modules/tls.so")),
    Package(
        "kamailio-websocket-modules", "the edge's WSS", lambda: has_file("usr/lib/*/kamailio/modules/websocket.so")
    ),
    Package("rtpengine-daemon", "the edge's sound", lambda: has_program("rtpengine")),
    Package("coturn", "a real TURN server", lambda: has_program("turnserver")),
    Package("dovecot-imapd", "a real mail store", lambda: has_program("dovecot") or has_file("usr/sbin/dovecot")),
    Package("dovecot-lmtpd", "mail delivered to it", lambda: has_file("usr/lib/dovecot/lmtp")),
    Package("espeak-ng", "text that is spoken", lambda: has_program("espeak-ng")),
    Package(
        "asterisk-core-sounds-en-wav",
        "recorded prompts in English",
        lambda: has_file("usr/share/asterisk/sounds/en_US_f_Allison/digits/1.wav"),
    ),
    Package(
        "asterisk-core-sounds-fr-wav",
        "recorded prompts in French",
        lambda: has_file("usr/share/asterisk/sounds/fr_CA_f_June/digits/1.wav"),
    ),
    Package("asterisk-moh-opsound-wav", "music on hold", lambda: has_file("usr/share/asterisk/moh/*.wav")),
    Package("kannel", "a real gateway of text messages", lambda: has_program("bearerbox")),
    Package("libnss3-tools", "an own authority in Chromium's store", lambda: has_program("certutil")),
]


def missing() -> list[Package]:
    """What this machine lacks."""
    return [package for package in PACKAGES if not package.present()]


def ensure() -> int:
    """Install what is missing, or say what to install."""
    lacking = missing()
    if not lacking:
        return 0
    names = [package.name for package in lacking]
    print("Tests need Debian packages that are missing:", flush=True)
    for package in lacking:
        print(f"  {package.name}: {package.why}", flush=True)
    if os.geteuid() == 0 and shutil.which("apt-get"):
        if agreed():
            install(names)
    else:
        print(f"As root: apt-get install --no-install-recommends {' '.join(names)}", flush=True)
    still = missing()
    for package in still:
        print(
            f"Still missing: {package.name}; {'its tests fail' if package.required else package.instead}.", flush=True
        )
    return 1 if any(package.required for package in still) else 0


def agreed() -> bool:
    """Whether to install: asked at a terminal, taken for granted where nobody sits."""
    if os.environ.get("YES") or os.environ.get("CI") or not sys.stdin.isatty():
        return True
    print("Install them now with apt-get? [Y/n]", flush=True)
    return sys.stdin.readline().strip().lower() in ("", "y", "yes", "o", "oui")


def install(names: list[str]) -> None:
    """Install packages; the lists are fetched when there are none, and once more when they are out of date. One that this system
    does not offer keeps none of the others away."""
    with no_service_starts():
        if not has_file("var/lib/apt/lists/*_Packages*"):
            apt("update")
        if apt("install", *names):
            apt("update")
            if apt("install", *names):
                for name in names:
                    apt("install", name)


def apt(action: str, *names: str) -> int:
    """Run apt-get without questions; its exit code."""
    options = ["-qq", "-y", "--no-install-recommends", "-o", "Dpkg::Use-Pty=0", "-o", "Dpkg::Options::=--force-confold"]
    # RUNLEVEL=1 makes invoke-rc.d start nothing; the policy file below says the same to newer tools.
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    return subprocess.run(["apt-get", *options, action, *names], env=environ, stdin=subprocess.DEVNULL).returncode


@contextlib.contextmanager
def no_service_starts() -> Iterator[None]:
    """For the time of the block, packages may start no service; PostgreSQL's makes no cluster of its own, ever."""
    ours = not POLICY.exists()
    if ours:
        POLICY.write_text("#!/bin/sh\nexit 101\n")
        POLICY.chmod(0o755)
    if not CREATE_CLUSTER.exists():
        CREATE_CLUSTER.parent.mkdir(parents=True, exist_ok=True)
        CREATE_CLUSTER.write_text("create_main_cluster = false\n")
    try:
        yield
    finally:
        if ours:
            POLICY.unlink(missing_ok=True)


def main(arguments: list[str]) -> int:
    """`ensure` or `list`."""
    if arguments == ["list"]:
        print("\n".join(package.name for package in missing()))
        return 0
    if arguments == ["ensure"]:
        return ensure()
    print("usage: python tools/packages.py ensure | list", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
