"""Tables of channels: widgets, visitors, visitor sessions."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0006_channels"
down_revision = "0005_dispatch"

TABLES = """
CREATE TABLE widgets (
    id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    firm_id TEXT NOT NULL,
    key TEXT NOT NULL,
    address TEXT NOT NULL,
    name TEXT NOT NULL,
    origins TEXT[] NOT NULL,
    languages TEXT[] NOT NULL,
    accent TEXT,
    texts JSONB NOT NULL,
    privacy_url TEXT,
    reply_seconds INTEGER,
    identity_secret TEXT NOT NULL,
    token_key BYTEA NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_widgets PRIMARY KEY (id),
    CONSTRAINT uq_widgets_key UNIQUE (key)
);

CREATE INDEX ix_widgets_tenant_id ON widgets (tenant_id, id);

CREATE TABLE visitors (
    id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    widget_id TEXT NOT NULL,
    firm_id TEXT NOT NULL,
    language TEXT NOT NULL,
    customer_id TEXT,
    conversation_id TEXT,
    external_id TEXT,
    consent TEXT NOT NULL,
    best_position INTEGER,
    kept BOOLEAN DEFAULT false NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_visitors PRIMARY KEY (id),
    CONSTRAINT fk_visitors_widget_id FOREIGN KEY(widget_id) REFERENCES widgets (id) ON DELETE CASCADE
);

CREATE INDEX ix_visitors_customer_id ON visitors (tenant_id, customer_id);

CREATE INDEX ix_visitors_widget_id ON visitors (widget_id);

CREATE TABLE visitor_sessions (
    id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    visitor_id TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_visitor_sessions PRIMARY KEY (id),
    CONSTRAINT fk_visitor_sessions_visitor_id FOREIGN KEY(visitor_id) REFERENCES visitors (id) ON DELETE CASCADE
);

CREATE INDEX ix_visitor_sessions_visitor_id ON visitor_sessions (visitor_id)
"""


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    for statement in TABLES.split(";"):
        op.execute(statement)
    secure("widgets", "visitors", "visitor_sessions")
