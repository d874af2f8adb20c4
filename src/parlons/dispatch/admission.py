"""What a command must satisfy before it may reach a router or a command row: what a database could not store is refused here."""

from typing import Any

import msgspec

from parlons.dispatch.errors import AttributesNotText, AttributesTooLarge
from parlons.routing.commands import Command, WithAttributes, sealed, to_wire
from parlons.runtime.failures import UnstorableNumber

LARGEST = 4096
"""Characters of a task's attributes as JSON. Source: facts/compat.md 1.1."""


def admit(command: Command) -> None:
    """Raises a refusal when the command's attributes are too large or cannot be stored."""
    attributes = getattr(command, "attributes", None)
    if not isinstance(attributes, dict):
        return
    try:
        encoded = msgspec.json.encode(attributes)
        msgspec.msgpack.encode(attributes)  # as journal and snapshots keep them: with numbers of 64 bits
    except OverflowError as error:
        raise UnstorableNumber from error
    except (TypeError, ValueError, UnicodeEncodeError) as error:
        raise AttributesNotText from error
    if b"\\u0000" in encoded:
        raise AttributesNotText
    if isinstance(command, WithAttributes) and len(encoded) > LARGEST and len(encoded.decode()) > LARGEST:
        raise AttributesTooLarge(limit=LARGEST)


def row_of(
    command: Command, actor: str | None, seen: tuple[str, str] | None = None
) -> tuple[dict[str, Any], dict[str, Any] | None, str | None]:
    """(body, private, private_key) of a command row: a task's attributes stand where erasure finds them."""
    bare, attributes = sealed(command)
    body = to_wire(bare)
    if actor is not None:
        body["actor"] = actor
    if seen is not None:
        body["seen"] = list(seen)
    if attributes is None:
        return body, None, None
    return body, {"attributes": attributes}, body["task_id"]
