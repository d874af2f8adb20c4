"""Drafts, pictures and stories of flows as the API answers them."""

from dataclasses import asdict
from typing import Any

from parlons.flows.drafts import Draft, Found, Names, draft_of_picture, draft_of_text
from parlons.flows.kinds import Field, kind_of
from parlons.flows.picture import Picture, edges_of, title_of
from parlons.flows.repairs import offers_for
from parlons.flows.simulating import Told
from parlons.flows.vocabulary import STANDARD

Json = dict[str, Any]
_WAYS, _WORDS = frozenset({"step"}), frozenset({"words", "prompt"})
_UNITS = {"duration": "seconds"}
NOTHING: Json = {
    "events": [], "path": [], "state": None, "ended": None, "falls": False, "seconds": 0.0, "cut": False, "variables": {},
    "told": [],
}  # fmt: skip
"""The story of a draft without a first step."""


def draft(picture: Picture | None, text: str | None, names: Names) -> Draft:
    """A draft in one of its forms."""
    return draft_of_picture(picture, names) if picture is not None else draft_of_text(text or "", names)


def checked(found: Draft, names: Names) -> Json:
    """What is wrong with it, and both forms."""
    return {
        "picture": None if found.picture is None else _picture(found.picture, found.flow.language),
        "text": found.text,
        "valid": found.valid,
        "problems": problems(found, names),
    }


def problems(found: Draft, names: Names, *, offers: bool = True) -> list[Json]:
    """What is wrong, each with what would put it right."""
    repairs = offers_for(found.data, found.flow, [each.problem for each in found.found], names) if offers else []
    return [
        _problem(each, [offer.as_json() for offer in repairs[place]] if offers else [])
        for place, each in enumerate(found.found)
    ]


def kinds() -> list[Json]:
    """The catalogue of steps."""
    return [_kind(each) for each in STANDARD.kinds]


def story(told: Told) -> Json:
    """What came of a simulation."""
    return asdict(told)


def _kind(name: str) -> Json:
    kind = kind_of(STANDARD.kinds[name])
    return {
        "kind": kind.name,
        "category": kind.category,
        "person": kind.person,
        "waits": kind.waits,
        "ways": [".".join(pattern) for pattern in kind.ways],
        "words": [".".join(pattern) for pattern in kind.words],
        "fields": [_field(field) for field in kind.fields],
    }


def _field(field: Field) -> Json:
    """Only what it has; a default is there unless the field must be."""
    about: Json = {"name": field.name, "type": field.type, "group": _group(field), "required": field.required,
                   "null": field.null}  # fmt: skip
    if not field.required:
        about["default"] = field.default
    if field.type in ("number", "duration"):
        about |= {"whole": field.whole}
        about |= {word: getattr(field, word) for word in ("minimum", "maximum") if getattr(field, word) is not None}
    if field.type in _UNITS:
        about["unit"] = _UNITS[field.type]
    if field.values:
        about["values"] = list(field.values)
    if field.of is not None:
        about["of"] = _field(field.of)
    about |= {
        word: [_field(each) for each in getattr(field, word)] for word in ("fields", "options") if getattr(field, word)
    }
    if field.only_when is not None:
        about["only_when"] = {field.only_when[0]: list(field.only_when[1])}
    return about


def _group(field: Field) -> str:
    inner = (field, *([field.of] if field.of is not None else ()), *(field.of.fields if field.of is not None else ()))
    types = {each.type for each in inner}
    return "ways" if types & _WAYS else "words" if types & _WORDS else "settings"


def _header(name: str, kind: str, *, required: bool = False, null: bool = False, **more: Any) -> Json:
    about: Json = {"name": name, "type": kind, "group": "settings", "required": required, "null": null}
    return about | more if required else about | {"default": None} | more


HEADER: list[Json] = [
    _header("name", "text", required=True),
    _header("start", "step", required=True),
    _header("language", "language", default="en"),
    _header("languages", "list", default=[], of=_header("*", "language")),
    _header("fallback", "queue", null=True),
    _header("variables", "mapping", default={}, of=_header("*", "value")),
]
"""The flow's own words."""


def _picture(picture: Picture, language: str) -> Json:
    nodes = [
        {
            "name": node.name,
            "kind": node.kind,
            "at": None if node.at is None else list(node.at),
            "title": title_of(node, language),
            "fields": node.fields,
            **({"raw": node.raw} if node.raw is not None else {}),
        }
        for node in picture.nodes
    ]
    edges = [
        {"from": edge.step, "path": list(edge.path), "port": edge.port, "to": edge.to, "exists": edge.exists}
        for edge in edges_of(picture)
    ]
    return {"header": picture.header, "nodes": nodes, "edges": edges}


def _problem(each: Found, offers: list[Json]) -> Json:
    problem, fault = each.problem, each.fault
    return {
        "code": problem.code,
        "message": problem.message,
        "remedy": problem.remedy,
        "grave": problem.grave,
        "path": list(problem.path),
        "step": each.step,
        "port": each.port,
        "line": fault.line,
        "column": fault.column,
        "offers": offers,
    }
