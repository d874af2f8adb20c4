"""Configuration as one document: read from text or screens, compared with what is there, checked, laid down, written back."""
