"""What a message carries beside its text and files, in one shape for all channels: `messages.content`. Pure.

    {"account_id", "from", "name", "to", "kind", "subject", "html", "folded", "cc", "bcc", "template", "buttons", "button",
     "automatic", "public", "hidden", "inline": {content id: file id}, "files": [{"name", "size", "state", "code", ...}], "data"}

Only what there is stands there. `from`: who wrote, as the channel names him; `to`: where an answer went. `files`: those
that are not attachments of the message: still to come (`coming`), refused here (`refused`), or never got (`lost`). `kind`:
what the provider called it, when it is no text. All of it is
personal: it goes with the customer's erasure. `hidden`: of something public, that others do not see it.
"""

from typing import Any

import orjson

from parlons.channels.model import Button, ChosenTemplate, Incoming, IncomingFile

Json = dict[str, Any]
LARGEST_DATA = 20_000
LARGEST_HTML = 400_000
COMING, REFUSED, LOST = "coming", "refused", "lost"


def of_incoming(event: Incoming, account_id: str, files: list[Json], inline: dict[str, str]) -> Json:
    """The content of a customer's message."""
    data = event.data if len(orjson.dumps(event.data)) <= LARGEST_DATA else {}
    found: Json = {
        "account_id": account_id,
        "from": event.sender.address,
        "name": event.sender.name,
        "verified": event.sender.verified,
        "kind": event.kind if event.kind != "text" else "",
        "subject": event.subject[:500],
        "html": event.html[:LARGEST_HTML],
        "folded": event.folded[:LARGEST_HTML],
        "button": event.button or "",
        "automatic": event.automatic,
        "public": event.public,
        "inline": inline,
        "files": files,
        "data": data,
    }
    return {name: value for name, value in found.items() if value or name == "verified"}


def file_to_come(file: IncomingFile) -> Json:
    """A file that is fetched after its message is shown."""
    return {
        "name": file.name,
        "content_type": file.content_type,
        "size": file.size,
        "ref": file.ref,
        "inline_id": file.inline_id,
        "state": COMING,
    }


def file_refused(name: str, size: int | None, code: str) -> Json:
    """A file that is not kept; the agent sees that there was one."""
    return {"name": name[:120], "size": size, "state": REFUSED, "code": code}


def template_of(content: Json) -> ChosenTemplate | None:
    """The template an agent chose."""
    found = content.get("template")
    return ChosenTemplate(found["name"], found["language"], tuple(found.get("values", ()))) if found else None


def buttons_of(content: Json) -> tuple[Button, ...]:
    """The buttons under a message."""
    return tuple(Button(one["label"], one["payload"]) for one in content.get("buttons", ()))
