"""Any endpoint that speaks the OpenAI-compatible HTTP API: local servers and hosted ones."""
