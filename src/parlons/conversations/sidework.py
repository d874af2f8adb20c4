"""What the staff keeps beside the messages: notes, tags, drafts, and the outcomes of each queue."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from parlons.conversations import rules
from parlons.conversations.attachments import UPLOAD
from parlons.conversations.commands import locked, save
from parlons.conversations.model import Conversation, Disposition, DispositionSet, Draft, Note
from parlons.conversations.store import disposition_sets, drafts, notes
from parlons.conversations.telling import tell_part, tell_user
from parlons.conversations.views import draft_json, note_json
from parlons.kit import ids
from parlons.kit.clock import Millis, to_datetime
from parlons.kit.errors import Invalid, TooLarge
from parlons.runtime.db import Tx
from parlons.runtime.schema import files

DRAFT_DAYS = 60
"""How long the pictures of a draft wait to be sent."""
_PICTURE = re.compile(r"<img\b[^>]*?/api/v1/files/(FL[0-9a-f]{32})")


class DraftTooLong(TooLarge):
    """This draft is longer than 20,000 characters; the last one kept is shorter."""

    code = "draft-too-long"


class InvalidDispositions(Invalid):
    """The outcomes of a queue each need an id of their own and a name."""

    code = "invalid-dispositions"


async def add_note(
    tx: Tx,
    conversation_id: str,
    *,
    author_user_id: str | None,
    author_name: str,
    text: str,
    note_id: str | None = None,
    mentions: Sequence[str] = (),
) -> Note:
    """A private remark. `note_id`: given by callers who may come twice; the second time changes nothing.

    `mentions`: users it names, whom the caller has checked; from now on they may read the conversation."""
    conversation = await locked(tx, conversation_id)
    note = Note(
        id=note_id or tx.new_id(ids.NOTE),
        conversation_id=conversation_id,
        author_user_id=author_user_id,
        author_name=author_name,
        text=rules.clean_note(text),
        at=Millis(tx.now),
        mentions=tuple(dict.fromkeys(mentions)),
    )
    statement = insert(notes).values(
        id=note.id,
        tenant_id=tx.tenant_id,
        conversation_id=conversation_id,
        author_user_id=author_user_id,
        author_name=author_name,
        text=note.text,
        at=to_datetime(note.at),
        mentions=list(note.mentions),
    )
    added = await tx.execute(statement.on_conflict_do_nothing())
    if added.rowcount:
        named = tuple(dict.fromkeys((*conversation.mentioned, *note.mentions)))
        conversation = await save(tx, conversation, replace(conversation, mentioned=named))
        tell_part(tx, "note.added", conversation, {"note": note_json(note)})
    return note


async def set_tags(tx: Tx, conversation_id: str, tags: Sequence[str], *, version: int | None = None) -> Conversation:
    """Its tags are these now."""
    before = await locked(tx, conversation_id)
    rules.check_version(before, version)
    return await save(tx, before, replace(before, tags=rules.clean_tags(tags)))


async def save_draft(tx: Tx, conversation_id: str, *, user_id: str, channel: str, text: str, html: str = "") -> Draft:
    """Keep what `user_id` has typed; an empty text forgets it. Told to him alone, on all his screens.

    Pictures that `html` shows are kept as long as a draft may lie (`DRAFT_DAYS`), not only for a day."""
    conversation = await locked(tx, conversation_id)
    if len(text) > rules.MAX_DRAFT:
        raise DraftTooLong(length=len(text), limit=rules.MAX_DRAFT)
    draft = Draft(channel, text.replace("\x00", ""), Millis(tx.now), html.replace("\x00", ""))
    if draft.text.strip() or _PICTURE.search(draft.html):
        values = {"text": draft.text, "html": draft.html, "saved_at": to_datetime(tx.now)}
        await _keep_pictures(tx, user_id, draft.html)
        statement = insert(drafts).values(
            tenant_id=tx.tenant_id, conversation_id=conversation_id, user_id=user_id, channel=channel, **values
        )
        key = ["conversation_id", "user_id", "channel"]
        await tx.execute(statement.on_conflict_do_update(index_elements=key, set_=values))
    else:
        mine = sa.and_(drafts.c.user_id == user_id, drafts.c.channel == channel)
        await tx.execute(drafts.delete().where(drafts.c.conversation_id == conversation_id, mine))
    tell_user(tx, "draft.saved", conversation, user_id, {"draft": draft_json(conversation_id, draft)})
    return draft


async def _keep_pictures(tx: Tx, user_id: str, html: str) -> None:
    shown = _PICTURE.findall(html)
    if shown:
        mine = sa.and_(files.c.tenant_id == tx.tenant_id, files.c.owner_id == user_id, files.c.cls == UPLOAD)
        kept = to_datetime(tx.now) + timedelta(days=DRAFT_DAYS)
        await tx.execute(files.update().where(mine, files.c.id.in_(shown)).values(delete_after=kept))


async def put_dispositions(tx: Tx, outcomes: DispositionSet, *, firm_id: str | None) -> None:
    """The outcomes of one queue are these now; none and not required: the queue asks for nothing."""
    seen = {item.id for item in outcomes.items}
    if len(seen) != len(outcomes.items) or not all(item.id and any(item.name.values()) for item in outcomes.items):
        raise InvalidDispositions(queue_id=outcomes.queue_id)
    if outcomes.required and not outcomes.items:
        raise InvalidDispositions("An outcome cannot be required where there is none.", queue_id=outcomes.queue_id)
    values = {
        "firm_id": firm_id,
        "required": outcomes.required,
        "items": [{"id": item.id, "name": item.name} for item in outcomes.items],
    }
    statement = insert(disposition_sets).values(tenant_id=tx.tenant_id, queue_id=outcomes.queue_id, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "queue_id"], set_=values))


async def remove_dispositions(tx: Tx, queue_id: str) -> None:
    """The queue has no outcomes any more."""
    where = sa.and_(disposition_sets.c.tenant_id == tx.tenant_id, disposition_sets.c.queue_id == queue_id)
    await tx.execute(disposition_sets.delete().where(where))


async def all_dispositions(tx: Tx) -> list[DispositionSet]:
    """The outcomes of every queue that has some, in order of queue."""
    query = sa.select(disposition_sets).where(disposition_sets.c.tenant_id == tx.tenant_id)
    return [
        DispositionSet(
            row["queue_id"], row["required"], tuple(Disposition(item["id"], item["name"]) for item in row["items"])
        )
        for row in await tx.fetch_all(query.order_by(disposition_sets.c.queue_id))
    ]
