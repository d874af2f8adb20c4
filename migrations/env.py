"""Alembic's entry: runs revisions on the connection that `parlons.runtime.migrate` hands over. One linear history."""

from alembic import context

from parlons.runtime.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=False)
with context.begin_transaction():
    context.run_migrations()
