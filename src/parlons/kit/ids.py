"""Identifiers: a two-letter prefix and 32 hex digits; the first 12 digits are the time in milliseconds, so ids sort by age.

Router objects derive the rest from workspace and sequence, so that replaying the journal yields the same ids; all other
ids end in random bits. An id is a name, never a secret.
"""

import hashlib
import secrets
from functools import lru_cache

TENANT, FIRM, WORKSPACE, USER, SESSION, KEY = "AC", "FI", "WS", "US", "SE", "SK"
ACTIVITY, WORKER, QUEUE, WORKFLOW, TASK_CHANNEL, WORKER_CHANNEL = "WA", "WK", "WQ", "WW", "TC", "WC"
TASK, RESERVATION = "WT", "WR"
CUSTOMER, ADDRESS, TOUCH = "CU", "AD", "TO"
CONVERSATION, LEG, MESSAGE, NOTE, FILE, DISPOSITION = "CH", "LG", "IM", "NO", "FL", "DI"
WIDGET, VISITOR, JOB, EVENT, AUDIT = "WG", "VI", "JO", "EV", "AU"
CALL, CONFERENCE, RECORDING, TRUNK, PHONE_NUMBER, CALLBACK = "CA", "CF", "RE", "TK", "PN", "CB"
PROMPT, STREAM = "PR", "MZ"
TEMPLATE, MERGE, SPLIT = "TP", "MG", "SP"
ROLE = "RO"
MEMO, MOVE = "ME", "MV"
SURVEY, INVITATION = "SU", "SI"
ACCOUNT, DELIVERY, SEND = "CC", "DV", "SN"
SINGLE, LEAVER, RECONTACT = "SM", "LV", "RC"
DEVICE = "PD"
DISCUSSION, TEAM_LINE = "TD", "TL"
ARTICLE, CATEGORY = "AR", "CY"
APPOINTMENT, CUSTOMER_LINK, WISHED_CALL = "AP", "CL", "CW"
WEBHOOK, WEBHOOK_MESSAGE = "WH", "WM"
INTENT, MISS = "IN", "MI"
LOOKUP, RECORD_WRITE, PANEL = "LK", "RW", "DP"


def new_id(prefix: str, now: int) -> str:
    """A fresh id of `prefix` at `now` milliseconds: 48 bits of time, 80 random bits."""
    return f"{prefix}{now & 0xFFFFFFFFFFFF:012x}{secrets.token_hex(10)}"


def time_of(found: str) -> int:
    """The milliseconds at which an id was made."""
    return int(found[2:14], 16)


@lru_cache(maxsize=4096)
def _salt(workspace_id: str) -> str:
    return hashlib.blake2b(workspace_id.encode(), digest_size=4).hexdigest()


def derived_id(prefix: str, now: int, workspace_id: str, sequence: int) -> str:
    """The id of the `sequence`-th object of a workspace: same arguments, same id. `sequence` < 2**48."""
    return f"{prefix}{now & 0xFFFFFFFFFFFF:012x}{_salt(workspace_id)}{sequence:012x}"
