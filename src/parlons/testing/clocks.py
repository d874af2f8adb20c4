"""A clock that lives in a small file, so that a test can set the clock of a server that runs as another process.

The file holds one number: milliseconds to add to the machine's clock. Both sides map it into memory, so a jump is seen by
the very next reading.
"""

import mmap
import struct
from pathlib import Path

from parlons.kit.clock import Millis, wall_clock

_OFFSET = struct.Struct("<q")


class SharedClock:
    """The machine's clock plus the offset in a file; a `Clock`."""

    def __init__(self, path: Path) -> None:
        """Makes the file, with offset 0, when it is missing."""
        if not path.exists():
            path.write_bytes(_OFFSET.pack(0))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), _OFFSET.size)

    def __call__(self) -> Millis:
        return Millis(wall_clock() + self.offset)

    @property
    def offset(self) -> int:
        """Milliseconds ahead of the machine's clock; negative when behind."""
        return int(_OFFSET.unpack_from(self._map)[0])

    def jump(self, milliseconds: int) -> None:
        """Sets the clock forward, or back."""
        _OFFSET.pack_into(self._map, 0, self.offset + milliseconds)

    def close(self) -> None:
        """Lets the file go."""
        self._map.close()
