"""Tables of flows: flows, flow_versions, flow_instances; an entry point may name its flow."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0009_flows"
down_revision = "0008_voice"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    op.execute("ALTER TABLE entry_points ADD COLUMN flow_id text")
    op.execute("""
        CREATE TABLE flows (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            workspace_id text NOT NULL,
            name text NOT NULL,
            firm_id text,
            source jsonb NOT NULL,
            version integer NOT NULL DEFAULT 1,
            UNIQUE (tenant_id, workspace_id, name)
        )
    """)
    op.execute("""
        CREATE TABLE flow_versions (
            flow_id text NOT NULL,
            version integer NOT NULL,
            tenant_id text NOT NULL,
            source jsonb NOT NULL,
            PRIMARY KEY (flow_id, version)
        )
    """)
    op.execute("""
        CREATE TABLE flow_instances (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            workspace_id text NOT NULL,
            conversation_id text NOT NULL,
            call_id text,
            entry_point_id text,
            flow_id text,
            flow_version integer,
            source jsonb,
            contact jsonb NOT NULL,
            state jsonb NOT NULL,
            waiting_key text,
            task_id text,
            status text NOT NULL,
            started_at timestamptz NOT NULL,
            changed_at timestamptz NOT NULL,
            ended_at timestamptz,
            UNIQUE (tenant_id, call_id)
        )
    """)
    op.execute("CREATE INDEX ix_flow_instances_conversation ON flow_instances (tenant_id, conversation_id)")
    secure("flows", "flow_versions", "flow_instances")
