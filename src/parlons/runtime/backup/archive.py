"""The file of a backup: a zip whose first member says what it is, whose last one says what it holds, sealed with the key.

`about.json` (version, revision, time, name of the key) comes first; then `tables/`, `files/`, `flows/`, `configuration.yaml`;
`manifest.json` names each member with size and sha256, and `manifest.mac` authenticates it (HMAC-SHA256, RFC 2104) with a key
derived from the installation's. So a backup that was cut off, changed or made with another key is known before a byte of it
is laid down. The file gets its name when it is whole: what bears it is never half a backup. Source: PKWARE APPNOTE 6.3.
"""

import contextlib
import hashlib
import hmac
import json
import os
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO, Any, Self

from parlons.runtime.backup.errors import BackupDamaged, BackupExists, BackupKeyWrong, BackupNewer, BackupUnreadable
from parlons.runtime.vault import derived_key

FORMAT = 1
ABOUT, MANIFEST, MAC = "about.json", "manifest.json", "manifest.mac"
PIECE = 1 << 20
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, NotImplementedError, OSError)
Json = dict[str, Any]


def key_name(secret: bytes) -> str:
    """A name of the installation's key to compare by; it tells nothing of the key."""
    told = hmac.digest(derived_key(secret, "backup"), b"name", "sha256").hex()
    return f"{told[:4]}-{told[4:8]}-{told[8:12]}"


class _Member:
    """What is written into one member: hashed on the way."""

    def __init__(self, into: IO[bytes]) -> None:
        self._into, self.size, self.sha = into, 0, hashlib.sha256()

    def write(self, piece: bytes) -> None:
        """Appends."""
        self._into.write(piece)
        self.sha.update(piece)
        self.size += len(piece)


class Writer:
    """Makes a backup: with Writer(path, about, secret) as backup: ... ; leaving it by an exception leaves no file."""

    def __init__(self, path: Path, about: Json, secret: bytes) -> None:
        """`about` gets `format` and `key`. Raises BackupExists."""
        if path.exists():
            raise BackupExists(f"{path} is there already; a backup never replaces a file. Give another name.")
        self.path, self._secret = path, secret
        self.about = {"format": FORMAT, **about, "key": key_name(secret)}
        self.manifest: Json = {}
        """What the last member holds beside `members`."""
        self._members: Json = {}
        self._part = path.with_name(path.name + ".part")

    def __enter__(self) -> Self:
        handle = os.open(self._part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        self._file = os.fdopen(handle, "w+b")
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self._write(ABOUT, _json(self.about))
        return self

    def __exit__(self, kind: type[BaseException] | None, _error: BaseException | None, _: TracebackType | None) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._file.close()
            self._part.unlink(missing_ok=True)

    @contextlib.contextmanager
    def member(self, name: str, *, packed: bool = True) -> Iterator[_Member]:
        """Opens a member to write into; `packed`: whether compressing it is worth the while."""
        entry = zipfile.ZipInfo(name)
        entry.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        entry.external_attr = 0o600 << 16
        with self._zip.open(entry, "w", force_zip64=True) as into:
            member = _Member(into)
            yield member
        self._members[name] = {"size": member.size, "sha256": member.sha.hexdigest()}

    def write(self, name: str, body: bytes) -> None:
        """A small member at once."""
        with self.member(name) as member:
            member.write(body)

    _write = write

    def _finish(self) -> None:
        manifest = _json({**self.manifest, "members": dict(self._members)})
        self.write(MANIFEST, manifest)
        self.write(MAC, mac(self._secret, manifest).encode())
        self._zip.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        try:
            os.link(self._part, self.path)
        except FileExistsError:
            raise BackupExists(f"{self.path} came into being meanwhile; a backup never replaces a file.") from None


class Reader:
    """An open backup. Made by `open_backup`."""

    def __init__(self, opened: zipfile.ZipFile, about: Json) -> None:
        self._zip, self.about = opened, about
        self.manifest: Json = {}

    @property
    def members(self) -> dict[str, Json]:
        """Size and sha256 by name."""
        found: dict[str, Json] = self.manifest["members"]
        return found

    def verify(self, secret: bytes) -> None:
        """Reads everything once: manifest, key, each member. Raises BackupKeyWrong, BackupDamaged; lays nothing down."""
        if key_name(secret) != self.about.get("key"):
            raise BackupKeyWrong(
                f"The key is {key_name(secret)}, the backup was made with {self.about.get('key')}: give that secret.key "
                "by --key. Without it recordings and stored secrets do not open.",
                key=self.about.get("key"),
            )
        try:
            manifest, signed = self._zip.read(MANIFEST), self._zip.read(MAC).decode()
            if not hmac.compare_digest(signed, mac(secret, manifest)):
                raise BackupDamaged("The backup's list was changed after it was made; nothing was restored.")
            self.manifest = json.loads(manifest)
            self._verify_members()
        except _BROKEN:
            raise BackupDamaged from None

    def open(self, name: str) -> IO[bytes]:
        """A member to read from."""
        return self._zip.open(name)

    def pieces(self, name: str) -> Iterator[bytes]:
        """A member, piece by piece."""
        with self.open(name) as member:
            while piece := member.read(PIECE):
                yield piece

    def below(self, folder: str) -> list[str]:
        """The names of the members in a folder, without it."""
        return [name.removeprefix(folder) for name in self.members if name.startswith(folder)]

    def _verify_members(self) -> None:
        there = set(self._zip.namelist())
        if there != {*self.members, MANIFEST, MAC}:
            raise BackupDamaged("The backup does not hold what its list names; nothing was restored.")
        for name, told in self.members.items():
            if not _is_inside(name):
                raise BackupDamaged(f"The backup names a path that leads out of it ({name!r}); nothing was restored.")
            sha, size = hashlib.sha256(), 0
            for piece in self.pieces(name):
                sha.update(piece)
                size += len(piece)
            if (size, sha.hexdigest()) != (told["size"], told["sha256"]):
                raise BackupDamaged(f"{name} in the backup does not match its sha256; nothing was restored.", name=name)


@contextlib.contextmanager
def open_backup(path: Path) -> Iterator[Reader]:
    """Opens a backup and reads what it says of itself. Raises BackupUnreadable, BackupDamaged, BackupNewer."""
    if not path.is_file():
        raise BackupUnreadable(f"{path} is no file that can be read.")
    try:
        opened = zipfile.ZipFile(path)
    except OSError as error:
        raise BackupUnreadable(f"{path} cannot be read: {error.strerror}.") from None
    except zipfile.BadZipFile:
        raise _not_a_zip(path) from None
    with opened:
        try:
            about = json.loads(opened.read(ABOUT))
            newer = int(about["format"]) > FORMAT
        except _BROKEN:
            raise BackupUnreadable(f"{path} is no backup of Parlons: it does not say what it is.") from None
        if newer:
            raise BackupNewer(
                f"The backup was made by Parlons {about.get('parlons')} in a form this version does not know; nothing was "
                "restored. Install that version, then restore."
            )
        yield Reader(opened, about)


def _not_a_zip(path: Path) -> BackupUnreadable | BackupDamaged:
    """A zip that was cut off has no end, but still our beginning."""
    with path.open("rb") as file:
        begins = file.read(4 + 26 + len(ABOUT))
    if begins.startswith(b"PK\x03\x04") and begins.endswith(ABOUT.encode()):
        return BackupDamaged()
    return BackupUnreadable(f"{path} is no backup of Parlons.")


def _is_inside(name: str) -> bool:
    return not name.startswith("/") and "\\" not in name and ".." not in PurePosixPath(name).parts


def seal_of(body: bytes) -> Json:
    """What the list says of a member."""
    return {"size": len(body), "sha256": hashlib.sha256(body).hexdigest()}


def mac(secret: bytes, manifest: bytes) -> str:
    """What authenticates the list."""
    return hmac.digest(derived_key(secret, "backup manifest"), manifest, "sha256").hex()


def _json(value: Json) -> bytes:
    return json.dumps(value, indent=1).encode()
