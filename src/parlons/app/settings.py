"""Settings of one Parlons process: read once from the environment and the command line, then passed on as values.

Tenant settings are data, not configuration. A missing or wrong value names itself.
"""

import contextlib
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from parlons.ai.embeddings import EmbeddingsSettings
from parlons.ai.speech import SpeechSettings
from parlons.ai.transcription import TranscriptionSettings
from parlons.kit.errors import Refusal
from parlons.runtime.safe_http import AddressInvalid, Allowed, allowed
from parlons.voice.edge.turn import TurnSettings, read_turn

DEFAULT_PORT = 8080
KEY_FILE = "secret.key"
PROVIDER_OPTION = "PARLONS_PROVIDER_"
RESTORING = "restore.unfinished"
"""File that marks a data folder while a backup is laid down there; nothing serves one that bears it."""
LAST_BACKUP = "backup.last"
"""File of the data folder that says when the last backup was made."""
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
    http_allow: Allowed = field(default_factory=Allowed)
    """Private places that flows may call."""
    tls_cert: Path | None = None
    """PEM file of the certificate and its chain; None: plain http."""
    tls_key: Path | None = None
    speech: SpeechSettings = field(default_factory=SpeechSettings)
    """What speaks where nobody recorded the words."""
    transcription: TranscriptionSettings = field(default_factory=TranscriptionSettings)
    """What understands what is said."""
    embeddings: EmbeddingsSettings = field(default_factory=EmbeddingsSettings)
    """What compares meanings, for intents and the help centre."""
    provider_options: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What AI providers of third parties are told: PARLONS_PROVIDER_..., by what follows, in lower case."""
    turn: TurnSettings = field(default_factory=TurnSettings)
    """Servers that relay sound for browsers which cannot reach us directly."""
    traces: str = ""
    """Where spans of contacts are sent (OTLP over HTTP); empty: there are none."""

    @property
    def url(self) -> str:
        """The address to print and to put into links."""
        scheme = "https" if self.tls_cert else "http"
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104
        return self.public_url or f"{scheme}://{host}:{self.port}"

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
    tls: tuple[Path | None, Path | None] = (None, None),
) -> Settings:
    """Settings from `env`, overridden by what the command line gave. Raises `WrongSetting`."""
    text = str(port) if port is not None else env.get("PARLONS_PORT", str(DEFAULT_PORT))
    if not text.isdecimal() or int(text) > 65535:
        raise WrongSetting(f"PARLONS_PORT is {text!r}: a port is a number from 0 to 65535")
    url = env.get("DATABASE_URL") or None
    if url and not url.startswith(("postgresql://", "postgres://")):
        raise WrongSetting("DATABASE_URL must begin with postgresql://")
    cert, key = read_tls(env, *tls)
    return Settings(
        data=(data.expanduser().resolve() if data else default_data(env)),
        database_url=url,
        host=host or env.get("PARLONS_HOST", "127.0.0.1"),
        port=int(text),
        public_url=(env.get("PARLONS_PUBLIC_URL") or "").rstrip("/") or None,
        trusted_proxies=env.get("PARLONS_TRUSTED_PROXIES", "127.0.0.1"),
        demo=demo,
        http_allow=read_http_allow(env),
        tls_cert=cert,
        tls_key=key,
        speech=read_speech(env),
        transcription=read_transcription(env),
        embeddings=read_embeddings(env),
        provider_options={
            name.removeprefix(PROVIDER_OPTION).lower(): value
            for name, value in env.items()
            if name.startswith(PROVIDER_OPTION)
        },
        turn=read_turn(env),
        traces=read_traces(env),
    )


def read_traces(env: Mapping[str, str]) -> str:
    """The receiver of spans, from `env`. Raises `WrongSetting`."""
    url = env.get("PARLONS_TRACES", "")
    if url and not url.startswith(("http://", "https://")):
        raise WrongSetting("PARLONS_TRACES must begin with http:// or https://")
    return url


def read_http_allow(env: Mapping[str, str]) -> Allowed:
    """Private places that may be called, from `env`. Raises `WrongSetting`."""
    try:
        return allowed(env.get("PARLONS_HTTP_ALLOW", "").split(","))
    except AddressInvalid as error:
        raise WrongSetting(f"PARLONS_HTTP_ALLOW: {error.message}") from None


def read_tls(env: Mapping[str, str], cert: Path | None, key: Path | None) -> tuple[Path | None, Path | None]:
    """Certificate and key, given or from `env`: both readable, or none. Raises `WrongSetting`."""
    found = [
        (given or (Path(env[name]) if env.get(name) else None), name)
        for given, name in ((cert, "PARLONS_TLS_CERT"), (key, "PARLONS_TLS_KEY"))
    ]
    if all(path is None for path, _ in found):
        return None, None
    for path, name in found:
        if path is None:
            raise WrongSetting(f"{name} is missing: a certificate and its key go together")
        if not os.access(path, os.R_OK):
            raise WrongSetting(f"{name}: {path} cannot be read")
    return tuple(path.expanduser().resolve() for path, _ in found if path)  # type: ignore[return-value]


def read_speech(env: Mapping[str, str]) -> SpeechSettings:
    """What speaks, from `env`. Raises `WrongSetting`."""
    provider, url = _provider(env, "PARLONS_TTS")
    voices = {"en": env.get("PARLONS_TTS_VOICE_EN", ""), "fr": env.get("PARLONS_TTS_VOICE_FR", "")}
    return SpeechSettings(
        provider=provider,
        url=url,
        key=env.get("PARLONS_TTS_KEY", ""),
        model=env.get("PARLONS_TTS_MODEL", SpeechSettings().model),
        voices={language: voice for language, voice in voices.items() if voice},
    )


def read_transcription(env: Mapping[str, str]) -> TranscriptionSettings:
    """What understands what is said, from `env`. Raises `WrongSetting`."""
    provider, url = _provider(env, "PARLONS_STT")
    model = env.get("PARLONS_STT_MODEL", TranscriptionSettings().model)
    return TranscriptionSettings(provider=provider, url=url, key=env.get("PARLONS_STT_KEY", ""), model=model)


def read_embeddings(env: Mapping[str, str]) -> EmbeddingsSettings:
    """What compares meanings, from `env`. Raises `WrongSetting`."""
    provider, url = _provider(env, "PARLONS_EMBEDDINGS")
    model = env.get("PARLONS_EMBEDDINGS_MODEL", EmbeddingsSettings().model)
    return EmbeddingsSettings(provider=provider, url=url, key=env.get("PARLONS_EMBEDDINGS_KEY", ""), model=model)


def _provider(env: Mapping[str, str], variable: str) -> tuple[str, str]:
    """An AI provider's name, which is looked up when the process starts, and its address."""
    provider, url = env.get(variable) or "auto", env.get(f"{variable}_URL", "")
    if (url or provider == "endpoint") and not url.startswith(("http://", "https://")):
        raise WrongSetting(f"{variable}_URL must begin with http:// or https://")
    return provider, url


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
