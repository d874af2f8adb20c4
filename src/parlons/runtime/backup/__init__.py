"""Backups: `archive` is the file, `dump` takes the rows of a database out and in again. Neither knows a room's words."""
