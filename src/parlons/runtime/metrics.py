"""Figures for operators, in Prometheus' text format. Labels are a few constants each: never ids, never persons."""

from prometheus_client import Counter, Gauge, Histogram

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

REQUEST_SECONDS = Histogram(
    "parlons_http_request_seconds", "Time to answer a request", ["method", "route", "status"], buckets=_FAST
)
GROUP_COMMIT_SECONDS = Histogram("parlons_group_commit_seconds", "Time of the owner's group commit", buckets=_FAST)
GROUP_COMMIT_ENTRIES = Histogram(
    "parlons_group_commit_entries",
    "Journal entries in a group commit",
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000),
)
SOCKETS = Gauge("parlons_sockets", "Open sockets of this process")
SOCKETS_BEHIND = Gauge("parlons_sockets_behind", "Frames the slowest client is behind")
RESYNCS = Counter("parlons_socket_resyncs", "Clients that had to start again because they read too slowly")
JOBS = Counter("parlons_jobs", "Jobs by kind and what became of them", ["kind", "outcome"])
CHANNEL_EVENTS = Counter("parlons_channel_events", "What channels received, by kind", ["channel", "kind"])
CHANNEL_SENDS = Counter("parlons_channel_sends", "Tries to send, by what became of them", ["channel", "outcome"])
READER_FAILURES = Counter("parlons_reader_failures", "Journal entries a reader could not handle", ["reader"])
