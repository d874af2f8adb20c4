"""Runs sipp (Debian: sip-tester) with small scenarios written as steps:

await run(tmp_path, port, [invite(SDP), ring, ok, ack(), pause(200), *hang_up], calls=40)

A step that presses keys (RFC 4733, by raw sockets) can wait for a word of the test, so that no pause has to be guessed:

steps = [invite(KEYS_SDP), *early, recv(200), ack(), *pressed(tmp_path, "1", "20#"), *hung_up]
async with running(tmp_path, port, steps) as sipp:
    ...                # the menu was heard
    sipp.go_on()       # 1 is pressed
"""

import asyncio
import contextlib
import os
import shutil
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from parlons.testing.processes import free_udp_port
from tests.voice.sip import keys
from tests.voice.sip.peer import SDP

needs_sipp = pytest.mark.skipif(not shutil.which("sipp"), reason="sipp is missing (Debian: sip-tester)")
needs_raw_sockets = pytest.mark.skipif(os.geteuid() != 0, reason="sipp sends keys by raw sockets, as root only")
CALLER = "+33611223344"
SECONDS = 60
KEYS_SDP = (
    "v=0\nc=IN IP4 [media_ip]\ns=-\no=u 1 1 IN IP4 [local_ip]\nt=0 0\n"
    f"m=audio [auto_media_port] RTP/AVP 8 {keys.TYPE}\n"
    f"a=rtpmap:8 PCMA/8000\na=rtpmap:{keys.TYPE} telephone-event/8000\n"
)
"""Sound that sipp really has, and keys."""


def send(
    method: str, sequence: int, *, body: str = "", tagged: bool = True, branch: str = "[branch]", extra: str = ""
) -> str:
    """A request; those but ACK are repeated until something comes back."""
    repeated = "" if method == "ACK" else ' retrans="100"'
    lines = [
        f"{method} sip:[service]@[remote_ip]:[remote_port] SIP/2.0",
        f"Via: SIP/2.0/[transport] [local_ip]:[local_port];branch={branch};rport",
        f"From: <sip:{CALLER}@[local_ip]:[local_port]>;tag=[pid]T[call_number]",
        "To: <sip:[service]@[remote_ip]:[remote_port]>" + ("[peer_tag_param]" if tagged else ""),
        "Call-ID: [call_id]",
        f"CSeq: {sequence} {method}",
        "Contact: <sip:sipp@[local_ip]:[local_port];transport=[transport]>",
        "Max-Forwards: 70",
        *([extra] if extra else []),
        *(["Content-Type: application/sdp"] if body else []),
        "Content-Length: [len]",
        "",
        *body.replace("\r\n", "\n").strip().split("\n"),
        "",
    ]
    return f"<send{repeated}><![CDATA[\n" + "\n".join(lines) + "\n]]></send>"


def invite(body: str = SDP, sequence: int = 1) -> str:
    return send("INVITE", sequence, body=body, tagged=sequence > 1)


def ack(sequence: int = 1, body: str = "", branch: str = "[branch]") -> str:
    return send("ACK", sequence, body=body, branch=branch)


def recv(status: int, *, optional: bool = False, says: str = "") -> str:
    """A response; `says` must stand in it."""
    mode = ' optional="true"' if optional else ""
    if not says:
        return f'<recv response="{status}"{mode}></recv>'
    check = f'<ereg regexp="{says}" search_in="msg" check_it="true" assign_to="1"/>'
    return f'<recv response="{status}"{mode}><action>{check}</action></recv>'


def pause(ms: int) -> str:
    return f'<pause milliseconds="{ms}"/>'


early = [recv(100, optional=True), recv(180, optional=True), recv(183, optional=True)]


def hang_up(sequence: int = 2) -> list[str]:
    return [send("BYE", sequence), recv(200)]


def pressed(folder: Path, *texts: str) -> list[str]:
    """Each of these texts is keyed when the test says `go_on`."""
    steps = []
    for file in keys.record(folder, texts):
        steps += [f'<recv request="{_WORD}"></recv>', f'<nop><action><exec play_pcap_audio="{file}"/></action></nop>']
    return steps


hung_up = [
    '<recv request="BYE"></recv>',
    """<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>""",
]
"""The other side ends the call."""
_WORD = "INFO"


@dataclass
class Sipp:
    """One that runs."""

    process: asyncio.subprocess.Process
    port: int
    errors: Path
    said: int = 0

    def go_on(self) -> None:
        """The first of its calls plays the next keys: it is told by a request of its dialog."""
        self.said += 1
        call_id = f"1-{self.process.pid}@127.0.0.1"
        lines = [
            f"{_WORD} sip:sipp@127.0.0.1 SIP/2.0",
            "Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK-test",
            "From: <sip:test@127.0.0.1>;tag=test",
            "To: <sip:sipp@127.0.0.1>;tag=test",
            f"Call-ID: {call_id}",
            f"CSeq: {self.said} {_WORD}",  # the same again is a repetition, to which sipp does nothing
            "Content-Length: 0",
        ]
        word = "\r\n".join((*lines, "", ""))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as test:
            test.sendto(word.encode(), ("127.0.0.1", self.port))

    async def is_done(self) -> None:
        """Every call went as written."""
        _, said = await self.process.communicate()
        problems = self.errors.read_text() if self.errors.exists() else ""
        assert self.process.returncode == 0, f"{said.decode()[-500:]}\n{problems[:3000]}"


async def run(folder: Path, port: int, steps: list[str], *, calls: int, rate: int = 20, tcp: str = "") -> None:
    """Makes `calls` calls to 127.0.0.1:`port`, all of which must go as written. `tcp`: t1 (one connection) or tn."""
    async with running(folder, port, steps, calls=calls, rate=rate, tcp=tcp) as sipp:
        await sipp.is_done()


@contextlib.asynccontextmanager
async def running(
    folder: Path,
    port: int,
    steps: list[str],
    *,
    number: str = "0199001122",
    calls: int = 1,
    rate: int = 20,
    tcp: str = "",
    seconds: int = SECONDS,
) -> AsyncIterator[Sipp]:
    """sipp that calls `number` at 127.0.0.1:`port`, until the end of the block; `seconds`: at most."""
    used = '<Reference variables="1"/>' if any("assign_to" in step for step in steps) else ""
    text = (
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n<scenario name="test">\n'
        + "\n".join(steps)
        + used
        + "\n</scenario>\n"
    )
    scenario, errors = folder / "scenario.xml", folder / "errors.txt"
    scenario.write_text(text)
    local = free_udp_port()
    arguments = [
        "sipp",
        f"127.0.0.1:{port}",
        "-sf",
        str(scenario),
        "-i",
        "127.0.0.1",
        "-p",
        str(local),
        "-s",
        number,
    ]
    arguments += [
        "-m",
        str(calls),
        "-r",
        str(rate),
        "-l",
        "500",
        "-nostdin",
        "-timeout",
        str(seconds),
        "-timeout_error",
    ]
    arguments += ["-trace_err", "-error_file", str(errors), *(["-t", tcp, "-max_socket", "500"] if tcp else [])]
    process = await asyncio.create_subprocess_exec(
        *arguments, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE, cwd=folder
    )
    try:
        yield Sipp(process, local, errors)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
