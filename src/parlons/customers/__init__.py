"""Customers, their addresses and identity, and their journey: every touch, live."""
