"""What travels: operations. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict


class Disk(TypedDict):
    free: int
    total: int


class Health(TypedDict):
    wrong: list[Trouble]
    notes: list[Trouble]
    versions: Versions
    disk: Disk
    jobs: list[JobKind]
    voice: VoiceHealth
    last_backup: str | None


class HeldOutput(TypedDict):
    hold: Hold | None


class HeldKind(TypedDict):
    kind: str
    count: int
    due: int
    oldest: str


class Hold(TypedDict):
    since: str
    backup: dict[str, Any]
    kinds: list[HeldKind]


class JobKind(TypedDict):
    kind: str
    waiting: int
    due: int
    running: int
    failed: int


class ReleaseBody(TypedDict):
    discard: NotRequired[list[str]]


class Released(TypedDict):
    released: bool
    discarded: dict[str, int]


class Trouble(TypedDict):
    code: str
    wrong: str
    mend: str


class TrunkState(TypedDict):
    name: str
    up: bool


class Versions(TypedDict):
    parlons: str
    revision: str | None
    postgres: str
    python: str


class VoiceHealth(TypedDict):
    engine: str
    trunks: list[TrunkState]
