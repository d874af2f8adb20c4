"""Parlons for assistants: a server of the Model Context Protocol over the API of a running Parlons, with a key's rights.

Reading is all it does by default. Tools that change something are there only for a key that may change things, and each of their
calls is put to the person at the assistant first; an assistant that cannot ask him is refused.
"""
