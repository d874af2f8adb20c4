"""What somebody wants of the configuration, from whichever road it comes: a file, one thing from a screen, an undo.

A thing from a screen is read by the model of the file, so it obeys the same rules; its faults name the field instead of a line.
Where a file names a secret, a screen may also send its value, which goes to the room that keeps it and nowhere else.
"""

import hashlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from pydantic import ValidationError

from parlons.app.configuration import lookups, model
from parlons.app.configuration.channels import whole_settings
from parlons.app.configuration.check import KINDS, SECTIONS, WITH_SECRETS, Parsed, Thing, faults_of, flat, key_of
from parlons.app.configuration.current import Current, fingerprint
from parlons.app.configuration.refusals import NotRenamable, UnknownSetting
from parlons.app.configuration.text import Fault, InvalidConfigurationFile, Path, Text, shown
from parlons.runtime.db import Tx

WORKSPACE = "workspace"
SECRETS = {"widget": "identity", "trunk": "password"}
"""The word of a kind that holds a secret; a user's stands inside `phone`."""
_FIXED_NAMES = ("task_channel", "widget", "channel", WORKSPACE)
_WHOLE = {"channel": whole_settings, "lookup": lookups.whole_settings}
_LARGEST_NUMBER = 2**53
_DEEPEST = 40


@dataclass(slots=True)
class Wanted:
    """A change before it was compared with what is there."""

    parsed: Parsed
    secrets: dict[str, str] = field(default_factory=dict)
    """Values by name: a widget's key, `trunk NAME`, `phone EMAIL`."""
    prune: bool = False
    remove: list[tuple[str, str]] = field(default_factory=list)
    rename: list[tuple[str, str, str]] = field(default_factory=list)
    """Kind, old and new name."""
    road: str = "text"
    undoes: str | None = None
    check: Callable[[Current], None] | None = None
    """Raises when what is there is not what the author saw."""
    guard: Callable[[Tx], Awaitable[None]] | None = None
    """The same, for what stands outside the configuration: in the transaction that would write, before it looks at anything."""
    watch: bool = False
    """Whether who would match each queue is computed though nothing waits there."""
    accept_stranded: int | None = None
    """How many waiting tasks may find nobody afterwards; any other number of them is refused."""


def known_kind(kind: str) -> str:
    """`kind`; raises UnknownSetting."""
    if kind not in KINDS:
        raise UnknownSetting(kind=kind)
    return kind


def etag_of(thing: Thing) -> str:
    """Changes whenever the thing does."""
    return hashlib.sha256(orjson.dumps(thing, option=orjson.OPT_SORT_KEYS)).hexdigest()[:20]


def seen_etag(if_match: str | None) -> str | None:
    """The etag that a caller says he saw, without its quotes."""
    return None if if_match is None else if_match.strip().removeprefix("W/").strip('"')


def nothing() -> Parsed:
    """A picture without a thing, for removals."""
    return Parsed(Text({}))


def read_thing(kind: str, name: str | None, data: Thing) -> Wanted:
    """What a screen wants of one thing; raises InvalidConfigurationFile with the fields. `name`: what it is called now;
    None: it is to be new."""
    data, several = _without_several(kind, data)
    data, literal = _without_secrets(kind, data)
    if kind == "hours" and name is not None and " / " in name:
        firm, _, own = name.rpartition(" / ")
        data = {"firm": firm, "name": own, **data}
    file, prefix = _as_file(kind, data)
    try:
        text = Text(file, texts=dict(_texts(file, ())))
    except InvalidConfigurationFile as error:
        raise _of_fields(error.faults, prefix) from None
    try:
        parsed = flat(text, model.File.model_validate(file))
    except ValidationError as error:
        raise _of_fields({(one.path, one.message): one for one in faults_of(text, error)}.values(), prefix) from None
    if kind == "hours":
        parsed.things["firm"], parsed.paths = {}, {("hours", key): prefix for key in parsed.things["hours"]}
    (key,) = parsed.things[kind]
    wanted = Wanted(parsed, road="screen", watch=True)
    _put_secrets(kind, key, parsed.things[kind][key], literal, wanted.secrets)
    for each, value in several.items():
        parsed.things[kind][key].setdefault("secrets", {})[each] = fingerprint(value)
        wanted.secrets[f"{kind} {key}:{each}"] = value
    if name is not None and name != key:
        if kind in _FIXED_NAMES or (kind == "hours" and name.rpartition(" / ")[0] != key.rpartition(" / ")[0]):
            raise NotRenamable(kind=kind, name=name)
        wanted.rename.append((kind, name, key))
    return wanted


def of_fields(error: InvalidConfigurationFile, wanted: Wanted) -> InvalidConfigurationFile:
    """The same faults with paths below the one thing that is wanted."""
    ((_, path),) = wanted.parsed.paths.items() if len(wanted.parsed.paths) == 1 else ((None, ()),)
    return _of_fields(error.faults, path)


def _of_fields(faults: Any, prefix: Path) -> InvalidConfigurationFile:
    lead = shown(prefix)
    found = []
    for fault in faults:
        path = fault.path.removeprefix(lead).removeprefix(".") if lead and fault.path.startswith(lead) else fault.path
        found.append(replace(fault, path=path))
    return InvalidConfigurationFile(found)


def _as_file(kind: str, data: Thing) -> tuple[Thing, Path]:
    """The thing in a file of its own, and its place there."""
    if kind == WORKSPACE:
        return {WORKSPACE: data}, (WORKSPACE,)
    if kind == "hours":
        firm, own = str(data.get("firm", "")), str(data.get("name", ""))
        rest = {word: value for word, value in data.items() if word not in ("firm", "name")}
        return {"firms": [{"name": firm, "hours": {own: rest}}]}, ("firms", 0, "hours", own)
    return {SECTIONS[kind]: [data]}, (SECTIONS[kind], 0)


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, tuple[int, int] | None]]:
    """Every text begins at its own first line; refuses what cannot be kept."""
    if len(path) > _DEEPEST:
        raise InvalidConfigurationFile([Fault(0, 0, shown(path), "this is nested too deeply", "Make it flatter.")])
    if isinstance(value, dict):
        for key, each in value.items():
            _check_text(key, path)
            yield from _texts(each, (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _texts(each, (*path, index))
    elif isinstance(value, str):
        _check_text(value, path)
        yield path, (1, 1)
    elif isinstance(value, int) and abs(value) > _LARGEST_NUMBER:
        raise InvalidConfigurationFile([Fault(0, 0, shown(path), "this number is too large", "Write it as a text.")])


def _check_text(text: str, path: Path) -> None:
    if "\0" in text or any(0xD800 <= ord(sign) <= 0xDFFF for sign in text):
        raise InvalidConfigurationFile(
            [Fault(0, 0, shown(path), "a sign here cannot be kept", "Take out signs that are no letters.")]
        )


def _without_secrets(kind: str, data: Thing) -> tuple[Thing, str | None]:
    """The thing without secrets that are known or written out, and the value of one that was."""
    word = SECRETS.get(kind)
    if word is not None and isinstance(data.get(word), dict):
        return _take(data, word)
    phone = data.get("phone") if kind == "user" else None
    if isinstance(phone, dict) and isinstance(phone.get("password"), dict):
        bare, literal = _take(phone, "password")
        return {**data, "phone": bare}, literal
    return data, None


def _without_several(kind: str, data: Thing) -> tuple[Thing, dict[str, str]]:
    """A thing without secrets that are known or written out, and the values of those that were."""
    given = data.get("secrets")
    if kind not in WITH_SECRETS or not isinstance(given, dict):
        return data, {}
    bare, values = dict(given), {}
    for name, each in given.items():
        if each is None:
            del bare[name]
        elif isinstance(each, dict):
            bare, literal = _take(bare, name)
            if literal is not None:
                values[name] = literal
    return {**data, "secrets": bare}, values


def _take(part: Thing, word: str) -> tuple[Thing, str | None]:
    value = part[word]
    if "secret" in value:
        return part, None
    literal = value.get("value")
    if literal is not None and not (isinstance(literal, str) and 0 < len(literal) <= 512 and literal.isprintable()):
        raise InvalidConfigurationFile(
            [Fault(0, 0, word, "a password has 1 to 512 signs", "Leave it empty to keep the one there is.")]
        )
    return {name: each for name, each in part.items() if name != word}, literal or None


def _put_secrets(kind: str, key: str, thing: Thing, literal: str | None, secrets: dict[str, str]) -> None:
    if literal is None:
        return
    holder = thing["phone"] if kind == "user" else thing
    holder["password" if kind == "user" else SECRETS[kind]] = fingerprint(literal)
    secrets[{"widget": key, "trunk": f"trunk {key}", "user": f"phone {key}"}[kind]] = literal


def public(kind: str, thing: Thing) -> Thing:
    """The thing as screens and histories have it: of a secret only that it is there."""
    if kind == "user" and thing.get("phone") is not None:
        return {**thing, "phone": {**thing["phone"], "password": _known(thing["phone"].get("password"))}}
    if kind in WITH_SECRETS:
        secrets = {name: _known(each) for name, each in thing.get("secrets", {}).items()}
        return {**thing, "secrets": secrets, **({"settings": _WHOLE[kind](thing)} if kind in _WHOLE else {})}
    word = SECRETS.get(kind)
    return {**thing, word: _known(thing[word])} if word is not None and word in thing else thing


def _known(secret: Any) -> dict[str, bool] | None:
    return None if secret is None else {"known": True}


def name_of(kind: str, thing: Thing) -> str:
    """The name of a thing among those of its kind."""
    return WORKSPACE if kind == WORKSPACE else key_of(kind, thing)
