import os
import time

import pytest

from articles.workers import Workers
from core.errors import InvalidInputError, Problem, TooLargeError


def sleep(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def end(_code: int) -> None:
    os._exit(1)


def grow(size: int) -> int:
    return len(bytearray(size))


def refuse(_text: str) -> None:
    raise TooLargeError(Problem("too large", "a.md", 3))


async def test_work_is_done_in_another_process() -> None:
    assert await Workers(1, 20).run("a.md", sleep, 0) != os.getpid()


async def test_work_that_takes_too_long_is_ended_and_the_next_goes_on() -> None:
    workers = Workers(1, 20)
    await workers.run("a.md", sleep, 0)
    workers._seconds = 0.5
    with pytest.raises(InvalidInputError, match=r"a\.md: this takes longer than 0\.5 s"):
        await workers.run("a.md", sleep, 30)
    workers._seconds = 20
    assert await workers.run("a.md", sleep, 0)


async def test_a_worker_that_dies_or_eats_memory_is_an_error_of_the_upload() -> None:
    workers = Workers(0, 20)
    for function, argument in ((end, 1), (grow, 4 * 1024**3)):
        with pytest.raises(InvalidInputError, match="more memory"):
            await workers.run("a.md", function, argument)


async def test_errors_come_back_whole() -> None:
    with pytest.raises(TooLargeError) as caught:
        await Workers(1, 20).run("a.md", refuse, "x")
    assert caught.value.problems == (Problem("too large", "a.md", 3),)
