"""A mailbox on a real dovecot: what is old and what is new, what happens when the server numbers anew or goes away."""

import asyncio
import resource
from collections.abc import Sequence
from typing import Any

import pytest

from parlons.channels.email import imap
from parlons.channels.email.imap import Imap, LoginRefused
from parlons.channels.email.settings import Settings
from parlons.channels.model import Event, Json
from parlons.channels.owning import AccountInbox
from parlons.kit.errors import Unavailable
from tests.channels.email.office import Office, letter
from tests.channels.email.servers import Dovecot

OLD = 60


def _mails(many: int, word: str) -> list[bytes]:
    return [
        letter(f"{word} {n}", Message_ID=f"<{word}{n}@client.example>", From=f"c{n}@client.example")
        for n in range(many)
    ]


async def _configure(office: Office, store: Dovecot, user: str, **more: Any) -> None:
    await office.configure(
        receive="imap", imap_host="127.0.0.1", imap_port=store.imap, imap_safety="none", user=user, **more
    )


async def _follow(office: Office, store: Dovecot, user: str, **more: Any) -> None:
    await _configure(office, store, user, **more)
    await office.runs()


class Halting:
    """An inbox that takes three mails, and the others once it may go on."""

    def __init__(self, inbox: AccountInbox) -> None:
        self._inbox, self._taken, self.go = inbox, 0, asyncio.Event()
        self.position, self.connected = inbox.position, inbox.connected

    async def take(self, events: Sequence[Event], *, position: Json | None = None) -> None:
        if self._taken >= 3:
            await self.go.wait()
        await self._inbox.take(events, position=position)
        self._taken += len(events)


async def _texts(office: Office) -> list[str]:
    return [row["text"] for row in await office.rows("SELECT text FROM messages")]


async def test_new_mail_goes_before_the_old_and_all_of_it_is_taken_once(office: Office, store: Dovecot) -> None:
    store.lay(_mails(OLD, "old"), to="sync")
    await _configure(office, store, "sync", first="all")
    halting = Halting(await office.inbox())
    await office.runs(halting)
    await office.until(lambda rows: len(rows) >= 3)
    await asyncio.to_thread(store.deliver, letter("new", Message_ID="<new@client.example>"), to="sync")
    halting.go.set()
    rows = await office.until(lambda rows: "new" in [row["text"] for row in rows])
    before = [row["text"] for row in rows]
    assert len(before) < OLD, "it did not wait for the old ones"
    await office.until(lambda rows: len(rows) == OLD + 1)
    numbers = [int(text.split()[1]) for text in await _texts(office) if text.startswith("old")]
    assert sorted(numbers) == list(range(OLD))
    position = (await office.rows("SELECT position FROM channel_accounts"))[0]["position"]
    assert position["last"] == OLD + 1


async def test_a_restart_goes_on_where_it_was_and_after_a_crash_nothing_is_doubled(
    office: Office, store: Dovecot
) -> None:
    store.lay(_mails(4, "old"), to="restart")
    await _follow(office, store, "restart", first="unseen", after="keep")
    await office.until(lambda rows: len(rows) == 4)
    assert office.running is not None
    office.running.cancel()
    await asyncio.gather(office.running, return_exceptions=True)
    await asyncio.to_thread(store.deliver, letter("meanwhile", Message_ID="<m@x>"), to="restart")
    async with (
        office.db.system() as tx
    ):  # the position of a moment ago: it died between the mail and what was told of it
        await tx.execute("UPDATE channel_accounts SET position = jsonb_set(position, '{old}', '2')")
    await office.runs()
    await office.until(lambda rows: len(rows) == 5)
    assert sorted(await _texts(office)) == ["meanwhile", "old 0", "old 1", "old 2", "old 3"]


async def test_mails_numbered_anew_are_known_by_their_ids(office: Office, store: Dovecot) -> None:
    await asyncio.to_thread(store.deliver, letter("un", Message_ID="<un@x>"), to="anew")
    await _follow(office, store, "anew", first="all", after="keep")
    await office.until(lambda rows: len(rows) == 1)
    assert office.running is not None
    office.running.cancel()
    await asyncio.gather(office.running, return_exceptions=True)
    before = (await office.rows("SELECT position FROM channel_accounts"))[0]["position"]["validity"]
    store.number_anew("anew", before + 1000)
    await asyncio.to_thread(store.deliver, letter("deux", Message_ID="<deux@x>"), to="anew")
    await office.runs()
    await office.until(lambda rows: len(rows) == 2)
    assert sorted(await _texts(office)) == ["deux", "un"]
    position = (await office.rows("SELECT position FROM channel_accounts"))[0]["position"]
    assert position["validity"] == before + 1000


async def test_nothing_is_marked_before_it_is_durable(
    office: Office, store: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await office.configure(
        receive="imap", imap_host="127.0.0.1", imap_port=store.imap, imap_safety="none", user="durable", first="all"
    )
    await asyncio.to_thread(store.deliver, letter("un", Message_ID="<un@x>"), to="durable")
    inbox = await office.inbox()

    class Stopped:
        position = inbox.position
        connected = inbox.connected

        async def take(self, events: Any, *, position: Any = None) -> None:
            if events:
                raise Unavailable
            await inbox.take(events, position=position)

    channel: Any = office.post.channels["email"]
    with pytest.raises(Unavailable):
        await channel.run(account, Stopped())
    with store.box("durable") as box:
        assert [one.flags for one in box.fetch(mark_seen=False)] in ([()], [("\\Recent",)])
    assert await _texts(office) == []
    await office.runs()
    await office.until(lambda rows: len(rows) == 1)


async def test_taken_mails_may_be_deleted(office: Office, store: Dovecot) -> None:
    await asyncio.to_thread(store.deliver, letter("un"), to="gone")
    await _follow(office, store, "gone", first="all", after="delete")
    await office.until(lambda rows: len(rows) == 1)

    def left() -> int:
        with store.box("gone") as box:
            return len(box.uids())

    async with asyncio.timeout(60):
        while await asyncio.to_thread(left):  # noqa: ASYNC110 - another program's mailbox
            await asyncio.sleep(0.05)


async def test_a_mail_that_is_too_large_is_told_and_not_fetched(office: Office, store: Dovecot) -> None:
    await _follow(office, store, "large", first="all", largest_mb=1)
    await asyncio.to_thread(
        store.deliver, letter("x" * 70 + "\n" + ("y" * 70 + "\n") * 20_000, Subject="Photos"), to="large"
    )
    (row,) = await office.until(lambda rows: len(rows) == 1)
    assert (row["content"]["kind"], row["content"]["subject"]) == ("mail-too-large", "Photos")
    assert len(row["text"]) < 200


@pytest.mark.parametrize("told_before", [False, True])
async def test_a_mail_that_comes_between_two_looks_is_taken_at_once(
    office: Office, store: Dovecot, monkeypatch: pytest.MonkeyPatch, told_before: bool
) -> None:
    """The server tells of it once: together with its consent to IDLE, or with the answer to a command before."""
    user, wait, waiting = f"between-{told_before}", Imap.wait, []

    def late(box: Imap) -> None:
        waiting.append(box)
        if len(waiting) <= 20:
            store.deliver(letter("Bonjour", Message_ID=f"<{user}-{len(waiting)}@client.example>"), to=user)
            if told_before:
                box._client.noop()
        wait(box)

    monkeypatch.setattr(Imap, "wait", late)
    await _follow(office, store, user, first="all")
    await office.until(lambda rows: len(rows) == 20)


async def test_a_wrong_password_and_a_lost_connection_are_told(office: Office, store: Dovecot) -> None:
    with pytest.raises(LoginRefused):
        await asyncio.to_thread(
            Imap, Settings(imap_host="127.0.0.1", imap_port=store.imap, imap_safety="none"), "x", "wrong", None
        )
    await _follow(office, store, "lost")
    await office.until(lambda rows: rows[0]["position"] != {}, "SELECT position FROM channel_accounts")
    store.drop_connections()
    assert office.running is not None
    with pytest.raises(OSError) as told:
        async with asyncio.timeout(60):
            await office.running
    assert getattr(told.value, "code", "") == "connection-lost"
    office.running = None
    await asyncio.to_thread(store.deliver, letter("after"), to="lost")
    await office.runs()
    await office.until(lambda rows: len(rows) == 1)


async def test_a_server_without_idle_is_asked(office: Office, store: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "POLL", 0.1)
    began = Imap.__init__

    def without(self: Imap, *given: Any) -> None:
        began(self, *given)
        self._idles = False

    monkeypatch.setattr(Imap, "__init__", without)
    await _follow(office, store, "asked")
    await asyncio.to_thread(store.deliver, letter("un"), to="asked")
    await office.until(lambda rows: len(rows) == 1)


async def test_a_mail_of_25_mb_costs_little_more_than_itself(office: Office) -> None:
    from email.message import EmailMessage

    mail = EmailMessage()
    mail["From"], mail["To"], mail["Message-ID"] = "c@client.example", "shop@delmas.example", "<big@x>"
    mail.set_content("voici")
    mail.add_attachment(b"%PDF" + b"x" * 18_000_000, maintype="application", subtype="pdf", filename="big.pdf")
    raw = mail.as_bytes()
    del mail
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    await office.comes(raw)
    added = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert added < 250, f"{added:.0f} MB for a mail of {len(raw) // 1_000_000} MB"
    (row,) = await office.rows("SELECT content FROM messages")
    assert row["content"]["files"][0]["code"] == "attachment-too-large"
