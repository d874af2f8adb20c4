"""Our own lints, for what the general linters do not know: sizes, time zones, tenants, transactions. `python -m tools.lints`."""
