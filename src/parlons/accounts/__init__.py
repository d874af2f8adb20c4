"""Tenants, firms, workspaces, users, roles, sessions, API keys, audit, opening hours as data."""
