"""From words to a tree. Grammar: expr := and (OR and)*; and := prim (AND prim)*; prim := "(" expr ")" | operand op operand."""

from functools import lru_cache

from parlons.expr.problems import InvalidExpression, refuse
from parlons.expr.tokens import Token, tokens, unquoted
from parlons.expr.tree import AllOf, AnyOf, Compare, ListOf, Literal, Node, Operand, Path, Scalar

MAX_DEPTH = 50
MAX_LENGTH = 16_384
_SIGNS = {"==": "==", "=": "==", "!=": "!=", ">": ">", ">=": ">=", "<": "<", "<=": "<="}
_WORDS = {"CONTAINS", "HAS", "IN"}
_OPERATORS = "==, !=, >, >=, <, <=, HAS, IN, NOT IN or CONTAINS"


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.at = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def error(self, message: str, remedy: str, token: Token | None = None) -> InvalidExpression:
        return refuse(self.text, (token or self.token).offset, message, remedy)

    def whole(self) -> Node:
        if self.token.kind == "end":
            raise self.error("the expression is empty", "Write 1==1 for always.")
        node = self.any_of()
        if self.token.kind != "end":
            raise self._trailing()
        return node

    def _trailing(self) -> InvalidExpression:
        token = self.token
        if token.text == ")":
            return self.error("this ) closes nothing", "Remove it, or open it before.")
        return self.error(f"{token.text!r} was not expected here", "Join comparisons with AND or OR.")

    def any_of(self) -> Node:
        parts = [self.all_of()]
        while self.token.kind == "name" and self.token.word == "OR":
            self.take()
            parts.append(self.all_of())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def all_of(self) -> Node:
        parts = [self.primary()]
        while self.token.kind == "name" and self.token.word == "AND":
            self.take()
            parts.append(self.primary())
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def primary(self) -> Node:
        if self.token.text != "(":
            return self.comparison()
        opened = self.take()
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"more than {MAX_DEPTH} brackets deep", "Make it flatter.", opened)
        node = self.any_of()
        if self.token.text != ")":
            raise self.error(
                "a ) is missing", "Close the bracket opened before.", self.token if self.token.kind == "end" else None
            )
        self.take()
        self.depth -= 1
        return node

    def comparison(self) -> Compare:
        first = self.token
        if first.kind == "name" and first.word == "NOT":
            raise self.error("there is no NOT", "Use != or NOT IN.")
        left = self.operand()
        op = self.operator()
        right = self.operand()
        return Compare(left, op, right, self.text[first.offset : self.tokens[self.at - 1].end])

    def operator(self) -> str:
        token = self.token
        if token.kind == "op":
            return _SIGNS[self.take().text]
        if token.kind == "name" and token.word in _WORDS:
            return self.take().word
        if token.kind == "name" and token.word == "NOT":
            self.take()
            if self.token.kind == "name" and self.token.word == "IN":
                self.take()
                return "NOT-IN"
            raise self.error("NOT stands only before IN", "Write NOT IN, or use !=.", token)
        shown = "the end" if token.kind == "end" else repr(token.text)
        raise self.error(f"an operator is missing before {shown}", f"Use one of {_OPERATORS}.")

    def operand(self) -> Operand:
        token = self.token
        if token.kind == "name" and token.word not in ("AND", "OR", "TRUE", "FALSE"):
            return self.path()
        if token.text == "[" and token.kind == "mark":
            return self.list_of()
        value = self.scalar()
        if value is None:
            shown = "the end" if token.kind == "end" else repr(token.text)
            raise self.error(
                f"a value is missing before {shown}",
                "Write a name, a number, true, false, a list or a string in quotes.",
            )
        return Literal(value)

    def scalar(self) -> Scalar | None:
        token = self.token
        if token.kind == "string":
            return unquoted(self.take())
        if token.kind == "number":
            text = self.take().text
            return int(text) if text.lstrip("-").isdigit() else float(text)
        if token.kind == "name" and token.word in ("TRUE", "FALSE"):
            return self.take().word == "TRUE"
        return None

    def list_of(self) -> ListOf:
        opened = self.take()
        values: list[Scalar] = []
        while self.token.text != "]" or self.token.kind != "mark":
            value = self.scalar()
            if value is None:
                raise self.error(
                    "a list holds strings, numbers, true and false",
                    "Close it with ].",
                    opened if self.token.kind == "end" else None,
                )
            values.append(value)
            if self.token.text == "," and self.token.kind == "mark":
                self.take()
            elif self.token.text != "]":
                raise self.error("a comma or ] is missing in this list", "Separate the values with commas.")
        self.take()
        return ListOf(tuple(values))

    def path(self) -> Path:
        first = self.take()
        parts: list[str | int] = [first.text]
        while self.token.kind == "mark" and self.token.text in ".[":
            if self.take().text == ".":
                if self.token.kind != "name":
                    raise self.error("a name is missing after the dot", "Write it as a.b.")
                parts.append(self.take().text)
                continue
            if self.token.kind != "number" or not self.token.text.isdigit():
                raise self.error("an index is a whole number", "Write it as a[0].")
            parts.append(int(self.take().text))
            if self.token.text != "]":
                raise self.error("a ] is missing", "Write it as a[0].")
            self.take()
        return Path(tuple(parts), first.offset)


@lru_cache(maxsize=4096)
def parsed(text: str) -> Node:
    """The tree of `text`; raises InvalidExpression."""
    if len(text) > MAX_LENGTH:
        raise refuse(
            text, MAX_LENGTH, f"longer than {MAX_LENGTH} characters", "Divide it into several targets or queues."
        )
    return _Parser(text).whole()
