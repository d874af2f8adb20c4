"""Regular expressions that people write into flows, and that meet what customers write. Pure.

They are tried by RE2, whose work grows with the length of the text and never more: no pattern makes a contact wait, or those
beside it. So there is no looking ahead or behind and nothing that repeats what was found; those are refused when the flow is.
"""

from functools import lru_cache
from typing import Any

import re2

LONGEST_PATTERN, LONGEST_TEXT = 1_000, 500
"""Characters of a pattern, and of a text that are looked at."""
USABLE = "Write a regular expression without looking ahead or behind and without \\1."
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False


class BadPattern(ValueError):
    """This pattern cannot be used; says why."""


@lru_cache(maxsize=500)
def compiled(pattern: str) -> Any:
    """Ready to be tried; raises BadPattern."""
    if len(pattern) > LONGEST_PATTERN:
        raise BadPattern(f"longer than {LONGEST_PATTERN} characters")
    try:
        return re2.compile(pattern, _OPTIONS)
    except re2.error as error:
        (why,) = error.args
        raise BadPattern(why.decode(errors="replace") if isinstance(why, bytes) else str(why)) from None
    except UnicodeEncodeError:
        raise BadPattern("half of a character stands in it") from None


def fits(pattern: str, text: str) -> bool:
    """Whether the whole text is as the pattern says; raises BadPattern."""
    return compiled(pattern).fullmatch(_readable(text)) is not None


def first_of(pattern: str, text: str) -> str | None:
    """What of the text is as the pattern says, of that the first group if there is one; raises BadPattern."""
    ready = compiled(pattern)
    found = ready.search(_readable(text))
    return None if found is None else found[1 if ready.groups else 0]


def _readable(text: str) -> str:
    return text[:LONGEST_TEXT].encode(errors="replace").decode()
