"""The engine Parlons brings: legs (SIP with raw RTP, browsers by WebRTC), rooms mixed in numpy, players, gathers, recorder.

`engine.BuiltinEngine` fulfils `MediaEngine`; everything runs on one event loop in the voice process, recordings in a thread.
"""
