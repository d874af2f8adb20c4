"""Pages: nothing skipped, nothing twice; a wrong cursor is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parlons.kit.pages import InvalidCursor, Page, decode_cursor, encode_cursor, page_of


@given(st.lists(st.integers(), unique=True), st.integers(1, 7))
def test_pages_together_are_the_list(numbers: list[int], limit: int) -> None:
    rows, seen, cursor = sorted(numbers), [], None
    while True:
        after = decode_cursor(cursor, int)
        fetched = [row for row in rows if after is None or row > after[0]][: limit + 1]  # type: ignore[operator]
        page: Page[int] = page_of(fetched, limit, lambda row: (row,))
        seen += page.items
        if page.next is None:
            break
        cursor = page.next
    assert seen == rows


@given(st.text(), st.integers())
def test_a_cursor_comes_back(text: str, number: int) -> None:
    assert decode_cursor(encode_cursor(text, number), str, int) == (text, number)


@pytest.mark.parametrize("cursor", ["", "?", "e30", encode_cursor(1, 2), encode_cursor("a"), encode_cursor(True), "é"])
def test_a_wrong_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        decode_cursor(cursor, int)
