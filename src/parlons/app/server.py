"""The web server of a process: binds first (so that a taken port is said plainly), serves, ends gracefully on a signal."""

import asyncio
import contextlib
import signal
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator

import uvicorn
from starlette.types import ASGIApp

from parlons.app.settings import Settings
from parlons.kit.errors import Refusal
from parlons.runtime.log import log

KEEP_ALIVE = 75
"""Seconds. Longer than clients and proxies keep an idle connection (5 to 60): whoever closes first loses no request, and a
request sent while the server closes is lost."""
GRACE = 8
"""Seconds open requests have to end."""
RENEW = 30.0
"""Seconds between two looks whether the certificate's files are new."""


class PortTaken(Refusal):
    """Another program listens on this port."""

    code = "port-taken"
    status = 500


def bind(settings: Settings) -> socket.socket:
    """The listening socket; port 0 takes a free one. Raises PortTaken with the remedy."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        listening.close()
        raise PortTaken(
            f"Port {settings.port} cannot be used ({error.strerror}). Choose another one: PORT=8090 make demo, "
            f"or parlons serve --port 8090. `ss -ltnp` shows who has it.",
            port=settings.port,
        ) from error
    return listening


class _Server(uvicorn.Server):
    """Uvicorn that leaves the end of the process to us: it must not re-raise the signal before everything is put away."""

    def __init__(
        self, config: uvicorn.Config, started: Callable[[], Awaitable[None]], before_end: Callable[[], Awaitable[None]]
    ) -> None:
        super().__init__(config)
        self._started = started
        self._before_end = before_end

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self.handle_exit, name, None)
        try:
            yield
        finally:
            for name in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(name)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            await self._started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._before_end()
        await super().shutdown(sockets)


async def serve(
    app: ASGIApp,
    listening: socket.socket,
    settings: Settings,
    *,
    started: Callable[[], Awaitable[None]],
    before_end: Callable[[], Awaitable[None]],
) -> None:
    """Serves until SIGTERM or SIGINT. `started` is called once requests are answered, `before_end` before sockets close."""
    config = uvicorn.Config(
        app,
        http="httptools",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_max_size=65536,
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        server_header=False,
        log_config=None,
        access_log=False,
        lifespan="off",
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        timeout_graceful_shutdown=GRACE,
        timeout_keep_alive=KEEP_ALIVE,
    )
    config.load()
    renewing = asyncio.create_task(renew(config.ssl, settings)) if config.ssl else None
    try:
        await _Server(config, started, before_end).serve(sockets=[listening])
    finally:
        if renewing:
            renewing.cancel()


async def renew(context: ssl.SSLContext, settings: Settings, *, every: float = RENEW) -> None:
    """Takes a renewed certificate into use for new connections, for ever; files that do not fit together yet are left alone."""
    assert settings.tls_cert is not None
    assert settings.tls_key is not None
    cert, key = settings.tls_cert, settings.tls_key
    used = _written(settings)
    while True:
        await asyncio.sleep(every)
        try:
            if (now := _written(settings)) == used:
                continue
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
                cert, key
            )  # a trial: a failure breaks nothing
            context.load_cert_chain(cert, key)
        except OSError as error:  # ssl.SSLError is one
            log.warning("certificate.unusable", error=type(error).__name__)
            continue
        used = now
        log.info("certificate.renewed")


def _written(settings: Settings) -> tuple[int, ...]:
    return tuple(path.stat().st_mtime_ns for path in (settings.tls_cert, settings.tls_key) if path)
