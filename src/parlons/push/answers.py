"""Visitors of a site who accepted are told when they were answered and have no page of it before them.

The process that owns the workspace's router tells, from the journal, from when it became the owner. Told is that there is an
answer, by an agent or a bot, in the chat of the page; what else writes to him by push is a message of that channel
(channels/push). A page at another process is not known here: the browser looks once more before it shows anything. What falls
into his quiet hours is not told: it stands in the chat.
"""

import asyncio

from parlons.channels.model import Account
from parlons.channels.post import Post
from parlons.channels.push import browsers
from parlons.channels.webchat.model import CHANNEL as WEBCHAT
from parlons.dispatch.dispatch import Dispatch
from parlons.kit.errors import Refusal
from parlons.runtime import journal
from parlons.runtime.journal import Entry
from parlons.runtime.log import log
from parlons.runtime.readers import Follower

AT_ONCE = 20


class Answers:
    """Tells the visitors of one tenant's workspace. One a process and workspace; `follow` it for ever."""

    def __init__(self, dispatch: Dispatch, post: Post, tenant_id: str, workspace_id: str) -> None:
        self._dispatch, self._post = dispatch, post
        self._tenant_id, self._workspace_id = tenant_id, workspace_id
        self._room = asyncio.Semaphore(AT_ONCE)
        self.seq = 0
        """Up to where the journal was looked at."""
        self.following = asyncio.Event()
        """Set once what is appended is heard."""

    async def follow(self) -> None:
        """Tells of what is appended from now on."""
        db, tail = self._dispatch.db, self._dispatch.tail(self._workspace_id)
        async with db.system() as tx:
            seq = await journal.last_seq(await tx.raw(), self._workspace_id)
        self.following.set()
        async with asyncio.TaskGroup() as telling:
            async for entries in Follower(tail, seq):
                owned = self._dispatch.owns(self._workspace_id)
                answers = [entry for entry in entries if owned and _is_answer(entry)]
                accounts = await self._accounts() if answers else {}
                for entry in answers if accounts else ():
                    telling.create_task(self._tell_quietly(entry, accounts), name="push to a visitor")
                self.seq = entries[-1].seq

    async def _accounts(self) -> dict[str, Account]:
        """By widget: which of them tell their visitors."""
        found = await self._post.accounts.of_tenant(self._tenant_id)
        return {one.address: one for one in found if one.channel == browsers.CHANNEL}

    async def _tell_quietly(self, entry: Entry, accounts: dict[str, Account]) -> None:
        async with self._room:
            try:
                await self._tell(entry, accounts)
            except Refusal as refusal:
                log.warning("push.answer_passed", code=refusal.code)
            except Exception:
                log.exception("push.answer_broke")

    async def _tell(self, entry: Entry, accounts: dict[str, Account]) -> None:
        message = entry.data["message"]
        conversation_id = message["conversation_id"]
        async with self._dispatch.db.transaction(self._tenant_id) as tx:
            found = await browsers.browsers_in(tx, conversation_id)
            text = await browsers.text_of(tx, message["id"]) if found else ""
        for one in found:
            account = accounts.get(one.widget_key)
            if account is not None:
                await self._post.telling.answered(account, one, conversation_id, text)


def _is_answer(entry: Entry) -> bool:
    if entry.kind != "event" or entry.type != "message.added":
        return False
    message = entry.data["message"]
    by = message["author"]["kind"]
    return message["direction"] == "out" and message["channel"] == WEBCHAT and by in ("agent", "bot")
