"""One bind of SMPP 3.4: packets out and in over one connection, each request with its answer, alive while the other side is.

Decides nothing about messages. What came in is answered only when the caller says so (after it is durable). What was written
and not answered is told apart from what never left: the first is `Lost`, the second `NotBound`. Source: SMPP 3.4, 2 and 7.2.
"""

import asyncio
import contextlib
import ssl as tls
from dataclasses import dataclass

from parlons.channels.sms import pdu as wire
from parlons.channels.sms.pdu import BrokenPdu, Pdu, ShortMessage
from parlons.runtime.log import log

CONNECTING = 15.0
ANSWERS_WITHIN = 30.0
"""Seconds a request may wait for its answer."""
BATCH = 50


class NotBound(Exception):
    """Nothing left: there is no connection."""


class Lost(Exception):
    """It was written, and the connection ended or was silent before the answer. An answer that comes after all arrives like a
    message, with this `sequence`."""

    def __init__(self, sequence: int) -> None:
        super().__init__("no answer")
        self.sequence = sequence


class BindRefused(Exception):
    """The centre does not let us in: `status` says why (5.1.3)."""

    def __init__(self, status: int) -> None:
        super().__init__(f"bind refused: status 0x{status:02x}")
        self.status = status


class Ended(Exception):
    """The connection is over."""


@dataclass(frozen=True, slots=True)
class Bind:
    """Where and as whom."""

    host: str
    port: int
    system_id: str
    password: str
    system_type: str = ""
    tls: bool = False
    window: int = 10
    """Requests that may wait for their answers at a time."""
    enquire_seconds: float = 30.0
    """Silence after which we ask whether the other side is there."""


class Session:
    """A bound connection; made by `open_session`, ended by `close`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, bind: Bind) -> None:
        self._reader, self._writer, self._bind = reader, writer, bind
        self._sequence = 0
        self._asked: dict[int, asyncio.Future[Pdu]] = {}
        self._late: set[int] = set()
        self._arrived: asyncio.Queue[Pdu] = asyncio.Queue()
        self._window = asyncio.Semaphore(bind.window)
        self._heard = asyncio.Event()
        self._over = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._let_in = False

    @property
    def bound(self) -> bool:
        """Whether messages can be written."""
        return self._let_in and not self._over.is_set()

    async def begin(self) -> None:
        """Bind; raises BindRefused, Lost."""
        reading = asyncio.create_task(self._read(), name="smpp read")
        self._tasks.append(reading)
        body = wire.bind(self._bind.system_id, self._bind.password, self._bind.system_type)
        answer = await self._request(wire.BIND_TRANSCEIVER, body)
        if answer.status != wire.OK:
            raise BindRefused(answer.status)
        self._let_in = True
        self._tasks.append(asyncio.create_task(self._keep_alive(), name="smpp enquire"))

    async def submit(self, message: ShortMessage) -> Pdu:
        """The answer to one submit_sm; raises NotBound, Lost."""
        body = wire.submit(message)
        async with self._window:
            return await self._request(wire.SUBMIT, body)

    async def arrived(self, timeout: float) -> list[Pdu]:
        """The deliver_sm and data_sm that wait, none after `timeout` seconds; raises Ended. Each wants an `answer`.

        Late answers to what was `Lost` come here too; they want none."""
        waiting = asyncio.create_task(self._arrived.get())
        ending = asyncio.create_task(self._over.wait())
        try:
            await asyncio.wait({waiting, ending}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            if waiting.done():
                found = [waiting.result()]
                while len(found) < BATCH and not self._arrived.empty():
                    found.append(self._arrived.get_nowait())
                return found
            if self._over.is_set():
                raise Ended
            return []
        finally:
            waiting.cancel()
            ending.cancel()

    def answer(self, request: Pdu, status: int = wire.OK) -> None:
        """Tell the other side that a message is kept, or that it should try again."""
        if not self._over.is_set():
            self._writer.write(request.answer(status).packed())

    async def close(self) -> None:
        """Unbind where that is still possible, and end."""
        if self.bound:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(2):
                    await self._request(wire.UNBIND, b"")
        self._end()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(2):
                await self._writer.wait_closed()

    async def _request(self, command: int, body: bytes) -> Pdu:
        if self._over.is_set():
            raise NotBound
        self._sequence = self._sequence % 0x7FFFFFFF + 1
        sequence = self._sequence
        answer: asyncio.Future[Pdu] = asyncio.get_running_loop().create_future()
        self._asked[sequence] = answer
        try:
            self._writer.write(Pdu(command, sequence, body=body).packed())
            async with asyncio.timeout(ANSWERS_WITHIN):
                await self._writer.drain()
                return await answer
        except (TimeoutError, OSError) as error:
            if command == wire.SUBMIT:
                self._late.add(sequence)
            raise Lost(sequence) from error
        finally:
            del self._asked[sequence]

    async def _read(self) -> None:
        try:
            while True:
                size, pdu = wire.head(await self._reader.readexactly(wire.HEAD.size))
                body = await self._reader.readexactly(size)
                self._heard.set()
                self._take(Pdu(pdu.command, pdu.sequence, pdu.status, body))
        except (asyncio.IncompleteReadError, OSError):
            log.info("sms.connection_ended", host=self._bind.host)
        except BrokenPdu as broken:
            log.warning("sms.connection_broken", host=self._bind.host, why=str(broken))
        finally:
            self._end()

    def _take(self, pdu: Pdu) -> None:
        if pdu.command & wire.RESPONSE:
            self._answered(pdu)
        elif pdu.command in (wire.DELIVER, wire.DATA):
            self._arrived.put_nowait(pdu)
        elif pdu.command in (wire.ENQUIRE, wire.UNBIND):
            self._writer.write(pdu.answer().packed())
            if pdu.command == wire.UNBIND:
                self._end()
        else:
            self._writer.write(Pdu(wire.NACK, pdu.sequence, wire.BAD_COMMAND).packed())

    def _answered(self, pdu: Pdu) -> None:
        waiting = self._asked.get(pdu.sequence)
        if waiting is not None and not waiting.done():
            waiting.set_result(pdu)
        elif pdu.sequence in self._late:
            self._late.discard(pdu.sequence)
            self._arrived.put_nowait(pdu)

    async def _keep_alive(self) -> None:
        while True:
            self._heard.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._bind.enquire_seconds):
                    await self._heard.wait()
                continue
            try:
                await self._request(wire.ENQUIRE, b"")
            except (Lost, NotBound):
                log.warning("sms.connection_silent", host=self._bind.host)
                self._end()
                return

    def _end(self) -> None:
        if self._over.is_set():
            return
        self._over.set()
        for waiting in self._asked.values():
            if not waiting.done():
                waiting.set_exception(ConnectionResetError())
        self._writer.close()


async def open_session(bind: Bind) -> Session:
    """Connect and bind. Raises OSError, TimeoutError, BindRefused or Lost."""
    context = tls.create_default_context() if bind.tls else None
    async with asyncio.timeout(CONNECTING):
        reader, writer = await asyncio.open_connection(bind.host, bind.port, ssl=context)
    session = Session(reader, writer, bind)
    try:
        await session.begin()
    except BaseException:
        await session.close()
        raise
    return session
