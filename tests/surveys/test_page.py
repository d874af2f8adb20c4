"""The public page: one question by its link, answered without a script; told clearly when its time is over."""

import httpx

from parlons.surveys import rules
from parlons.surveys.erasing import erase_answers
from parlons.surveys.model import Invitation, Words
from tests.surveys.conftest import WORDS, Room

HOUR = 3_600_000


async def invited(room: Room, **more: object) -> tuple[Invitation, str]:
    room.buttons(0, subject=True)
    one = await room.asked(**more)
    return one, room.links.url(one.id)


async def post(room: Room, url: str, **form: str) -> httpx.Response:
    return await room.page.post(url, data=form)


async def test_looking_answers_nothing_and_sending_answers_once(room: Room) -> None:
    await room.survey()
    one, url = await invited(room)
    seen = await room.page.get(url)
    assert seen.status_code == 200
    assert '<html lang="fr">' in seen.text
    assert "<legend>Êtes-vous satisfait ?</legend>" in seen.text
    assert seen.text.count('type="radio"') == 5
    assert seen.headers["referrer-policy"] == "no-referrer"
    assert (await room.answer(one))["answered_at"] is None
    sent = await post(room, url, score="4", comment="Très <b>bien</b>")
    assert (sent.status_code, sent.headers["location"]) == (303, httpx.URL(url).path)
    kept = await room.answer(one)
    assert (kept["score"], kept["comment"]) == (4, "Très <b>bien</b>")
    after = (await room.page.get(url)).text
    assert "Merci pour votre réponse." in after
    assert "60 min" in after
    assert "Très &lt;b&gt;bien&lt;/b&gt;" in after
    assert 'value="4" required checked' in after
    await post(room, url, score="4", comment="Très <b>bien</b>")
    assert len(await room.desk.rows("SELECT 1 FROM notes")) == 1


async def test_it_may_be_changed_for_an_hour(room: Room) -> None:
    await room.survey()
    one, url = await invited(room)
    await post(room, url, score="1")
    room.desk.clock.advance(HOUR - 1)
    await post(room, url, score="5", comment="Finalement")
    room.desk.clock.advance(2)
    late = await post(room, url, score="2")
    assert (late.status_code, "ne peut plus être modifiée" in late.text, "<form" in late.text) == (200, True, False)
    kept = await room.answer(one)
    assert (kept["score"], kept["comment"]) == (5, "Finalement")


async def test_an_expired_link_says_so(room: Room) -> None:
    await room.survey(valid_days=2)
    one, url = await invited(room)
    room.desk.clock.advance(2 * rules.DAY_MS)
    for answer in (await room.page.get(url), await post(room, url, score="5")):
        assert (answer.status_code, "Ce lien a expiré" in answer.text, "<form" in answer.text) == (410, True, False)
    assert (await room.answer(one))["answered_at"] is None


async def test_only_a_whole_link_of_ours_opens(room: Room) -> None:
    await room.survey()
    one, url = await invited(room)
    other = room.links.ids.token(one.id[:-1] + ("0" if one.id[-1] != "0" else "1"))
    for wrong in (
        url[:-1],
        url[:-3] + "aaa",
        "https://desk.example/survey/hello",
        f"https://desk.example/survey/{other}",
    ):
        answer = await room.page.get(wrong)
        assert (answer.status_code, 'lang="fr"' in answer.text) == (404, True)


async def test_what_is_missing_is_said_and_what_was_written_stays(room: Room) -> None:
    await room.survey()
    one, url = await invited(room)
    for form in (
        {"comment": "Parce que"},
        {"score": "9", "comment": "Parce que"},
        {"score": "x", "comment": "Parce que"},
    ):
        answer = await post(room, url, **form)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
        assert "Parce que</textarea>" in answer.text
    assert (await post(room, url, score="5", comment="x" * 2001)).status_code == 422
    assert (await room.answer(one))["answered_at"] is None


async def test_words_are_answered_in_words(room: Room) -> None:
    await room.survey("text", Words({"en": "What could we do better?"}, thanks={"en": "Read by all of us."}))
    one, url = await invited(room)
    assert '<label class="label" for="comment">What could we do better?</label>' in (await room.page.get(url)).text
    assert (await post(room, url, comment="  ")).status_code == 422
    assert (await post(room, url, comment="Open on Sundays")).status_code == 303
    assert (await room.answer(one))["comment"] == "Open on Sundays"
    assert "Read by all of us." in (await room.page.get(url)).text


async def test_who_tries_without_end_waits(room: Room) -> None:
    answers = [(await room.page.get("/survey/none")).status_code for _ in range(61)]
    assert (set(answers[:60]), answers[60]) == ({404}, 429)


async def test_an_erased_customer_leaves_his_figure_only(room: Room) -> None:
    await room.survey("csat", WORDS)
    one, url = await invited(room)
    await post(room, url, score="2", comment="Claire Vexmail, 06 99 11 22 73")
    async with room.desk.db.transaction(room.desk.home.tenant_id) as tx:
        await erase_answers(tx, [one.customer_id])
    kept = await room.answer(one)
    assert (kept["score"], kept["comment"]) == (2, "")
    assert (await post(room, url, score="5")).text.count("<form") == 0
    assert (await room.answer(one))["score"] == 2
