"""Tables of accounts: tenants, firms, workspaces, users, sessions, links, keys, audit, hours and their exceptional days."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0002_accounts"
down_revision = "0001_runtime"

TABLES = """
CREATE TABLE tenants (
    tenant_id TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_tenants PRIMARY KEY (tenant_id)
);

CREATE TABLE workspaces (
    id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    name TEXT NOT NULL,
    is_default BOOLEAN DEFAULT false NOT NULL,
    settings JSONB DEFAULT '{}' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_workspaces PRIMARY KEY (id)
);

CREATE UNIQUE INDEX uq_workspaces_default ON workspaces (tenant_id) WHERE is_default;

CREATE TABLE firms (
    id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    name TEXT NOT NULL,
    colour TEXT,
    languages TEXT[] NOT NULL,
    hours_id TEXT,
    is_default BOOLEAN DEFAULT false NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_firms PRIMARY KEY (id),
    CONSTRAINT uq_firms_tenant_id_name UNIQUE (tenant_id, name)
);

CREATE UNIQUE INDEX uq_firms_default ON firms (tenant_id) WHERE is_default;

CREATE TABLE hours (
    id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    firm_id TEXT NOT NULL,
    name TEXT NOT NULL,
    zone TEXT NOT NULL,
    week JSONB NOT NULL,
    country TEXT,
    region TEXT,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_hours PRIMARY KEY (id),
    CONSTRAINT uq_hours_tenant_id_firm_id_name UNIQUE (tenant_id, firm_id, name)
);

CREATE TABLE holidays (
    hours_id TEXT NOT NULL,
    day DATE NOT NULL,
    tenant_id TEXT NOT NULL,
    label TEXT DEFAULT '' NOT NULL,
    intervals JSONB NOT NULL,
    CONSTRAINT pk_holidays PRIMARY KEY (hours_id, day),
    CONSTRAINT fk_holidays_hours_id FOREIGN KEY(hours_id) REFERENCES hours (id) ON DELETE CASCADE
);

CREATE TABLE users (
    id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    worker_id TEXT,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    firm_ids TEXT[],
    password_hash TEXT,
    locale TEXT DEFAULT 'en' NOT NULL,
    preferences JSONB DEFAULT '{}' NOT NULL,
    active BOOLEAN DEFAULT true NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    signed_in_at TIMESTAMP WITH TIME ZONE,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_users PRIMARY KEY (id),
    CONSTRAINT uq_users_worker_id UNIQUE (worker_id),
    CONSTRAINT uq_users_email UNIQUE (email)
);

CREATE INDEX ix_users_tenant_id ON users (tenant_id, id);

CREATE TABLE sessions (
    token_hash BYTEA NOT NULL,
    tenant_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    by_link BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_sessions PRIMARY KEY (token_hash),
    CONSTRAINT fk_sessions_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE INDEX ix_sessions_user_id ON sessions (user_id);

CREATE TABLE login_links (
    token_hash BYTEA NOT NULL,
    tenant_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_login_links PRIMARY KEY (token_hash),
    CONSTRAINT fk_login_links_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE INDEX ix_login_links_user_id ON login_links (user_id);

CREATE TABLE api_keys (
    id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    name TEXT NOT NULL,
    prefix TEXT NOT NULL,
    secret_hash BYTEA NOT NULL,
    scopes TEXT[] NOT NULL,
    firm_ids TEXT[],
    created_by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    expires_at TIMESTAMP WITH TIME ZONE,
    revoked_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_api_keys PRIMARY KEY (id),
    CONSTRAINT uq_api_keys_secret_hash UNIQUE (secret_hash)
);

CREATE INDEX ix_api_keys_tenant_id ON api_keys (tenant_id, id);

CREATE TABLE audit (
    id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object_id TEXT NOT NULL,
    firm_id TEXT,
    diff JSONB NOT NULL,
    CONSTRAINT pk_audit PRIMARY KEY (id)
);

CREATE INDEX ix_audit_object_id ON audit (tenant_id, object_id);

CREATE INDEX ix_audit_tenant_id ON audit (tenant_id, id)
"""

APPEND_ONLY = """
CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'audit rows are never changed or removed' USING ERRCODE = '42501'; END $$
"""


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    for statement in TABLES.split(";"):
        op.execute(statement)
    secure(
        "tenants",
        "workspaces",
        "firms",
        "hours",
        "holidays",
        "users",
        "sessions",
        "login_links",
        "api_keys",
        "audit",
    )
    # Rights stop our own roles, the trigger whoever owns the tables.
    op.execute("REVOKE UPDATE, DELETE, TRUNCATE ON audit FROM parlons_app, parlons_system")
    op.execute(APPEND_ONLY)
    op.execute(
        "CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_stays()"
    )
    op.execute("CREATE TRIGGER audit_stays_whole BEFORE TRUNCATE ON audit EXECUTE FUNCTION audit_stays()")
