"""PURE: flows of a contact (menu = chat = bot script): graph, validation, interpreter."""
