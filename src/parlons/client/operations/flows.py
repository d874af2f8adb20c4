"""Routes: flows. Written by `make python-client` from the API's description."""

from __future__ import annotations

from collections.abc import Mapping

from parlons.client.calls import File, Group, Listing, Mode, Request, listing, operation
from parlons.client.types.flows import (
    CheckedDraft,
    DraftBody,
    FlowDifference,
    FlowDrafts,
    FlowExamples,
    FlowState,
    FlowStates,
    FlowTraffic,
    FlowTrial,
    FlowTrials,
    FlowVersion,
    Hearing,
    KeptFlowDraft,
    NewFlowDraft,
    NewTrial,
    NewVersion,
    Simulated,
    Simulation,
    StepKinds,
    TrialEnd,
    TrialFigures,
    Words,
)


class FlowsRoutes(Group[Mode]):
    """Routes: flows."""

    @operation
    def list_step_kinds(self) -> Request[StepKinds]:
        """Every kind of step with its fields, and the names that fields may name."""
        return Request("GET", "/flows/step-kinds")

    @operation
    def check_draft(self, body: DraftBody) -> Request[CheckedDraft]:
        """What is wrong with a draft, what would put it right, and both forms of it."""
        return Request("POST", "/flows/check", body=body)

    @operation
    def simulate_draft(self, body: Simulation) -> Request[Simulated]:
        """What a contact that did all this would have heard and where it would be now."""
        return Request("POST", "/flows/simulate", body=body)

    @operation
    def read_traffic(
        self, flow_id: str | int, *, hours: int | None = None, version: int | None = None
    ) -> Request[FlowTraffic]:
        """How many contacts took each way of a version (none named."""
        return Request("GET", "/flows/{}/traffic", (flow_id,), query={"hours": hours, "version": version})

    @operation
    def read_hearing(self) -> Request[Hearing]:
        """What understands speech here, and in which languages."""
        return Request("GET", "/flows/transcription")

    @operation
    def transcribe(self, file: File, fields: Mapping[str, str] | None = None) -> Request[Words]:
        """What is said in a WAV file (16 bits, one channel, a minute at most)."""
        return Request("POST", "/flows/transcribe", file=file, fields=fields)

    @operation
    def list_flows(self) -> Request[FlowStates]:
        """Every flow, with the version that is live and the trial that runs."""
        return Request("GET", "/flows")

    @operation
    def read_flow(self, flow_id: str | int) -> Request[FlowState]:
        """One flow, with the version that is live and the trial that runs."""
        return Request("GET", "/flows/{}", (flow_id,))

    @listing
    def list_versions(
        self, flow_id: str | int, *, before: int | None = None, limit: int | None = None
    ) -> Listing[FlowVersion]:
        """Every text this flow had, the latest first."""
        return Listing(
            "GET", "/flows/{}/versions", (flow_id,), query={"before": before, "limit": limit}, cursor="before"
        )

    @operation
    def add_version(self, flow_id: str | int, body: NewVersion, *, key: str | None = None) -> Request[FlowVersion]:
        """Keep a text as a version without using it."""
        return Request("POST", "/flows/{}/versions", (flow_id,), body=body, once=True, key=key)

    @operation
    def read_version(self, flow_id: str | int, version: str | int) -> Request[FlowVersion]:
        """One text this flow had."""
        return Request(
            "GET",
            "/flows/{}/versions/{}",
            (
                flow_id,
                version,
            ),
        )

    @operation
    def compare_versions(self, flow_id: str | int, *, before: int, after: int) -> Request[FlowDifference]:
        """Two versions line by line, side by side."""
        return Request("GET", "/flows/{}/difference", (flow_id,), query={"before": before, "after": after})

    @operation
    def publish_version(
        self, flow_id: str | int, version: str | int, *, if_match: str | None = None
    ) -> Request[FlowState]:
        """Back to this version."""
        return Request(
            "POST",
            "/flows/{}/versions/{}/publish",
            (
                flow_id,
                version,
            ),
            if_match=if_match,
        )

    @operation
    def list_trials(self, flow_id: str | int) -> Request[FlowTrials]:
        """The trials of a flow, the latest first."""
        return Request("GET", "/flows/{}/trials", (flow_id,))

    @operation
    def start_trial(
        self, flow_id: str | int, body: NewTrial, *, if_match: str | None = None, key: str | None = None
    ) -> Request[FlowTrial]:
        """Give a version to a part of the customers."""
        return Request("POST", "/flows/{}/trials", (flow_id,), body=body, if_match=if_match, once=True, key=key)

    @operation
    def read_trial(self, flow_id: str | int, trial_id: str | int) -> Request[TrialFigures]:
        """Both sides of a trial as they stand now."""
        return Request(
            "GET",
            "/flows/{}/trials/{}",
            (
                flow_id,
                trial_id,
            ),
        )

    @operation
    def end_trial(self, flow_id: str | int, trial_id: str | int, body: TrialEnd) -> Request[FlowState]:
        """End a trial."""
        return Request(
            "POST",
            "/flows/{}/trials/{}/end",
            (
                flow_id,
                trial_id,
            ),
            body=body,
        )

    @operation
    def list_flow_drafts(self, flow_id: str | int) -> Request[FlowDrafts]:
        """Who has a draft of this flow, the latest first."""
        return Request("GET", "/flows/{}/drafts", (flow_id,))

    @operation
    def read_flow_draft(self, flow_id: str | int, user_id: str | int) -> Request[KeptFlowDraft]:
        """The draft of one author, with its text."""
        return Request(
            "GET",
            "/flows/{}/drafts/{}",
            (
                flow_id,
                user_id,
            ),
        )

    @operation
    def keep_flow_draft(
        self, flow_id: str | int, body: NewFlowDraft, *, if_match: str | None = None
    ) -> Request[FlowDrafts]:
        """Keep one's own draft."""
        return Request("PUT", "/flows/{}/drafts/me", (flow_id,), body=body, if_match=if_match)

    @operation
    def drop_flow_draft(self, flow_id: str | int, *, if_match: str | None = None) -> Request[None]:
        """One's own draft is not wanted any more, or was published."""
        return Request("DELETE", "/flows/{}/drafts/me", (flow_id,), if_match=if_match, reads="nothing")

    @operation
    def list_flow_examples(self) -> Request[FlowExamples]:
        """The ready-made flows, in the order in which they are shown."""
        return Request("GET", "/flow-examples")
