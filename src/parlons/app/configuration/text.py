"""A configuration file's text: `kit.marked` reads and writes it; here stands what a wrong one is called."""

from parlons.kit import marked
from parlons.kit.marked import LARGEST, Fault, InvalidText, Path, Text, shown, write

__all__ = ["LARGEST", "Fault", "InvalidConfigurationFile", "Path", "Text", "read", "shown", "write"]


class InvalidConfigurationFile(InvalidText):
    """The configuration is not valid; nothing was changed."""

    code = "invalid-configuration-file"


def read(text: str) -> Text:
    """The data of a file with its places; raises InvalidConfigurationFile."""
    return marked.read(text, InvalidConfigurationFile)
