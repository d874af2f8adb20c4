"""The ways in: by host (`taskrouter.example.org`), by a first path segment (`/_taskrouter/...` on any host), and stripped.

The clients build their addresses from parts of the environment; with a region that ends in a slash (`example.org/`) the rest
of the usual host becomes the beginning of the path: `/.twilio.com/v1/...`. It is taken off again. Pure.
"""

from dataclasses import dataclass

BRIDGE = "event-bridge"
PRODUCTS = {"taskrouter": "/v1/", "api": "/2010-04-01/", BRIDGE: "/v1/wschannels"}
"""The products that are answered, with the beginning of their paths."""
STRIPPED = "/.twilio.com"
_PREFIX = "/_"


@dataclass(frozen=True, slots=True)
class Door:
    """A request of the API: whose it is, and which address its own addresses begin with."""

    product: str
    path: str
    """As the API has it, from its version."""
    prefix: str
    """What stands before it in addresses that come in by the same door."""


def door_of(host: str, path: str) -> Door | None:
    """The door by which a request came, or None when it is none of the API's. `host` may carry a port."""
    first, _, rest = path.removeprefix(_PREFIX).partition("/")
    if path.startswith(_PREFIX) and first in PRODUCTS:
        return _door(first, f"/{rest}", f"{_PREFIX}{first}")
    product = host.partition(".")[0].lower()
    if "." not in host or product not in PRODUCTS:
        return None
    found = _door(product, path, "")
    return found if path.startswith(STRIPPED) or found.path.startswith(PRODUCTS[product]) else None


def _door(product: str, path: str, prefix: str) -> Door:
    if path.startswith(f"{STRIPPED}/"):
        return Door(product, path.removeprefix(STRIPPED), prefix + STRIPPED)
    return Door(product, path, prefix)
