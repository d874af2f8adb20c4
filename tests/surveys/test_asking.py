"""Who is asked after a conversation, how, and who is left alone."""

from parlons.customers import consent
from parlons.surveys import rules
from tests.surveys.conftest import AGENT, QUEUE, WORDS, Room


async def test_after_a_served_conversation_its_customer_is_asked_once(room: Room) -> None:
    survey = await room.survey()
    conversation_id = await room.served()
    one = await room.ask(conversation_id)
    assert one is not None
    assert (one.survey_id, one.how, one.language, one.channel) == (survey.id, "numbers", "fr", "webhook")
    assert (one.conversation_id, one.queue_id, one.user_id) == (conversation_id, QUEUE, AGENT)
    assert one.expires_at - one.asked_at == 14 * rules.DAY_MS
    last = (await room.desk.messages(conversation_id))[-1]
    assert last["text"].splitlines() == [
        "Êtes-vous satisfait ?",
        "Répondez par un chiffre de 1 (pas du tout satisfait) à 5 (très satisfait).",
    ]
    assert (last["number"], last["notice"]) == (one.message_number, {"code": "survey"})
    assert await room.desk.post.sender.run_due() == 1
    assert room.desk.there.texts[-1] == last["text"]
    (row,) = await room.desk.rows("SELECT status FROM conversations")
    assert row["status"] == "closed"
    assert await room.ask(conversation_id) is None
    room.desk.clock.advance(60 * rules.DAY_MS)
    assert await room.ask(conversation_id) is None


async def test_nobody_is_asked_more_often_than_the_rule_says(room: Room) -> None:
    await room.survey(every_days=7)
    await room.asked()
    room.desk.clock.advance(6 * rules.DAY_MS)
    assert await room.ask(await room.served()) is None
    assert await room.ask(await room.served(who="bob")) is not None
    room.desk.clock.advance(2 * rules.DAY_MS)
    assert await room.ask(await room.served()) is not None


async def test_who_asked_for_silence_is_left_in_peace(room: Room) -> None:
    await room.survey()
    conversation_id = await room.served()
    home = room.desk.home
    (address,) = await room.desk.rows("SELECT kind, value, customer_id FROM addresses")
    async with room.desk.db.transaction(home.tenant_id) as tx:
        await consent.opt_out(
            tx, firm_id=home.firm_id, **address, channel="webhook", word="STOP", message_id="IM" + "0" * 32
        )
    assert await room.ask(conversation_id) is None
    assert not await room.desk.rows("SELECT 1 FROM survey_invitations")


async def test_only_what_an_agent_served_and_what_is_closed_is_asked_about(room: Room) -> None:
    await room.survey()
    assert await room.ask(await room.desk.says()) is None
    await room.desk.rows("UPDATE conversations SET status = 'closed', lead_task_id = NULL RETURNING id")
    (row,) = await room.desk.rows("SELECT id FROM conversations")
    assert await room.ask(row["id"]) is None


async def test_the_rule_chooses_by_queue_channel_share_and_whether_it_is_on(room: Room) -> None:
    for rule in (
        {"queue_ids": ("WQ" + "9" * 32,)},
        {"channels": ("sms",)},
        {"share_percent": 0},
        {"active": False},
    ):
        survey = await room.survey(**rule)
        assert await room.ask(await room.served()) is None, rule
        await room.desk.rows("DELETE FROM surveys WHERE id = :id RETURNING id", id=survey.id)
    await room.survey(queue_ids=(QUEUE,), channels=("webhook",))
    assert await room.ask(await room.served()) is not None


async def test_a_share_is_a_share(room: Room) -> None:
    survey = await room.survey(share_percent=25)
    taken = sum(rules.in_share(survey, f"CH{number:032x}") for number in range(16_000))
    assert 3720 < taken < 4280, "five standard deviations: the survey's id is another each time"


async def test_buttons_where_the_channel_has_them_and_a_link_where_letters_are_written(room: Room) -> None:
    await room.survey(every_days=1)
    room.buttons(5)
    one = await room.asked()
    assert one.how == "buttons"
    message = (await room.desk.messages(one.conversation_id))[-1]
    assert [each["label"] for each in message["content"]["buttons"]] == ["1", "2", "3", "4", "5"]
    assert rules.pressed(message["content"]["buttons"][3]["payload"]) == (one.id, 4)
    room.buttons(3)
    assert (await room.asked(who="bob")).how == "numbers"
    room.buttons(0, subject=True)
    by_link = await room.asked(who="zoe")
    text = (await room.desk.messages(by_link.conversation_id))[-1]["text"]
    assert by_link.how == "page"
    assert text.endswith(room.links.url(by_link.id))


async def test_words_are_asked_for_on_the_page_only(room: Room) -> None:
    await room.survey("text", WORDS)
    assert (await room.asked()).how == "page"


async def test_where_the_window_has_closed_or_all_can_read_nothing_is_put(room: Room) -> None:
    await room.survey()
    conversation_id = await room.served()
    room.buttons(0, public=True)
    assert await room.ask(conversation_id) is None
