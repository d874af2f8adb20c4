"""The channels that ship: one folder each, named here and nowhere else."""

from parlons.channels.webchat.model import CHANNEL as WEBCHAT

CHANNELS = {WEBCHAT: "parlons.channels.webchat"}
