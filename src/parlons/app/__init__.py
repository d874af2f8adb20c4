"""Composition root: settings, main, cli, api, socket. Knows every room; no room knows it."""
