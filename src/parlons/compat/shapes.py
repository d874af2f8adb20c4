"""What all resources of the API share: dates, the time an id was made, pages of links. Pure."""

from datetime import UTC, datetime
from typing import Any

from parlons.kit.ids import time_of

Json = dict[str, Any]
_EARLIEST, _LATEST = 946_684_800_000, 7_258_118_400_000


def date(at: int | None) -> str | None:
    """Milliseconds as the API writes a time: UTC, whole seconds."""
    return None if at is None else datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def made_at(sid: str, otherwise: int = 0) -> int:
    """When the thing with this id was made (ms): ids of ours begin with it; `otherwise` for those every workspace has."""
    try:
        at = time_of(sid)
    except ValueError:
        return otherwise
    return at if _EARLIEST <= at <= _LATEST else otherwise


def links(url: str, *names: str, **parts: str | None) -> Json:
    """Addresses below `url`, by name; a part of None has none."""
    found: Json = {name: f"{url}/{''.join(word.capitalize() for word in name.split('_'))}" for name in names}
    found |= {name: None if part is None else f"{url}/{part}" if part else url for name, part in parts.items()}
    return found
