"""Who wrote each version of a flow, when and why; trials of a version on a part of the contacts, and how each contact ended."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0031_flow_trials"
down_revision = "0030_knowledge"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    op.execute("""
        ALTER TABLE flow_versions
            ADD COLUMN at timestamptz,
            ADD COLUMN author text NOT NULL DEFAULT '',
            ADD COLUMN note text NOT NULL DEFAULT ''
    """)
    op.execute("""
        CREATE TABLE flow_trials (
            id text PRIMARY KEY,
            tenant_id text NOT NULL,
            workspace_id text NOT NULL,
            flow_id text NOT NULL,
            base_version integer NOT NULL,
            trial_version integer NOT NULL,
            percent integer NOT NULL CHECK (percent BETWEEN 1 AND 99),
            started_at timestamptz NOT NULL,
            started_by text NOT NULL,
            ended_at timestamptz,
            ended_by text,
            ending text
        )
    """)
    op.execute("CREATE UNIQUE INDEX ix_flow_trials_running ON flow_trials (tenant_id, flow_id) WHERE ended_at IS NULL")
    op.execute("CREATE INDEX ix_flow_trials_flow ON flow_trials (tenant_id, flow_id, id)")
    op.execute("""
        CREATE TABLE flow_trial_contacts (
            instance_id text PRIMARY KEY,
            tenant_id text NOT NULL,
            trial_id text NOT NULL,
            side text NOT NULL,
            began_at timestamptz NOT NULL,
            ended_at timestamptz,
            outcome text
        )
    """)
    op.execute("CREATE INDEX ix_flow_trial_contacts_trial ON flow_trial_contacts (tenant_id, trial_id, side)")
    op.execute("CREATE INDEX ix_flow_trial_contacts_began ON flow_trial_contacts (began_at)")
    secure("flow_trials", "flow_trial_contacts")
