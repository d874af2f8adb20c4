"""Channels behind one graph: business numbers, pages, professional accounts. Source: the published Graph API reference."""
