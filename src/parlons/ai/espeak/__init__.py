"""espeak-ng, a program of its own (GPL-3, run at arm's length): robotic, instant, offline."""
