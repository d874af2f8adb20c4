"""Models that run on this machine, from packages of the extra `local`; each in a process of its own."""
