"""Conversations with their legs, messages, attachments, notes, tags and dispositions."""
