"""Instagram: direct messages of a professional account. Source: the reference of its messaging interface."""
