"""The plain words of a mail divided into what is new, what it quotes, and the signature under it.

Decides by whole lines, in one pass over each line whatever it holds: the ready-made libraries try patterns over the whole
text, which a stranger's mail can make take seconds. When everything looks quoted, nothing is: a mail never becomes empty.
Answers written between quoted lines stay where they are. Sources: RFC 3676 4.3 and 4.5 (signature line, quoted lines); the
lines by which Gmail, Apple Mail, Outlook, Thunderbird, Orange and Free set off what they quote, in six languages.
"""

import re
from dataclasses import dataclass

LONGEST_LINE = 400
"""A line by which a program introduces a quote is shorter."""
MOST = 8
"""So many introductions are looked at: a correspondence has few in one mail that is answered between the lines."""
_WROTE = re.compile(
    r"(on|le|am|el|il|op|em)\b.{4,250}\b(wrote|a écrit|schrieb.{0,120}|escribió|ha scritto|schreef.{0,120}|escreveu)\s*:$",
    re.IGNORECASE,
)
_WROTE_SHORT = re.compile(
    r".{1,150}(@|&lt;|<).{1,150}(wrote|a écrit|schrieb|escribió|ha scritto|schreef)\s*:$", re.IGNORECASE
)
_BEGINS = re.compile(r"(on|le|am|el|il|op|em)\s.{3,}", re.IGNORECASE)
_RULE = re.compile(
    r"[-_=*\s]{2,}\s*(original message|message d'origine|message d’origine|message original|mensaje original|"
    r"ursprüngliche nachricht|messaggio originale|oorspronkelijk bericht|forwarded message|message transféré|"
    r"message transmis|weitergeleitete nachricht|begin forwarded message)\s*[-_=*\s]*:?$",
    re.IGNORECASE,
)
_UNDERSCORES = re.compile(r"_{20,}$")
_FIELD = re.compile(
    r"\*?(from|sent|to|subject|date|cc|de|envoyé|à|objet|von|gesendet|an|betreff|para|asunto|enviado|da|inviato|a|oggetto)"
    r"\s?\*?\s?:\*?\s\S",
    re.IGNORECASE,
)
_FROM = re.compile(r"\*?(from|de|von|da)\s?\*?\s?:\*?\s\S", re.IGNORECASE)
_SENT_BY = re.compile(
    r"(sent from my|sent from outlook|get outlook for|envoyé (de|depuis) (mon|ma|l'|outlook)|télécharger outlook pour|"
    r"obtenez outlook pour|envoyé à partir de|von meinem .{2,40} gesendet|enviado desde mi|inviato da)\b.{0,80}$",
    re.IGNORECASE,
)
SIGNATURE_LINES = 20
"""A signature is not longer: below a line of two dashes may also stand the rest of a letter."""


@dataclass(frozen=True, slots=True)
class Divided:
    """A mail's words."""

    new: str
    """What its writer says now."""
    folded: str
    """Signature and quoted history, as they stood; empty when there is neither."""


def divide(text: str) -> Divided:
    """`text` in its two parts. Lines end in newlines only."""
    lines = text.split("\n")
    cut = _history(lines)
    signed = _signature(lines[:cut])
    new = "\n".join(lines[:signed]).strip()
    folded = "\n".join(lines[signed:]).strip()
    if not new:
        new = "\n".join(lines[:cut]).strip()
        folded = "\n".join(lines[cut:]).strip()
    if not new:
        return Divided(text.strip(), "")
    return Divided(new, folded)


def _history(lines: list[str]) -> int:
    """Where the quoted history at the end begins; the number of lines when there is none."""
    found = 0
    for number, line in enumerate(lines):
        words = _bare(line)
        if not words or len(words) > LONGEST_LINE:
            continue
        if found == MOST:
            break
        if _introduces(lines, number, words) or _heads(lines, number, words):
            found += 1
            if not _after_quote([one for one in lines[number + 1 :] if one.strip()]):
                return number - (number > 0 and bool(_UNDERSCORES.fullmatch(lines[number - 1].strip())))
    return _trailing(lines)


def _introduces(lines: list[str], number: int, words: str) -> bool:
    """`On ... wrote:`, which programs break over two or three lines, and `-----Original Message-----`."""
    if _RULE.match(words) or _WROTE.match(words):
        return True
    following = [_bare(one) for one in lines[number + 1 : number + 3]]
    if _WROTE_SHORT.match(words):  # without a date it needs the quote below it
        return any(_quoted(one) for one in following)
    if not _BEGINS.match(words) or words.endswith((".", "!", "?")):
        return False
    return any(
        len(joined) <= LONGEST_LINE and _WROTE.match(joined) is not None
        for joined in (" ".join([words, *following[:count]]) for count in range(1, len(following) + 1))
    )


def _heads(lines: list[str], number: int, words: str) -> bool:
    """Outlook's block: From, Sent, To, Subject, at least three of them one below the other."""
    if not _FROM.match(words) or words.startswith(">"):
        return False
    block = [_bare(one) for one in lines[number : number + 8]]
    return sum(1 for one in block if len(one) <= LONGEST_LINE and _FIELD.match(one)) >= 3


def _after_quote(below: list[str]) -> bool:
    """Whether its writer answered between or below quoted lines: then the quote is part of what he says."""
    quoted = [_quoted(one) for one in below]
    if True not in quoted:
        return False
    own = [one for one, is_quote in zip(below, quoted, strict=True) if not is_quote]
    return bool(own) and not _only_signature(below, quoted)


def _only_signature(below: list[str], quoted: list[bool]) -> bool:
    last = max(number for number, is_quote in enumerate(quoted) if is_quote)
    before = [one for one, is_quote in zip(below[:last], quoted[:last], strict=True) if not is_quote]
    after = below[last + 1 :]
    # A long quoted line is broken by programs that do not repeat the mark: a stray line or two between is no answer.
    stray = len(before) <= max(1, sum(quoted) // 8)
    return stray and (not after or _signature(after) == 0)


def _trailing(lines: list[str]) -> int:
    """Where the quoted lines begin with which the mail ends."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    start = end
    while start and (_quoted(lines[start - 1]) or not lines[start - 1].strip()):
        start -= 1
    return start if any(_quoted(one) for one in lines[start:end]) else len(lines)


def _signature(lines: list[str]) -> int:
    """Where the signature at the end begins; the number of lines when there is none."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    for number in range(end - 1, max(-1, end - SIGNATURE_LINES - 1), -1):
        if lines[number].rstrip("\r") in ("-- ", "--") or (number >= end - 3 and _SENT_BY.match(lines[number].strip())):
            return number
    return len(lines)


def _bare(line: str) -> str:
    """A line without white space and invisible marks around it."""
    return line.strip().strip("\u200b\u200e\u200f\ufeff\xa0").strip()


def _quoted(line: str) -> bool:
    return line.lstrip().startswith(">")
