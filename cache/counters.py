"""What the reading path counts, for `/-/metrics`."""

from prometheus_client import Counter

READS = Counter("diaoban_reads_total", "Requests for pages, by where the answer came from.", ["rung"])
REFUSED = Counter("diaoban_refused_total", "Connections that were refused: too many, or too long heads.")
REDIS_FAILURES = Counter("diaoban_redis_failures_total", "Times that Redis could not be used.")
STORE_FAILURES = Counter("diaoban_page_store_failures_total", "Times that the page store could not be used.")
CHANGES = Counter("diaoban_changes_total", "Committed changes that this process has heard of.")
DROPS = Counter("diaoban_memory_drops_total", "Times that all of the memory was dropped because a change was missed.")

_tallies: "list[Tally]" = []


class Tally:
    """A count of what happens with every request: an addition, where a counter takes a lock and writes to a file."""

    __slots__ = ("_counter", "count")

    def __init__(self, counter: Counter) -> None:
        self.count = 0
        self._counter = counter
        _tallies.append(self)

    def settle(self) -> None:
        """Add what was counted to the counter."""
        count, self.count = self.count, 0
        if count:
            self._counter.inc(count)


def settle_counts() -> None:
    """Bring the counters up to date: before they are read, and every second for those who read them elsewhere."""
    for tally in _tallies:
        tally.settle()
