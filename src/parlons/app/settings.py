"""Settings of one Parlons process: read once from the environment and the command line, then passed on as values.

Tenant settings are data, not configuration. A missing or wrong value names itself.
"""

import contextlib
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from parlons.kit.errors import Refusal

DEFAULT_PORT = 8080
KEY_FILE = "secret.key"
OPERATOR_KEY = "operator.key"
"""File of the API key which the command line on the same machine uses."""


class WrongSetting(Refusal):
    """A setting has a value that cannot be used."""

    code = "wrong-setting"
    status = 500


@dataclass(frozen=True, slots=True)
class Settings:
    """What a process is told from outside."""

    data: Path
    """Folder of the database, files and keys."""
    database_url: str | None = None
    """An existing PostgreSQL (>= 15); None = our own, under `data`."""
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    public_url: str | None = None
    """Address people use, when a proxy stands before us; None = http://host:port."""
    trusted_proxies: str = "127.0.0.1"
    """Addresses whose X-Forwarded-* headers are believed."""
    demo: bool = False
    """Whether the practice centre's shop is served."""

    @property
    def url(self) -> str:
        """The address to print and to put into links."""
        return self.public_url or f"http://{'127.0.0.1' if self.host in {'0.0.0.0', '::'} else self.host}:{self.port}"  # noqa: S104

    @property
    def secure_cookies(self) -> bool:
        """Cookies are marked Secure when people come by https."""
        return self.url.startswith("https:")


def default_data(env: Mapping[str, str]) -> Path:
    """PARLONS_DATA, else /var/lib/parlons for root, else the XDG data folder."""
    if given := env.get("PARLONS_DATA"):
        return Path(given).expanduser().resolve()
    if os.geteuid() == 0:
        return Path("/var/lib/parlons")
    home = env.get("XDG_DATA_HOME") or str(Path("~/.local/share").expanduser())
    return Path(home) / "parlons"


def demo_folder(data: Path) -> Path:
    """Demo data stand apart from a real installation's."""
    return data / "demo"


def read_settings(
    env: Mapping[str, str],
    *,
    data: Path | None = None,
    host: str | None = None,
    port: int | None = None,
    demo: bool = False,
) -> Settings:
    """Settings from `env`, overridden by what the command line gave. Raises `WrongSetting`."""
    text = str(port) if port is not None else env.get("PARLONS_PORT", str(DEFAULT_PORT))
    if not text.isdecimal() or int(text) > 65535:
        raise WrongSetting(f"PARLONS_PORT is {text!r}: a port is a number from 0 to 65535")
    url = env.get("DATABASE_URL") or None
    if url and not url.startswith(("postgresql://", "postgres://")):
        raise WrongSetting("DATABASE_URL must begin with postgresql://")
    return Settings(
        data=(data.expanduser().resolve() if data else default_data(env)),
        database_url=url,
        host=host or env.get("PARLONS_HOST", "127.0.0.1"),
        port=int(text),
        public_url=(env.get("PARLONS_PUBLIC_URL") or "").rstrip("/") or None,
        trusted_proxies=env.get("PARLONS_TRUSTED_PROXIES", "127.0.0.1"),
        demo=demo,
    )


def secret_key(data: Path) -> bytes:
    """The signing key of every process on `data`: 32 random bytes made at the first start, readable by its owner only."""
    path = data / KEY_FILE
    if not path.exists():
        data.mkdir(parents=True, exist_ok=True)
        handle, fresh = tempfile.mkstemp(dir=data, prefix=KEY_FILE)  # mode 0600
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32))
        with contextlib.suppress(FileExistsError):  # a process started beside us was faster: its key stands
            os.link(fresh, path)
        os.unlink(fresh)
    return bytes.fromhex(path.read_text())
