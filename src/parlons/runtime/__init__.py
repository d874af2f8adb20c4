"""What touches the machine: PostgreSQL, transactions, journal, outbox, jobs, socket hub, files, logs. No domain words."""
