"""Messages in and out; one plug-in folder a channel.

A folder is called after the service it speaks with; those names are marks of their owners, with whom Parlons is not affiliated.
"""
