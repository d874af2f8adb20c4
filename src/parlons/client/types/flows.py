"""What travels: flows. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict


class ActBody(TypedDict):
    says: NotRequired[str | None]
    presses: NotRequired[str | None]
    waits: NotRequired[float | str | None]
    hangs_up: NotRequired[Literal[True] | None]
    nobody_free: NotRequired[Literal[True] | None]
    agent_answers: NotRequired[Literal[True] | None]
    queue_full: NotRequired[Literal[True] | None]


class Body_flows_transcribe(TypedDict):
    file: str
    language: str
    hints: NotRequired[str]


class CheckedDraft(TypedDict):
    picture: FlowPicture | None
    text: str
    valid: bool
    problems: list[DraftProblem]


class DifferenceLine(TypedDict):
    change: Literal["same", "changed", "added", "removed"]
    before: str | None
    after: str | None


class DraftBody(TypedDict):
    picture: NotRequired[PictureBody | None]
    text: NotRequired[str | None]


class DraftOffer(TypedDict):
    offer: Literal["connect", "start", "remove", "unset", "set", "add"]
    step: NotRequired[str | None]
    path: NotRequired[list[str | int] | None]
    to: NotRequired[str | None]
    value: NotRequired[Any]
    kind: NotRequired[str | None]


class DraftProblem(TypedDict):
    code: str
    message: str
    remedy: str
    grave: bool
    path: list[str | int]
    step: str | None
    port: str | None
    line: int
    column: int
    offers: list[DraftOffer]


class FlowDifference(TypedDict):
    lines: list[DifferenceLine]


class FlowDrafts(TypedDict):
    items: list[KeptFlowDraft]


class FlowExample(TypedDict):
    name: str
    title: dict[str, str]
    about: dict[str, str]
    text: str
    flow: dict[str, Any]


class FlowExamples(TypedDict):
    items: list[FlowExample]


class FlowPicture(TypedDict):
    header: dict[str, Any]
    nodes: list[PictureNode]
    edges: list[PictureEdge]


class FlowState(TypedDict):
    id: str
    name: str
    version: int
    etag: str
    trial: FlowTrial | None


class FlowStates(TypedDict):
    items: list[FlowState]


class FlowTraffic(TypedDict):
    flow_id: str
    version: int
    since: str
    until: str
    edges: list[TrafficEdge]
    here: dict[str, int]


class FlowTrial(TypedDict):
    id: str
    flow_id: str
    base_version: int
    trial_version: int
    percent: int
    started_at: str
    started_by: str
    ended_at: str | None
    ended_by: str | None
    ending: Literal["to-all", "rolled-back", "replaced"] | None


class FlowTrials(TypedDict):
    items: list[FlowTrial]


class FlowVersion(TypedDict):
    version: int
    at: str | None
    author: str
    note: str
    live: bool
    text: NotRequired[str | None]


class FlowVersions(TypedDict):
    items: list[FlowVersion]
    next: int | None


class Hearing(TypedDict):
    provider: str | None
    languages: list[str]
    local: bool
    longest_seconds: int


class HttpAnswer(TypedDict):
    status: int
    body: NotRequired[Any]
    reason: NotRequired[str | None]


class KeptFlowDraft(TypedDict):
    user_id: str
    author: str
    mine: bool
    version: int
    etag: str
    at: str
    text: NotRequired[str | None]


class NewFlowDraft(TypedDict):
    text: str
    version: int


class NewTrial(TypedDict):
    version: int
    percent: int


class NewVersion(TypedDict):
    text: str
    note: NotRequired[str]


class NodeBody(TypedDict):
    name: str
    kind: NotRequired[str | None]
    at: NotRequired[list[Any] | None]
    fields: NotRequired[dict[str, Any]]
    raw: NotRequired[Any]


class PictureBody(TypedDict):
    header: NotRequired[dict[str, Any]]
    nodes: NotRequired[list[NodeBody]]


PictureEdge = TypedDict(
    "PictureEdge", {"from": "str", "path": "list[str | int]", "port": "str", "to": "str", "exists": "bool"}
)


class PictureNode(TypedDict):
    name: str
    kind: str | None
    at: list[int] | None
    title: str
    fields: dict[str, Any]
    raw: NotRequired[Any]


class Share(TypedDict):
    count: int
    share: float | None
    low: float
    high: float


class ShareDifference(TypedDict):
    value: float | None
    low: float
    high: float
    told: bool


class Simulated(TypedDict):
    begun: bool
    problems: list[DraftProblem]
    events: list[dict[str, Any]]
    path: list[SimulatedWay]
    state: SimulatedState | None
    ended: str | None
    falls: bool
    seconds: float
    cut: bool
    variables: dict[str, Any]
    told: list[ToldLine]


class SimulatedState(TypedDict):
    at: str
    step: str | None
    keys: list[str]
    choices: list[dict[str, Any]]
    queue: str | None
    workflow: str | None
    silence_seconds: float | None
    secret: bool


SimulatedWay = TypedDict(
    "SimulatedWay",
    {"flow": "str", "from": "str | None", "to": "str | None", "port": "str | None", "ports": "list[str]"},
)


class Simulation(TypedDict):
    picture: NotRequired[PictureBody | None]
    text: NotRequired[str | None]
    language: NotRequired[str | None]
    channel: NotRequired[str]
    at: NotRequired[str | None]
    open: NotRequired[bool]
    holiday: NotRequired[bool]
    number: NotRequired[str | None]
    customer: NotRequired[dict[str, Any] | None]
    variables: NotRequired[dict[str, Any]]
    http: NotRequired[dict[str, HttpAnswer]]
    dialled: NotRequired[Literal["answered", "busy", "no-answer", "refused", "failed"]]
    code: NotRequired[str]
    reached: NotRequired[bool]
    surveyed: NotRequired[bool]
    bot: NotRequired[list[dict[str, Any]]]
    acts: NotRequired[list[ActBody]]


class StepField(TypedDict):
    name: str
    type: str
    group: Literal["words", "ways", "settings"]
    required: bool
    null: bool
    default: NotRequired[Any]
    values: NotRequired[list[str] | None]
    whole: NotRequired[bool | None]
    unit: NotRequired[str | None]
    minimum: NotRequired[float | None]
    maximum: NotRequired[float | None]
    of: NotRequired[StepField | None]
    fields: NotRequired[list[StepField] | None]
    options: NotRequired[list[StepField] | None]
    only_when: NotRequired[dict[str, list[str]] | None]


class StepKind(TypedDict):
    kind: str
    category: str
    person: bool
    waits: bool
    ways: list[str]
    words: list[str]
    fields: list[StepField]


class StepKinds(TypedDict):
    kinds: list[StepKind]
    header: list[StepField]
    names: dict[str, list[str]]


class ToldLine(TypedDict):
    what: Literal["answered", "unanswered", "tried", "verified"]
    label: str
    value: NotRequired[str]


TrafficEdge = TypedDict("TrafficEdge", {"from": "str | None", "to": "str | None", "count": "int"})


class TrialEnd(TypedDict):
    how: Literal["to-all", "roll-back"]


class TrialFigures(TypedDict):
    trial: FlowTrial
    sides: list[TrialSide]
    differences: dict[str, ShareDifference]


class TrialSide(TypedDict):
    side: Literal["base", "trial"]
    version: int
    begun: int
    under_way: int
    ended: int
    median_seconds: float | None
    p90_seconds: float | None
    shares: dict[str, Share]


class Words(TypedDict):
    text: str
    confidence: float | None
