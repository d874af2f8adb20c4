"""Outgoing webhooks after Standard Webhooks: addresses that are told what happens, as the journal has it: ids and outcomes."""
