"""The public page of a question over HTTP: GET shows it, POST answers. Who has the link may answer; nobody signs in.

Looking answers nothing: programs that preview links look too. A link opens one question; it tells no name, no message and no
other answer than its own.
"""

from urllib.parse import parse_qs

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from parlons.accounts.errors import TooManyAttempts
from parlons.accounts.queries import firm_name
from parlons.accounts.throttle import attempt
from parlons.runtime.db import Database, Tx
from parlons.runtime.public_page import HEADERS, message
from parlons.runtime.public_page import shown as shown_page
from parlons.runtime.signed_ids import SignedLinks
from parlons.surveys import rules, texts
from parlons.surveys.answers import Given, answer
from parlons.surveys.links import PATH
from parlons.surveys.model import CHANGES_MS, MAX_COMMENT, Invitation, range_of
from parlons.surveys.page import Shown, question_page, two_languages
from parlons.surveys.store import invitations, read_invitation

PER_MINUTE = 60
"""Looks and answers of one address."""
LARGEST = 20_000


def routes() -> list[Route]:
    """The page's routes; they find `db`, `clock` and `survey_links` on the application's state."""
    return [Route(f"{PATH}{{token}}", show, methods=["GET"]), Route(f"{PATH}{{token}}", take, methods=["POST"])]


async def show(request: Request) -> Response:
    """The question, or what has become of it."""
    return await _page(request)


async def take(request: Request) -> Response:
    """An answer; then the page anew, so that a reload sends nothing twice."""
    form = parse_qs((await request.body())[:LARGEST].decode("utf-8", "replace"), keep_blank_values=True)
    return await _page(request, {name: values[-1] for name, values in form.items()})


async def _page(request: Request, form: dict[str, str] | None = None) -> Response:
    state = request.app.state
    try:
        attempt(request, "survey_throttle", PER_MINUTE)
    except TooManyAttempts:
        return shown_page(two_languages("often"), 429)
    db: Database = state.db
    links: SignedLinks = state.survey_links
    invitation_id = links.ids.id_of(request.path_params["token"][:60])
    tenant_id = await _tenant(db, invitation_id) if invitation_id is not None else None
    if tenant_id is None:
        return shown_page(two_languages("unknown"), 404)
    async with db.transaction(tenant_id) as tx:
        one = await read_invitation(tx, invitations.c.id == invitation_id, lock=form is not None)
        if one is None:
            return shown_page(two_languages("unknown"), 404)
        return await _of(tx, request, one, form)


async def _tenant(db: Database, invitation_id: str) -> str | None:
    async with db.system() as system:
        found: str | None = await system.scalar(
            sa.select(invitations.c.tenant_id).where(invitations.c.id == invitation_id)
        )
    return found


async def _of(tx: Tx, request: Request, one: Invitation, form: dict[str, str] | None) -> Response:
    firm, language = await firm_name(tx, one.firm_id), one.language
    if not rules.takes_answer(one, tx.now):
        if one.answered_at is not None:
            text = texts.line("already", language)
            return shown_page(message(language, texts.thanks(one.words, language), text, firm=firm))
        return shown_page(
            message(language, texts.line("over-title", language), texts.line("over", language), firm=firm), 410
        )
    if form is not None:
        given, fault = _given(one, form)
        if fault:
            shown = Shown(firm, fault=texts.line(fault, language, limit=MAX_COMMENT), score=given.score,
                          comment=given.comment)  # fmt: skip
            return shown_page(question_page(one, shown), 422)
        await answer(tx, one, given)
        return RedirectResponse(request.url.path, 303, headers=HEADERS)
    if one.answered_at is None:
        return shown_page(question_page(one, Shown(firm)))
    left = min(one.answered_at + CHANGES_MS, one.expires_at) - tx.now
    shown = Shown(firm, minutes=-(-left // 60_000), score=one.score, comment=one.comment)
    return shown_page(question_page(one, shown))


def _given(one: Invitation, form: dict[str, str]) -> tuple[Given, str]:
    """What was answered, and the code of what is wrong with it."""
    comment = form.get("comment", "").replace("\x00", "").replace("\r\n", "\n").strip()
    score = rules.number_in(form.get("score", ""))
    in_words = range_of(one.kind, one.words) is None
    if in_words or score is None or not rules.valid(one, score):
        score = None
    given = Given(score, comment if in_words or one.words.comment is not None else "")
    if len(comment) > MAX_COMMENT:
        return given, "too-long"
    if in_words:
        return given, "" if comment else "missing-words"
    return given, "missing" if score is None else ""
