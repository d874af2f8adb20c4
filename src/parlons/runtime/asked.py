"""Query parameters that many routes have: the id of a thing, and the row after which a page of a list goes on.

    firm_id: FirmId = None,
    call_id: Annotated[str | None, id_of(CALL)] = None,
    before: Annotated[str | None, row_of(CALL)] = None,

A text that is no such thing is refused: it would narrow to nothing, or to everything, and say neither.
"""

import re
from typing import Annotated, Any

from fastapi import Query
from pydantic import AfterValidator

from parlons.kit.ids import CONVERSATION, CUSTOMER, FIRM, QUEUE
from parlons.kit.pages import InvalidCursor

ANY = "[A-Z]{2}"
"""For a list whose rows are of several sorts."""


def id_of(sort: str) -> Any:
    """An id with this prefix."""
    return Query(pattern=_pattern(sort))


def row_of(sort: str) -> AfterValidator:
    """A cursor that is the id of a page's last row; raises InvalidCursor, as cursors of other lists do."""
    known = re.compile(_pattern(sort))

    def check(given: str | None) -> str | None:
        if given is not None and not known.fullmatch(given):
            raise InvalidCursor
        return given

    return AfterValidator(check)


def _pattern(sort: str) -> str:
    return f"^{sort}[0-9A-Za-z]{{1,62}}$"


FirmId = Annotated[str | None, id_of(FIRM)]
QueueId = Annotated[str | None, id_of(QUEUE)]
ConversationId = Annotated[str | None, id_of(CONVERSATION)]
CustomerId = Annotated[str | None, id_of(CUSTOMER)]
Channel = Annotated[str | None, Query(pattern="^[a-z][a-z0-9_]{0,63}$")]
"""Its name; a package may add one, so the set is not closed."""
