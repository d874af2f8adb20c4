"""Which of our languages is nearest."""

import pytest

from parlons.kit.languages import nearest


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ("fr", "fr"), ("fr-CA", "fr"), ("FR_be", "fr"), ("fr,en;q=0.5", "fr"), (" fr-FR ", "fr"),
        ("en-GB", "en"), ("de", "en"), ("frr", "en"), ("", "en"), (None, "en"), ("*", "en"),
    ],
)  # fmt: skip
def test_the_nearest_language_of_ours(asked: str | None, spoken: str) -> None:
    assert nearest(asked) == spoken
