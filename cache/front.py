"""What readers meet first: answers pages in raw ASGI, and hands everything else on, untouched.

Under any ASGI server, before Starlette, without a middleware. Query strings are not part of a key: WeChat appends
`from`, `isappinstalled`, `scene`, `nsukey` and more, and none may split, poison or pass by the cache.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

from cache.access_log import AccessLog
from cache.answer import Answer, Prepared, preferred_coding, written
from cache.heads import PlainHeads, is_plain, without_condition
from cache.hosts import Hosts
from cache.keys import NOT_PAGES, PROBES, key_of_path
from cache.ladder import Found, Ladder, Then
from core.errors import UnavailableError
from core.logs import logger


class Cold(NamedTuple):
    """A plain request for a page that memory does not hold."""

    key: str
    coding: str
    tags: bytes


Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Any, Receive, Send], Awaitable[None]]

STALE_WARNING = (
    b"warning",
    b'110 - "Response is Stale"',
)  # RFC 7234; RFC 9111 made it obsolete, people still read it


class Front:
    """The ASGI application that readers reach; `app` gets what is no page."""

    def __init__(
        self, *, ladder: Ladder, hosts: Hosts, missing: Mapping[str, Prepared], app: App, log: AccessLog | None = None
    ) -> None:
        self.log = log
        "Where every request is noted, when somebody wants it."
        self.show(hosts)
        self._ladder = ladder
        self._missing = missing
        self._app = app

    def show(self, hosts: Hosts) -> None:
        """Answer for these hosts from now on: an account's domain changed."""
        self._hosts = hosts
        self._heads = PlainHeads(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a page, or let the application answer."""
        if self.log is not None and scope["type"] == "http":
            send = _noted(self.log, scope, send)
        if scope["type"] != "http" or _path(scope).startswith(PROBES):
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        mount = self._hosts.mount(headers.get(b"host", b"").decode("latin-1"))
        if mount is None:
            answer = _plain(421, "This host is not served here.")
        elif _path(scope).startswith(NOT_PAGES):
            await self._app(scope, receive, send)
            return
        elif scope["method"] not in {"GET", "HEAD"}:
            answer = _plain(405, "Pages are read with GET or HEAD.", (b"allow", b"GET, HEAD"))
        else:
            answer = await self._answer(mount, _path(scope), headers)
        await _send(answer, send, with_body=scope["method"] != "HEAD")

    def plain_answer(self, line: bytes, block: bytes) -> Answer | Cold | None:
        """The answer that memory has to a request line with its block of headers; None when they are not plain."""
        heads, tags = self._heads, b""
        client = heads.clients.get(block)
        if client is None:
            block, tags = without_condition(block)
            client = heads.clients.get(block) or heads.client(block)
            if client is None:
                return None
        variant = client.variants.get(line) or heads.variant(client, line)
        if variant is None:
            return None
        prepared = self._ladder.hot(variant)
        if tags and not (prepared is not None and tags == prepared.etag) and not is_plain(tags):
            return None
        if prepared is None:
            return self._cold(variant, client.coding, tags)
        return prepared.answer(tags) if tags else prepared.full

    def climb(self, cold: Cold, then: Then) -> None:
        """Look for the page of a plain request further down. Raises UnavailableError when it cannot be."""
        self._ladder.climb(cold.key, cold.coding, then)

    def _cold(self, variant: str, coding: str, tags: bytes) -> Answer | Cold | None:
        key = variant[len(coding) + 1 :]
        if self._ladder.is_absent(key):
            return self._missing[coding].full if self._ladder.is_absent(_other(key)) else None
        return Cold(key, coding, tags)

    async def _answer(self, mount: str, path: bytes, headers: Mapping[bytes, bytes]) -> Answer:
        key = key_of_path(path)
        coding = preferred_coding(headers.get(b"accept-encoding", b"").decode("latin-1"))
        try:
            found = None if key is None else await self._found(mount, key, path, coding)
        except UnavailableError as error:
            logger(__name__).warning("a page cannot be had", key=key, error=str(error))
            return _plain(503, "请稍后再试。 Please try again in a moment.", (b"retry-after", b"2"))
        if isinstance(found, Answer):
            return found
        if found is None:
            return self._missing[coding].full
        answer = found.prepared.answer(headers.get(b"if-none-match", b""))
        if found.rung == "memory":
            return answer
        return Answer(answer.status, marks_of(found.rung) + answer.head, answer.body)

    async def _found(self, mount: str, key: str, path: bytes, coding: str) -> Found | Answer | None:
        """The page; or where it is to be looked for; or None."""
        if not mount and self._hosts.moved:
            account, _, rest = key[1:].partition("/")
            if (origin := self._hosts.moved.get(account)) is not None:
                return _redirect(f"{origin}/{rest}")
        found = await self._ladder.get(mount + key, coding)
        if found is not None:
            return found if path == key.encode() else _redirect(key)  # one address, written in one way
        if key == "/":
            return None
        is_page = await self._ladder.get(mount + _other(key), coding)
        return _redirect(_other(key)) if is_page else None


def _other(key: str) -> str:
    """The same address with a slash at its end, or without."""
    return key[:-1] if key.endswith("/") else f"{key}/"


def _path(scope: Scope) -> bytes:
    raw: bytes | None = scope.get("raw_path")
    return (scope["path"].encode() if raw is None else raw).partition(b"?")[0]


def _redirect(location: str) -> Answer:
    return _plain(301, "Moved.", (b"location", location.encode()))


def _plain(status: int, text: str, *headers: tuple[bytes, bytes]) -> Answer:
    body = f"{text}\n".encode()
    common = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store" if status >= 400 else b"no-cache"),  # noqa: PLR2004 - errors
        (b"x-content-type-options", b"nosniff"),
    ]
    return Answer(status, written([*common, *headers]) + b"\r\n", body)


@cache
def marks_of(rung: str) -> bytes:
    """Headers that say which rung answered (RFC 9211), and when the answer may be old."""
    if rung == "stale":
        return written([(b"cache-status", b'diaoban; hit; detail="stale"'), STALE_WARNING])
    return written([(b"cache-status", f'diaoban; fwd=miss; detail="{rung}"'.encode())])


def _noted(log: AccessLog, scope: Scope, send: Send) -> Send:
    """`send`, which also notes the request once it is answered."""
    status = size = 0

    async def noting(message: Any) -> None:
        nonlocal status, size
        await send(message)
        status = message.get("status", status)
        size += len(message.get("body", b"")) if scope["method"] != "HEAD" else 0
        if message["type"] == "http.response.body" and not message.get("more_body"):
            query = b"?" + scope["query_string"] if scope["query_string"] else b""
            line = b"%s %s%s HTTP/%s" % (
                *(scope["method"].encode(), _path(scope), query),
                scope["http_version"].encode(),
            )
            log.note(scope["client"][0] if scope["client"] else "", line, written(scope["headers"]), status, size)

    return noting


async def _send(answer: Answer, send: Send, *, with_body: bool) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": answer.body if with_body else b""})
