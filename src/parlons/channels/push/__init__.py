"""Web push (RFC 8030): the wire to one browser, and visitors of a firm's site who want to be told there as a channel.

- `keys`: who sends (RFC 8292), one pair a tenant; `sending`: one encrypted message to one push service;
- `browsers`: the visitors who accepted, one row each, sealed; `telling`: one notification to one of them, or why not;
- `quiet`: the hours in which nobody is told; `words`: what a notification says; `channel`: push in the channel socket;
- `http`: what the widget calls.
"""
