"""Messages in and out; one plug-in folder a channel."""
