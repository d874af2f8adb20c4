"""The telephone of a serving process: the voice process kept running, a controller for each workspace, and what it needs of
other rooms (numbers are reception's entry points, the matter of a page is web chat's)."""

from parlons.app.settings import Settings, secret_key
from parlons.channels.webchat.errors import NoVisit
from parlons.channels.webchat.visits import visitor_of_token
from parlons.channels.webchat.widgets import list_widgets
from parlons.compat.fetching import Fetching
from parlons.compat.programs import Around, CallPrograms
from parlons.dispatch.contacts import ContactHandler
from parlons.dispatch.dispatch import Dispatch
from parlons.kit.clock import Clock
from parlons.reception.flow_outside import Outside
from parlons.reception.points import all_entry_points
from parlons.runtime.db import Database, Tx
from parlons.runtime.files import Files
from parlons.runtime.lifetime import Lifetime
from parlons.runtime.log import log
from parlons.runtime.safe_http import Allowed, SafeHttp
from parlons.voice.calls.incoming import CHANNEL
from parlons.voice.calls.prompts import Prompts
from parlons.voice.calls.telephone import Telephone
from parlons.voice.calls.vault import Vault
from parlons.voice.edge.turn import ice_servers
from parlons.voice.media.remote import RemoteEngine
from parlons.voice.process.keeper import Keeper
from parlons.voice.process.life import RECORDINGS, run_folder


async def numbers(tx: Tx, firm_id: str | None) -> list[str]:
    """The telephone numbers of a firm, or all: what may be shown to who is called."""
    points = await all_entry_points(tx)
    return [
        point.address
        for point in points
        if point.channel == CHANNEL and point.address.startswith("+") and firm_id in (None, point.firm_id)
    ]


async def open_telephone(
    settings: Settings,
    life: Lifetime,
    *,
    db: Database,
    dispatch: Dispatch,
    handler: ContactHandler,
    prompts: Prompts,
    files: Files,
    clock: Clock,
    outside: SafeHttp,
) -> Telephone:
    """Keeps the voice process running and is connected to it; calls are carried once `serve_calls` was asked to."""
    keeper = Keeper(settings.data, say=lambda line: log.warning("voice.says", line=line))
    life.keep("voice process", keeper.keep)
    life.at_end("voice process", keeper.leave)
    engine = RemoteEngine(keeper.socket, clock=clock)
    await engine.__aenter__()
    life.at_end("voice engine", lambda: engine.__aexit__(None, None, None))

    async def matter(tenant_id: str, token: str) -> str | None:
        async with db.transaction(tenant_id) as tx:
            for widget in await list_widgets(tx):
                try:
                    return (await visitor_of_token(tx, widget, token)).conversation_id
                except NoVisit:
                    continue
        return None

    telephone = Telephone(
        engine=engine,
        db=db,
        dispatch=dispatch,
        handler=handler,
        sounds=prompts,
        files=files,
        vault=Vault(secret_key(settings.data)),
        folder=run_folder(settings.data) / RECORDINGS,
        clock=clock,
        numbers=numbers,
        ice=lambda who, now: ice_servers(settings.turn, who, now),
        matter=matter,
        socket_address=outside.socket_address,
    )
    life.at_end("telephone", telephone.close)
    return telephone


def serve_calls(
    telephone: Telephone, life: Lifetime, flows: Outside, around: Around, tenant_id: str, workspace_id: str
) -> None:
    """Carries a workspace's calls whenever this process owns its router: led by programs where a number has an address for
    it, else by flows."""

    def script() -> CallPrograms:
        return CallPrograms(around, flows.script(tenant_id, workspace_id), tenant_id, workspace_id)

    life.keep("calls", lambda: telephone.serve(workspace_id, tenant_id, script))


def around_programs(
    settings: Settings, db: Database, dispatch: Dispatch, http: SafeHttp, prompts: Prompts, clock: Clock
) -> Around:
    """What programs that lead calls need."""
    return Around(db, dispatch, Fetching(db, http, prompts), clock, settings.url, settings.http_allow or Allowed())
