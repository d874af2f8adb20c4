"""Matrix: private rooms of an account of ours on any homeserver. Source: the client-server API, v1.11 and later.

Rooms of more than two are not taken up. What is encrypted end to end cannot be read here: it is shown as such.
"""
