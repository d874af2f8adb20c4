"""Articles, what of them is published and found, what readers thought of them and sought in vain; each firm's help centre."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0030_knowledge"
down_revision = "0029_mail_rich"

_TABLES = """
CREATE TABLE help_centres (
    firm_id text PRIMARY KEY,
    tenant_id text NOT NULL,
    slug text NOT NULL UNIQUE,
    open boolean NOT NULL,
    version integer NOT NULL DEFAULT 1
);
CREATE TABLE article_categories (
    id text PRIMARY KEY,
    tenant_id text NOT NULL,
    firm_id text NOT NULL,
    position integer NOT NULL,
    names jsonb NOT NULL,
    removed_at timestamptz
);
CREATE INDEX ix_article_categories_firm ON article_categories (tenant_id, firm_id, position);
CREATE TABLE articles (
    id text PRIMARY KEY,
    tenant_id text NOT NULL,
    firm_id text NOT NULL,
    topic_id text NOT NULL,
    language text NOT NULL,
    audience text NOT NULL,
    category_id text REFERENCES article_categories (id),
    slug text NOT NULL,
    title text NOT NULL,
    summary text NOT NULL,
    html text NOT NULL,
    state text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    published_number integer,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL,
    UNIQUE (firm_id, language, slug),
    UNIQUE (topic_id, language)
);
CREATE INDEX ix_articles_changed ON articles (tenant_id, changed_at);
CREATE TABLE article_versions (
    article_id text NOT NULL REFERENCES articles (id),
    number integer NOT NULL,
    tenant_id text NOT NULL,
    title text NOT NULL,
    summary text NOT NULL,
    html text NOT NULL,
    words text NOT NULL,
    author text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (article_id, number)
);
CREATE TABLE article_pages (
    article_id text PRIMARY KEY REFERENCES articles (id),
    tenant_id text NOT NULL,
    firm_id text NOT NULL,
    topic_id text NOT NULL,
    language text NOT NULL,
    audience text NOT NULL,
    category_id text,
    slug text NOT NULL,
    title text NOT NULL,
    summary text NOT NULL,
    number integer NOT NULL,
    published_at timestamptz NOT NULL,
    vector tsvector NOT NULL
) WITH (toast_tuple_target = 8160);
ALTER TABLE article_pages ALTER COLUMN vector SET STORAGE MAIN;
CREATE INDEX ix_article_pages_place ON article_pages (tenant_id, firm_id, language, audience);
CREATE INDEX ix_article_pages_topic ON article_pages (tenant_id, topic_id);
CREATE TABLE article_words (
    tenant_id text NOT NULL,
    firm_id text NOT NULL,
    language text NOT NULL,
    audience text NOT NULL,
    variant text NOT NULL,
    word text NOT NULL,
    PRIMARY KEY (tenant_id, firm_id, language, variant, word, audience)
);
CREATE TABLE article_views (
    article_id text NOT NULL REFERENCES articles (id),
    day date NOT NULL,
    tenant_id text NOT NULL,
    views integer NOT NULL,
    PRIMARY KEY (article_id, day)
);
CREATE TABLE article_ratings (
    article_id text NOT NULL REFERENCES articles (id),
    visitor text NOT NULL,
    tenant_id text NOT NULL,
    helpful boolean NOT NULL,
    comment text NOT NULL DEFAULT '',
    at timestamptz NOT NULL,
    PRIMARY KEY (article_id, visitor)
);
CREATE TABLE article_gaps (
    tenant_id text NOT NULL,
    firm_id text NOT NULL,
    day date NOT NULL,
    language text NOT NULL,
    audience text NOT NULL,
    query text NOT NULL,
    searches integer NOT NULL,
    PRIMARY KEY (tenant_id, firm_id, day, language, audience, query)
)
"""
_NAMES = ("help_centres", "article_categories", "articles", "article_versions", "article_pages", "article_words",
          "article_views", "article_ratings", "article_gaps")  # fmt: skip


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    for statement in _TABLES.split(";"):
        op.execute(statement)
    secure(*_NAMES)
