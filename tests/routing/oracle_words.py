"""A small evaluator of the expression language, for the oracle only: it walks the words each time, slowly. Shares no
code with expr/."""

import re
from typing import Any

WORD = re.compile(r"""\s*(==|!=|>=|<=|=|>|<|\(|\)|\[|\]|,|'[^']*'|"[^"]*"|-?\d+|[A-Za-z_$][\w$.]*)""")


def words_of(text: str) -> list[str]:
    found, at = [], 0
    while text[at:].strip():
        match = WORD.match(text, at)
        assert match, text[at:]
        found.append(match.group(1))
        at = match.end()
    return found


class Walk:
    def __init__(self, text: str, look: Any) -> None:
        self.words, self.at, self.look = words_of(text), 0, look

    def next(self) -> str:
        self.at += 1
        return self.words[self.at - 1]

    def peek(self) -> str:
        return self.words[self.at].upper() if self.at < len(self.words) else ""

    def either(self) -> bool:
        value = self.both()
        while self.peek() == "OR":
            self.next()
            value = self.both() or value
        return value

    def both(self) -> bool:
        value = self.one()
        while self.peek() == "AND":
            self.next()
            value = self.one() and value
        return value

    def one(self) -> bool:
        if self.peek() == "(":
            self.next()
            value = self.either()
            assert self.next() == ")"
            return value
        left = self.thing()
        op = self.next().upper()
        if op == "NOT":
            op += " " + self.next().upper()
        return judge(left, op, self.thing())

    def thing(self) -> Any:
        word = self.next()
        if word == "[":
            items = []
            while self.peek() != "]":
                items.append(self.thing())
                if self.peek() == ",":
                    self.next()
            self.next()
            return items
        if word[0] in "'\"":
            return word[1:-1]
        if re.fullmatch(r"-?\d+", word):
            return int(word)
        if word.upper() in ("TRUE", "FALSE"):
            return word.upper() == "TRUE"
        return self.look(word)


def alike(a: Any, b: Any) -> bool:
    return type(a) is type(b) and a == b


def judge(a: Any, op: str, b: Any) -> bool:
    lists = [isinstance(each, list) for each in (a, b)]
    if op == "HAS":
        return lists == [True, False] and any(alike(each, b) for each in a)
    if op == "IN":
        return lists == [False, True] and any(alike(each, a) for each in b)
    if op == "NOT IN":
        return lists == [False, True] and not any(alike(each, a) for each in b)
    if op == "CONTAINS":
        return isinstance(a, str) and isinstance(b, str) and b in a
    if any(lists) or isinstance(a, dict) or isinstance(b, dict):
        return False
    if op in ("==", "="):
        return alike(a, b)
    if op == "!=":
        return not alike(a, b)
    if type(a) is not type(b) or type(a) not in (int, str):
        return False
    return {">": a > b, "<": a < b, ">=": a >= b, "<=": a <= b}[op]


def dig(root: Any, path: str) -> Any:
    for part in path.split("."):
        root = root.get(part) if isinstance(root, dict) else None
    return root


def holds_for_worker(text: str, worker: dict[str, Any]) -> bool:
    return bool(text.strip()) and Walk(text, lambda word: dig(worker, word)).either()


def holds_for_task(text: str, task: dict[str, Any]) -> bool:
    return Walk(text, lambda word: dig(task, word)).either()


def holds_for_both(text: str, task: dict[str, Any], worker: dict[str, Any]) -> bool:
    return Walk(text, lambda word: dig({"task": task, "worker": worker}, word)).either()


def holds_for_counts(text: str, counts: dict[str, int]) -> bool:
    return Walk(text, lambda word: counts[word.removeprefix("workers.")]).either()


def order_key(text: str | None, worker: dict[str, Any]) -> tuple[Any, ...]:
    key = []
    for clause in (text or "").split(",") if text else []:
        name, *direction = clause.split()
        value = dig({"worker": worker}, name)
        whole = isinstance(value, int) and not isinstance(value, bool)
        key.append((0, -value if direction == ["DESC"] else value) if whole else (1, 0))
    return tuple(key)
