"""Which hosts are ours, and which part of the site each shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True)
class Hosts:
    """Made of settings and of the accounts' domains, never of a request."""

    mounts: Mapping[str, str]
    "Host name (no port) -> what stands before the path in a key: `` or `/{account}`."
    moved: Mapping[str, str] = field(default_factory=dict)
    "Account's slug -> the origin of the domain of its own."

    def mount(self, host: str) -> str | None:
        """What a Host header's value shows; None for a host that is not ours."""
        prefix = self.mounts.get(host)
        return prefix if prefix is not None else self.mounts.get(host_name(host))


def make_hosts(base_url: str, domains: Mapping[str, str]) -> Hosts:
    """The hosts of a site; `domains` are the accounts' own origins by slug."""
    site = host_name(urlsplit(base_url).netloc)
    names = LOOPBACK if site in LOOPBACK else (site,)  # on one's own machine every name of it will do
    mounts = dict.fromkeys(names, "")
    mounts.update({host_name(urlsplit(origin).netloc): f"/{slug}" for slug, origin in domains.items()})
    return Hosts(mounts, dict(domains))


def host_name(host: str) -> str:
    """A Host value without its port, in small letters."""
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).lower()
