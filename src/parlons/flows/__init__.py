"""PURE: flows of a contact (menu = chat = bot script): graph, text, validation, interpreter.

A flow is steps by name (`model`, `steps/`), read from YAML (`text`), checked (`validate`) and walked (`interpreter`); or an
`async def flow(contact)` which is replayed from its recorded results (`code`). Either way `running` gives one `Turn` for each
result: what is to be done next in the world, under a key that is the same whoever asks, and a state of plain JSON from which
anybody goes on. A later room adds kinds of steps by its own `Vocabulary`. `testing` plays a caller on a virtual clock.
"""
