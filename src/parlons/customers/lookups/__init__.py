"""Customer systems (CRM): the socket, one folder for each system, and who is known here.

A folder is called after the system it speaks with; those names are marks of their owners, with whom Parlons is not affiliated.
"""
