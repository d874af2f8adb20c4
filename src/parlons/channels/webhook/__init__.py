"""The generic channel: signed JSON in, signed JSON out, for whatever has no channel of its own yet."""
