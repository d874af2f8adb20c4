"""Text messages: to and from telephones through a carrier (SMPP 3.4) or a gateway (HTTP), with receipts.

Pure: `segments` (what a text costs), `coding` (text to bytes and back), `parts` (long messages), `receipts`, `senders`.
Touching the world: `session` (one bind of SMPP), `gateway` (HTTP), `channel` (both as one channel of the registry).
"""
