"""How many contacts took each way of a flow, by the hour."""

from alembic import op

from parlons.runtime.schema import secure

revision = "0036_flow_traffic"
down_revision = "0035_help"


def upgrade() -> None:
    """Forward only: a newer revision mends an older one."""
    op.execute("""
        CREATE TABLE flow_traffic (
            tenant_id text NOT NULL,
            flow_id text NOT NULL,
            version integer NOT NULL,
            hour timestamptz NOT NULL,
            came_from text NOT NULL,
            went_to text NOT NULL,
            count bigint NOT NULL,
            PRIMARY KEY (tenant_id, flow_id, version, hour, came_from, went_to)
        )
    """)
    op.execute("CREATE INDEX ix_flow_traffic_hour ON flow_traffic (hour)")
    # Of the columns of a state only `status` is in it, so that taking a step goes on without touching an index.
    op.execute("CREATE INDEX ix_flow_instances_running ON flow_instances (tenant_id) WHERE status = 'running'")
    secure("flow_traffic")
