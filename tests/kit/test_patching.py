"""Other values in a text that people wrote: the rest stands as it stood."""

from typing import Any

import pytest

from parlons.kit.marked import read
from parlons.kit.patching import patched

TEXT = """\
# The menu of the café, « à la carte » 🍰.
name: Front   # what the desk shows
start: menu
steps:
  menu:
    do: understand
    intents: {order: {next: agent}, "other one": {key: 1}}
    text: {en: 'It''s "us"', fr: C'est nous}
    at: [40, 120]
  agent: {do: queue} # a person
  more:
    do: say
    text: |
      Two
      lines
"""


def changed(text: str, *path: str | int, to: Any) -> Any:
    """The data of a text with one value other."""
    data = here = read(text).data
    for part in path[:-1]:
        here = here[part]
    here[path[-1]] = to
    return data


@pytest.mark.parametrize(
    ("path", "to", "before", "after"),
    [
        (["name"], "Back", "name: Front", "name: Back"),
        (["name"], "yes: no # or", "name: Front", 'name: "yes: no # or"'),
        (["name"], "true", "name: Front", 'name: "true"'),
        (["steps", "menu", "at", 0], -7, "[40, 120]", "[-7, 120]"),
        (["steps", "menu", "text", "en"], 'It\'s "you"\n', "'It''s \"us\"'", '"It\'s \\"you\\"\\n"'),
        (["steps", "menu", "intents", "other one", "key"], None, "{key: 1}", "{key: null}"),
    ],
)
def test_a_value(path: list[str | int], to: Any, before: str, after: str) -> None:
    assert patched(TEXT, changed(TEXT, *path, to=to)) == TEXT.replace(before, after)


def test_a_key_is_called_otherwise() -> None:
    data = read(TEXT).data
    intents = data["steps"]["menu"]["intents"]
    data["steps"]["menu"]["intents"] = {"order_state": intents["order"], "other one": intents["other one"]}
    assert patched(TEXT, data) == TEXT.replace("{order:", "{order_state:")


@pytest.mark.parametrize(
    ("path", "to"),
    [
        (["steps", "menu", "at"], [40, 120, 3]),
        (["steps", "agent", "priority"], 3),
        (["steps", "agent"], "agent"),
        (["steps", "more", "text"], "One line"),
        (["start"], ["menu"]),
        (["start"], 1e-9),
    ],
)
def test_what_is_more_than_a_value_is_not_tried(path: list[str | int], to: Any) -> None:
    assert patched(TEXT, changed(TEXT, *path, to=to)) is None


def test_one_value_that_stands_for_two_is_not_changed_for_both() -> None:
    text = "a: &word hello\nb: *word\n"
    assert patched(text, {"a": "hello", "b": "bye"}) is None
