"""Messenger: direct messages of a page. Source: the reference of the pages' messaging platform."""
