"""X: direct messages of an account, and the posts that name or answer it. Source: the published X API reference.

The shapes of what comes in are those of its Account Activity API; those of the API meant to follow it are not confirmed.
"""
