"""What a request's parameters may be."""

from typing import Any, cast

import pytest

from parlons.compat.call import Call
from parlons.compat.errors import ApiError


def given(**values: str) -> Call:
    """A request that carries these."""
    nothing = cast(Any, None)
    return Call(nothing, nothing, nothing, nothing, "", "", {}, {name: [value] for name, value in values.items()}, {})


@pytest.mark.parametrize(
    "text", ["0157-11-29T20:52:07Z", "0001-01-01T00:00:00+14:00", "9999-12-31", "soon", "2026-13-01"]
)
def test_a_time_that_cannot_be_shown_as_the_api_does_is_refused(text: str) -> None:
    with pytest.raises(ApiError) as refused:
        given(EndDate=text).date("EndDate")
    assert (refused.value.status, refused.value.code) == (400, 20001)


def test_a_time_without_a_zone_is_utc() -> None:
    assert given(At="2026-01-31T12:00:00").date("At") == given(At="2026-01-31T13:00:00+01:00").date("At")
