"""`/-/live`, `/-/ready`, `/-/metrics`: for operators and orchestrators, kept off public view."""

from collections.abc import Awaitable, Callable
from ipaddress import ip_address

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import REGISTRY
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from cache.counters import settle_counts
from core.settings import Settings
from ops.check import Finding

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


class ProbeHandlers:
    """Answers `/-/…`."""

    def __init__(
        self,
        settings: Settings,
        readiness: Callable[[], Awaitable[tuple[bool, list[Finding]]]],
        *,
        many: bool,
    ) -> None:
        self._settings = settings
        self._readiness = readiness
        self._many = many

    def routes(self) -> list[BaseRoute]:
        """Every address of the probes."""
        return [
            Route("/-/live", self.live, name="live"),
            Route("/-/ready", self.ready, name="ready"),
            Route("/-/metrics", self.metrics, name="metrics"),
        ]

    async def live(self, _request: Request) -> Response:
        """GET /-/live: the process answers. Says nothing else, and so is open to all."""
        return PlainTextResponse("ok\n")

    async def ready(self, request: Request) -> Response:
        """GET /-/ready: 200 when it can take traffic, 503 with what is wrong otherwise."""
        if not self._is_allowed(request):
            return _hidden()
        is_ready, findings = await self._readiness()
        return JSONResponse({finding.name: finding.text for finding in findings}, 200 if is_ready else 503)

    async def metrics(self, request: Request) -> Response:
        """GET /-/metrics: Prometheus' text format, all workers added up."""
        if not self._is_allowed(request):
            return _hidden()
        settle_counts()
        registry = REGISTRY
        if self._many:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    def _is_allowed(self, request: Request) -> bool:
        """Whether this is a direct connection from one of the operators' networks."""
        if request.client is None or any(name in request.headers for name in FORWARDED):
            return False
        try:
            address = ip_address(request.client.host)
        except ValueError:
            return False
        return any(address in network for network in self._settings.ops_networks)


def _hidden() -> Response:
    return PlainTextResponse("Not found.\n", 404)
