"""Words of an expression. It decides where one word ends, not what it means."""

import re
from dataclasses import dataclass

from parlons.expr.problems import refuse

_WORD = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<op>==|!=|>=|<=|=|>|<)"
    r"|(?P<mark>[()\[\],.])"
    r"|(?P<string>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[A-Za-z_$][A-Za-z0-9_$]*)",
    re.DOTALL,
)
_REMEDIES = {
    "&": ("'&' means nothing here", "Write AND."),
    "|": ("'|' means nothing here", "Write OR."),
    "!": ("'!' means nothing here", "There is no NOT: use != or NOT IN."),
    "'": ("this string has no end", "Close it with '."),
    '"': ("this string has no end", 'Close it with ".'),
    "-": ("a name cannot contain '-'", "Use letters, digits, _ and $ in names, for example skill_level."),
}


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is op, mark, string, number, name or end."""

    kind: str
    text: str
    offset: int

    @property
    def end(self) -> int:
        """Offset behind the last character."""
        return self.offset + len(self.text)

    @property
    def word(self) -> str:
        """The text in capitals, for the words of the language."""
        return self.text.upper()


def tokens(text: str) -> list[Token]:
    """The words of `text`, an `end` token last; raises InvalidExpression."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _WORD.match(text, at)
        if match is None or (text[at] == "-" and _glued(found, at)):
            message, remedy = _REMEDIES.get(
                text[at], (f"{text[at]!r} means nothing here", "Remove it, or put a string in quotes.")
            )
            raise refuse(text, at, message, remedy)
        if match.lastgroup != "space":
            found.append(Token(match.lastgroup or "", match.group(), at))
        at = match.end()
    found.append(Token("end", "", len(text)))
    return found


def _glued(found: list[Token], at: int) -> bool:
    """`level-3`: a minus that hangs on a name is no number's sign."""
    return bool(found) and found[-1].kind in ("name", "number") and found[-1].end == at


def unquoted(token: Token) -> str:
    """The value of a string token."""
    return re.sub(r"\\(.)", r"\1", token.text[1:-1], flags=re.DOTALL)
