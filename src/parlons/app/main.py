"""The web application: each room's routes under /api/v1, the sockets, the built web client, health. Wires, decides nothing."""

import os
from functools import partial
from pathlib import Path

from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute
from starlette.responses import RedirectResponse
from starlette.routing import Route, WebSocketRoute

from parlons import __version__
from parlons.accounts import http as accounts
from parlons.accounts import http_admin, http_people
from parlons.accounts.framing import framers
from parlons.ai.transcription import LARGEST as LARGEST_SOUND
from parlons.app import (
    asyncapi,
    erasure,
    flow_builder_http,
    flow_drafts_http,
    flow_examples_http,
    flow_hearing_http,
    flow_trials_http,
    intents_http,
    operations_http,
    socket,
    statistics_http,
    tryout_http,
    web,
)
from parlons.app.agents import firm_uses, known_queues, sync_agent
from parlons.app.configuration import http as configuration_http
from parlons.app.configuration import settings_http
from parlons.app.configuration.text import LARGEST
from parlons.app.help_contacts import contacts_of
from parlons.app.openapi import describe
from parlons.app.services import Services
from parlons.appointments import http as appointments
from parlons.channels import hooks, http_sending_on
from parlons.channels import http as channels_http
from parlons.channels import public_files as media
from parlons.channels.push import events as push_news
from parlons.channels.push import http as visitor_push
from parlons.channels.webchat import assets as webchat_assets
from parlons.channels.webchat import http as webchat
from parlons.channels.webchat import offering as webchat_offering
from parlons.compat.bridge_socket import Bridge
from parlons.compat.face import Face
from parlons.conversations import http as conversations
from parlons.conversations import http_files, http_merging, http_messages, http_page, http_replies, http_splitting
from parlons.conversations.attachments import MAX_BYTES
from parlons.crm import hooks as lookup_hooks
from parlons.crm import http as crm
from parlons.customers import http as customers
from parlons.dispatch import http as dispatch
from parlons.floor import http as floor
from parlons.floor import http_chats as floor_chats
from parlons.floor.memos import tell_state
from parlons.kit.errors import Unavailable
from parlons.knowledge import files_http as help_files
from parlons.knowledge import http as knowledge
from parlons.knowledge import offering_http
from parlons.knowledge import page_http as help_pages
from parlons.knowledge.offering import Offering
from parlons.outbound import http as outbound_http
from parlons.outbound import leaving, one_http
from parlons.portal import http as portal
from parlons.portal import page_http as customer_pages
from parlons.push import http as push
from parlons.reception import http as reception
from parlons.reception import http_joining
from parlons.recontact import http as recontact
from parlons.runtime.conditional import Conditional
from parlons.runtime.edge import Edge
from parlons.runtime.health import Check, database_check, health_routes
from parlons.runtime.http import install_problems, refuse_unknown_parameters
from parlons.surveys import http as surveys
from parlons.surveys import page_http as survey_pages
from parlons.team import http as team
from parlons.templates import http as templates
from parlons.voice.calls import beside_socket, http_beside, http_phone, http_recordings, http_web, prompts_http
from parlons.voice.calls import http as calls
from parlons.voice.calls.prompts_audio import MAX_BYTES as LARGEST_PROMPT
from parlons.webhooks import http as webhooks

API = "/api/v1"
ROUTERS = (
    accounts.router,
    http_admin.router,
    http_people.router,
    configuration_http.router,
    settings_http.router,
    flow_builder_http.router,
    flow_hearing_http.router,
    flow_trials_http.router,
    flow_drafts_http.router,
    flow_examples_http.router,
    intents_http.router,
    customers.router,
    appointments.router,
    portal.router,
    crm.router,
    erasure.router,
    conversations.router,
    http_messages.router,
    http_page.router,
    channels_http.router,
    http_sending_on.router,
    http_replies.router,
    http_merging.router,
    http_splitting.router,
    http_files.router,
    reception.router,
    http_joining.router,
    dispatch.router,
    floor.router,
    floor_chats.router,
    push.router,
    team.router,
    statistics_http.router,
    tryout_http.router,
    operations_http.router,
    webchat.router,
    webchat_offering.router,
    visitor_push.router,
    push_news.router,
    prompts_http.router,
    templates.router,
    surveys.router,
    knowledge.router,
    help_files.router,
    offering_http.router,
    calls.router,
    http_phone.router,
    http_recordings.router,
    http_web.router,
    http_beside.router,
    outbound_http.router,
    one_http.router,
    recontact.router,
    webhooks.router,
)
WEB = Path(os.environ.get("PARLONS_WEB") or Path(__file__).resolve().parent.parent / "_web")
"""The built web client; a developer may name another build."""


def create_app() -> FastAPI:
    """The routes without anything running behind them: enough for the API's description."""
    app = FastAPI(
        title="Parlons",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{API}/openapi.json",
        generate_unique_id_function=_operation,
    )
    install_problems(app)
    for router in ROUTERS:
        app.include_router(router, prefix=API, dependencies=[Depends(refuse_unknown_parameters)])
    describe(app)
    return app


def build_app(services: Services) -> FastAPI:
    """The application of a running process."""
    app = create_app()
    state = app.state
    state.settings, state.db, state.hub, state.files = services.settings, services.db, services.hub, services.files
    state.dispatch, state.clock, state.handler = services.dispatch, services.clock, services.handler
    state.pushers = services.pushers
    state.meaning, state.offering = services.meaning, Offering(services.db, services.meaning)
    state.post, state.letters = services.post, services.post.ways
    state.survey_links, state.help_contacts = services.asking.links, contacts_of
    state.page_links, state.understanding = services.page_links, services.flows.understanding
    state.crm, state.transcription = services.crm, services.transcription
    state.outbound, state.outside = services.outbound, services.outside
    state.figures, state.prompts, state.voice = services.figures, services.prompts, services.voice
    state.queues_of = lambda principal: socket.queues_of(services.dispatch, principal)
    state.offered_to = lambda principal: socket.offered_to(services.dispatch, principal)
    state.tell_state, state.bridge = tell_state, Bridge(services.dispatch)
    state.sync_agent, state.firm_uses = sync_agent(services.dispatch), firm_uses
    state.known_queues = known_queues
    app.router.routes.append(WebSocketRoute(f"{API}/socket", socket.desk_socket))
    app.router.routes.append(webchat_assets.socket_route(API))
    app.router.routes.append(beside_socket.socket_route(API))
    app.router.routes.insert(0, hooks.route())  # first asked: a provider calls more often than anybody else
    app.router.routes.append(lookup_hooks.route())
    app.router.routes.append(media.route())
    app.router.routes.append(leaving.route())
    app.router.routes.extend(webchat_assets.routes(WEB))
    app.router.routes.extend(survey_pages.routes())
    app.router.routes.extend(help_pages.routes())
    app.router.routes.extend(customer_pages.routes())
    app.router.routes.append(help_files.route())
    app.include_router(health_routes({"database": database_check(services.db), "router": router_check(services)}))
    app.router.routes.append(asyncapi.route(API))
    app.router.routes.append(Route("/", _home))
    web.mount(app, WEB, services.crm.framed, partial(framers, services.db), demo=services.settings.demo)
    limit = MAX_BYTES + 100_000
    app.add_middleware(Conditional, prefix=API, routers=ROUTERS)
    app.add_middleware(Face)
    app.add_middleware(
        Edge,
        limits={
            f"{API}/files": limit,
            f"{API}/article-files": limit,
            f"{API}/webchat": limit,
            hooks.PREFIX: hooks.LARGEST,
            f"{API}/sends": outbound_http.LARGEST,
            f"{API}/configuration": LARGEST,
            f"{API}/prompts": LARGEST_PROMPT + 100_000,
            f"{API}/flows/transcribe": LARGEST_SOUND + 100_000,
        },
    )
    return app


def router_check(services: Services) -> Check:
    """Whether the router of every workspace with a desk is known here, as owner or as standby."""

    async def check() -> str | None:
        try:
            for workspace_id in services.pushers:
                services.dispatch.stepper(workspace_id)
        except Unavailable as refusal:
            return refusal.message
        return None

    return check


async def _home(_request: object) -> RedirectResponse:
    return RedirectResponse("/app/")


def _operation(route: APIRoute) -> str:
    """Operation ids are the functions' names, which are the words of the product."""
    return f"{route.tags[0] if route.tags else 'api'}_{route.name}"
