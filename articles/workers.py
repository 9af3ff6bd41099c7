"""Work on hostile input, in processes of its own: bounded in time and memory, and never on the loop that serves."""

import gc
import os
import resource
import sys
from collections.abc import Callable
from typing import TypeVar

import anyio
from anyio import BrokenWorkerProcess, CapacityLimiter, to_process

from core.errors import InvalidInputError

MAX_MEMORY = 2 * 1024**3  # bytes of address space a worker
NICENESS = 10  # readers go before work
Result = TypeVar("Result")


class Workers:
    """A few processes that are started when there is work, and killed when a piece of it takes too long."""

    def __init__(self, processes: int, seconds: float) -> None:
        self.processes = processes or os.cpu_count() or 1
        self._seconds = seconds
        self._limiter: CapacityLimiter | None = None

    async def run(self, file: str, function: Callable[..., Result], *arguments: object) -> Result:
        """Call a function of a module in a worker. Raises what it raises, or InvalidInputError naming the file."""
        if self._limiter is None:
            self._limiter = CapacityLimiter(self.processes)
            # anyio runs the parent's script again in each worker, to find functions that stand there. Ours stand in
            # modules, and the command's imports would take every worker a second.
            vars(sys.modules["__main__"]).pop("__file__", None)
        async with self._limiter:
            try:
                with anyio.fail_after(self._seconds):
                    return await to_process.run_sync(_bounded, function, arguments, cancellable=True)
            except TimeoutError as error:
                message = f"this takes longer than {self._seconds:g} s. Split it, or raise DIAOBAN_RENDER_SECONDS."
                raise InvalidInputError.of(message, file) from error
            except (BrokenWorkerProcess, MemoryError) as error:
                message = "this takes more memory than an article may. Split or simplify it."
                raise InvalidInputError.of(message, file) from error


def _bounded(function: Callable[..., Result], arguments: tuple[object, ...]) -> Result:
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
    # A piece of work makes a hundred thousand small values that live until its end; looking for rings among them
    # while they are made costs a third of the time. What the last piece left is looked at before the next.
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.disable()
    return function(*arguments)
