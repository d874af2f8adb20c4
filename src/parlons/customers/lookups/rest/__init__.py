"""Any customer system with a JSON interface over HTTP, described by its addresses."""
