"""Articles offered beside conversations and in the chat, the questions they were offered for."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0035_help"
down_revision = "0033_appointments"

_TABLES = """
CREATE TABLE article_questions (
    conversation_id text PRIMARY KEY,
    tenant_id text NOT NULL,
    firm_id text NOT NULL,
    customer_id text NOT NULL,
    language text NOT NULL,
    words text[] NOT NULL,
    offered integer NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX ix_article_questions_firm ON article_questions (tenant_id, firm_id, at);
CREATE TABLE article_offers (
    conversation_id text NOT NULL,
    article_id text NOT NULL REFERENCES articles (id),
    tenant_id text NOT NULL,
    outcome text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (conversation_id, article_id)
);
CREATE INDEX ix_article_offers_article ON article_offers (tenant_id, article_id)
"""


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    for statement in _TABLES.split(";"):
        op.execute(statement)
    secure("article_questions", "article_offers")
