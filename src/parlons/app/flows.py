"""What runs flows in a process: the code in the data folder, the client for their addresses, the secrets of the environment."""

import os

from parlons.ai.embeddings import Embeddings
from parlons.app.settings import Settings
from parlons.intents.understanding import Understanding
from parlons.reception.flow_chats import MEDIA
from parlons.reception.flow_code import flow_codes
from parlons.reception.flow_outside import Outside
from parlons.reception.flow_rows import FlowShelf
from parlons.reception.flow_walk import Walker
from parlons.runtime.db import Database
from parlons.runtime.lifetime import Lifetime
from parlons.runtime.safe_http import SafeHttp

FOLDER = "flows"
"""Of the data folder: flows in Python, one a file."""


def open_flows(settings: Settings, db: Database, life: Lifetime, embeddings: Embeddings | None = None) -> Outside:
    """Ready to run; closed with `life`."""
    http = SafeHttp(settings.http_allow)
    life.at_end("addresses", http.close)
    walker = Walker(FlowShelf(flow_codes(settings.data / FOLDER)), media=MEDIA)
    secrets = {name: value for name, value in os.environ.items() if not _ours(name)}
    flows = Outside(db, walker, http, secrets=secrets, understanding=Understanding(db, embeddings))
    life.at_end("flow traffic", lambda: walker.traffic.write(db))
    life.keep("flow traffic", lambda: walker.traffic.run(db))
    life.at_end("flows", flows.close)
    return flows


def _ours(name: str) -> bool:
    """Variables by which the installation itself is run: whoever may write a flow could send them anywhere."""
    return name.startswith(("PARLONS_", "DATABASE_", "POSTGRES_", "PG", "AWS_"))
