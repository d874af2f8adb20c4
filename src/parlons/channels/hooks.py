"""Providers' calls: `/hooks/{channel}/{key}`. Proven over the raw bytes before anything is read, answered when all is committed.

A call that is not proven is refused and leaves no trace but a number. A provider that calls again (its time-out, its retry,
somebody who recorded the call) is answered the same: each event is known by the provider's id. While the database is away
it is told so (503) and calls again later.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parlons.channels.accounts import UnknownAccount, UnknownChannel
from parlons.channels.model import HookAnswer, HookRequest
from parlons.channels.plugin import BadHook, NotFromProvider, ReceivesHooks
from parlons.kit.errors import Refusal, TooLarge
from parlons.runtime.http import problem_of
from parlons.runtime.log import log
from parlons.runtime.metrics import CHANNEL_EVENTS

PREFIX = "/hooks"
LARGEST = 30_000_000
"""Bytes of one call."""


async def hook(request: Request) -> Response:
    """One call of a provider."""
    try:
        return _response(await _handled(request))
    except Refusal as refusal:
        return problem_of(refusal)


async def _handled(request: Request) -> HookAnswer:
    post: Any = request.app.state.post
    channel = post.channels.get(request.path_params["channel"])
    if not isinstance(channel, ReceivesHooks):
        raise UnknownChannel
    account = await post.accounts.by_key(request.path_params["channel"], request.path_params["key"])
    body = await request.body()
    if len(body) > LARGEST:
        raise TooLarge
    asked = HookRequest(
        method=request.method,
        path=request.url.path,
        query=dict(request.query_params),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        at=post.db.clock(),
        url=str(request.url),
    )
    try:
        channel.verify(account, asked)
    except NotFromProvider:
        CHANNEL_EVENTS.labels(account.channel, "unproven").inc()
        raise
    only = channel.answer(account, asked)
    if only is not None:
        return only
    try:
        events = channel.parse(account, asked)
    except BadHook:
        CHANNEL_EVENTS.labels(account.channel, "unreadable").inc()
        raise
    except Refusal:
        raise
    except Exception:
        log.exception("channel.parse_failed", channel=account.channel, account_id=account.id)
        raise BadHook from None
    await post.receiver.take_all(account, events)
    return channel.accepted(account, asked)


def _response(answer: HookAnswer) -> Response:
    return Response(answer.body, answer.status, media_type=answer.content_type)


def route() -> Route:
    """The route of all hooks."""
    return Route(f"{PREFIX}/{{channel}}/{{key}}", hook, methods=["GET", "POST", "PUT"])


__all__ = ["LARGEST", "PREFIX", "UnknownAccount", "hook", "route"]
