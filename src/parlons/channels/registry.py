"""The channels Parlons is born with, by the name that tasks, conversations and entry points carry."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Channel:
    """What the rest of the house may know of a channel."""

    name: str
    live: bool
    """The customer waits at the other end, here and now."""
    task_channel: str
    """Unique name of the task channel whose capacity its work takes."""


CHANNELS = {"webchat": Channel("webchat", live=True, task_channel="chat")}
"""Every channel; a new one is a folder beside `webchat` and a line here."""
