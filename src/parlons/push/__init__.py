"""Telling people who are not at their screen: a contact is offered, a customer has answered (RFC 8030, web push).

- `devices`: the browsers a person is told on, one row each, sealed;
- `quiet`: when a person is left alone; `words`: what a notification says;
- `pusher`: which of our people is told what, and for how long one who carries his desk in a pocket still counts as
  reachable; `answers`: the visitors of a site who are told that they were answered.

What travels, and by whose keys, stands in channels/push: customers are written to by the same wire.

What is shown to whom is decided here; a push service reads nothing, a locked screen no name unless its owner asked for it.
"""
