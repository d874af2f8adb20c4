"""An entry point: how a channel's address becomes a firm, hours and a workflow. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from parlons.kit.errors import Invalid, NotFound

DAY = 86_400
OURS = frozenset({"channel", "entry", "firm_id", "conversation_id", "language", "hours", "known_worker_id", "title"})
"""Attributes of a task that only reception sets."""


class NoEntryPoint(NotFound):
    """Nothing answers this address: it has no entry point."""

    code = "no-entry-point"


class InvalidEntryPoint(Invalid):
    """This entry point cannot be used."""

    code = "invalid-entry-point"


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """Where contacts of one address go."""

    id: str
    workspace_id: str
    channel: str
    """webchat, email ..."""
    address: str
    """The channel's own name of the place: a widget's id, a number, a mailbox."""
    firm_id: str
    name: str = ""
    workflow_id: str | None = None
    """None: the workspace's only workflow."""
    task_channel: str = "chat"
    priority: int = 0
    ttl_seconds: int = DAY
    hours_id: str | None = None
    """None: the firm's own hours."""
    offline_workflow_id: str | None = None
    """For what is left outside hours; None: the same workflow."""
    offline_task_channel: str = "default"
    offline_ttl_seconds: int = 14 * DAY
    language: str | None = None
    """Of a customer who did not say; None: the firm's first."""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """Given to each of its tasks, for filters and targets: topic, brand ..."""
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """The firm's own wording, by language and code of `texts.DEFAULT`."""
    flow_id: str | None = None
    """The flow that answers; None: on the telephone a plain one by hours and texts, elsewhere an agent is asked for at once."""

    def check(self) -> None:
        """Raise InvalidEntryPoint when a value cannot be."""
        if not self.channel or not self.address or len(self.address) > 320:
            raise InvalidEntryPoint("An entry point has a channel and an address.", field="address")
        if not 0 <= self.priority < 2**31:
            raise InvalidEntryPoint("A priority is a number from 0 to 2147483647.", field="priority")
        for name in ("ttl_seconds", "offline_ttl_seconds"):
            if not 1 <= getattr(self, name) <= 14 * DAY:
                raise InvalidEntryPoint("A time to live is between a second and two weeks.", field=name)


def task_attributes(
    point: EntryPoint, *, offered: Mapping[str, Any], customer: Mapping[str, Any], known_worker_id: str | None,
    conversation_id: str, language: str, open_now: bool,
) -> dict[str, Any]:  # fmt: skip
    """What routing may ask about a contact. What the channel says comes first, then the customer's own, then the entry's;
    none of them overrules `OURS`."""
    given = {**point.attributes, **customer, **offered}
    attributes = {name: value for name, value in given.items() if name not in OURS}
    attributes.update(
        channel=point.channel,
        entry=point.address,
        firm_id=point.firm_id,
        conversation_id=conversation_id,
        language=language,
        hours="open" if open_now else "closed",
    )
    if known_worker_id is not None:
        attributes["known_worker_id"] = known_worker_id
    return attributes
