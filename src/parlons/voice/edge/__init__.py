"""The edge of SIP and media on the internet: configuration of Kamailio, rtpengine and coturn, which Debian brings.

What TLS, WSS, SRTP, NAT, several trunks and floods need is theirs; our own SIP worker stands behind them (architecture 10).
"""
