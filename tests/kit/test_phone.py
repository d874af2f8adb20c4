"""Telephone numbers as people read them."""

import pytest

from parlons.kit.phone import spaced


@pytest.mark.parametrize(
    ("number", "shown"),
    [("+33562004101", "+33 5 62 00 41 01"), ("+442079078333", "+44 20 7907 8333"), ("reception", "reception")],
)
def test_a_number_in_groups(number: str, shown: str) -> None:
    assert spaced(number) == shown.replace(" ", "\u00a0")
