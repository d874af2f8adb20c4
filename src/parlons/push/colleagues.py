"""What colleagues say that reaches a person away from his screen: a line to him alone, one that names him, a note that does.

Other lines of a team wait for him: a pocket does not buzz for all that is said in the house. Pure.
"""

from typing import Any

from parlons.runtime.journal import Entry

Json = dict[str, Any]
SAID, NOTICED = "team.said", "notice.added"
TYPES = frozenset({SAID, NOTICED})


def addressed(entry: Entry) -> list[str]:
    """The users it is meant for, whatever their screens."""
    users = list(entry.audience.user_ids) if entry.audience is not None else []
    if entry.type == NOTICED:
        return users if entry.data["notice"]["kind"] == "mentioned" else []
    line = entry.data["line"]
    return [
        user
        for user in users
        if user != line["author_user_id"] and (entry.data["discussion"]["kind"] == "direct" or user in line["mentions"])
    ]


def about(entry: Entry) -> Json:
    """What is told of it; never what was written."""
    if entry.type == NOTICED:
        conversation_id = entry.data["notice"]["data"]["conversation_id"]
        return {
            "kind": "mention",
            "tag": conversation_id,
            "conversation_id": conversation_id,
            "name": None,
            "channel": "",
        }
    line = entry.data["line"]
    return {
        "kind": "colleague",
        "tag": line["discussion_id"],
        "discussion_id": line["discussion_id"],
        "name": line["author_name"] or None,
        "channel": "",
    }
