import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache.hosts import host_name, make_hosts
from cache.keys import key_of_path


@pytest.mark.parametrize(
    ("path", "key"),
    [
        (b"/", "/"),
        (b"/demo/p/a-b", "/demo/p/a-b"),
        (b"/demo/p/%61-b", "/demo/p/a-b"),
        ("/标签".encode(), "/%E6%A0%87%E7%AD%BE"),
        (b"/%e6%a0%87", "/%E6%A0%87"),
        (b"//demo///p", "/demo/p"),
        (b"/demo/./p/../q/", "/demo/q/"),
        (b"/demo/..", "/"),
        (b"/demo/.", "/demo/"),
        (b"/../../etc", "/etc"),
        (b"/a%2fb", "/a/b"),
        (b"/a%00b", None),
        (b"/a%0d%0ab", None),
        (b"/a%5cb", None),
        (b"/%ff", None),
        (b"*", None),
        (b"", None),
        (b"/" + b"a" * 700, None),
        (b"/" + b"%20" * 300, None),
        (b"/" + "字".encode() * 100, None),
    ],
)
def test_one_address_has_one_key(path: bytes, key: str | None) -> None:
    assert key_of_path(path) == key


@given(st.binary(max_size=60))
def test_a_key_is_its_own_key(path: bytes) -> None:
    key = key_of_path(b"/" + path)
    assert key is None or key_of_path(key.encode()) == key


def test_hosts_are_known_by_name_whatever_the_port() -> None:
    hosts = make_hosts("https://Site.test", {"own": "https://own.test:8443"})
    assert (hosts.mount("site.test"), hosts.mount("SITE.test:8000"), hosts.mount("own.test")) == ("", "", "/own")
    assert (hosts.mount("evil.test"), hosts.mount("")) == (None, None)
    local = make_hosts("http://127.0.0.1:8000", {})
    assert [local.mount(name) for name in ("localhost:1", "127.0.0.1", "[::1]:8000")] == ["", "", ""]
    assert host_name("[::1]") == "[::1]"
