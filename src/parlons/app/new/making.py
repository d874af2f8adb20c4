"""Writes a new package from the folder of its kind: NAME in names and texts, Name in names of classes."""

import re
from pathlib import Path

from parlons import __version__

KINDS = ("channel", "lookup", "provider")
"""What can be made; each is a folder beside this file."""
HERE = Path(__file__).parent
NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
ENDING = ".new"


class NotMadeError(Exception):
    """Nothing was written; the message says why."""


def make(kind: str, name: str, folder: Path) -> list[Path]:
    """Writes the package into `folder`; the files. Raises NotMadeError."""
    if not NAME.fullmatch(name):
        raise NotMadeError("A name is lower-case letters, digits and underscores, and begins with a letter.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise NotMadeError(f"{folder} holds something already; nothing was written.")
    written = []
    for source in sorted((HERE / kind).rglob(f"*{ENDING}")):
        target = folder / _named(str(source.relative_to(HERE / kind)).removesuffix(ENDING), name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_named(source.read_text(), name))
        written.append(target)
    return written


def _named(text: str, name: str) -> str:
    camel = "".join(part.capitalize() for part in name.split("_"))
    return text.replace("@name@", name).replace("@Name@", camel).replace("@version@", __version__)
