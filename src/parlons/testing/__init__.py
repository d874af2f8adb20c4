"""Shipped pieces for people who extend Parlons and test what they made: whole processes, test people. No room imports it."""
