"""What the contracts of channels, look-ups and AI providers have in common: how a plug-in describes itself, its settings and
secrets."""

import re
from collections.abc import Callable, Sequence
from typing import Protocol

from pydantic import BaseModel, ValidationError

_WORD = re.compile(r"[a-z][a-z0-9_]{0,63}")
_SECRET = re.compile(r"[a-z][a-z0-9_-]{0,40}")
_SECRET_FIELD = re.compile(r"password|secret|token$|_key$")


class Named(Protocol):
    """A secret, or a plug-in without settings of its own."""

    @property
    def name(self) -> str:
        """As the configuration has it."""
        ...


class Plugin(Protocol):
    """What is looked at."""

    @property
    def name(self) -> str:
        """Its key in the registry."""
        ...

    @property
    def settings(self) -> type[BaseModel]:
        """Its own."""
        ...

    @property
    def secrets(self) -> Sequence[Named]:
        """Its own."""
        ...


Described = Callable[[str, Plugin], None]


def it_has_its_name(name: str, plugin: Named) -> None:
    """The key in the registry is its own word, fit for tables and addresses."""
    assert plugin.name == name
    assert _WORD.fullmatch(name)


def settings_refuse_what_they_do_not_know(name: str, plugin: Plugin) -> None:
    """A misspelt setting is never passed over."""
    assert plugin.settings.model_config.get("extra") == "forbid"


def settings_are_plain(name: str, plugin: Plugin) -> None:
    """A form can be drawn of them: texts, numbers, yes or no, choices, lists of texts."""
    for word, field in plugin.settings.model_json_schema().get("properties", {}).items():
        kinds = [one.get("type") for one in field.get("anyOf", [field])]
        assert set(kinds) <= {"string", "integer", "number", "boolean", "array", "null"}, word
        assert field.get("title"), word


def settings_have_one_normal_form(name: str, plugin: Plugin) -> None:
    """What is written is read as the same, where all of it may be left out."""
    try:
        made = plugin.settings.model_validate({})
    except ValidationError:
        return
    assert plugin.settings.model_validate(made.model_dump(mode="json")) == made
    assert plugin.settings.model_validate(made.model_dump(mode="json", exclude_defaults=True)) == made


def secrets_have_names(name: str, plugin: Plugin) -> None:
    """Each once, and none among the settings, where it would be exported."""
    names = [one.name for one in plugin.secrets]
    assert len(set(names)) == len(names)
    assert all(_SECRET.fullmatch(one) for one in names)
    assert not set(names) & plugin.settings.model_fields.keys()
    assert not [word for word in plugin.settings.model_fields if _SECRET_FIELD.search(word)]


DESCRIBED: tuple[Described, ...] = (
    it_has_its_name,
    settings_refuse_what_they_do_not_know,
    settings_are_plain,
    settings_have_one_normal_form,
    secrets_have_names,
)
