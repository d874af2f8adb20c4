"""What the routes of push answer."""

from parlons.accounts.schemas import Thing


class PushDevice(Thing):
    """A browser the person is notified in."""

    id: str
    names: bool
    """Whether its notifications name customers."""
    made_at: str


class Push(Thing):
    """`public_key`: the server's, base64url, for `PushManager.subscribe`."""

    public_key: str
    devices: list[PushDevice]
