"""What the reading path counts, for `/-/metrics`."""

from prometheus_client import Counter

READS = Counter("diaoban_reads_total", "Requests for pages, by where the answer came from.", ["rung"])
REDIS_FAILURES = Counter("diaoban_redis_failures_total", "Times that Redis could not be used.")
STORE_FAILURES = Counter("diaoban_page_store_failures_total", "Times that the page store could not be used.")
CHANGES = Counter("diaoban_changes_total", "Committed changes that this process has heard of.")
DROPS = Counter("diaoban_memory_drops_total", "Times that all of the memory was dropped because a change was missed.")
