"""Secrets that a file names: read from the environment, and in the picture their fingerprints, so that two can be compared."""

from collections.abc import Iterator, Mapping

from parlons.app.configuration.check import WITH_SECRETS, Parsed, Thing
from parlons.app.configuration.current import fingerprint
from parlons.app.configuration.text import Fault, InvalidConfigurationFile, Path


def resolve_secrets(parsed: Parsed, environ: Mapping[str, str]) -> dict[str, str]:
    """The value of each secret the file names, by its name (`_secrets`); in the picture stands its fingerprint instead."""
    found: dict[str, str] = {}
    faults: list[Fault] = []
    for name, part, word, path in _secrets(parsed):
        if isinstance(part.get(word), str):
            continue  # a screen sent the value
        named = part.pop(word, None)
        if named is None:
            if path[-1] == "phone":  # written whole, so that it compares with what is there
                part[word] = None
            continue
        value = environ.get(named["secret"])
        if not value:
            faults.append(
                parsed.text.fault(
                    (*path, word, "secret"),
                    f"{named['secret']} is not set",
                    "Set it in the environment of `parlons serve`.",
                )
            )
            continue
        found[name], part[word] = value, fingerprint(value)
    if faults:
        raise InvalidConfigurationFile(faults)
    return found


def _secrets(parsed: Parsed) -> Iterator[tuple[str, Thing, str, Path]]:
    """Where secrets may stand: the name of each, the part and the word it stands under, the place."""
    for key, widget in parsed.things["widget"].items():
        yield key, widget, "identity", parsed.paths["widget", key]
    for kind in WITH_SECRETS:
        for key, thing in parsed.things[kind].items():
            for name in list(thing.get("secrets", {})):
                yield f"{kind} {key}:{name}", thing["secrets"], name, (*parsed.paths[kind, key], "secrets")
    for key, trunk in parsed.things["trunk"].items():
        yield f"trunk {key}", trunk, "password", parsed.paths["trunk", key]
    for key, user in parsed.things["user"].items():
        if user.get("phone") is not None:
            yield f"phone {key}", user["phone"], "password", (*parsed.paths["user", key], "phone")
