"""How long a process may believe its own memory: while it hears which pages change."""

import time
from collections.abc import Callable


class Trust:
    """Counts from the last moment at which nothing can have been missed."""

    def __init__(self, trust_seconds: float, stale_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._trust_seconds = trust_seconds
        self._stale_seconds = stale_seconds
        self._clock = clock
        self._fresh_until = float("-inf")

    def heard(self, asked_at: float | None = None) -> None:
        """All changes up to now, or up to the moment of asking, are known."""
        heard_at = self._clock() if asked_at is None else asked_at
        self._fresh_until = max(self._fresh_until, heard_at + self._trust_seconds)

    def now(self) -> float:
        """The clock's time, to be given to `heard` once the answer is there."""
        return self._clock()

    def is_fresh(self) -> bool:
        """Whether memory may be answered from without asking."""
        return self._clock() < self._fresh_until

    def is_usable(self) -> bool:
        """Whether memory may still be answered from, marked stale, where nothing else can be asked."""
        return self._clock() < self._fresh_until + self._stale_seconds
