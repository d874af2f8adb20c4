"""`parlons new`: the beginning of a package of one's own, whose contract tests pass at once. The folders hold what is written."""
