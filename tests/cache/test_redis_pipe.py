import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import redis
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from cache.redis_pipe import RedisPipe
from tests.services import RedisServer, free_port


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RedisServer, dict[str, str]]]:
    """A Redis with a user, a socket file and TLS; and its addresses."""
    folder, port = tmp_path_factory.mktemp("tls"), free_port()
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    made += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(folder / "key"), "-out", str(folder / "cert")]
    subprocess.run(made, check=True, capture_output=True)
    server = RedisServer(
        *("--tls-port", str(port), "--tls-cert-file", str(folder / "cert"), "--tls-key-file", str(folder / "key")),
        *("--tls-auth-clients", "no", "--unixsocket", str(folder / "socket")),
    )
    try:
        server.start()
        with redis.Redis(port=server.port, db=3) as client:
            client.set("a", b"1" * 100_000)
            client.set("text", "2")
            client.rpush("list", "1")
            client.execute_command("ACL", "SETUSER", "reader", "on", ">secret", "~*", "+@all")
        addresses = {
            "plain": f"redis://127.0.0.1:{server.port}/3",
            "with a user": f"redis://reader:secret@127.0.0.1:{server.port}/3",
            "socket file": f"unix://{folder / 'socket'}?db=3",
            "TLS": f"rediss://reader:secret@127.0.0.1:{port}/3?ssl_ca_certs={folder / 'cert'}",
            "a certificate that nobody vouches for": f"rediss://127.0.0.1:{port}/3",
        }
        yield server, addresses
    finally:
        server.remove()


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[RedisPipe]:
    pipe = RedisPipe(ConnectionPool.from_url(url))
    yield pipe
    pipe.close()


@pytest.mark.parametrize("way", ["plain", "with a user", "socket file", "TLS"])
async def test_it_connects_as_the_address_says(guarded: tuple[RedisServer, dict[str, str]], way: str) -> None:
    async with opened(guarded[1][way]) as pipe:
        assert await pipe.mget(["a", "none", "text"]) == [b"1" * 100_000, None, b"2"]
        assert await pipe.mget(["list"]) == [None]


async def test_what_refuses_us_is_an_error(guarded: tuple[RedisServer, dict[str, str]]) -> None:
    async with opened(guarded[1]["a certificate that nobody vouches for"]) as pipe:
        with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
            await pipe.mget(["a"])
    for wrong in (guarded[1]["with a user"].replace("secret", "wrong"), guarded[1]["plain"].replace("/3", "/99")):
        async with opened(wrong) as pipe:
            with pytest.raises(RedisError, match=r"AUTH|SELECT"):
                await pipe.mget(["a"])


async def test_questions_follow_each_other_and_keep_their_answers(guarded: tuple[RedisServer, dict[str, str]]) -> None:
    async with opened(guarded[1]["plain"]) as pipe:
        questions = (pipe.mget(["a" if number % 3 else "text"]) for number in range(100))
        answers = await asyncio.gather(*questions)
        assert [len(one or b"") for (one,) in answers] == [100_000 if number % 3 else 1 for number in range(100)]


async def test_a_connection_that_was_closed_is_opened_again(guarded: tuple[RedisServer, dict[str, str]]) -> None:
    async with opened(guarded[1]["plain"]) as pipe:
        await pipe.mget(["a"])
        with redis.Redis(port=guarded[0].port) as client:
            client.client_kill_filter(_type="normal", skipme=True)
        await asyncio.sleep(0.05)
        assert await pipe.mget(["text"]) == [b"2"]
        waiting = asyncio.ensure_future(pipe.mget(["a"]))
        await asyncio.sleep(0)
        pipe.close()
        with pytest.raises(OSError, match="closed"):
            await waiting
        assert await pipe.mget(["text"]) == [b"2"]


@pytest.mark.parametrize("said", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"+1\r\n+2\r\n", b"-LOADING wait\r\n"])
async def test_what_speaks_otherwise_is_an_error_and_no_page(said: bytes, tmp_path: Path) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(said)
        await reader.read()  # until it hangs up
        writer.close()

    server = await asyncio.start_unix_server(answer, tmp_path / "s")
    async with server, opened(f"unix://{tmp_path / 's'}") as pipe:
        with pytest.raises((RedisError, OSError)):
            await pipe.mget(["a"])
        pipe.close()
        await asyncio.sleep(0.05)
