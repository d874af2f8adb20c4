"""Words of a practice telephone: SIP messages read, SDP for mu-law, digest by MD5 (RFC 2617).

Written apart from `parlons.voice` on purpose: the product's own stack must not be its only proof.
"""

import hashlib
import re
import secrets

Address = tuple[str, int]
TAG = re.compile(r";tag=([^;>\s]+)")
URI = re.compile(r"<([^>]+)>")
_QUOTED = re.compile(r'(\w+)="?([^",]+)"?')


class Message:
    """A request or a response, parsed."""

    def __init__(self, data: bytes) -> None:
        head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
        lines = head.split("\r\n")
        self.first, self.body = lines[0], body
        self.headers: list[tuple[str, str]] = []
        for line in lines[1:]:
            name, _, value = line.partition(":")
            self.headers.append((name.strip().lower(), value.strip()))

    @property
    def status(self) -> int:
        """Of a response; 0 for a request."""
        return int(self.first.split(" ")[1]) if self.first.startswith("SIP/") else 0

    @property
    def method(self) -> str:
        """Of the request, or of the request this answers."""
        return self.get("cseq").split(" ")[-1] if self.status else self.first.split(" ")[0]

    def get(self, name: str) -> str:
        """The first header of this name, or empty."""
        return next((value for key, value in self.headers if key == name), "")

    def tag(self, name: str) -> str:
        """The tag of From or To."""
        found = TAG.search(self.get(name))
        return found.group(1) if found else ""

    def media(self) -> Address | None:
        """Where the other side wants its sound."""
        ip, port = re.search(r"^c=IN IP4 (\S+)", self.body, re.M), re.search(r"^m=audio (\d+)", self.body, re.M)
        return (ip.group(1), int(port.group(1))) if ip and port else None


def offer(ip: str, port: int) -> str:
    """SDP for mu-law and telephone events."""
    return (
        f"v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio {port} RTP/AVP 0 101\r\n"
        "a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
    )


def digest(challenge: str, user: str, password: str, method: str, uri: str) -> str:
    """The Authorization value for a challenge (MD5, qop auth or none)."""
    given = dict(_QUOTED.findall(challenge))
    first = _md5(f"{user}:{given['realm']}:{password}")
    second = _md5(f"{method}:{uri}")
    value = f'Digest username="{user}", realm="{given["realm"]}", nonce="{given["nonce"]}", uri="{uri}", algorithm=MD5'
    if "qop" in given:
        cnonce = secrets.token_hex(8)
        response = _md5(f"{first}:{given['nonce']}:00000001:{cnonce}:auth:{second}")
        value += f', qop=auth, nc=00000001, cnonce="{cnonce}"'
    else:
        response = _md5(f"{first}:{given['nonce']}:{second}")
    if "opaque" in given:
        value += f', opaque="{given["opaque"]}"'
    return f'{value}, response="{response}"'


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
