"""The demo's ready-made flows: as they ship, with stand-ins of this machine where their placeholders are."""

import re
from typing import Any

import yaml

from parlons.app.flow_examples import examples
from parlons.app.process import text_of
from parlons.kit.marked import read, write

SYSTEMS = "DEMO_SYSTEMS"
"""Secret of the environment by which the stand-ins know the centre."""
HOLDER, PIN = "10000001", "4711"
"""An account of the stand-in bank."""
FIRMS = {"bank": "Banque du Canal", "follow-the-sun": "Voyages Austral", "satisfaction": "Voyages Austral"}
"""By ready-made flow; the others are of no firm, or of the first."""
DEALER = "Delmas Automobiles"
SHARED = frozenset({"receptionist"})
_PLACES = re.compile(r"https://(bank|shop)\.example")
_OURS = re.compile(r"http://127\.0\.0\.1:\d+/(bank|shop)/")
_SECRETS = re.compile(r"secret: (BANK|SHOP)_TOKEN")
Json = dict[str, Any]


def ready_made(web: int) -> Json:
    """Parts of a configuration: the ready-made flows, and those of the demo alone; `web`: where the stand-ins serve."""
    parts: Json = yaml.safe_load(text_of("demo_flows.yaml"))
    return {**parts, "flows": [*(_flow(name, web) for name in examples()), *parts["flows"]]}


def moved(source: Json, web: int) -> Json | None:
    """A flow whose stand-ins served elsewhere, as it should be now; None: it is right."""
    before = write(source)
    after = _OURS.sub(lambda found: f"http://127.0.0.1:{web}/{found[1]}/", before)
    return None if after == before else dict(read(after).data)


def _flow(name: str, web: int) -> Json:
    text = _PLACES.sub(lambda found: f"http://127.0.0.1:{web}/{found[1]}", examples()[name].text)
    flow: Json = read(_SECRETS.sub(f"secret: {SYSTEMS}", text)).data
    firm = {} if name in SHARED else {"firm": FIRMS.get(name, DEALER)}
    return {**{word: value for word, value in flow.items() if word != "tests"}, **firm}
