"""Tables of conversations: conversations, legs, messages, notes, drafts, disposition_sets."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0004_conversations"
down_revision = "0003_customers"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    op.execute("""
        CREATE TABLE conversations (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            workspace_id text NOT NULL,
            firm_id text NOT NULL,
            customer_id text NOT NULL REFERENCES customers (id),
            channel text NOT NULL,
            status text NOT NULL,
            subject text NOT NULL DEFAULT '',
            language text NOT NULL DEFAULT 'en',
            queue_id text,
            lead_task_id text,
            assigned_user_id text,
            assigned_worker_id text,
            assigned_name text NOT NULL DEFAULT '',
            previous_user_id text,
            previous_worker_id text,
            resumed_by_worker_id text,
            not_served_reason text,
            opened_at timestamptz NOT NULL,
            parked_until timestamptz,
            closed_at timestamptz,
            wrapup_since timestamptz,
            disposition_id text,
            disposition_note text NOT NULL DEFAULT '',
            message_count integer NOT NULL DEFAULT 0,
            last_message_id text,
            last_message_at timestamptz,
            last_customer_message_at timestamptz,
            first_unanswered_at timestamptz,
            agent_read_number integer NOT NULL DEFAULT 0,
            customer_read_number integer NOT NULL DEFAULT 0,
            unread_count integer NOT NULL DEFAULT 0,
            tags text[] NOT NULL DEFAULT '{}',
            version integer NOT NULL DEFAULT 1
        )
    """)
    op.execute("CREATE INDEX ix_conversations_customer ON conversations (tenant_id, customer_id)")
    op.execute("CREATE INDEX ix_conversations_status ON conversations (tenant_id, status, last_message_at)")
    op.execute(
        "CREATE INDEX ix_conversations_user ON conversations (tenant_id, assigned_user_id) WHERE status <> 'closed'"
    )
    op.execute(
        "CREATE INDEX ix_conversations_task ON conversations (tenant_id, lead_task_id) WHERE lead_task_id IS NOT NULL"
    )
    op.execute("""
        CREATE TABLE legs (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            conversation_id text NOT NULL REFERENCES conversations (id),
            channel text NOT NULL,
            address text,
            started_at timestamptz NOT NULL,
            ended_at timestamptz,
            ended_by text
        )
    """)
    op.execute("CREATE INDEX ix_legs_conversation ON legs (tenant_id, conversation_id, started_at)")
    op.execute("CREATE UNIQUE INDEX uq_legs_live ON legs (conversation_id, channel) WHERE ended_at IS NULL")
    op.execute("""
        CREATE TABLE messages (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            conversation_id text NOT NULL REFERENCES conversations (id),
            number integer NOT NULL,
            direction text NOT NULL,
            channel text NOT NULL,
            author_kind text NOT NULL,
            author_id text,
            author_name text NOT NULL DEFAULT '',
            text text NOT NULL,
            attachments jsonb NOT NULL DEFAULT '[]',
            notice jsonb,
            client_id text,
            at timestamptz NOT NULL,
            UNIQUE (conversation_id, number),
            UNIQUE (conversation_id, client_id)
        )
    """)
    op.execute("CREATE INDEX ix_messages_at ON messages (tenant_id, at)")
    op.execute("""
        CREATE TABLE notes (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            conversation_id text NOT NULL REFERENCES conversations (id),
            author_user_id text,
            author_name text NOT NULL DEFAULT '',
            text text NOT NULL,
            at timestamptz NOT NULL
        )
    """)
    op.execute("CREATE INDEX ix_notes_conversation ON notes (tenant_id, conversation_id, at)")
    op.execute("""
        CREATE TABLE drafts (
            tenant_id text NOT NULL,
            conversation_id text NOT NULL REFERENCES conversations (id),
            user_id text NOT NULL,
            channel text NOT NULL,
            text text NOT NULL,
            saved_at timestamptz NOT NULL,
            PRIMARY KEY (conversation_id, user_id, channel)
        )
    """)
    op.execute("""
        CREATE TABLE disposition_sets (
            tenant_id text NOT NULL,
            queue_id text NOT NULL,
            firm_id text,
            required boolean NOT NULL DEFAULT false,
            items jsonb NOT NULL DEFAULT '[]',
            PRIMARY KEY (tenant_id, queue_id)
        )
    """)
    secure("conversations", "legs", "messages", "notes", "drafts", "disposition_sets")
