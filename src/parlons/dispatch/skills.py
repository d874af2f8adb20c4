"""What changing single skills or languages makes of a worker's attributes; every other attribute stays as it is.

A skill stands in the list `skills`; its level, a whole number, in `levels` where he has one: expressions read both. A skill
that goes takes its level along. Order is kept, what is new comes last.
"""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]
Skill = int | bool | None
"""A level; True: has it without a level; False or None: does not have it."""


def with_skills(attributes: Mapping[str, Any], skills: Mapping[str, Skill], languages: Mapping[str, bool]) -> Json:
    """The attributes after the change; equal ones when it changes nothing."""
    held = _texts(attributes.get("skills"))
    levels = attributes.get("levels")
    kept = dict(levels) if isinstance(levels, dict) else {}
    for name, skill in skills.items():
        held = _put(held, name, skill is not None and skill is not False)
        kept.pop(name, None) if isinstance(skill, bool) or skill is None else kept.update({name: skill})
    spoken = _texts(attributes.get("languages"))
    for name, speaks in languages.items():
        spoken = _put(spoken, name, speaks)
    changed = dict(attributes)
    for word, value, asked in (("skills", held, skills), ("levels", kept, skills), ("languages", spoken, languages)):
        if asked and (value or word in attributes):
            changed[word] = value
    return changed


def _texts(value: object) -> list[Any]:
    return list(value) if isinstance(value, list) else []


def _put(held: list[Any], name: str, wanted: bool) -> list[Any]:
    if wanted:
        return held if name in held else [*held, name]
    return [each for each in held if each != name]
