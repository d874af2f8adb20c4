"""Bytes in a declared character set to text, when the declaration is wrong or unknown.

Decides what to believe: a strict decoding of what is declared, then UTF-8, then Windows-1252. Never raises, never loses the
rest of a text to one bad byte. Sources: WHATWG Encoding (Latin-1 means Windows-1252), RFC 2047 and RFC 2231 (headers).
"""

import binascii
import codecs
import re

ALIASES = {
    "latin-1": "cp1252", "latin1": "cp1252", "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "us-ascii": "cp1252",
    "ascii": "cp1252", "ansi_x3.4-1968": "cp1252", "iso-8859-9": "cp1254", "iso-8859-8-i": "iso-8859-8",
    "utf8mb4": "utf-8", "unicode": "utf-8", "default": "utf-8", "unknown-8bit": "utf-8", "x-unknown": "utf-8",
    "ks_c_5601-1987": "cp949", "gb2312": "gb18030", "gbk": "gb18030", "x-sjis": "cp932", "shift_jis": "cp932",
    "x-mac-roman": "mac-roman", "cp-850": "cp850",
}  # fmt: skip
"""What senders write, and what they mean."""
_TEXTS = re.compile(r"utf|iso|cp|koi8|mac|shift|euc|gb|big5|hz|tis|latin|johab|ptcp|kz")
"""Codecs that hold text; Python also has some (idna, punycode) which a stranger can make very slow."""
_WORD = re.compile(r"=\?(?P<charset>[^?\s]{1,60})\?(?P<coding>[bBqQ])\?(?P<content>[^?]*)\?=")
_BAD = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


def to_text(content: bytes, declared: str | None) -> str:
    """`content` as text. `declared`: the character set the sender named, or None."""
    codec = codec_of(declared)
    if codec in ("cp1252", "cp1254"):
        # Marked as Latin, written as UTF-8: common. Latin text that happens to be valid UTF-8 is next to unheard of.
        return _try(content, "utf-8") or content.decode(codec, "replace")
    tried = _try(content, codec) if codec else None
    if tried is None:
        tried = _try(content, "utf-8")
    if tried is None:
        # Cut or damaged text in the declared set keeps its other letters; without a believable one it is Western.
        several = codec is not None and codec not in ("utf-8", "utf_8")
        tried = content.decode(codec if several and codec else "cp1252", "replace")
    return tried


def codec_of(declared: str | None) -> str | None:
    """Python's name of the codec meant by `declared`, or None when it names none that holds text."""
    name = (declared or "").strip().strip("\"'").lower()
    if not name or len(name) > 40:
        return None
    name = ALIASES.get(name, name)
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError, UnicodeError):
        return None
    return found if _TEXTS.match(found) else None


def clean(text: str) -> str:
    """`text` without control characters and lone surrogates, ends of line as one newline."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _BAD.sub("", lines).encode("utf-8", "replace").decode("utf-8")


def header_text(raw: str) -> str:
    """A header's value as people read it, on one line: encoded words opened, bare bytes understood."""
    flat = re.sub(r"\r?\n[ \t]*", " ", raw)
    pieces: list[tuple[bytes, str | None]] = []
    end = 0
    for word in _WORD.finditer(flat):
        between = flat[end : word.start()]
        if between.strip() or (between and not pieces):
            pieces.append((between.encode("utf-8", "surrogateescape"), None))
        content = _unwrapped(word["coding"], word["content"])
        charset = word["charset"].partition("*")[0].lower()
        if pieces and pieces[-1][1] == charset:  # a letter of several bytes may be cut between two words
            pieces[-1] = (pieces[-1][0] + content, charset)
        else:
            pieces.append((content, charset))
        end = word.end()
    if flat[end:]:
        pieces.append((flat[end:].encode("utf-8", "surrogateescape"), None))
    return " ".join(clean("".join(to_text(value, charset) for value, charset in pieces)).split())


def _unwrapped(coding: str, content: str) -> bytes:
    written = content.encode("ascii", "ignore")
    if coding in "qQ":
        return binascii.a2b_qp(written, header=True)
    whole = re.sub(rb"[^A-Za-z0-9+/]", b"", written)
    return binascii.a2b_base64(whole[: len(whole) - (len(whole) % 4 == 1)] + b"==")


def _try(content: bytes, codec: str) -> str | None:
    try:
        return content.decode(codec)
    except (UnicodeError, ValueError):
        return None
