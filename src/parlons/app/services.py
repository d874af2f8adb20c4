"""What one Parlons process runs, in order: database, migrations, first installation, router seats, readers, hub, jobs.

Opened by `running`, closed in the opposite order. A second process on the same database runs the same things: its seats are
standbys until the owner's lease ends.
"""

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from parlons.accounts.bootstrap import Installation, bootstrap
from parlons.ai.embeddings import Embeddings
from parlons.ai.transcription import Transcription
from parlons.app.ai import open_ai
from parlons.app.flows import open_flows
from parlons.app.other_workspaces import Others
from parlons.app.people import know_users, people_of, remember_configuration
from parlons.app.settings import RESTORING, Settings, WrongSetting, secret_key
from parlons.app.voice import around_programs, open_telephone, serve_calls
from parlons.app.webhooks import tell_switched_off
from parlons.channels.post import Post, open_post
from parlons.channels.webchat.away import Away
from parlons.compat.callbacks import Callbacks
from parlons.conversations import parking
from parlons.conversations import queries as conversations
from parlons.crm.opening import Crm, open_crm
from parlons.dispatch.dispatch import Dispatch
from parlons.dispatch.presence import Presence
from parlons.dispatch.returns import Returns
from parlons.dispatch.statistics import LiveFigures
from parlons.floor import day, moves
from parlons.floor.memos import forget_old_memos
from parlons.intents.misses import forget_old_misses
from parlons.kit.clock import Clock, Millis, wall_clock
from parlons.kit.errors import Refusal
from parlons.knowledge.meaning import Meaning
from parlons.knowledge.offering import Offering
from parlons.outbound import one_commands
from parlons.outbound.feeding import Outbound
from parlons.outbound.from_flows import FlowSends
from parlons.outbound.leaving import Leaving
from parlons.portal import calls as wished_calls
from parlons.portal.links import open_links as open_page_links
from parlons.portal.reminding import Reminding
from parlons.push.answers import Answers
from parlons.push.pusher import Pusher
from parlons.reception import outcomes
from parlons.reception.flow_outside import Outside
from parlons.reception.flow_steps_articles import Help
from parlons.reception.flow_steps_attempts import forget_old_attempts
from parlons.reception.flow_traffic import forget_old_traffic
from parlons.reception.flow_trials_outcomes import forget_old_trials
from parlons.reception.handler import Reception
from parlons.reception.notices import forget_old_notices
from parlons.recontact import noting
from parlons.recontact.reaching import Reaching
from parlons.runtime import jobs, migrate
from parlons.runtime.db import Database
from parlons.runtime.files import Files
from parlons.runtime.hub import Hub
from parlons.runtime.lifetime import Lifetime
from parlons.runtime.log import log
from parlons.runtime.maintenance import Retention, keep_house
from parlons.runtime.postgres.supervisor import Server, ensure_server, release_server, revive_server
from parlons.runtime.rights import Rights
from parlons.runtime.safe_http import SafeHttp
from parlons.runtime.signed_ids import SignedLinks
from parlons.runtime.vault import derived_key, vault
from parlons.surveys.asking import Asking
from parlons.surveys.links import open_links
from parlons.voice.calls import recordings
from parlons.voice.calls.prompts import Prompts
from parlons.voice.calls.telephone import Telephone
from parlons.webhooks.delivering import AT_ONCE, Deliverer, forget_old_webhook_messages
from parlons.webhooks.planning import Planner

Say = Callable[[str], None]
REVIVE = 1.0
"""Seconds between two looks whether our own PostgreSQL still runs."""


class RestoreUnfinished(Refusal):
    """A restore into this data folder did not finish."""

    code = "restore-unfinished"
    status = 500


_TIDYING = (
    forget_old_trials, forget_old_traffic, forget_old_attempts, forget_old_notices, forget_old_misses, forget_old_memos,
    forget_old_webhook_messages,
)  # fmt: skip


@dataclass(slots=True)
class Services:
    """Handles of a running process; routes find them on `app.state`."""

    settings: Settings
    db: Database
    hub: Hub
    files: Files
    prompts: Prompts
    transcription: Transcription | None
    """Understands what is said; None: nothing does."""
    embeddings: Embeddings | None
    """Compares meanings; None: words alone."""
    meaning: Meaning
    """Finds articles by what they mean."""
    dispatch: Dispatch
    presence: Presence
    figures: LiveFigures
    installation: Installation
    clock: Clock
    life: Lifetime
    flows: Outside
    """Runs flows; `flows.script(tenant, workspace)` is the script of a workspace's calls."""
    voice: Telephone
    post: Post
    """The channels."""
    outbound: Outbound
    """Sends to many."""
    asking: Asking
    """Puts surveys after conversations."""
    outside: SafeHttp
    """Addresses that people configure."""
    crm: Crm
    """Customer systems."""
    pushers: dict[str, Pusher]
    """Who tells people away from their screens, by workspace."""
    handler: Reception = field(default_factory=Reception)

    @property
    def page_links(self) -> SignedLinks:
        """Links to customers' own pages."""
        return open_page_links(secret_key(self.settings.data), self.settings.url)


@contextlib.asynccontextmanager
async def running(settings: Settings, *, say: Say, clock: Clock = wall_clock) -> AsyncIterator[Services]:
    """Everything, started; ends everything on leaving. Raises a Refusal that says what is wrong and how to mend it."""
    if (settings.data / RESTORING).exists():
        raise RestoreUnfinished(f"A restore into {settings.data} did not finish: remove that folder and restore again.")
    async with Lifetime() as life:
        ai = open_ai(settings, life)
        dsn = settings.database_url or await _own_database(settings, life, say)
        vault.unlock(secret_key(settings.data))
        await migrate.upgrade(dsn)
        db = await Database.open(dsn, clock=clock)
        life.at_end("database", db.close)
        installation = await bootstrap(db, now=clock())
        dispatch = Dispatch(db, clock=clock)
        life.at_end("dispatch", dispatch.close)
        remember_configuration(dispatch)
        pushers: dict[str, Pusher] = {}
        presence = Presence(dispatch, otherwise=_by_push(pushers))
        hub = Hub(clock=clock, on_present=_came(presence), on_absent=_went(presence))
        files = Files(settings.data / "files")
        prompts = Prompts(db, files, settings.data, ai.speeches)
        figures = LiveFigures(dispatch)
        flows = open_flows(settings, db, life, ai.embeddings)
        handler = Reception(flows.walker)
        post = _open_post(settings, life, db, files, handler, hub)
        outbound = _open_outbound(settings, db, post, flows)
        outside = _outside(settings, life)
        voice = await open_telephone(
            settings, life, db=db, dispatch=dispatch, handler=handler, prompts=prompts, files=files, clock=clock,
            outside=outside,
        )  # fmt: skip
        services = Services(
            settings, db, hub, files, prompts, ai.transcription, ai.embeddings, _compare_articles(db, ai.embeddings, life),
            dispatch, presence, figures, installation, clock, life, flows, voice, post, outbound, _asking(settings, post),
            outside, open_crm(db, outside, clock, settings.url), pushers, handler,
        )  # fmt: skip
        flows.help = Help(db, Offering(db, services.meaning), settings.url)
        await _serve_workspaces(services)
        life.at_end("presence", presence.close)
        life.at_end("figures", figures.close)
        life.keep("live figures", lambda: figures.run(hub.ephemeral))
        life.keep("jobs", jobs.Worker(db, _handlers(services)).run)
        life.keep("customer systems", jobs.Worker(db, services.crm.handlers(), at_once=4).run)
        life.keep(
            "house",
            lambda: keep_house(db, files, Retention(), _TIDYING),
        )
        life.keep("returns", Returns(dispatch, _unanswered(services)).run)
        life.keep("sockets", hub.keep_alive)
        life.keep("channels", post.owner.run)
        life.keep("sends", outbound.run)
        life.at_end("hub", hub.close)
        yield services


def _asking(settings: Settings, post: Post) -> Asking:
    return Asking(post.ways, open_links(secret_key(settings.data), settings.url))


def _handlers(services: Services) -> dict[str, jobs.Handler]:
    """What is done at its time."""
    post, outbound = services.post, services.outbound
    return {
        **parking.handlers(),
        **services.files.handlers(),
        **services.flows.handlers(),
        **recordings.handlers(services.files),
        **moves.handlers(services.dispatch),
        **post.handlers(),
        **Away(post.ways).handlers(),
        **one_commands.handlers(outbound),
        **Reaching(outbound).handlers(),
        **wished_calls.handlers(),
        **Reminding(outbound, services.page_links).handlers(),
    }


def _compare_articles(db: Database, embeddings: Embeddings | None, life: Lifetime) -> Meaning:
    """Vectors of articles are made while the process runs, where something makes them."""
    meaning = Meaning(db, embeddings)
    if embeddings is not None:
        life.keep("articles", meaning.run)
    return meaning


def _open_post(settings: Settings, life: Lifetime, db: Database, files: Files, handler: Reception, hub: Hub) -> Post:
    http = _outside(settings, life)
    return open_post(
        db, http=http, files=files, handler=handler, secret=secret_key(settings.data), public_url=settings.url, hub=hub
    )


def _open_outbound(settings: Settings, db: Database, post: Post, flows: Outside) -> Outbound:
    """Messages of ours; flows send by it too."""
    secret = secret_key(settings.data)
    outbound = Outbound(db, post, Leaving(secret, settings.url))
    flows.walker.beyond.update(FlowSends(outbound, derived_key(secret, "flow codes")).acts())
    return outbound


def _outside(settings: Settings, life: Lifetime, *, at_once: int = 50) -> SafeHttp:
    http = SafeHttp(settings.http_allow, at_once=at_once)
    life.at_end("outside addresses", http.close)
    return http


def _by_push(pushers: dict[str, Pusher]) -> Callable[[str, str], Awaitable[bool]]:
    async def reached(workspace_id: str, worker_id: str) -> bool:
        pusher = pushers.get(workspace_id)
        return pusher is not None and await pusher.reaches(worker_id)

    return reached


async def _own_database(settings: Settings, life: Lifetime, say: Say) -> str:
    server = await asyncio.to_thread(ensure_server, settings.data, say=say)

    async def release() -> None:
        await asyncio.to_thread(release_server, server)

    life.at_end("postgres", release)
    life.keep("postgres", lambda: _keep_server(server))
    return server.dsn


async def _keep_server(server: Server) -> None:
    """Starts our own PostgreSQL again when it was killed; a failure (a full disk) is tried again by the lifetime."""
    while True:
        await asyncio.sleep(REVIVE)
        if await asyncio.to_thread(revive_server, server, say=lambda line: log.info("postgres.says", line=line)):
            log.warning("postgres.revived")


async def _serve_workspaces(services: Services) -> None:
    """Those with a desk, whole; those that programs made are routers and nothing else."""
    async with services.db.system() as tx:
        desks = await tx.fetch_all("SELECT tenant_id, id FROM workspaces WHERE is_default ORDER BY id")
    for row in desks:
        await _serve_workspace(services, row["tenant_id"], row["id"])
    _send_traces(services)
    http = _outside(services.settings, services.life, at_once=3 * (jobs.AWAY + AT_ONCE))  # for the three workers below
    callbacks = Callbacks(services.dispatch, http, services.voice, services.settings.http_allow)
    others = Others(services.db, services.dispatch, services.pushers.keys(), callbacks)
    services.life.keep("workspaces", others.run)
    # Events hold up no reservation, and none of them the house's other work.
    services.life.keep("event calls", jobs.Worker(services.db, callbacks.events()).run)
    services.life.keep("assignment calls", jobs.Worker(services.db, callbacks.assignments()).run)
    deliverer = Deliverer(services.db, http, tell_switched_off)
    services.life.keep("webhooks", jobs.Worker(services.db, deliverer.handlers(), at_once=AT_ONCE).run)


def _send_traces(services: Services) -> None:
    """Contacts as spans, where a receiver is named; else nothing of it is loaded."""
    if not services.settings.traces:
        return
    try:
        from parlons.app.tracing import Traces
    except ModuleNotFoundError:
        raise WrongSetting("PARLONS_TRACES needs the extra: pip install 'parlons[otel]'") from None
    traces = Traces(services.settings.traces)
    services.life.at_end("traces", traces.close)
    for workspace_id in services.pushers:
        services.life.keep("traces", functools.partial(traces.follow, services.dispatch, workspace_id))


async def _serve_workspace(services: Services, tenant_id: str, workspace_id: str) -> None:
    """Takes a seat at a workspace and starts those who read its journal."""
    dispatch, life = services.dispatch, services.life
    await know_users(dispatch, tenant_id)
    seat = await dispatch.open(workspace_id, tenant_id)
    await dispatch.ready(workspace_id)
    services.figures.begin(workspace_id)
    life.keep("screens", lambda: services.hub.follow(dispatch.screens(workspace_id)))
    life.keep("people", people_of(dispatch, services.hub, tenant_id, workspace_id))
    life.keep("floor", day.reader(dispatch.tail(workspace_id), tenant_id).run)
    http, url = _outside(services.settings, life), services.settings.url
    pusher = Pusher(dispatch, services.hub, http, tenant_id, workspace_id, url)
    services.pushers[workspace_id] = pusher
    life.keep("push", pusher.follow)
    life.keep("push to visitors", Answers(dispatch, services.post, tenant_id, workspace_id).follow)
    life.keep("away", Away(services.post.ways).reader(dispatch.tail(workspace_id), tenant_id).run)
    life.keep("surveys", services.asking.reader(dispatch.tail(workspace_id), tenant_id).run)
    life.keep("crm", services.crm.contacts.reader(dispatch.tail(workspace_id), tenant_id).run)
    life.keep("recontact", noting.reader(dispatch.tail(workspace_id), tenant_id).run)
    life.keep("webhooks planned", Planner(dispatch.tail(workspace_id), tenant_id, workspace_id).run)
    life.keep("reception", outcomes.reader(dispatch.tail(workspace_id), tenant_id).run)
    around = around_programs(services.settings, services.db, dispatch, http, services.prompts, services.clock)
    serve_calls(services.voice, life, services.flows, around, tenant_id, workspace_id)

    async def ownership() -> None:
        """Each time this process becomes the owner, agents whose screens went with the old one are looked for."""
        while True:
            changed = seat.changed
            if seat.owner is not None:
                services.presence.took_over(workspace_id)
            await changed.wait()

    life.keep("ownership", ownership)


def _came(presence: Presence) -> Callable[[Rights], None]:
    def came(rights: Rights) -> None:
        if rights.worker_id is not None:
            presence.agent_connected(rights.workspace_id, rights.worker_id)

    return came


def _went(presence: Presence) -> Callable[[Rights, Millis], None]:
    def went(rights: Rights, last_heard: Millis) -> None:
        if rights.worker_id is not None:
            presence.agent_lost(rights.workspace_id, rights.worker_id, last_heard)

    return went


def _unanswered(services: Services) -> Callable[[str, str], "asyncio.Future[bool]"]:
    tenants = {services.installation.workspace_id: services.installation.tenant_id}

    async def unanswered(workspace_id: str, conversation_id: str) -> bool:
        """Whether the customer of this conversation waits for an answer."""
        async with services.db.transaction(tenants[workspace_id]) as tx:
            found = await conversations.conversation(tx, conversation_id)
        return found is not None and found.first_unanswered_at is not None

    return unanswered  # type: ignore[return-value]
