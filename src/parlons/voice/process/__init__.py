"""The voice process: an engine of its own life, spoken to over a local socket; and who starts and watches it."""
