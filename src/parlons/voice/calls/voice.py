"""The telephone of one process, as routes see it: wishes go to the controller of the workspace, wherever it lives.

`Voice.act` carries a wish out here when this process owns the workspace's router, else by the journal: the wish is an event,
the owner's controller answers with another. Sound (offers of browsers) goes straight to the engine, which every process of
the machine reaches.
"""

from typing import Any, Protocol

from msgspec import Struct, field

from parlons.accounts.model import Principal
from parlons.runtime.files import Files
from parlons.voice.calls.model import Call
from parlons.voice.calls.vault import Vault

Json = dict[str, Any]


class Wish(Struct, frozen=True):
    """What somebody at a desk wants of a call."""

    verb: str
    call_id: str
    """Empty where the verb makes one or names none."""
    worker_id: str | None
    user_id: str | None
    values: Json = field(default_factory=dict)


class WebCaller(Struct, frozen=True):
    """Who calls from a page."""

    name: str
    language: str | None
    conversation_token: str | None


class Voice(Protocol):
    """Fulfilled by `telephone.Telephone`."""

    vault: Vault
    files: Files

    async def act(self, workspace_id: str, wish: Wish) -> Json:
        """Carries a wish out: {"call": the call as screens have it, ...}. Raises the refusal."""
        ...

    def browser_leg(self, user_id: str) -> str:
        """The leg of a user's browser: the same for ever."""
        ...

    async def connect(self, workspace_id: str, leg_id: str, offer_sdp: str) -> str:
        """Connects a browser; the answer."""
        ...

    async def disconnect(self, leg_id: str) -> None:
        """Lets a browser go."""
        ...

    def ice_servers(self, user_id: str) -> list[Json]:
        """Servers for the browser, with credentials that end."""
        ...

    async def status(self, principal: Principal, firm_id: str | None) -> Json:
        """What the telephone can do now."""
        ...

    async def line(self, line: str) -> Json:
        """A browser line, as its page needs it; raises UnknownLine."""
        ...

    async def web_call(self, line: str, offer_sdp: str, caller: WebCaller) -> Json:
        """A page calls a line."""
        ...

    async def beside(self, call_id: str, token: str) -> Call:
        """The call beside which a page stands: its own page's, or one that a link opened; raises UnknownCall, also when the
        call is over."""
        ...

    async def web_renew(self, call_id: str, token: str, offer_sdp: str) -> Json:
        """The page's new offer."""
        ...

    async def web_digits(self, call_id: str, token: str, digits: str) -> None:
        """Keys of the page."""
        ...

    async def web_hang_up(self, call_id: str, token: str) -> None:
        """The page hangs up."""
        ...

    async def web_state(self, call_id: str, token: str) -> Json:
        """The call as its page shows it."""
        ...
