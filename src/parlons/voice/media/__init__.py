"""Media engines behind one Protocol (`engine.MediaEngine`): the built-in one, and the client that reaches it over a socket."""
