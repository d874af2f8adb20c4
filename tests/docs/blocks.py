"""Reads a page of the documents: its fenced blocks in their order, with what HTML comments before them say to the test.

<!-- test: skip (reason; covered by tests/...) -->   the next block is not run
<!-- test: file NAME -->                             the next block is a file; the reader writes it
<!-- test: refused -->                               the next block ends with an exit code that is not 0
<!-- test: do NAME -->                               what people do at their screens here: a function of people.py
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
_COMMENT = re.compile(r"<!-- test: (\w+)(?: (.*?))? -->")
_FENCE = re.compile(r"( *)```(\w*)$")
RUN = frozenset({"sh", "python", "yaml", "js", "json"})


@dataclass(slots=True)
class Block:
    """One fenced block, or a step of people (`language` = do, `text` = the function's name)."""

    page: Path
    line: int
    language: str
    text: str
    marks: dict[str, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """For a failure's message."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def configuration(self) -> bool:
        """Whether it is a whole configuration file."""
        return self.language == "yaml" and re.search(r"^parlons: 1$", self.text, re.MULTILINE) is not None

    @property
    def skipped(self) -> bool:
        """Whether the page says not to run it."""
        return "skip" in self.marks


def pages() -> list[Path]:
    """Every page of the documents."""
    return sorted(DOCS.rglob("*.md"))


def blocks(page: Path) -> list[Block]:
    """The page's blocks and steps, from top to bottom."""
    found: list[Block] = []
    marks: dict[str, str] = {}
    lines = iter(enumerate(page.read_text().splitlines(), 1))
    for number, line in lines:
        if comment := _COMMENT.search(line):
            verb, argument = comment.group(1), comment.group(2) or ""
            if verb == "do":
                found.append(Block(page, number, "do", argument))
            else:
                marks[verb] = argument
        elif fence := _FENCE.match(line):
            indent, language = len(fence.group(1)), fence.group(2)
            inside: list[str] = []
            for _, text in lines:
                if text.strip() == "```":
                    break
                inside.append(text[indent:])
            found.append(Block(page, number, language, "\n".join(inside) + "\n", marks))
            marks = {}
    return found
