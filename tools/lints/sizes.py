"""Files a person can hold in mind: 500 lines of Python, 250 of the web client; functions of 60 lines; telling names.

A migration is a list and a style sheet is one too: their length is bounded by the file's only (500 lines)."""

import ast
from collections.abc import Iterator
from pathlib import PurePath

from tools.lints.found import Found

PYTHON_LINES = 500
WEB_LINES = 250
FUNCTION_LINES = 60
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "service", "services", "manager", "base"}
ALLOWED_NAMES = {"src/parlons/app/services.py"}
"""The composition root's bag of what a process runs on: its contents are its meaning."""


def python(path: str, text: str, tree: ast.Module) -> Iterator[Found]:
    """Size and name of a module, size of its functions."""
    lines = text.count("\n")
    if lines > PYTHON_LINES:
        yield Found(path, 1, f"{lines} lines; more than {PYTHON_LINES}: split it by idea")
    if path.startswith("src/") and PurePath(path).stem in EMPTY_NAMES and path not in ALLOWED_NAMES:
        yield Found(path, 1, "this name says nothing: name the module after its idea")
    if path.startswith("migrations/"):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                yield Found(path, node.lineno, f"{node.name} has {length} lines; more than {FUNCTION_LINES}: split it")


def web(path: str, text: str) -> Iterator[Found]:
    """Size of a file of the web client; a file that a program wrote says so in its first lines."""
    lines, limit = text.count("\n"), PYTHON_LINES if path.endswith(".css") else WEB_LINES
    if lines > limit and "generated" not in text[:400].lower():
        yield Found(path, 1, f"{lines} lines; more than {limit}: split it by idea")
