"""The link to an invitation's page. Its 42 small letters and digits fit an SMS; it opens one question and nothing else."""

from parlons.kit.ids import INVITATION
from parlons.runtime.signed_ids import SignedLinks, signed_ids

PATH = "/survey/"


def open_links(secret: bytes, base: str) -> SignedLinks:
    """`secret`: the bytes of secret.key; `base`: the public address of this server."""
    return SignedLinks(signed_ids(secret, "survey link", INVITATION, 10), base.rstrip("/"), PATH)
