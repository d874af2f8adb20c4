"""Tables of single messages, and of those who left before an answer."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0026_recontact"
down_revision = "0024_team"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    op.execute("""
        CREATE TABLE single_messages (
            id text PRIMARY KEY,
            number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
            tenant_id text NOT NULL,
            workspace_id text NOT NULL,
            firm_id text NOT NULL,
            account_id text NOT NULL,
            channel text NOT NULL,
            wishes jsonb NOT NULL,
            customer_id text,
            kind text NOT NULL,
            value text NOT NULL,
            name text NOT NULL,
            language text,
            country text NOT NULL,
            attributes jsonb NOT NULL,
            texts jsonb NOT NULL,
            purpose text NOT NULL,
            zone text NOT NULL,
            reference text NOT NULL,
            reason text NOT NULL,
            state text NOT NULL,
            code text NOT NULL DEFAULT '',
            created_by text NOT NULL,
            created_at timestamptz NOT NULL,
            at timestamptz,
            due_at timestamptz NOT NULL,
            ended_at timestamptz,
            conversation_id text,
            message_id text
        )
    """)
    op.execute("CREATE INDEX ix_single_messages_tenant ON single_messages (tenant_id, id)")
    op.execute("CREATE INDEX ix_single_messages_customer ON single_messages (tenant_id, customer_id)")
    op.execute("CREATE INDEX ix_single_messages_value ON single_messages (tenant_id, kind, value)")
    op.execute(
        "CREATE INDEX ix_single_messages_reference ON single_messages (tenant_id, reference) WHERE reference <> ''"
    )
    op.execute("""
        CREATE TABLE recontact_rules (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            workspace_id text NOT NULL,
            firm_id text,
            name text NOT NULL,
            rule jsonb NOT NULL,
            UNIQUE (workspace_id, name)
        )
    """)
    op.execute("""
        CREATE TABLE leavers (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            workspace_id text NOT NULL,
            firm_id text NOT NULL,
            queue_id text,
            conversation_id text NOT NULL,
            task_id text NOT NULL UNIQUE,
            customer_id text NOT NULL,
            channel text NOT NULL,
            reason text NOT NULL,
            waited_ms bigint NOT NULL,
            left_at timestamptz NOT NULL,
            known_user_id text,
            state text NOT NULL,
            code text NOT NULL DEFAULT '',
            rule_id text,
            rule_name text NOT NULL DEFAULT '',
            due_at timestamptz,
            single_id text,
            callback_task_id text,
            by_user_id text,
            settled_at timestamptz
        )
    """)
    op.execute("CREATE INDEX ix_leavers_left ON leavers (tenant_id, workspace_id, left_at)")
    op.execute("CREATE INDEX ix_leavers_customer ON leavers (tenant_id, customer_id, settled_at)")
    op.execute("CREATE INDEX ix_leavers_waiting ON leavers (tenant_id, workspace_id, id) WHERE state = 'waiting'")
    secure("single_messages", "recontact_rules", "leavers")
