"""Calls: the voice process (SIP, media), what a call means to the rest of the product, recordings, supervision."""
