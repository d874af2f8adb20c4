"""Stand-ins for customer systems, by their published interfaces."""
