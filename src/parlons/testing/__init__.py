"""Shipped fakes and contract suites for people who extend Parlons. No room imports it."""
