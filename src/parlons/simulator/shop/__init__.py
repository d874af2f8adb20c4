"""The shops of the demo: two fictional dealers whose pages carry the chat widget. Pages, cars and drawings are made here."""

from parlons.simulator.shop.serving import routes

__all__ = ["routes"]
