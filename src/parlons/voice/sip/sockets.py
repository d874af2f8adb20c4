"""The sockets of the SIP agent: one UDP and one TCP listener on the same port, TCP connections made when needed."""

import asyncio
import ipaddress
import socket
from collections.abc import Callable

from parlons.runtime.log import log
from parlons.voice.sip.tcp import Connection
from parlons.voice.sip.wire import Hop

MAX_CONNECTIONS = 2_000
CONNECT_SECONDS = 5.0
TRIES = 30
RECEIVE_BUFFER = 4 * 1024 * 1024
"""Asked for; a burst of calls is not lost while the loop is busy. The system gives what it allows."""
MAX_DATAGRAM = 65_536
"""Read at once; asyncio's own 256 KB cost a fresh mapping of memory for each datagram."""


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, heard: Callable[[bytes, Hop], None]) -> None:
        self._heard = heard

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._heard(data, Hop("udp", addr[0], addr[1]))

    def error_received(self, exc: Exception) -> None:
        """An ICMP answer to something sent: which, the system does not say; timers find out."""


class Sockets:
    """Sends and receives; knows nothing of what is in a message."""

    def __init__(self, heard: Callable[[bytes, Hop], None], gone: Callable[[Hop], None]) -> None:
        """`heard` gets every message; `gone` hears of each connection that closed."""
        self._heard, self._gone = heard, gone
        self._udp: asyncio.DatagramTransport | None = None
        self._server: asyncio.Server | None = None
        self._connections: dict[tuple[str, int], Connection] = {}
        self._connecting: dict[tuple[str, int], list[tuple[bytes, Callable[[], None]]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._locals: dict[str, str] = {}
        self.host, self.port = "", 0
        self.advertised = ""
        """Our address as the world outside knows it, where that is another (behind NAT)."""

    async def open(self, host: str, port: int) -> None:
        """Binds both; port 0: any port free for both. Raises OSError."""
        loop = asyncio.get_running_loop()
        for attempt in range(TRIES):
            udp, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(self._heard), local_addr=(host, port))
            bound = udp.get_extra_info("sockname")[1]
            try:
                self._server = await loop.create_server(self._connection, host, bound)
            except OSError:
                udp.close()
                if port or attempt == TRIES - 1:
                    raise
                continue
            udp.max_size = MAX_DATAGRAM  # type: ignore[attr-defined]
            udp.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
            self._udp, self.host, self.port = udp, host, bound
            return

    async def close(self) -> None:
        """Closes everything."""
        if self._server:
            self._server.close()
        for connection in list(self._connections.values()):
            connection.close()
        if self._udp:
            self._udp.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)

    def send(self, data: bytes, hop: Hop, failed: Callable[[], None]) -> None:
        """Sends; `failed` is called when it is certain that it did not go."""
        if hop.transport == "udp":
            if self._udp and not self._udp.is_closing():
                try:
                    self._udp.sendto(data, (hop.host, hop.port))
                except (OSError, ValueError):
                    failed()
            return
        connection = hop.connection if hop.connection and hop.connection.open else None
        connection = connection or self._connections.get((hop.host, hop.port))
        if not (connection and connection.send(data)):
            self._connect(data, hop, failed)

    def local_host(self, far_host: str) -> str:
        """Our address as `far_host` may reach it."""
        if self.advertised and _is_global(far_host):
            return self.advertised
        if self.host not in ("", "0.0.0.0", "::"):  # noqa: S104
            return self.host
        if far_host not in self._locals:
            family = socket.AF_INET6 if ":" in far_host else socket.AF_INET
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                try:
                    probe.connect((far_host, 9))  # sends nothing: only asks the routing table
                    self._locals[far_host] = probe.getsockname()[0]
                except OSError:
                    return "127.0.0.1"
        return self._locals[far_host]

    def _connection(self) -> Connection:
        return Connection(self._heard, self._opened, self._closed)

    def _opened(self, connection: Connection) -> bool:
        self._connections[connection.hop.host, connection.hop.port] = connection
        return len(self._connections) <= MAX_CONNECTIONS

    def _closed(self, connection: Connection) -> None:
        key = (connection.hop.host, connection.hop.port)
        if self._connections.get(key) is connection:
            del self._connections[key]
        self._gone(connection.hop)

    def _connect(self, data: bytes, hop: Hop, failed: Callable[[], None]) -> None:
        key = (hop.host, hop.port)
        waiting = self._connecting.setdefault(key, [])
        waiting.append((data, failed))
        if len(waiting) == 1:
            task = asyncio.get_running_loop().create_task(self._make(key))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _make(self, key: tuple[str, int]) -> None:
        loop = asyncio.get_running_loop()
        connection: Connection | None = None
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, connection = await loop.create_connection(self._connection, *key)
        except (OSError, TimeoutError):
            log.info("sip.unreachable", transport="tcp")
        finally:
            waiting = self._connecting.pop(key, [])
        for data, failed in waiting:
            if not (connection and connection.send(data)):
                failed()


def _is_global(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return False
