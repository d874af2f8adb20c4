"""Parlons: a programmable, self-hosted, omnichannel contact centre. Rooms and their layers: docs/explanation/architecture.md."""

__version__ = "0.1.0"
