"""Stand-ins for messaging services that cannot be run here: each answers as the service's published interface does.

Tests and the demo share them. They know nothing of Parlons: a bot's or a page's owner calls them over HTTP, they call his
webhook over HTTP, and the people on the other side are played through their methods.

Their names are marks of their owners, with whom Parlons is not affiliated.
"""
