"""What travels, by group. Written by `make python-client` from the API's description."""
