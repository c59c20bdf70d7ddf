"""What an operator can watch: Prometheus metrics of one bot. No text and no person's id is ever a label."""

from __future__ import annotations

import re
from types import SimpleNamespace

import aiohttp
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)


class Metrics:
    """One bot's metrics, in a registry of their own, so that several bots can live in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.shard_up = Gauge("rsvno_shard_up", "1 while the shard is connected", ["shard"], registry=self.registry)
        self.shard_latency = Gauge(
            "rsvno_shard_latency_seconds", "The last heartbeat's round trip", ["shard"], registry=self.registry
        )
        self.answers = Counter(
            "rsvno_answers", "Answers by outcome and by the way in which it was asked", ["outcome", "route"],
            registry=self.registry,
        )  # fmt: skip
        self.seconds = Histogram(
            "rsvno_answer_seconds", "From the arrival of a question until Discord has its answer", ["route"],
            buckets=_SECONDS, registry=self.registry,
        )  # fmt: skip
        self.dropped = Counter(
            "rsvno_interactions_dropped", "What was too old to be answered before anything was done",
            registry=self.registry,
        )  # fmt: skip
        self.waiting = Gauge("rsvno_waiting", "What waits for a thread, by kind", ["kind"], registry=self.registry)
        self.overheard_dropped = Counter(
            "rsvno_overheard_dropped", "Overheard messages that went unread since too many waited",
            registry=self.registry,
        )  # fmt: skip
        self.errors = Counter("rsvno_errors", "What went wrong, by kind", ["kind"], registry=self.registry)
        self.calls = Counter(
            "rsvno_rest_calls", "REST calls by method, route and status", ["method", "route", "status"],
            registry=self.registry,
        )  # fmt: skip
        self.unreadable = Gauge(
            "rsvno_unreadable", "What of servers' data this version can't read, by kind", ["kind"],
            registry=self.registry,
        )  # fmt: skip
        self.reconnects = Counter("rsvno_restarts", "How often the client was started anew", registry=self.registry)

    def trace(self) -> aiohttp.TraceConfig:
        """Returns what counts the REST calls of a client session."""
        trace = aiohttp.TraceConfig()

        async def ended(_: aiohttp.ClientSession, __: SimpleNamespace, params: aiohttp.TraceRequestEndParams) -> None:
            self.calls.labels(params.method, route_of(params.url.path), str(params.response.status)).inc()

        async def failed(
            _: aiohttp.ClientSession, __: SimpleNamespace, params: aiohttp.TraceRequestExceptionParams
        ) -> None:
            self.calls.labels(params.method, route_of(params.url.path), "failed").inc()

        trace.on_request_end.append(ended)
        trace.on_request_exception.append(failed)
        return trace


def route_of(path: str) -> str:
    """Returns a REST path without its ids and secrets: `/webhooks/{id}/{token}/messages/@original`."""
    path = re.sub(r"^/api/v\d+", "", path)
    path = re.sub(r"^/(interactions|webhooks)/\d+/[^/]+", r"/\1/{id}/{token}", path)
    path = re.sub(r"/reactions/[^/]+", "/reactions/{emoji}", path)
    # a file's name is somebody's words
    path = re.sub(r"^/(?:ephemeral-)?attachments/.*", "/attachments/{file}", path)
    return re.sub(r"/\d+", "/{id}", path)
