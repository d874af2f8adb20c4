"""Random valid flows of every kind of step, drawn from the catalogue of kinds: a new kind is in them by itself."""

from typing import Any

from hypothesis import strategies as st

from parlons.flows.kinds import Field, kind_of
from parlons.flows.model import FARTHEST
from parlons.flows.text import NAME
from parlons.flows.vocabulary import STANDARD

Json = dict[str, Any]
AWKWARD = (
    "no", "null", "~", "1e3", "0x1F", "12:30:00", "007", "- a", "# no comment", "a: b", "{x}", "'", '"', " ", "\n", "é’\u00a0:",
    "\u2028", "%", "@", "1.0", "true", "=", "<<", "2026-01-01", "x" * 300, "a\n\n  b\n", "😀",
)  # fmt: skip
TEXTS = st.one_of(st.sampled_from(AWKWARD), st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
PLACES = st.tuples(st.integers(-FARTHEST, FARTHEST), st.integers(-FARTHEST, FARTHEST)).map(list)
FLOATS = st.sampled_from([0.0, 0.5, -1.25, 1e-7, 1e15, 12.0, 3.3e-5, -0.0])
PLAIN = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(10**17), 10**17), FLOATS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)
_ALLOWED = {
    "url": "https://x.example/{a}", "match": "[0-9]+", "earliest": "2026-01-01", "latest": "{day}", "when": "a == 1",
    "number": "+33140000000", "timeout_seconds": 5,
}  # fmt: skip
"""Values of words that hold more than their types say."""
_LEFT_OUT = {"max_waiting", "max_digits", "min_digits", "maximum", "minimum", "flow", "headers"}
_KEYS = st.sampled_from("0123456789*#")


@st.composite
def drawn(draw: st.DrawFn) -> Json:
    """The plain data of a flow whose steps lead onwards only, to a queue at last."""
    names = draw(st.lists(st.from_regex(NAME, fullmatch=True), min_size=1, max_size=6, unique=True))
    kinds = draw(st.lists(st.sampled_from(sorted(STANDARD.kinds)), min_size=len(names), max_size=len(names)))
    steps: Json = {}
    for number, (name, kind) in enumerate(zip(names, kinds, strict=True)):
        onwards = [*names[number + 1 :], "the last"]
        steps[name] = draw(_step(kind, onwards))
    steps["the last"] = {"do": "queue"}
    header: Json = {"name": draw(TEXTS.filter(bool)), "start": next(iter(steps))}
    if draw(st.booleans()):
        header |= {"language": draw(st.sampled_from(["fr", "en"])), "fallback": draw(TEXTS)}
    if draw(st.booleans()):
        header["variables"] = draw(st.dictionaries(TEXTS, PLAIN, max_size=3))
    return {**header, "steps": steps}


@st.composite
def _step(draw: st.DrawFn, kind: str, onwards: list[str]) -> Json:
    step: Json = {"do": kind}
    for field in kind_of(STANDARD.kinds[kind]).fields:
        if field.name in _LEFT_OUT or (not field.required and draw(st.booleans())):
            continue
        if field.only_when is not None and step.get(field.only_when[0]) not in field.only_when[1]:
            continue
        step[field.name] = draw(_value(field, onwards))
    if kind == "ask" and step.setdefault("answer", "choice") == "choice":
        step["choices"] = draw(st.dictionaries(_KEYS, st.just({}), min_size=1, max_size=3))
    if kind == "transfer":
        step = {word: value for word, value in step.items() if word not in ("queue", "workflow")} | {"number": "+331"}
    if kind == "lookup_customer":
        step["value"] = "1"
    if draw(st.booleans()):
        step["at"] = draw(PLACES)
    return step


def _value(field: Field, onwards: list[str]) -> st.SearchStrategy[Any]:
    if field.name in _ALLOWED:
        return st.just(_ALLOWED[field.name])
    match field.type:
        case "step":
            return st.sampled_from(onwards)
        case "words":
            return st.one_of(TEXTS, st.dictionaries(st.sampled_from(["fr", "en", "no"]), TEXTS, min_size=1))
        case "choice":
            return st.sampled_from(field.values)
        case "number" | "duration":
            low, high = field.minimum or 0, field.maximum or 60
            return st.integers(int(low), int(high))
        case "boolean":
            return st.booleans()
        case "group":
            return st.fixed_dictionaries({each.name: _value(each, onwards) for each in field.fields})
        case "mapping" if field.of is not None:
            return st.dictionaries(_KEYS, _value(field.of, onwards), min_size=1, max_size=3)
        case "list" if field.of is not None:
            return st.lists(_value(field.of, onwards), min_size=1, max_size=2)
        case "either":
            return _value(field.options[0], onwards)
        case "value":
            return PLAIN
    return TEXTS
