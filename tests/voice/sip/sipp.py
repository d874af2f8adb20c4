"""Runs sipp (Debian: sip-tester) with small scenarios written as steps:

await run(tmp_path, port, [invite(SDP), ring, ok, ack(), pause(200), *hang_up], calls=40)
"""

import asyncio
import shutil
import socket
from pathlib import Path

import pytest

from tests.voice.sip.peer import SDP

needs_sipp = pytest.mark.skipif(not shutil.which("sipp"), reason="sipp is missing (Debian: sip-tester)")
SECONDS = 60


def send(
    method: str, sequence: int, *, body: str = "", tagged: bool = True, branch: str = "[branch]", extra: str = ""
) -> str:
    """A request; those but ACK are repeated until something comes back."""
    repeated = "" if method == "ACK" else ' retrans="100"'
    lines = [
        f"{method} sip:[service]@[remote_ip]:[remote_port] SIP/2.0",
        f"Via: SIP/2.0/[transport] [local_ip]:[local_port];branch={branch};rport",
        "From: <sip:+33611223344@[local_ip]:[local_port]>;tag=[pid]T[call_number]",
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


async def run(folder: Path, port: int, steps: list[str], *, calls: int, rate: int = 20, tcp: str = "") -> None:
    """Makes `calls` calls to 127.0.0.1:`port`, all of which must go as written. `tcp`: t1 (one connection) or tn."""
    used = '<Reference variables="1"/>' if any("assign_to" in step for step in steps) else ""
    text = (
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n<scenario name="test">\n'
        + "\n".join(steps)
        + used
        + "\n</scenario>\n"
    )
    scenario, errors = folder / "scenario.xml", folder / "errors.txt"
    scenario.write_text(text)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        local = probe.getsockname()[1]
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
        "0199001122",
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
        str(SECONDS),
        "-timeout_error",
    ]
    arguments += ["-trace_err", "-error_file", str(errors), *(["-t", tcp, "-max_socket", "500"] if tcp else [])]
    process = await asyncio.create_subprocess_exec(
        *arguments, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE, cwd=folder
    )
    try:
        _, said = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    problems = errors.read_text() if errors.exists() else ""
    assert process.returncode == 0, f"{said.decode()[-500:]}\n{problems[:3000]}"
