"""A flow's text as it was published, the places of its boxes beside what it does, and a draft of it for each author."""

from alembic import op

from parlons.runtime.schema import SYSTEM_ROLE, secure

revision = "0039_flow_texts"
down_revision = "0037_compat"

_STEPS = "jsonb_each(source->'steps')"
_PLACED = "jsonb_typeof(value) = 'object' AND value ? 'at'"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    op.execute("ALTER TABLE flow_versions ADD COLUMN text text")
    op.execute("ALTER TABLE flows ADD COLUMN layout jsonb NOT NULL DEFAULT '{}'")
    op.execute(f"SET LOCAL ROLE {SYSTEM_ROLE}")  # the owner of the tables has no policy
    op.execute(f"""
        UPDATE flows SET layout = (
            SELECT coalesce(jsonb_object_agg(key, value->'at'), '{{}}') FROM {_STEPS} WHERE {_PLACED}
        ) WHERE jsonb_typeof(source->'steps') = 'object'
    """)
    for table in ("flows", "flow_versions"):
        op.execute(f"""
            UPDATE {table} SET source = jsonb_set(source, '{{steps}}', (
                SELECT jsonb_object_agg(key, CASE WHEN {_PLACED} THEN value - 'at' ELSE value END) FROM {_STEPS}
            )) WHERE jsonb_path_exists(source, '$.steps.*.at')
        """)
    op.execute("RESET ROLE")
    op.execute("""
        CREATE TABLE flow_drafts (
            flow_id text NOT NULL,
            user_id text NOT NULL,
            tenant_id text NOT NULL,
            author text NOT NULL,
            version integer NOT NULL,
            text text NOT NULL,
            at timestamptz NOT NULL,
            PRIMARY KEY (flow_id, user_id)
        )
    """)
    secure("flow_drafts")
