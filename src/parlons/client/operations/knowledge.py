"""Routes: knowledge. Written by `make python-client` from the API's description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from parlons.client.calls import File, Group, Listing, Mode, Request, listing, operation
from parlons.client.types.knowledge import ArticleAct, ArticleChange, Centre, NewArticle, PutBack, Section, Settled


class KnowledgeRoutes(Group[Mode]):
    """Routes: knowledge."""

    @listing
    def list_articles(
        self,
        *,
        state: Literal["draft", "review", "published", "archived"] | None = None,
        language: str | None = None,
        audience: Literal["internal", "public"] | None = None,
        firm_id: str | None = None,
        category_id: str | None = None,
        q: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Listing[dict[str, Any]]:
        """The articles of the caller's firms in whatever state, the newest first, without their texts."""
        return Listing(
            "GET",
            "/articles",
            query={
                "state": state,
                "language": language,
                "audience": audience,
                "firm_id": firm_id,
                "category_id": category_id,
                "q": q,
                "cursor": cursor,
                "limit": limit,
            },
            cursor="cursor",
        )

    @operation
    def create_article(self, body: NewArticle) -> Request[dict[str, Any]]:
        """Write an article."""
        return Request("POST", "/articles", body=body)

    @operation
    def search_articles(
        self,
        *,
        q: str,
        language: str | None = None,
        firm_id: str | None = None,
        audience: Literal["internal", "public"] | None = None,
        limit: int | None = None,
        final: bool | None = None,
    ) -> Request[dict[str, Any]]:
        """Published articles for these words, the best first, with a stretch of each that says why."""
        return Request(
            "GET",
            "/articles/search",
            query={
                "q": q,
                "language": language,
                "firm_id": firm_id,
                "audience": audience,
                "limit": limit,
                "final": final,
            },
        )

    @operation
    def article_figures(self) -> Request[dict[str, Any]]:
        """Of the last 30 days."""
        return Request("GET", "/articles/figures")

    @operation
    def get_article(self, article_id: str | int) -> Request[dict[str, Any]]:
        """An article as its authors see it, and in which languages else it is written."""
        return Request("GET", "/articles/{}", (article_id,))

    @operation
    def change_article(
        self, article_id: str | int, body: ArticleChange, *, if_match: str | None = None
    ) -> Request[dict[str, Any]]:
        """Rewrite the draft."""
        return Request("PUT", "/articles/{}", (article_id,), body=body, if_match=if_match)

    @operation
    def read_article(self, article_id: str | int) -> Request[dict[str, Any]]:
        """The published text of an article, as readers see it."""
        return Request("GET", "/articles/{}/page", (article_id,))

    @operation
    def act_on_article(
        self, article_id: str | int, body: ArticleAct, *, if_match: str | None = None
    ) -> Request[dict[str, Any]]:
        """Submit it for review, send it back, publish it, archive it, or reopen an archived one."""
        return Request("POST", "/articles/{}/act", (article_id,), body=body, if_match=if_match)

    @operation
    def article_versions(self, article_id: str | int) -> Request[dict[str, Any]]:
        """Every published version with its author and text, newest first."""
        return Request("GET", "/articles/{}/versions", (article_id,))

    @operation
    def restore_article(
        self, article_id: str | int, body: PutBack, *, if_match: str | None = None
    ) -> Request[dict[str, Any]]:
        """Make an earlier version the draft again."""
        return Request("POST", "/articles/{}/restore", (article_id,), body=body, if_match=if_match)

    @operation
    def article_comments(self, article_id: str | int) -> Request[dict[str, Any]]:
        """What readers wrote when they rated it, the latest first."""
        return Request("GET", "/articles/{}/comments", (article_id,))

    @operation
    def list_sections(self) -> Request[dict[str, Any]]:
        """The sections of articles of the caller's firms, in their order."""
        return Request("GET", "/article-sections")

    @operation
    def create_section(self, body: Section) -> Request[dict[str, Any]]:
        """A new section of a firm's articles."""
        return Request("POST", "/article-sections", body=body)

    @operation
    def change_section(self, section_id: str | int, body: Section) -> Request[dict[str, Any]]:
        """Rename a section, or put it elsewhere in the order."""
        return Request("PUT", "/article-sections/{}", (section_id,), body=body)

    @operation
    def remove_section(self, section_id: str | int) -> Request[None]:
        """Show it no more."""
        return Request("DELETE", "/article-sections/{}", (section_id,), reads="nothing")

    @operation
    def list_help_centres(self) -> Request[dict[str, Any]]:
        """The help centres of the caller's firms."""
        return Request("GET", "/help-centres")

    @operation
    def set_help_centre(
        self, firm_id: str | int, body: Centre, *, if_match: str | None = None
    ) -> Request[dict[str, Any]]:
        """Open a firm's help centre to the public under an address, or close it."""
        return Request("PUT", "/help-centres/{}", (firm_id,), body=body, if_match=if_match)

    @operation
    def list_article_files(self, *, article_id: str) -> Request[dict[str, Any]]:
        """The pictures and documents of an article and its translations."""
        return Request("GET", "/article-files", query={"article_id": article_id})

    @operation
    def add_article_file(self, file: File, fields: Mapping[str, str] | None = None) -> Request[dict[str, Any]]:
        """Keep a picture or document for an article, at most 10 MB."""
        return Request("POST", "/article-files", file=file, fields=fields)

    @operation
    def remove_article_file(self, file_id: str | int, *, article_id: str) -> Request[None]:
        """Remove a file that no version of the article shows."""
        return Request("DELETE", "/article-files/{}", (file_id,), query={"article_id": article_id}, reads="nothing")

    @operation
    def list_article_offers(self, *, conversation_id: str) -> Request[dict[str, Any]]:
        """At most three published articles for the customer's last words, the best first."""
        return Request("GET", "/article-offers", query={"conversation_id": conversation_id})

    @operation
    def settle_article_offer(self, article_id: str | int, body: Settled) -> Request[None]:
        """Say that an article was put into an answer, or is of no use for this conversation."""
        return Request("PUT", "/article-offers/{}", (article_id,), body=body, reads="nothing")

    @operation
    def list_article_gaps(self) -> Request[dict[str, Any]]:
        """What several customers asked and people answered without an article, in the last 30 days, the most f."""
        return Request("GET", "/article-gaps")
