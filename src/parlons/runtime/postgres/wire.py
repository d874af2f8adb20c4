"""The one blocking conversation with a server: connect over its socket, ask, read rows of text, leave.

The supervisor runs before there is a pool, a driver or an event loop, and needs two questions only: are you ready, and is
there our database? Source: PostgreSQL documentation, "Frontend/Backend Protocol" 3.0, simple query.
"""

import socket
import struct
from pathlib import Path
from typing import BinaryIO

PORT = 5432
"""Only part of the socket's file name: nothing listens on TCP."""

CANNOT_CONNECT_NOW = "57P03"
"""SQLSTATE while the server starts, recovers or stops."""


class ServerSaidNo(Exception):
    """The server answered with an error."""

    def __init__(self, sqlstate: str) -> None:
        """Only the SQLSTATE is kept: texts of the server may quote data."""
        self.sqlstate = sqlstate
        super().__init__(sqlstate)


def socket_file(folder: Path) -> Path:
    """The file a server in `folder` listens on."""
    return folder / f".s.PGSQL.{PORT}"


def ask(folder: Path, sql: str, *, database: str = "postgres", timeout: float = 5.0) -> list[list[str | None]]:
    """The rows of `sql` as superuser `postgres`; `timeout` in seconds for each step. Raises OSError, ServerSaidNo."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(timeout)
        line.connect(str(socket_file(folder)))
        start = b"user\0postgres\0database\0" + database.encode() + b"\0application_name\0parlons supervisor\0\0"
        line.sendall(struct.pack("!ii", len(start) + 8, 196608) + start)
        with line.makefile("rb") as stream:
            _until_ready(stream)
            text = sql.encode() + b"\0"
            line.sendall(b"Q" + struct.pack("!i", len(text) + 4) + text)
            rows = _until_ready(stream)
            line.sendall(b"X" + struct.pack("!i", 4))
        return rows


def _until_ready(stream: BinaryIO) -> list[list[str | None]]:
    rows: list[list[str | None]] = []
    while True:
        kind, body = _message(stream)
        if kind == b"Z":
            return rows
        if kind == b"E":
            raise ServerSaidNo(_sqlstate(body))
        if kind == b"D":
            rows.append(_row(body))
        if kind == b"R" and struct.unpack("!i", body[:4])[0] != 0:
            raise ServerSaidNo("28000")  # it wants a password: not the server we configured


def _message(stream: BinaryIO) -> tuple[bytes, bytes]:
    head = _exactly(stream, 5)
    return head[:1], _exactly(stream, struct.unpack("!i", head[1:])[0] - 4)


def _exactly(stream: BinaryIO, count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise ConnectionResetError("the server closed the connection")
    return data


def _sqlstate(body: bytes) -> str:
    fields = {field[:1]: field[1:] for field in body.split(b"\0") if field}
    return fields.get(b"C", b"XX000").decode("ascii", "replace")


def _row(body: bytes) -> list[str | None]:
    (count,) = struct.unpack_from("!h", body)
    values: list[str | None] = []
    place = 2
    for _ in range(count):
        (length,) = struct.unpack_from("!i", body, place)
        place += 4
        values.append(None if length < 0 else body[place : place + length].decode())
        place += max(length, 0)
    return values
