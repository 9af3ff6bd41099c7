"""Keys: one address, one key. Paths are normalised once, here."""

import posixpath
import re
from urllib.parse import quote, unquote_to_bytes

from cache.tables import MAX_KEY
from core.page import CODINGS

VARIANTS = (*CODINGS, "identity")  # of each page: what differs by reader

# What is not a page has its own first segment; no account may be called so (accounts/accounts.py).
PROBES = b"/-/"  # asked by an orchestrator, under whatever name it knows
NOT_PAGES = (b"/api/", b"/media/", b"/static/")
PLAIN = re.compile(rb"/(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*/)*(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*)?")
CONTROL = re.compile(r"[\x00-\x1f\x7f\\]")


def variant_of(coding: str, key: str) -> str:
    """The name of a page in one coding; no key has a space."""
    return f"{coding} {key}"


def key_of_path(raw_path: bytes) -> str | None:
    """The key of a request's path, without the account's mount; None for a path that no page can have.

    Percent-encodings are made alike, dot segments and double slashes resolved (RFC 3986 §6.2.2).
    """
    if len(raw_path) > MAX_KEY:
        return None
    if PLAIN.fullmatch(raw_path):
        return raw_path.decode("ascii")
    try:
        path = unquote_to_bytes(raw_path).decode()
    except UnicodeDecodeError:
        return None
    if not path.startswith("/") or CONTROL.search(path):
        return None
    normal = posixpath.normpath("/" + path.lstrip("/"))
    if path.endswith(("/", "/.", "/..")) and normal != "/":
        normal += "/"
    key = quote(normal, safe="/~-._")
    return key if len(key) <= MAX_KEY else None
