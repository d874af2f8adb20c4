"""What a flow may send as a secret: never what runs the installation itself."""

import pytest

from parlons.app.flows import _ours


@pytest.mark.parametrize(
    ("name", "ours"),
    [("SHOP_TOKEN", False), ("PARLONS_TURN_SECRET", True), ("DATABASE_URL", True), ("PGPASSWORD", True),
     ("AWS_SECRET_ACCESS_KEY", True)],
)  # fmt: skip
def test_the_installations_own_secrets_are_no_flows(name: str, ours: bool) -> None:
    assert _ours(name) is ours
