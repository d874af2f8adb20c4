"""The link to an invitation's page. Its 42 small letters and digits fit an SMS; it opens one question and nothing else."""

from dataclasses import dataclass

from parlons.kit.ids import INVITATION
from parlons.runtime.signed_ids import SignedIds, signed_ids

PATH = "/survey/"


@dataclass(frozen=True, slots=True)
class Links:
    """Makes and reads links. One a process."""

    ids: SignedIds
    base: str
    """The public address of this server, without a slash at its end."""

    def url(self, invitation_id: str) -> str:
        """Where the customer answers."""
        return f"{self.base}{PATH}{self.ids.token(invitation_id)}"


def open_links(secret: bytes, base: str) -> Links:
    """`secret`: the bytes of secret.key."""
    return Links(signed_ids(secret, "survey link", INVITATION, 10), base.rstrip("/"))
