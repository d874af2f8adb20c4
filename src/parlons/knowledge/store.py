"""Tables of articles, and rows read as values. Private to this room."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB, TSVECTOR
from sqlalchemy.engine import RowMapping

from parlons.kit.clock import from_datetime
from parlons.knowledge.model import Article, Text, UnknownArticle
from parlons.runtime.db import Tx
from parlons.runtime.schema import at_column, metadata, tenant_column, text_column

help_centres = sa.Table(
    "help_centres",
    metadata,
    sa.Column("firm_id", sa.Text, primary_key=True),
    tenant_column(),
    sa.Column("slug", sa.Text, nullable=False, unique=True),
    sa.Column("open", sa.Boolean, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
)

categories = sa.Table(
    "article_categories",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    tenant_column(),
    text_column("firm_id"),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("names", JSONB, nullable=False),
    at_column("removed_at", nullable=True),
    sa.Index("ix_article_categories_firm", "tenant_id", "firm_id", "position"),
)

articles = sa.Table(
    "articles",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    tenant_column(),
    text_column("firm_id"),
    text_column("topic_id"),
    text_column("language"),
    text_column("audience"),
    sa.Column("category_id", sa.Text, sa.ForeignKey("article_categories.id")),
    text_column("slug"),
    text_column("title"),
    text_column("summary"),
    text_column("html"),
    text_column("state"),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("published_number", sa.Integer),
    text_column("changed_by"),
    at_column("changed_at"),
    sa.UniqueConstraint("firm_id", "language", "slug"),
    sa.UniqueConstraint("topic_id", "language"),
    sa.Index("ix_articles_changed", "tenant_id", "changed_at"),
)

versions = sa.Table(
    "article_versions",
    metadata,
    sa.Column("article_id", sa.Text, sa.ForeignKey("articles.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    tenant_column(),
    text_column("title"),
    text_column("summary"),
    text_column("html"),
    sa.Column("words", sa.Text, nullable=False, comment="the text without markup, for excerpts"),
    text_column("author"),
    at_column("at"),
)

pages = sa.Table(
    "article_pages",
    metadata,
    sa.Column("article_id", sa.Text, sa.ForeignKey("articles.id"), primary_key=True),
    tenant_column(),
    text_column("firm_id"),
    text_column("topic_id"),
    text_column("language"),
    text_column("audience"),
    text_column("category_id", nullable=True),
    text_column("slug"),
    text_column("title"),
    text_column("summary"),
    sa.Column("number", sa.Integer, nullable=False),
    at_column("published_at"),
    sa.Column("vector", TSVECTOR, nullable=False),
    sa.Index("ix_article_pages_place", "tenant_id", "firm_id", "language", "audience"),
    sa.Index("ix_article_pages_topic", "tenant_id", "topic_id"),
)
"""What readers find: narrow rows, since a search reads all of one firm and language (see searching.py)."""

words = sa.Table(
    "article_words",
    metadata,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("firm_id", sa.Text, primary_key=True),
    sa.Column("language", sa.Text, primary_key=True),
    sa.Column("variant", sa.Text, primary_key=True),
    sa.Column("word", sa.Text, primary_key=True),
    sa.Column("audience", sa.Text, primary_key=True),
)

views = sa.Table(
    "article_views",
    metadata,
    sa.Column("article_id", sa.Text, sa.ForeignKey("articles.id"), primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    tenant_column(),
    sa.Column("views", sa.Integer, nullable=False),
)

ratings = sa.Table(
    "article_ratings",
    metadata,
    sa.Column("article_id", sa.Text, sa.ForeignKey("articles.id"), primary_key=True),
    sa.Column("visitor", sa.Text, primary_key=True, comment="a hash of what his browser keeps; names nobody"),
    tenant_column(),
    sa.Column("helpful", sa.Boolean, nullable=False),
    sa.Column("comment", sa.Text, nullable=False, server_default=""),
    at_column("at"),
)

gaps = sa.Table(
    "article_gaps",
    metadata,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("firm_id", sa.Text, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("language", sa.Text, primary_key=True),
    sa.Column("audience", sa.Text, primary_key=True),
    sa.Column("query", sa.Text, primary_key=True),
    sa.Column("searches", sa.Integer, nullable=False),
)


questions = sa.Table(
    "article_questions",
    metadata,
    sa.Column("conversation_id", sa.Text, primary_key=True),
    tenant_column(),
    text_column("firm_id"),
    text_column("customer_id"),
    text_column("language"),
    sa.Column("words", ARRAY(sa.Text), nullable=False),
    sa.Column("offered", sa.Integer, nullable=False),
    at_column("at"),
    sa.Index("ix_article_questions_firm", "tenant_id", "firm_id", "at"),
)

offers = sa.Table(
    "article_offers",
    metadata,
    sa.Column("conversation_id", sa.Text, primary_key=True),
    sa.Column("article_id", sa.Text, sa.ForeignKey("articles.id"), primary_key=True),
    tenant_column(),
    text_column("outcome"),
    at_column("at"),
    sa.Index("ix_article_offers_article", "tenant_id", "article_id"),
)


vectors = sa.Table(
    "article_vectors",
    metadata,
    sa.Column("article_id", sa.Text, sa.ForeignKey("articles.id"), primary_key=True),
    sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),
    tenant_column(),
    text_column("firm_id"),
    text_column("language"),
    text_column("audience"),
    text_column("model"),
    sa.Column("stamp", sa.BigInteger, sa.Identity(), nullable=False, comment="another for every row ever written"),
    sa.Column("vector", BYTEA, nullable=False, comment="16-bit floats"),
    sa.Index("ix_article_vectors_place", "tenant_id", "firm_id", "language", "model", "stamp"),
)


async def read_article(tx: Tx, article_id: str, *, lock: bool = False) -> Article:
    """One article; raises UnknownArticle."""
    query = sa.select(articles).where(articles.c.tenant_id == tx.tenant_id, articles.c.id == article_id)
    row = await tx.fetch_one(query.with_for_update() if lock else query)
    if row is None:
        raise UnknownArticle
    return article_of(row)


def article_of(row: RowMapping) -> Article:
    """A row of `articles` as a value."""
    same = (
        "id",
        "firm_id",
        "topic_id",
        "language",
        "audience",
        "category_id",
        "slug",
        "state",
        "version",
        "changed_by",
    )
    return Article(
        **{name: row[name] for name in same},
        text=Text(row["title"], row["summary"], row["html"]),
        live_number=row["published_number"],
        changed_at=from_datetime(row["changed_at"]),
    )
