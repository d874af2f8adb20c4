"""Ready-made flows that ship: each a file with its cases, and a line in both languages about what it is for."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from parlons.flows.text import InvalidFlow
from parlons.kit.marked import read

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Example:
    """One ready-made flow."""

    name: str
    title: Mapping[str, str]
    about: Mapping[str, str]
    text: str
    """The whole file, with its cases."""

    @property
    def flow(self) -> dict[str, Any]:
        """As a configuration has it: without its cases."""
        source: dict[str, Any] = read(self.text, InvalidFlow).data
        return {word: value for word, value in source.items() if word != "tests"}


@cache
def examples() -> dict[str, Example]:
    """All of them by name, in the order in which they are shown."""
    index = yaml.safe_load((FOLDER / "index.yaml").read_text(encoding="utf-8"))
    return {
        name: Example(name, words["title"], words["about"], (FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
        for name, words in index.items()
    }
