"""A plain SIP telephone for practice people: register, call, answer, hang up. UDP on one machine.

As much of RFC 3261 as a polite telephone on a lossless wire needs; its sound is `sound.Line`.
"""

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from typing import Any

from parlons.simulator.sip import TAG, URI, Address, Message, digest, offer

EXPIRES = 120
SILENT = 4.0
"""Seconds without an answer to a registration."""


class Dialog:
    """One call of this telephone."""

    def __init__(self, phone: "Telephone", call_id: str, *, ours: str, theirs: str, target: str) -> None:
        self.phone, self.call_id, self.target = phone, call_id, target
        self.ours, self.theirs = ours, theirs
        """From and To values of our requests, tags in them."""
        self.cseq = 1
        self.media: Address | None = None
        self.invite: Message | None = None
        self.branch = ""
        self.rtp_port = 0
        self.answered: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        """200 when the call stands, else the final status."""
        self.ended = asyncio.Event()

    def hang_up(self) -> None:
        """CANCEL before an answer, BYE after it."""
        if self.ended.is_set():
            return
        talking = self.answered.done() and self.answered.result() == 200
        if talking:
            self.cseq += 1
            self.phone.request("BYE", self)
            self.ended.set()
        else:
            self.phone.request("CANCEL", self, branch=self.branch)


class Telephone:
    """One telephone: a UDP socket, a name, perhaps a password."""

    def __init__(self, server: Address, user: str, password: str = "", *, host: str = "127.0.0.1") -> None:
        self.server, self.user, self._password, self._host = server, user, password, host
        self._transport: asyncio.DatagramTransport | None = None
        self._calls: dict[str, Dialog] = {}
        self._registered: asyncio.Future[int] | None = None
        self._challenged = False
        self._tries, self._registration = 0, secrets.token_hex(8)
        self._tag = secrets.token_hex(4)
        self.port = 0
        self.ring: Callable[[Dialog, Message], Coroutine[Any, Any, None]] | None = None
        """Called for each incoming call."""
        self._doing: set[asyncio.Task[None]] = set()

    async def open(self, port: int = 0) -> None:
        """Opens the socket; 0: at a port the system finds."""
        loop = asyncio.get_running_loop()
        phone = self

        class Wire(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, addr: Address) -> None:
                if data.strip():
                    phone._heard(Message(data), addr)

        self._transport, _ = await loop.create_datagram_endpoint(Wire, local_addr=(self._host, port))
        self.port = self._transport.get_extra_info("sockname")[1]

    def close(self) -> None:
        """Ends everything."""
        for call in list(self._calls.values()):
            call.hang_up()
        for task in self._doing:
            task.cancel()
        if self._transport is not None:
            self._transport.close()

    async def register(self) -> int:
        """Registers once for `EXPIRES` seconds; the final status, 408 for silence."""
        self._registered = asyncio.get_running_loop().create_future()
        self._challenged = False
        self._send_register("")
        try:
            async with asyncio.timeout(SILENT):
                return await self._registered
        except TimeoutError:
            return 408

    async def stay_registered(self) -> None:
        """Registers again in time, for ever; sooner after a failure."""
        while True:
            status = await self.register()
            await asyncio.sleep(EXPIRES / 2 if status == 200 else 2)

    def call(self, number: str, rtp_port: int) -> Dialog:
        """Calls a number; `answered` tells."""
        call_id = secrets.token_hex(12)
        uri = f"sip:{number}@{self.server[0]}:{self.server[1]}"
        dialog = Dialog(
            self,
            call_id,
            ours=f"<sip:{self.user}@{self._host}>;tag={secrets.token_hex(4)}",
            theirs=f"<{uri}>",
            target=uri,
        )
        dialog.rtp_port = rtp_port
        self._calls[call_id] = dialog
        self.request("INVITE", dialog, body=offer(self._host, rtp_port))
        return dialog

    def accept(self, dialog: Dialog, rtp_port: int) -> None:
        """Answers an incoming call."""
        assert dialog.invite is not None
        dialog.rtp_port = rtp_port
        self._answer(dialog.invite, "200 OK", dialog, body=offer(self._host, rtp_port))
        if not dialog.answered.done():
            dialog.answered.set_result(200)

    def request(self, method: str, dialog: Dialog, *, body: str = "", branch: str = "", extra: str = "") -> None:
        """Sends a request of a call."""
        branch = branch or "z9hG4bK" + secrets.token_hex(8)
        if method == "INVITE":
            dialog.branch = branch
        self._send(
            method,
            dialog.target,
            branch,
            dialog.ours,
            dialog.theirs,
            dialog.call_id,
            dialog.cseq,
            extra=extra,
            body=body,
        )

    def _send_register(self, authorization: str) -> None:
        server = f"sip:{self.server[0]}:{self.server[1]}"
        me = f"<sip:{self.user}@{self.server[0]}>"
        extra = f"Expires: {EXPIRES}\r\n" + (f"Authorization: {authorization}\r\n" if authorization else "")
        self._tries += 1
        branch = "z9hG4bK" + secrets.token_hex(8)
        self._send(
            "REGISTER", server, branch, f"{me};tag={self._tag}", me, self._registration, self._tries, extra=extra
        )

    def _send(
        self, method: str, uri: str, branch: str, ours: str, theirs: str, call_id: str, cseq: int, *, extra: str = "",
        body: str = "",
    ) -> None:  # fmt: skip
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self._host}:{self.port};branch={branch};rport",
            f"From: {ours}",
            f"To: {theirs}",
            f"Call-ID: {call_id}",
            f"CSeq: {cseq} {method}",
            f"Contact: <sip:{self.user}@{self._host}:{self.port}>",
            "Max-Forwards: 70",
        ]
        text = "\r\n".join(lines) + "\r\n" + extra
        text += ("Content-Type: application/sdp\r\n" if body else "") + f"Content-Length: {len(body)}\r\n\r\n{body}"
        self._write(text, self.server)

    def _write(self, text: str, where: Address) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(text.encode(), where)

    def _answer(self, request: Message, status: str, dialog: Dialog | None, *, body: str = "") -> None:
        lines = [f"SIP/2.0 {status}"]
        for name, value in request.headers:
            if name in {"via", "from", "call-id", "cseq", "record-route"}:
                lines.append(f"{name}: {value}")
            if name == "to":
                ours = f";tag={TAG.findall(dialog.ours)[0]}" if dialog and ";tag=" not in value else ""
                lines.append(f"to: {value}{ours}")
        lines.append(f"Contact: <sip:{self.user}@{self._host}:{self.port}>")
        text = "\r\n".join(lines) + "\r\n" + ("Content-Type: application/sdp\r\n" if body else "")
        self._write(f"{text}Content-Length: {len(body)}\r\n\r\n{body}", self.server)

    def _heard(self, message: Message, _where: Address) -> None:
        if message.status:
            self._responded(message)
        else:
            self._asked(message)

    def _responded(self, message: Message) -> None:
        if message.method == "REGISTER":
            self._register_answered(message)
            return
        dialog = self._calls.get(message.get("call-id"))
        if dialog is None or message.method != "INVITE" or message.status < 180:
            return
        dialog.media = message.media() or dialog.media
        if message.status < 200:
            return
        dialog.theirs = message.get("to")
        contact = URI.search(message.get("contact"))
        if message.status < 300:
            dialog.target = contact.group(1) if contact else dialog.target
            self.request("ACK", dialog)
        else:
            self.request("ACK", dialog, branch=dialog.branch)
            dialog.ended.set()
        if not dialog.answered.done():
            dialog.answered.set_result(200 if message.status < 300 else message.status)

    def _register_answered(self, message: Message) -> None:
        waiting, challenge = self._registered, message.get("www-authenticate")
        if (
            waiting is None
            or waiting.done()
            or message.status < 200
            or message.get("cseq") != f"{self._tries} REGISTER"
        ):
            return
        if message.status == 401 and challenge and not self._challenged:
            self._challenged = True  # once: a wrong password must not go round for ever
            server = f"sip:{self.server[0]}:{self.server[1]}"
            self._send_register(digest(challenge, self.user, self._password, "REGISTER", server))
            return
        waiting.set_result(message.status)

    def _asked(self, message: Message) -> None:
        call_id = message.get("call-id")
        dialog = self._calls.get(call_id)
        if message.method == "INVITE" and dialog is None:
            self._incoming(message, call_id)
        elif message.method == "INVITE" and dialog is not None:
            dialog.media = message.media() or dialog.media
            self._answer(message, "200 OK", dialog, body=offer(self._host, dialog.rtp_port))
        elif message.method == "ACK":
            return
        elif message.method in {"BYE", "CANCEL"}:
            self._answer(message, "200 OK", dialog)
            if dialog is not None:
                if message.method == "CANCEL" and dialog.invite is not None and not dialog.answered.done():
                    self._answer(dialog.invite, "487 Request Terminated", dialog)
                if not dialog.answered.done():
                    dialog.answered.set_result(487)
                dialog.ended.set()
        else:
            self._answer(message, "200 OK", dialog)

    def _incoming(self, message: Message, call_id: str) -> None:
        contact = URI.search(message.get("contact"))
        ours = f"{message.get('to')};tag={secrets.token_hex(4)}"
        target = contact.group(1) if contact else ""
        dialog = Dialog(self, call_id, ours=ours, theirs=message.get("from"), target=target)
        dialog.media, dialog.invite = message.media(), message
        self._calls[call_id] = dialog
        self._answer(message, "100 Trying", None)
        if self.ring is None:
            self._answer(message, "486 Busy Here", dialog)
            return
        self._answer(message, "180 Ringing", dialog)
        task = asyncio.create_task(self.ring(dialog, message))
        self._doing.add(task)
        task.add_done_callback(self._doing.discard)
