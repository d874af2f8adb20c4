"""The steps of a send: written, given its list, started, paused, resumed, cancelled, its doubtful messages sent again.

Each runs in its caller's transaction, locks the send, checks the caller's firms, and leaves a row in the audit. Who feeds the
channels takes the same lock at the end of a batch, so a step waits for nobody and holds from its commit on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from parlons.accounts import audit
from parlons.accounts.model import Principal
from parlons.channels.accounts import UnknownAccount
from parlons.channels.model import Account, Capabilities
from parlons.channels.post import Post
from parlons.conversations import deliveries, sent_together
from parlons.customers.segments import Segment
from parlons.kit import ids
from parlons.kit.clock import Millis, to_datetime
from parlons.outbound import laying
from parlons.outbound.leaving import Leaving
from parlons.outbound.model import (
    CANCELLED,
    DRAFT,
    MARKETING,
    PAUSED,
    RUNNING,
    SERVICE,
    SKIPPED,
    WAITING,
    ChannelNotForMany,
    InvalidSend,
    NobodyToSendTo,
    Send,
    SendChanged,
    Text,
    check_texts,
    check_zone,
    segment_json,
)
from parlons.outbound.rows import find
from parlons.outbound.store import recipients, sends
from parlons.runtime.db import Tx

WAKE = "sends"
"""Signal of the process that feeds."""
AGAIN_AT_ONCE = 500
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an author gives."""

    name: str
    account_id: str
    purpose: str
    texts: Mapping[str, Text]
    segment: Segment | None
    zone: str
    starts_at: Millis | None
    per_second: float | None


async def account_of(post: Post, principal: Principal, account_id: str) -> tuple[Account, Capabilities]:
    """The account a send goes by; raises UnknownAccount and ChannelNotForMany."""
    account = await post.accounts.by_id(account_id)
    if account is None or account.tenant_id != principal.tenant_id or not principal.sees(account.firm_id):
        raise UnknownAccount
    able = post.channels[account.channel].capabilities(account)
    if not able.sends or able.public:
        raise ChannelNotForMany
    return account, able


async def write(tx: Tx, post: Post, principal: Principal, wanted: Wanted) -> Send:
    """A new draft."""
    account, able = await account_of(post, principal, wanted.account_id)
    send_id = tx.new_id(ids.SEND)
    values = {
        "id": send_id,
        "tenant_id": tx.tenant_id,
        "created_by": principal.name,
        "created_at": to_datetime(tx.now),
        "state": DRAFT,
        **_values(wanted, account, able),
    }
    await tx.execute(sends.insert().values(values))
    await _audit(tx, principal, "send.created", send_id, account.firm_id, name=wanted.name, channel=account.channel)
    return await find(tx, principal, send_id)


async def rewrite(tx: Tx, post: Post, principal: Principal, send_id: str, wanted: Wanted, *, version: int) -> Send:
    """A draft says something else now; raises SendElsewhere when it is none any more, or somebody else has changed it."""
    before = await find(tx, principal, send_id, lock=True)
    before.must(DRAFT)
    if before.version != version:
        raise SendChanged(version=before.version)
    account, able = await account_of(post, principal, wanted.account_id)
    if account.channel != before.channel or account.firm_id != before.firm_id:
        await _empty(tx, send_id)
    await _save(tx, before, **_values(wanted, account, able))
    await _audit(tx, principal, "send.changed", send_id, account.firm_id, name=wanted.name, channel=account.channel)
    return await find(tx, principal, send_id)


async def remove(tx: Tx, principal: Principal, send_id: str) -> None:
    """A draft that is not wanted any more."""
    before = await find(tx, principal, send_id, lock=True)
    before.must(DRAFT)
    await tx.execute(sends.delete().where(sends.c.tenant_id == tx.tenant_id, sends.c.id == send_id))
    await _audit(tx, principal, "send.removed", send_id, before.firm_id, name=before.name)


async def upload(
    tx: Tx, post: Post, principal: Principal, send_id: str, rows: Iterable[Mapping[str, Any]]
) -> tuple[int, list[int]]:
    """More recipients for a draft with a list; how many are new, and the places of those without a usable address."""
    send = await find(tx, principal, send_id, lock=True)
    send.must(DRAFT)
    if send.segment is not None:
        raise InvalidSend("This send goes to a segment; it has no list.", field="segment")
    account, _ = await account_of(post, principal, send.account_id)
    laid, bad = await laying.lay_list(tx, send, laying.kinds_of(post.channels[account.channel], account), rows)
    await _audit(tx, principal, "send.list-uploaded", send_id, send.firm_id, added=laid, unusable=len(bad))
    return laid, bad


async def start(tx: Tx, post: Post, leaving: Leaving, principal: Principal, send_id: str) -> Send:
    """Its recipients are laid down and it begins, or waits for its time. Raises NobodyToSendTo."""
    send = await find(tx, principal, send_id, lock=True)
    send.must(DRAFT)
    account, able = await account_of(post, principal, send.account_id)
    if send.purpose == MARKETING and able.subject and not leaving.link("", 0):
        raise InvalidSend("Mails to many need a link to leave: give this installation its public address first.")
    at = Millis(max(tx.now, send.starts_at or 0))
    if send.segment is not None:
        await laying.lay_segment(tx, send, laying.kinds_of(post.channels[account.channel], account), at)
    else:
        await laying.make_due(tx, send, at)
    count = await tx.scalar(sa.select(sa.func.count()).select_from(recipients).where(_waiting(tx, send_id)))
    if not count:
        raise NobodyToSendTo
    now = to_datetime(tx.now)
    await _save(tx, send, state=RUNNING, started_at=now, paced_at=to_datetime(at))
    tx.wake(WAKE)
    await _audit(tx, principal, "send.started", send_id, send.firm_id, recipients=count)
    return await find(tx, principal, send_id)


async def pause(tx: Tx, principal: Principal, send_id: str) -> Send:
    """Nothing more leaves, save what is in a provider's hands at this moment."""
    send = await find(tx, principal, send_id, lock=True)
    if send.state != PAUSED:
        send.must(RUNNING)
        await sent_together.hold(tx, send_id)
        await _save(tx, send, state=PAUSED)
        await _audit(tx, principal, "send.paused", send_id, send.firm_id, state=PAUSED)
    return await find(tx, principal, send_id)


async def resume(tx: Tx, principal: Principal, send_id: str) -> Send:
    """It goes on where it stopped."""
    send = await find(tx, principal, send_id, lock=True)
    if send.state != RUNNING:
        send.must(PAUSED)
        await sent_together.let_go(tx, send_id)
        await _save(tx, send, state=RUNNING, paced_at=to_datetime(tx.now))
        tx.wake(WAKE)
        await _audit(tx, principal, "send.resumed", send_id, send.firm_id, state=RUNNING)
    return await find(tx, principal, send_id)


async def cancel(tx: Tx, principal: Principal, send_id: str) -> Send:
    """It ends here; who got nothing gets nothing."""
    send = await find(tx, principal, send_id, lock=True)
    if send.state != CANCELLED:
        send.must(RUNNING, PAUSED)
        await tx.execute(recipients.update().where(_waiting(tx, send_id)).values(state=SKIPPED, code="send-cancelled"))
        await sent_together.fail_held(tx, send_id, code="send-cancelled")
        await _save(tx, send, state=CANCELLED, ended_at=to_datetime(tx.now))
        await _audit(tx, principal, "send.cancelled", send_id, send.firm_id, state=CANCELLED)
    return await find(tx, principal, send_id)


async def again(tx: Tx, principal: Principal, send_id: str) -> int:
    """Its messages of which nobody knows whether they left are sent once more, a few hundred at a time; how many."""
    send = await find(tx, principal, send_id, lock=True)
    found = await sent_together.doubtful(tx, send_id, AGAIN_AT_ONCE)
    for conversation_id, message_id in found:
        await deliveries.again(tx, conversation_id, message_id)
    if found:
        await _audit(tx, principal, "send.again", send_id, send.firm_id, messages=len(found))
    return len(found)


async def forget(tx: Tx, customer_id: str, known: Iterable[tuple[str, str]]) -> None:
    """A customer is erased: his addresses go from every list, also from those where nobody knew yet whose they were."""
    c = recipients.c
    his = sa.or_(c.customer_id == customer_id, sa.tuple_(c.kind, c.value).in_(list(known) or [("", "")]))
    emptied: Json = {
        "kind": "",
        "value": sa.cast(c.id, sa.Text),
        "name": "",
        "attributes": {},
        "language": None,
        "country": "",
    }
    mine = sa.and_(c.tenant_id == tx.tenant_id, his)
    await tx.execute(recipients.update().where(mine, c.state == WAITING).values(state=SKIPPED, code="erased"))
    await tx.execute(recipients.update().where(mine).values(emptied))


def _values(wanted: Wanted, account: Account, able: Capabilities) -> Json:
    name = " ".join(wanted.name.replace("\x00", "").split())
    if not name or len(name) > 120:
        raise InvalidSend("A name has between 1 and 120 characters.", field="name")
    if wanted.purpose not in (MARKETING, SERVICE):
        raise InvalidSend("A purpose is marketing or service.", field="purpose")
    if wanted.per_second is not None and not 0.001 <= wanted.per_second <= 1000:
        raise InvalidSend("Between 0.001 and 1,000 messages a second.", field="per_second")
    if any(one.template for one in wanted.texts.values()) and not able.templates:
        raise InvalidSend("This channel has no templates.", field="texts")
    check_texts(wanted.texts, subject=able.subject, longest=able.text)
    return {
        "name": name,
        "workspace_id": account.workspace_id,
        "firm_id": account.firm_id,
        "account_id": account.id,
        "channel": account.channel,
        "purpose": wanted.purpose,
        "texts": {language: one.json() for language, one in wanted.texts.items()},
        "segment": segment_json(wanted.segment),
        "zone": check_zone(wanted.zone),
        "starts_at": to_datetime(wanted.starts_at) if wanted.starts_at is not None else None,
        "per_second": wanted.per_second,
    }


async def _save(tx: Tx, before: Send, **values: Any) -> None:
    where = (sends.c.tenant_id == tx.tenant_id, sends.c.id == before.id)
    await tx.execute(sends.update().where(*where).values(version=before.version + 1, **values))


async def _empty(tx: Tx, send_id: str) -> None:
    await tx.execute(recipients.delete().where(recipients.c.tenant_id == tx.tenant_id, recipients.c.send_id == send_id))


def _waiting(tx: Tx, send_id: str) -> sa.ColumnElement[bool]:
    c = recipients.c
    return sa.and_(c.tenant_id == tx.tenant_id, c.send_id == send_id, ~c.trial, c.state == WAITING)


async def _audit(tx: Tx, principal: Principal, action: str, send_id: str, firm_id: str, **after: Any) -> None:
    await audit.record(tx, principal, action, send_id, now=Millis(tx.now), after=after, firm_id=firm_id)
