"""Routes: settings. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Any

from parlons.client.calls import Group, Listing, Mode, Request, listing, operation
from parlons.client.types.settings import Changed, Draft, Settings, Thing


class SettingsRoutes(Group[Mode]):
    """Routes: settings."""

    @operation
    def read_settings(self) -> Request[Settings]:
        """Everything that is configured, in normal form."""
        return Request("GET", "/settings")

    @operation
    def read_schema(self) -> Request[dict[str, Any]]:
        """The JSON schema of each kind."""
        return Request("GET", "/settings/schema")

    @listing
    def list_revisions(
        self,
        *,
        kind: str | None = None,
        name: str | None = None,
        actor: str | None = None,
        before: str | None = None,
        limit: int | None = None,
    ) -> Listing[dict[str, Any]]:
        """Who changed what, newest first."""
        return Listing(
            "GET",
            "/settings/revisions",
            query={"kind": kind, "name": name, "actor": actor, "before": before, "limit": limit},
            cursor="before",
        )

    @operation
    def read_revision(self, revision: str | int) -> Request[dict[str, Any]]:
        """One revision with its fields and texts before and after."""
        return Request("GET", "/settings/revisions/{}", (revision,))

    @operation
    def undo_revision(
        self, revision: str | int, *, dry_run: bool | None = None, accept_stranded: int | None = None
    ) -> Request[Changed]:
        """Take a revision back."""
        return Request(
            "POST",
            "/settings/revisions/{}/undo",
            (revision,),
            query={"dry_run": dry_run, "accept_stranded": accept_stranded},
        )

    @operation
    def list_drafts(self) -> Request[dict[str, Any]]:
        """One's own drafts."""
        return Request("GET", "/settings/drafts")

    @operation
    def put_draft(self, kind: str | int, name: str | int, body: Draft) -> Request[None]:
        """Keep what was typed."""
        return Request(
            "PUT",
            "/settings/drafts/{}/{}",
            (
                kind,
                name,
            ),
            body=body,
            reads="nothing",
        )

    @operation
    def drop_draft(self, kind: str | int, name: str | int) -> Request[None]:
        """Throw a draft away."""
        return Request(
            "DELETE",
            "/settings/drafts/{}/{}",
            (
                kind,
                name,
            ),
            reads="nothing",
        )

    @operation
    def read_thing_text(self, kind: str | int, name: str | int) -> Request[str]:
        """One thing as the text file has it."""
        return Request(
            "GET",
            "/settings/text/{}/{}",
            (
                kind,
                name,
            ),
            reads="text",
        )

    @operation
    def read_setting(self, kind: str | int, name: str | int) -> Request[Thing]:
        """One thing that is configured, with its version."""
        return Request(
            "GET",
            "/settings/{}/{}",
            (
                kind,
                name,
            ),
        )

    @operation
    def put_setting(
        self,
        kind: str | int,
        name: str | int,
        body: dict[str, Any],
        *,
        dry_run: bool | None = None,
        accept_stranded: int | None = None,
        if_match: str | None = None,
    ) -> Request[Changed]:
        """Make a thing, or make it so."""
        return Request(
            "PUT",
            "/settings/{}/{}",
            (
                kind,
                name,
            ),
            query={"dry_run": dry_run, "accept_stranded": accept_stranded},
            body=body,
            if_match=if_match,
        )

    @operation
    def remove_setting(
        self,
        kind: str | int,
        name: str | int,
        *,
        dry_run: bool | None = None,
        accept_stranded: int | None = None,
        if_match: str | None = None,
    ) -> Request[Changed]:
        """Remove a thing."""
        return Request(
            "DELETE",
            "/settings/{}/{}",
            (
                kind,
                name,
            ),
            query={"dry_run": dry_run, "accept_stranded": accept_stranded},
            if_match=if_match,
        )
