"""Decides what answers a new contact: address, firm, hours, workflow. Carries routing outcomes back to conversations."""
