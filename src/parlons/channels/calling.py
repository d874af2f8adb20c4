"""Calls to a provider's HTTP interface: what is surely not sent, what may be, and files in forms.

Decides the two questions every such provider shares. A connection that was never made is tried later; an answer that never came
is unsure. Of the statuses, 503 says that nothing was done; other 5xx leave it open unless the
provider's own words settle it. Source: RFC 9110 15.6, RFC 7578 (forms).
"""

import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any, TypeVar

from parlons.channels.plugin import Failed, NotSent, TryLater, Unsure
from parlons.kit.errors import Refusal
from parlons.runtime.safe_http import AddressInvalid, AddressRefused, NoConnection, Response, SafeHttp

Sending = TypeVar("Sending")
Judge = Callable[[Response], NotSent | None]
"""Reads an answer: why it was not done; None: it was, or (from 500 on) the provider's own words do not say."""
Part = tuple[str, str, str, bytes]
"""Name of the field, name of the file (empty: a plain value), content type, bytes."""
ENDINGS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "audio/ogg": ".ogg",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "video/mp4": ".mp4",
    "application/pdf": ".pdf",
}


async def call(
    http: SafeHttp, method: str, url: str, judge: Judge, *, body: Any = None, headers: Mapping[str, str] | None = None,
    largest: int = 1_000_000,
) -> Response:  # fmt: skip
    """One call that does something; returns when it was done. `judge`: what the provider's own words mean; asked first.

    Raises TryLater, Failed or Unsure."""
    try:
        answer = await http.request(method, url, headers=headers, body=body, timeout_seconds=20.0, largest=largest)
    except NoConnection as error:
        raise TryLater("provider-unreachable", str(error.details.get("reason", ""))) from None
    except (AddressRefused, AddressInvalid) as error:
        raise Failed(error.code) from None
    except Refusal as error:
        raise Unsure("provider-silent", str(error.details.get("reason", ""))) from None
    if (no := judge(answer)) is not None:
        raise no
    if answer.status == 503:
        raise TryLater("provider-busy", "503", after=waiting(answer))
    if answer.status >= 500:
        raise Unsure("provider-failed", str(answer.status))
    return answer


async def ask(
    http: SafeHttp, method: str, url: str, judge: Judge, *, body: Any = None, headers: Mapping[str, str] | None = None,
    largest: int = 1_000_000,
) -> Response:  # fmt: skip
    """One call that only asks, so that it may be repeated. Raises TryLater or Failed."""
    try:
        return await call(http, method, url, judge, body=body, headers=headers, largest=largest)
    except Unsure as error:
        raise TryLater(error.code, error.reason) from None


def waiting(answer: Response) -> float | None:
    """Seconds after which the other side wants to be asked again (RFC 9110 10.2.3), when it says so in seconds."""
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isdigit() else None


def no_file(answer: Response) -> NotSent | None:
    """The judge of a download."""
    if answer.status == 200 or answer.status >= 500:
        return None
    return Failed("file-not-found", str(answer.status))


def named(name: str, content_type: str) -> str:
    """A name we made up, with the ending of what the file turned out to be; another's own name of that type stays."""
    ending = ENDINGS.get(content_type)
    if ending is None or PurePosixPath(name).suffix.lower() in (ending, ".jpeg" if ending == ".jpg" else ending):
        return name
    return f"{PurePosixPath(name).stem or 'file'}{ending}"


def form(parts: Iterable[Part]) -> tuple[bytes, dict[str, str]]:
    """A form with files: its body and its headers."""
    border = f"parlons-{secrets.token_hex(16)}"
    pieces = []
    for name, file_name, content_type, content in parts:
        head = f'Content-Disposition: form-data; name="{name}"'
        if file_name:
            quoted = file_name.replace("\\", "_").replace('"', "%22").replace("\r", "").replace("\n", "")
            head += f'; filename="{quoted}"\r\nContent-Type: {content_type}'
        pieces.append(f"--{border}\r\n{head}\r\n\r\n".encode() + content + b"\r\n")
    body = b"".join(pieces) + f"--{border}--\r\n".encode()
    return body, {"content-type": f"multipart/form-data; boundary={border}"}


def divide(text: str, most: int, *, unit: str = "utf-16") -> list[str]:
    """The text in parts of at most `most` units, cut where people would: at a blank line, a line, a space, else anywhere.

    `unit`: utf-16 (code units), utf-8 (bytes) or characters. Nothing but the white space at a cut is lost."""
    parts, rest = [], text.strip()
    while size(rest, unit) > most:
        end = _longest(rest, most, unit)
        for mark in ("\n\n", "\n", " "):
            at = rest.rfind(mark, end // 2, end)
            if at > 0:
                end = at
                break
        parts.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return [*parts, rest] if rest or not parts else parts


def size(text: str, unit: str) -> int:
    """How many units the text has."""
    if unit == "characters":
        return len(text)
    return len(text.encode()) if unit == "utf-8" else len(text.encode("utf-16-le")) // 2


def _longest(text: str, most: int, unit: str) -> int:
    low, high = 1, min(len(text), most)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if size(text[:middle], unit) <= most else (low, middle - 1)
    return low


async def each_part(sends: Iterable[Sending], send: Callable[[Sending], Awaitable[str]]) -> list[str]:
    """Sends the parts of one message in order; returns their ids. Once one has left, trouble with the next is Unsure: the whole
    would arrive twice if it were begun anew."""
    sent: list[str] = []
    for part in sends:
        try:
            sent.append(await send(part))
        except NotSent as error:
            if sent:
                raise Unsure("partly-sent", f"{len(sent)} parts left; then {error.code} {error.reason}") from None
            raise
    return sent
