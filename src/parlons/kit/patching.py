"""A text that people wrote, with other values and names in it: what did not change stands as it stood, comments too. Pure."""

import json
import re
from typing import Any

import yaml

from parlons.kit.marked import InvalidText, compose, read, scalar_of

Spans = dict[tuple[int, int], str]
"""New words by where the old ones stand: first character, and the one after the last."""
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_ -]*[A-Za-z0-9]")


def patched(text: str, data: Any) -> str | None:
    """`text` so that it reads as `data`; None: more than values and names of keys is other, or it cannot be done safely."""
    try:
        node = compose(text)
        spans: Spans = {}
        if node is None or not _gather(node, data, spans):
            return None
        for (first, last), words in sorted(spans.items(), reverse=True):
            text = text[:first] + words + text[last:]
        return text if read(text).data == data else None
    except InvalidText:
        return None


def _gather(node: yaml.Node, data: Any, spans: Spans) -> bool:
    """Whether the forms agree; what is other is written to `spans`."""
    if isinstance(node, yaml.ScalarNode):
        return not isinstance(data, dict | list) and (scalar_of(node) == data or _spanned(node, data, spans))
    if isinstance(node, yaml.SequenceNode):
        same = isinstance(data, list) and len(node.value) == len(data)
        return same and all(_gather(each, value, spans) for each, value in zip(node.value, data, strict=True))
    if not isinstance(data, dict) or len(node.value) != len(data):
        return False
    fresh = [key for key in data if key not in {str(key_node.value) for key_node, _ in node.value}]
    for key_node, value_node in node.value:
        key = str(key_node.value)
        if key not in data:
            if not isinstance(key_node, yaml.ScalarNode) or len(fresh) != 1 or not _spanned(key_node, fresh[0], spans):
                return False
            key = fresh[0]
        if not _gather(value_node, data[key], spans):
            return False
    return True


def _spanned(node: yaml.ScalarNode, value: Any, spans: Spans) -> bool:
    """Not into a text of several lines: those have forms of their own."""
    if node.style in ("|", ">") or node.start_mark.line != node.end_mark.line:
        return False
    words = _inline(value, plain=not node.style)
    return spans.setdefault((node.start_mark.index, node.end_mark.index), words) == words


def _inline(value: Any, *, plain: bool) -> str:
    """A value on one line; `plain`: the old one had no quotes."""
    if plain and isinstance(value, str) and _PLAIN.fullmatch(value) and value not in ("true", "false", "null"):
        return value
    return json.dumps(value, ensure_ascii=False)
